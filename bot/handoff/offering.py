"""Offers waiting requests to advisors, one after the other, and takes back what the vanished leave behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.background import beside
from bot.conversations.messages import lock_conversation
from bot.db.models import WAITING, Conversation, Handoff
from bot.db.people import AuditEntry, User
from bot.handoff.activity import over, was_active
from bot.handoff.events import record
from bot.handoff.giving_back import back_to_the_head
from bot.handoff.offer import offer_waiting, one_at_a_time
from bot.handoff.overflow import apply_rules
from bot.handoff.places import Places
from bot.handoff.presence import is_there
from bot.handoff.snooze import asleep
from bot.live import DESK
from bot.rights import RIGHTS, may
from bot.services import Services

_LOOK_ANYWAY_SECONDS = 1.0
_BREATH_SECONDS = 0.05
# A process that slept longer than this (a suspended machine) has not heard whose line is alive.
_OVERSLEPT = timedelta(seconds=5)
_PAUSE = timedelta(seconds=60)
_STILL_THERE = timedelta(minutes=2)  # after somebody last wrote, typed or did anything: reading takes a while
_UNANSWERED = 2  # offers in a row, after which somebody is taken to be away
_ANSWERS = ("handoff_accepted", "handoff_declined", "offer_expired")
_log = structlog.get_logger()


class Offering:
    """Several processes may run it: they take turns, and an offer is made under a lock on its request."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._places = Places(services)
        self._looked_at: datetime | None = None
        self._awake_since: datetime | None = None
        self._went_away: list[str] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Offers while the block lasts."""
        async with beside(self._loop()):
            yield

    async def _loop(self) -> None:
        with self._services.live.subscribe(DESK) as events:
            while True:
                try:
                    await self.look()
                except Exception:  # noqa: BLE001  the next look may succeed, and nothing else offers
                    _log.exception("offering_failed")
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_ANYWAY_SECONDS):
                        while (await events.get())["type"] not in ("handoffs", "presence"):
                            pass
                # A request is offered in the moment it is made: first those are told who hear of it.
                await asyncio.sleep(_BREATH_SECONDS)
                while not events.empty():
                    events.get_nowait()

    async def look(self) -> None:
        """One look at the floor: what expired, who vanished, what can be offered now."""
        await self._take_back_from_the_vanished()
        await self._pass_on()
        # Not before: during a look that failed nobody's line could be heard either.
        self._looked_at = self._services.clock()
        await apply_rules(self._services)
        await self._places.tell()

    async def _pass_on(self) -> None:
        async with self._services.db.read() as session:
            idle = (await session.execute(select(Handoff.id).where(Handoff.status.in_(WAITING)).limit(1))).first()
        if idle is None:
            return
        self._went_away = []  # in this look: who was before, in one that was undone, is not told
        async with self._services.db.write() as session:
            await one_at_a_time(self._services, session)
            moved = await self._expire(session)
            moved |= await offer_waiting(self._services, session)
        for conversation in moved:
            notify.state_changed(self._services, conversation)
        if self._went_away:
            self._services.live.publish(DESK, {"type": "presence", "missed": self._went_away})

    async def _expire(self, session: AsyncSession) -> set[Conversation]:
        """Offers whose deadline passed, and those to somebody who has gone or takes none any more, are free again."""
        now = self._services.clock()
        query = (
            select(Handoff, Conversation, User)
            .join(Conversation, Conversation.id == Handoff.conversation_id)
            .join(User, User.id == Handoff.offered_to)
            .where(Handoff.status == "offered")
            .with_for_update(of=Handoff)
            .execution_options(populate_existing=True)
        )
        over = set()
        for handoff, conversation, user in (await session.execute(query)).all():
            if (handoff.offered_until or now) <= now:
                await withdraw(self._services, session, handoff, "expired")
                await self._away_if_unanswered(session, user)
            elif user.presence != "available" or not is_there(self._services, user, now):
                await withdraw(self._services, session, handoff, "withdrawn")
            else:
                continue
            over.add(conversation)
        await session.flush()
        return over

    async def _away_if_unanswered(self, session: AsyncSession, user: User) -> None:
        """Nobody sits before that page: it would have every customer wait for a deadline.

        Who writes to a customer meanwhile sits there, and sees no further offer than they can take.
        """
        await session.flush()
        query = (
            select(AuditEntry.action)
            .where(AuditEntry.actor_id == user.id, AuditEntry.action.in_(_ANSWERS))
            .order_by(AuditEntry.id.desc())
            .limit(_UNANSWERED)
        )
        if list((await session.execute(query)).scalars()) != ["offer_expired"] * _UNANSWERED:
            return
        since = self._services.clock() - max(over(self._services, _UNANSWERED), _STILL_THERE)
        if not await was_active(self._services, user.id, since):
            user.presence = "away"
            self._went_away.append(user.id)

    async def _take_back_from_the_vanished(self) -> None:
        now = self._services.clock()
        grace = timedelta(seconds=self._services.service.handoff.gone_after_seconds)
        if self._looked_at is None or now - self._looked_at > _OVERSLEPT:
            self._awake_since = now
        if self._awake_since is None or now - self._awake_since < grace:
            return
        # Who put it off and went home for the night has not vanished.
        gone = (User.seen_at < now - grace) & Handoff.id.not_in(asleep())
        # An account that was closed gives back what it has; this is for when that was cut short, or crossed an accept.
        closed = (User.status != "active") | User.role.not_in(RIGHTS["converse"])
        query = select(Handoff, User).join(User, User.id == Handoff.advisor_id)
        async with self._services.db.read() as session:
            left = (await session.execute(query.where(Handoff.status == "accepted", gone | closed))).all()
        for handoff, user in left:
            # Only who was there when taking it can have vanished since: an outside desk has no line.
            was_there = user.seen_at is not None and user.seen_at > (handoff.accepted_at or now) - grace
            if was_there or not _serves(user):
                await self._take_back(handoff.id, handoff.conversation_id)

    async def _take_back(self, handoff_id: str, conversation_id: str) -> None:
        """To the queue's head, with an apology; the one who vanished may have it again once they are back."""
        services = self._services
        async with services.db.write() as session:
            conversation = await lock_conversation(session, conversation_id)
            handoff = await session.get_one(Handoff, handoff_id, with_for_update=True, populate_existing=True)
            if handoff.status != "accepted":
                return
            advisor = await session.get_one(User, handoff.advisor_id, populate_existing=True)
            if is_there(services, advisor) and _serves(advisor):
                return
            message = await back_to_the_head(services, session, conversation, handoff, advisor)
        notify.told(services, conversation, [message])
        notify.state_changed(services, conversation)


def _serves(user: User) -> bool:
    return user.status == "active" and may(user.role, "converse")


_WITHDRAWN = {"declined": "handoff_declined", "expired": "offer_expired", "withdrawn": "offer_withdrawn"}


async def withdraw(services: Services, session: AsyncSession, handoff: Handoff, why: str) -> None:
    """The offer is over (declined, expired, withdrawn) and the request free again; whom it was made to comes last."""
    now, asked = services.clock(), handoff.offered_to
    session.add(AuditEntry(at=now, actor_id=asked, action=_WITHDRAWN[why], target=handoff.id))
    others = [name for name in handoff.declined_by if name != asked]
    handoff.declined_by = [*others, asked or ""]
    # Who declined is not asked again before that moment, unless somebody else is there.
    handoff.status, handoff.offered_to, handoff.offered_until = "requested", None, now + _PAUSE
    await record(services, session, handoff, why, advisor_id=asked)
