"""Whether an import landed, asked by the name that whoever began it gave to it: also after a restart of either."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from knowledge_base.studio.studio import Studio
from knowledge_base.studio.versions import LANDED

Json = dict[str, Any]
_KEY = "landed:"
_REMEMBERED = 100


@dataclass(frozen=True)
class Landing:
    """One import by its `name` (none: nobody will ask) and what will be `told` of it."""

    name: str
    told: Json

    @property
    def line(self) -> str:
        """The last line of its commit's message."""
        return f"\n\n{LANDED}{self.name} {json.dumps(self.told)}" if self.name else ""


class Landings:
    """Its commit says so, which is made when it lands; what lands without one (drafts in review) is noted with it."""

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

    def of(self, landing: str, counts: Json) -> Landing:
        """What is to be said of it."""
        return Landing(landing, {"at": self._studio.now().isoformat(timespec="seconds"), **counts})

    def note(self, landing: Landing) -> None:
        """It lands without a commit: written down with its drafts, in one transaction of the caller."""
        if landing.name and any(landing.told[name] for name in ("new", "changed", "review")):
            self._studio.database.keep(_KEY + landing.name, json.dumps(landing.told))

    def landed(self, landing: Landing) -> None:
        """It has; the history may be read a moment later: a disk that is full keeps it."""
        if landing.name:
            self._known = dict(list(self._known.items())[1 - _REMEMBERED :]) | {landing.name: landing.told}

    def state(self, landing: str) -> Json:
        """`{state: running}`, `{state: landed, at, new, changed, review}` or `{state: none}`."""
        if landing in self._under_way:
            return {"state": "running"}
        kept = self._studio.database.get(_KEY + landing)
        told = self._known.get(landing) or self._studio.versions.landed(landing) or (json.loads(kept) if kept else None)
        return {"state": "landed", **told} if told else {"state": "none"}
