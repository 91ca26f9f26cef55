"""Who is there to be asked: for a mention, an invitation, a transfer."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import select

from bot.db.models import Handoff
from bot.db.people import User
from bot.handoff.presence import is_there
from bot.handoff.snooze import asleep
from bot.rights import may
from bot.services import Services

Json = dict[str, Any]


async def floor_of_colleagues(services: Services) -> Json:
    """``{colleagues, skills}``: who talks to customers, with presence and load, and the teams by name and label."""
    in_hand = select(Handoff.advisor_id).where(Handoff.status == "accepted", Handoff.id.not_in(asleep()))
    async with services.db.read() as session:
        users = (await session.execute(select(User).order_by(User.name, User.id))).scalars().all()
        load = Counter((await session.execute(in_hand)).scalars())
    shown = [
        {
            "id": user.id,
            "name": user.name,
            "role": user.role,
            "presence": user.presence,
            "online": is_there(services, user),
            "load": load[user.id],
            "capacity": user.capacity or services.service.handoff.conversations_at_once,
            "skills": user.skills,
            "locales": user.locales,
        }
        for user in users
        if may(user.role, "converse") and user.status == "active"
    ]
    skills = [{"name": one.name, "label": one.label.model_dump()} for one in services.service.skills]
    return {"colleagues": shown, "skills": skills}
