"""Where Markdown names its pictures."""

from __future__ import annotations

import re
from collections.abc import Callable

_DESTINATION = (
    r"(?:<(?P<{0}angled>[^<>\n]{{1,1000}}+)>"
    r"|(?P<{0}plain>[^\s()<>]{{1,1000}}+(?:\([^\s()<>]{{0,100}}+\)[^\s()<>]{{0,100}}+)?))"
)
# Runs are bounded and none is read twice: a text of nothing but "![" costs no more than any other.
_PLACE = re.compile(
    r"!\[(?:[^\[\]\\]|\\.|\[[^\[\]\\]{0,300}+\]){0,1000}+\]\([ \t]{0,9}+"
    + _DESTINATION.format("in_")
    + r"(?=[\s)])"
    + r"|^ {0,3}\[[^\[\]\n]{1,300}+\]:[ \t]{0,9}+"
    + _DESTINATION.format("at_"),
    re.MULTILINE | re.DOTALL,
)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n]*\n(?:.*?^ {0,3}\1[`~]*[ \t]*$|.*)", re.MULTILINE | re.DOTALL)
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".svg", ".avif", ".bmp", ".tif", ".tiff", ".heic")
_GROUPS = ("in_angled", "in_plain", "at_angled", "at_plain")


def moved(text: str, where: Callable[[str, int], str | None]) -> str:
    """The text with each picture's address as ``where(address, line)`` has it; None leaves it. Code is left alone."""
    pieces, last = [], 0
    line, counted = 1, 0
    for begin, end in _prose(text):
        for found in _PLACE.finditer(text, begin, end):
            group = next(name for name in _GROUPS if found.group(name))
            address = found.group(group)
            # A definition may be a link's as well.
            if group.startswith("at_") and not address.lower().endswith(_PICTURES):
                continue
            line, counted = line + text.count("\n", counted, found.start()), found.start()
            new = where(address, line)
            if new is not None:
                pieces += [text[last : found.start(group)], new]
                last = found.end(group)
    return "".join([*pieces, text[last:]])


def _prose(text: str) -> list[tuple[int, int]]:
    spans, last = [], 0
    for fence in _FENCE.finditer(text):
        spans.append((last, fence.start()))
        last = fence.end()
    return [*spans, (last, len(text))]
