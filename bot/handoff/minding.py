"""Looks once a second after what was put off and what was passed on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select

from bot.background import beside, every
from bot.conversations.messages import lock_conversation
from bot.db.models import WAITING, Handoff
from bot.db.people import User
from bot.db.together import Transfer
from bot.handoff.notes import tell_desk
from bot.handoff.snooze import wake_due
from bot.handoff.taking_part import tell
from bot.handoff.transfer import fell_through
from bot.services import Services

_LOOK_EVERY_SECONDS = 1.0


class Minding:
    """Several processes may run it: each change is made under the conversation's lock."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts."""
        async with beside(every(_LOOK_EVERY_SECONDS, "minding", self._look)):
            yield

    async def _look(self) -> None:
        await wake_due(self._services)
        await settle_transfers(self._services)


async def settle_transfers(services: Services) -> None:
    """Notes who took what was passed on; whoever passed it is told when the one they meant did not answer."""
    query = (
        select(Transfer.id, Transfer.to_user, Transfer.conversation_id, Handoff.status, Handoff.offered_to)
        .join(Handoff, Handoff.id == Transfer.handoff_id)
        .where(Transfer.came_to.is_(None))
    )
    async with services.db.read() as session:
        standing = (await session.execute(query)).all()
    for row in standing:
        if row.status != "offered" or row.offered_to != row.to_user:
            await _settle(services, row.id, row.conversation_id)


async def _settle(services: Services, transfer_id: str, conversation_id: str) -> None:
    note = None
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        row = await session.get_one(Transfer, transfer_id, populate_existing=True)
        handoff = await session.get_one(Handoff, row.handoff_id, populate_existing=True)
        if row.came_to is not None or (handoff.status == "offered" and handoff.offered_to == row.to_user):
            return
        if handoff.status in WAITING:
            row.came_to = "unanswered"
            target = await session.get(User, row.to_user) if row.to_user else None
            note = await fell_through(services, session, conversation, "note_transfer_unanswered", target)
        else:
            row.came_to = "taken" if handoff.advisor_id == row.to_user else "by_another"
    if note is not None:
        tell_desk(services, [note])
        name = target.name if target else ""
        tell(services, row.by_id, "transfer_unanswered", by=name, handoff_id=row.handoff_id)
