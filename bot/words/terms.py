"""What is searched for: words and quoted phrases, folded; and where they stand in a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.folding import fold, fold_traced

Json = dict[str, Any]
SHORTEST = 3
LONGEST = 200
_MOST = 6
_TERM = re.compile(r'"([^"]+)"|(\S+)')
_BEFORE, _AROUND = 60, 220


def terms_of(query: str) -> list[str]:
    """The folded terms, each of which must be found; none for a query that is too short to tell anything."""
    plain = fold(query).replace("“", '"').replace("”", '"').replace("«", '"').replace("»", '"')
    found = [" ".join((phrase or word).split()) for phrase, word in _TERM.findall(plain[:LONGEST])]
    told = [term.strip(",;!?") for term in found if len(term.strip(",;!?")) >= SHORTEST]
    # "a 5 €" beside longer words says little; alone, short words are taken together.
    whole = " ".join(plain.replace('"', " ").split())
    return list(dict.fromkeys(told))[:_MOST] or ([whole] if len(whole) >= SHORTEST else [])


def hits(text: str, terms: Sequence[str]) -> int:
    """How many of the terms stand in ``text``."""
    folded = fold(text)
    return sum(term in folded for term in terms)


def excerpt(text: str, terms: Sequence[str]) -> list[Json]:
    """The part of ``text`` around the first hit, in pieces ``{text, hit}``."""
    folded, origin = fold_traced(text)
    spans = _spans(folded, terms)
    first = origin[spans[0][0]] if spans else 0
    start = max(0, first - _BEFORE)
    # From the beginning of a word, unless that is far.
    if start:
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + _AROUND)
    pieces, at = [], start
    for low, high in spans:
        begin, stop = max(origin[low], at), min(origin[high - 1] + 1, end)
        if begin >= end or stop <= begin:
            continue
        pieces += [{"text": text[at:begin], "hit": False}, {"text": text[begin:stop], "hit": True}]
        at = stop
    pieces.append({"text": text[at:end], "hit": False})
    if start:
        pieces.insert(0, {"text": "…", "hit": False})
    if end < len(text):
        pieces.append({"text": "…", "hit": False})
    return [piece for piece in pieces if piece["text"]]


def _spans(folded: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Where the terms stand, in order; what overlaps is one."""
    found = sorted((match.start(), match.end()) for term in terms for match in re.finditer(re.escape(term), folded))
    merged: list[tuple[int, int]] = []
    for low, high in found:
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged
