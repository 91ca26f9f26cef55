"""A customer asked to be forgotten: what we keep of them is erased a day later, once they have read the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import beside, every
from bot.db.models import Conversation
from bot.db.people import Promise
from bot.erase import erase_customer
from bot.errors import Refusal
from bot.identity.links import person_of
from bot.identity.rights import may_see_personal_data
from bot.services import Services
from bot.texts import say

KIND = "erasure"
AFTER = timedelta(hours=24)
_LOOK_EVERY_SECONDS = 60.0
_log = structlog.get_logger()


async def promise_erasure(services: Services, session: AsyncSession, conversation: Conversation, now: datetime) -> None:
    """Notes it within the caller's transaction, for somebody who proved who they are; advisors see it on the card."""
    if not may_see_personal_data(services, conversation):
        return
    person = await person_of(session, conversation)
    query = select(Promise.id).where(Promise.customer_id == person.id, Promise.kind == KIND, Promise.status == "open")
    if (await session.execute(query)).first() is None:
        text = say(services.service.brand.languages[0], "promise_erasure")
        due = now + AFTER
        session.add(
            Promise(
                customer_id=person.id, conversation_id=conversation.id, kind=KIND, text=text, due_at=due, created_at=now
            )
        )


async def keep_promises(services: Services) -> int:
    """Erases those whose day has come; how many. One that fails is tried again the next time."""
    async with services.db.read() as session:
        query = select(Promise.customer_id).where(
            Promise.kind == KIND, Promise.status == "open", Promise.due_at <= services.clock()
        )
        due = list((await session.execute(query)).scalars())
    erased = 0
    for customer_id in due:
        try:
            await erase_customer(services, customer_id)
            erased += 1
        except Refusal:  # another process was quicker
            continue
        except Exception:  # noqa: BLE001 - the record or the switchboard may be away for a moment
            _log.exception("erasure_failed")
    return erased


class Erasing:
    """Looks once a minute."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts."""
        async with beside(every(_LOOK_EVERY_SECONDS, "erasing", partial(keep_promises, self._services))):
            yield
