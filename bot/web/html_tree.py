"""Safe HTML as nested lists, which a page can build without ever reading markup: Trusted Types stay on."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

# ``[tag, {attribute: value}, child, …]``; a child is a string or such a list.
Node = list[Any]
_VOID = frozenset({"br", "hr", "img"})


def tree(html: str) -> list[Node | str]:
    """The nodes of cleaned HTML (``markdown.to_html``), in order; white space between blocks is left out."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.top[2:]


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top: Node = ["", {}]
        self._open = [self.top]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node: Node = [tag, {name: value or "" for name, value in attrs if name != "rel"}]
        self._open[-1].append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() or self._open[-1][0] in ("p", "pre", "code", "li", "a", "strong", "em", "td", "th"):
            self._open[-1].append(data)
