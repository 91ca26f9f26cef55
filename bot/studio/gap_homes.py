"""Which gap goes on as which when everything is grouped anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def inherited(sets: Sequence[Sequence[str]], before: dict[str, str]) -> dict[int, str]:
    """Which set goes on as which gap of before: the one that holds at least half of what it held, each once."""
    sizes = Counter(before.values())
    shared = Counter(
        (number, before[each]) for number, members in enumerate(sets) for each in members if each in before
    )
    homes: dict[int, str] = {}
    for (number, gap_id), count in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if number not in homes and gap_id not in homes.values() and count * 2 >= sizes[gap_id]:
            homes[number] = gap_id
    return homes
