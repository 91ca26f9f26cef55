"""How a customer wants to be reached: in the chat, by a call now, by a call at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.services import Services

MODES = ("chat", "call_now", "call_at")
CHAT = {"mode": "chat"}
LONGEST = 40
_FURTHEST = timedelta(days=60)


def read_contact(services: Services, mode: Any, phone: Any, at: Any) -> dict[str, str]:
    """``{mode, phone?, at?}``, ``at`` with its zone.

    Raises ValueError for a mode without what it takes, and for a moment when nobody can call.
    """
    if mode in (None, "chat"):
        return dict(CHAT)
    number = str(phone or "")
    if mode not in MODES or len(number) > LONGEST or not 8 <= sum(sign.isdigit() for sign in number) <= 15:
        raise ValueError("no such way to be reached")
    if mode == "call_now":
        return {"mode": mode, "phone": number}
    moment = datetime.fromisoformat(str(at or ""))
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    now = services.clock()
    if not now <= moment <= now + _FURTHEST or not services.service.is_open(moment):
        raise ValueError("nobody can call at that moment")
    return {"mode": mode, "phone": number, "at": moment.isoformat()}


def moment_of(contact: Mapping[str, Any]) -> datetime | None:
    """When to call, if a time was chosen."""
    return datetime.fromisoformat(contact["at"]) if contact.get("at") else None
