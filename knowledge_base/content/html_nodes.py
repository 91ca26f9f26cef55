"""HTML as nodes that know their line, and nodes as Markdown. What a browser would run or not show is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_UNREAD = ("script", "style", "template", "noscript", "svg", "iframe", "object", "head", "button")
_LISTS = {"ul", "ol", "dl", "dd", "dt"}
_BLOCKS = _LISTS | {"p", "div", "section", "article", "main", "table", "blockquote", "pre", "figure", "details"}
# A tag whose end may be left out, and before which others' ends are.
_CLOSED_BY = {
    "p": _BLOCKS | {"li", "h1", "h2", "h3", "h4", "h5", "h6", "hr"},
    "li": {"li"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "tr": {"tr"},
    "td": {"td", "th", "tr"},
    "th": {"td", "th", "tr"},
}
_SIGNS = {"b": "**", "strong": "**", "i": "*", "em": "*"}
_DEEPEST = 100  # beyond it what wraps is passed over: no page needs more, and none makes us run out of stack


@dataclass
class Node:
    """An element; `raw` is the text of a script as it stands."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    line: int = 1
    children: list[Node | str] = field(default_factory=list)
    raw: str = ""

    def all(self, wanted: Callable[[Node], bool]) -> Iterator[Node]:
        """Every such element within, in order."""
        for child in self.children:
            if isinstance(child, Node):
                if wanted(child):
                    yield child
                yield from child.all(wanted)

    def first(self, wanted: Callable[[Node], bool]) -> Node | None:
        """The first such element within."""
        return next(self.all(wanted), None)

    def text(self) -> str:
        """All words within."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while len(self.open) > 1 and tag in _CLOSED_BY.get(self.open[-1].tag, ()):
            self.open.pop()
        if len(self.open) > _DEEPEST and tag not in _VOID and tag not in ("h2", "h3", "p", "script"):
            return
        node = Node(tag, {name: value or "" for name, value in attrs}, self.getpos()[0])
        self.open[-1].children.append(node)
        if tag not in _VOID and len(self.open) < 2 * _DEEPEST:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self.open) - 1, 0, -1):
            if self.open[depth].tag == tag:
                del self.open[depth:]
                return

    def handle_data(self, data: str) -> None:
        if self.open[-1].tag in ("script", "style"):
            self.open[-1].raw += data
        else:
            self.open[-1].children.append(data)


def parse(text: str) -> Node:
    """The whole of it under one node without a tag. Never fails: what is broken is read as far as it goes."""
    reader = _Reader()
    reader.feed(text)
    if not reader.rawdata.startswith("<"):  # a tag that never ends is none; each "<" within would be read to the end
        reader.close()
    return reader.open[0]


def markdown(node: Node) -> str:
    """What stands within, as Markdown."""
    # A run is looked at from its beginning alone, here and below: from each of its places it would take hours.
    text = re.sub(r"(?<![ \t])[ \t]+\n", "\n", _blocks(node, ""))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _blocks(node: Node, indent: str) -> str:
    """Each block between blank lines; loose words make a paragraph."""
    made: list[str] = []
    words = ""
    for child in node.children:
        if isinstance(child, str) or not _is_block(child):
            words += _inline(child)
            continue
        made += [_tidy(words), _block(child, indent)]
        words = ""
    return "\n\n".join(part for part in [*made, _tidy(words)] if part.strip())


def _is_block(node: Node) -> bool:
    if node.tag in _BLOCKS or node.tag in ("li", "hr", "tr") or re.fullmatch("h[1-6]", node.tag):
        return True
    return node.tag not in _UNREAD and any(isinstance(child, Node) and _is_block(child) for child in node.children)


def _block(node: Node, indent: str) -> str:
    if re.fullmatch("h[1-6]", node.tag):
        title = _tidy("".join(map(_inline, node.children)))
        return f"### {title}" if title else ""
    if node.tag in ("ul", "ol"):
        return _list(node, indent)
    if node.tag == "table":
        return _table(node)
    if node.tag == "pre":
        return f"```\n{node.text().strip(chr(10))}\n```"
    if node.tag == "blockquote":
        return "\n".join(f"> {line}".rstrip() for line in _blocks(node, indent).split("\n"))
    return "---" if node.tag == "hr" else _blocks(node, indent)


def _list(node: Node, indent: str) -> str:
    lines: list[str] = []
    items = [child for child in node.children if isinstance(child, Node)]
    for number, item in enumerate(items, 1):
        sign = f"{number}. " if node.tag == "ol" else "- "
        text = (_list(item, indent) if item.tag in ("ul", "ol") else _blocks(item, indent)).strip()
        tight = re.sub(r"\n\n(?=[ \t]*(?:- |\d+\. ))", "\n", text)
        if tight:
            lines.append(sign + tight.replace("\n", "\n" + " " * len(sign)))
    return "\n".join(lines)


def _table(node: Node) -> str:
    found = [
        [_tidy("".join(map(_inline, cell.children))).replace("|", "\\|").replace("\n", " ") for cell in cells]
        for row in node.all(lambda each: each.tag == "tr")
        if (cells := [each for each in row.children if isinstance(each, Node) and each.tag in ("td", "th")])
    ]
    if not found:
        return _tidy(_escaped(node.text()))
    width = max(map(len, found))
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in found]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _inline(node: Node | str) -> str:
    if isinstance(node, str):
        return _escaped(re.sub(r"\s+", " ", node))
    if node.tag in _UNREAD or node.tag == "br":
        return "\\\n" if node.tag == "br" else ""
    if node.tag == "code" and "`" not in node.text():
        return f"`{node.text()}`" if node.text().strip() else ""
    if node.tag == "img":
        return _link("!", _escaped(node.attributes.get("alt", "").strip()), node.attributes.get("src", ""))
    inner = "".join(map(_inline, node.children))
    if node.tag in _SIGNS and inner.strip():
        start, end = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        return f"{start}{_SIGNS[node.tag]}{inner.strip()}{_SIGNS[node.tag]}{end}"
    return _link("", inner, node.attributes.get("href", "")) if node.tag == "a" else inner


def _link(sign: str, words: str, address: str) -> str:
    """What leads nowhere from another page keeps its words."""
    to = address.strip().replace(" ", "%20")
    if not words.strip() or not re.match(r"(?:https?://|mailto:|tel:|/(?!/))", to, re.IGNORECASE):
        return words
    return f"{sign}[{' '.join(words.split())}]({to.replace('(', '%28').replace(')', '%29')})"


def _escaped(text: str) -> str:
    """Signs that Markdown would read as its own."""
    return re.sub(r"[\\`*\[\]<]|(?<!\w)_|_(?!\w)", r"\\\g<0>", text)


def _tidy(words: str) -> str:
    lines = [" ".join(line.split()) for line in words.split("\n")]
    text = re.sub(r"(?<!\\\n)(?:\\\n)+$|^(?:\\\n)+", "", "\n".join(lines).strip())
    # At the beginning of a line these would make a heading, a point or a quotation of it.
    return re.sub(r"^(#{1,6}\s|[-+>]\s|\d+(?=[.)]\s))", _kept, text, flags=re.MULTILINE)


def _kept(match: re.Match[str]) -> str:
    found = match.group(0)
    return f"{found}\\" if found.isdigit() else f"\\{found}"
