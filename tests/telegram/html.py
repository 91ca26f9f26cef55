"""Telegram's HTML: what people read of it, and what Telegram refuses."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

_TAGS = {"b", "i", "u", "s", "a", "code", "pre", "blockquote"}


class Refused(Exception):  # noqa: N818  it is an answer
    """``{"ok": false, …}``."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.unclosed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            raise Refused(400, f'Bad Request: can\'t parse entities: unsupported start tag "{tag}"')
        self.unclosed.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.unclosed or self.unclosed.pop() != tag:
            raise Refused(400, "Bad Request: can't parse entities: unmatched end tag")

    def handle_data(self, data: str) -> None:
        self.text += data


def plain(html: str) -> str:
    """What a person reads of it."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    if parser.unclosed:
        raise Refused(400, "Bad Request: can't parse entities: can't find end tag")
    return parser.text


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
