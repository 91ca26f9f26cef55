"""Whether an import landed, asked by the name that whoever began it gave to it: also after a restart of either."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from knowledge_base.studio.studio import Studio
from knowledge_base.studio.versions import LANDED

Json = dict[str, Any]
_KEY = "landed:"
_REMEMBERED = 100


class Landings:
    """Its commit says so, which is made when it lands; what lands without one (drafts in review) is noted apart."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._under_way: set[str] = set()
        self._known: dict[str, Json] = {}

    @contextmanager
    def under_way(self, landing: str) -> Iterator[None]:
        """Until then nobody can say."""
        self._under_way.add(landing)
        try:
            yield
        finally:
            self._under_way.discard(landing)

    def line(self, landing: str, counts: Json) -> str:
        """The last line of the commit's message."""
        return f"\n\n{LANDED}{landing} {json.dumps(self._told(counts))}" if landing else ""

    def note(self, landing: str, counts: Json, commit: str | None) -> None:
        """It has landed."""
        if not landing:
            return
        told = self._told(counts)
        if commit is None and any(counts.values()):
            self._studio.database.keep(_KEY + landing, json.dumps(told))
        # The history may be read a moment later: a disk that is full keeps it.
        self._known = dict(list(self._known.items())[1 - _REMEMBERED :]) | {landing: told}

    def state(self, landing: str) -> Json:
        """`{state: running}`, `{state: landed, at, new, changed, review}` or `{state: none}`."""
        if landing in self._under_way:
            return {"state": "running"}
        kept = self._studio.database.get(_KEY + landing)
        told = self._known.get(landing) or self._studio.versions.landed(landing) or (json.loads(kept) if kept else None)
        return {"state": "landed", **told} if told else {"state": "none"}

    def _told(self, counts: Json) -> Json:
        return {"at": self._studio.now().isoformat(timespec="seconds"), **counts}
