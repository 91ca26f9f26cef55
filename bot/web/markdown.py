"""Markdown of articles → HTML that is safe to show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.help.catalogue import slug_of

_TAGS = {
    "p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "a", "br", "hr", "blockquote", "code", "pre",
    "table", "thead", "tbody", "tr", "th", "td", "img",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title", "loading"}, "ol": {"start"}, "h2": {"id"}}
# The page's own heading is the title; what a writer set as one stands below it.
_LOWERED = {"h1": "h2", "h5": "h4", "h6": "h4"}


@dataclass(frozen=True)
class Prose:
    """``html``, and its second-level headings as (id, text), in order."""

    html: str
    headings: tuple[tuple[str, str], ...]


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def to_html(markdown: str) -> str:
    """Rendered, then cleaned: only the tags of an article are left, links only to the web or to mail."""
    return _html(_read(markdown))


def prose_of(markdown: str) -> Prose:
    """The same as it stands on a page: with addresses for its headings, and tables that may be wider than the page."""
    tokens = _read(markdown)
    headings: dict[str, str] = {}
    for token, inside in pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            _name(token, _plain(inside), headings)
    # A wide table is pushed sideways within its own frame, by keyboard too.
    framed = _html(tokens).replace("<table>", '<div class="prose-table" tabindex="0"><table>')
    return Prose(framed.replace("</table>", "</table></div>"), tuple(headings.items()))


def _read(markdown: str) -> list[Token]:
    tokens = _parser().parse(markdown)
    for token in tokens:
        token.tag = _LOWERED.get(token.tag, token.tag)
        for child in token.children or ():
            if child.type == "image":
                child.attrSet("loading", "lazy")
    return tokens


def _html(tokens: list[Token]) -> str:
    rendered = _parser().renderer.render(tokens, _parser().options, {})
    cleaned = nh3.clean(rendered, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto", "tel"})
    # The empty corner of a table heads nothing: to a screen reader it would be a heading without a name.
    return cleaned.replace("<th></th>", "<td></td>")


def _name(token: Token, text: str, headings: dict[str, str]) -> None:
    # The page has ids of its own, none of which begins like this.
    name = number = f"s-{slug_of(text) or len(headings) + 1}"
    count = 2
    while number in headings:
        number, count = f"{name}-{count}", count + 1
    headings[number] = text
    token.attrSet("id", number)


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline")).strip()
