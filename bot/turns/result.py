"""What a turn came to, before it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.turns.replies import Outcome

Json = dict[str, Any]


@dataclass
class Result:
    """What a turn came to. ``told``: ids of earlier messages that Rasa has now been told of."""

    outcome: Outcome
    status: str = "done"
    locale: str = "fr"
    intents: list[Json] = field(default_factory=list)
    slots: Json = field(default_factory=dict)
    rasa_state: Json | None = None
    told: list[str] = field(default_factory=list)
    asked_rasa: bool = False
    timings: Json = field(default_factory=dict)
