"""How an article's words are shown: whichever apostrophe was typed, readers see one kind."""

from __future__ import annotations

import re

# Between two letters alone: what stands about a quotation may be meant.
_STRAIGHT = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")


def typeset(text: str) -> str:
    """With curly apostrophes.

    >>> typeset("it's 5'9, said 'Alder'")
    "it’s 5'9, said 'Alder'"
    """
    return _STRAIGHT.sub("’", text)
