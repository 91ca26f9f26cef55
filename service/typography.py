"""How an article's words are shown, however they were typed: one kind of apostrophe, no mark alone at a line's head."""

from __future__ import annotations

import re

# Between two letters alone: what stands about a quotation may be meant.
_STRAIGHT = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
# The spaces that French sets before its high marks and within its quotation marks, in running text alone:
# not those of a Markdown table (`| :-- |`), nor those before what is no sentence's mark (`:)`, `?q=`).
_BEFORE_HIGH = re.compile(r"(?<=[\w\u2019)»%€]) (?=[?!;]+(?:\s|[»)”\"*_]|$))")
_BEFORE_WIDE = re.compile(r"(?<=[\w\u2019)»%€.!?…]) (?=»|:(?:\s|$))")
_AFTER_OPENING = re.compile(r"(?<=«) ")
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


def typeset(text: str) -> str:
    """With curly apostrophes, and French spaces at which no line is broken.

    >>> typeset("it's 5'9, said 'Alder'")
    "it’s 5'9, said 'Alder'"
    >>> typeset("« Oui » : est-ce tout ?")
    '«\\xa0Oui\\xa0»\\xa0: est-ce tout\\u202f?'
    >>> typeset("| a | b |\\n| :-- | :-- |")
    '| a | b |\\n| :-- | :-- |'
    >>> typeset("`a ? b : c`")
    '`a ? b : c`'
    """
    parts = _CODE.split(text)  # code, which is to be copied as it is, stands at the odd places
    parts[::2] = [_words(part) for part in parts[::2]]
    return "".join(parts)


def _words(text: str) -> str:
    text = _STRAIGHT.sub("’", text)
    text = _BEFORE_HIGH.sub("\u202f", text)
    return _AFTER_OPENING.sub("\u00a0", _BEFORE_WIDE.sub("\u00a0", text))
