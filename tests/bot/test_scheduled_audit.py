"""What went out at an hour that was set stands in the audit: who had set it, once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.people import AuditEntry, User
from bot.studio import scheduled
from bot.studio.scheduled import ACTION, note_scheduled
from tests.bot.conftest import Bot

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's own look would come at any moment of the test."""

    async def never(*_: Any) -> None:
        pass

    monkeypatch.setattr(scheduled, "every", never)


def out(commit: str, at: str, email: str) -> Json:
    by = {"name": "Inès", "email": email}
    return {"commit": commit * 40, "at": at, "by": by, "article_id": "lamp", "locale": "fr", "title": "La lampe"}


async def lines(bot: Bot) -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.action == ACTION).order_by(AuditEntry.id)
    async with bot.services.db.read() as session:
        return list((await session.execute(query)).scalars())


async def test_who_scheduled_what_is_noted_once(make_bot: Any) -> None:
    bot, other = await make_bot(), await make_bot()
    await bot.desk("ines", "writer")
    bot.neighbours.went_out = [out("a", "2026-11-24T07:00:00+00:00", "ines@maison-alder.test")]
    assert sum(await asyncio.gather(note_scheduled(bot.services), note_scheduled(other.services))) == 1
    # Two of one second, one of which is known; and one whose writer has no account any more.
    bot.neighbours.went_out.append(out("b", "2026-11-24T07:00:00+00:00", "gone@maison-alder.test"))
    assert await note_scheduled(other.services) == 1
    assert await note_scheduled(bot.services) == 0
    first, second = await lines(bot)
    async with bot.services.db.read() as session:
        ines = (await session.execute(select(User))).scalar_one()
    assert (first.actor_id, first.target, first.detail) == (ines.id, "lamp/fr", "La lampe")
    assert first.at.isoformat() == "2026-11-24T07:00:00+00:00"
    assert (second.actor_id, second.detail) == (None, "La lampe · Inès")
