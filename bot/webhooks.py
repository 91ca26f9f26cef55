"""Events of handoffs on their way to addresses outside: signed, in order for each handoff, tried again, never dropped.

What fails ``WEBHOOK_ATTEMPTS`` times becomes a dead letter, which an administrator sees and sends again.
"""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import beside, every, together
from bot.db.models import Handoff
from bot.db.people import User
from bot.db.webhooks import HandoffEvent, WebhookDelivery
from bot.errors import NeighbourError
from bot.handoff.context import as_it_stands
from bot.services import Services
from bot.signing import Envelope, post_signed

Json = dict[str, Any]
_POLL_SECONDS = 0.5
_TIDY_SECONDS = 3600.0
_AT_ONCE = 20
_FIRST_WAIT = 5.0
_LONGEST_WAIT = 3600.0
# However long an address asks us to wait, it is asked again within this time.
_LONGEST_ASKED = 6 * 3600.0
_KEPT = timedelta(days=7)
# What is told of the customer goes along where a desk begins to need it, or has to replace what it has.
_WITH_CONTEXT = frozenset({"requested", "accepted", "reopened", "context_changed"})
_log = structlog.get_logger()


@dataclass(frozen=True)
class _Due:
    delivery_id: int
    event_id: str
    attempts: int


async def body_of(services: Services, session: AsyncSession, event: HandoffEvent) -> Json:
    """What is sent of an event; the context is as it stands now, so that what the customer struck out stays here."""
    advisor = await session.get(User, event.advisor_id) if event.advisor_id else None
    body: Json = {
        "id": event.id,
        "type": f"handoff.{event.type}",
        "created_at": event.created_at.isoformat(),
        "handoff_id": event.handoff_id,
        "conversation_id": event.conversation_id,
        "number": event.number,
        "status": event.status,
    }
    if advisor is not None:
        body["advisor"] = {"id": advisor.id, "name": advisor.name}
    if event.details:
        body["details"] = event.details
    if event.type in _WITH_CONTEXT:
        body["context"] = await as_it_stands(services, session, await session.get_one(Handoff, event.handoff_id))
    return body


class Webhooks:
    """Delivers what is due. Several processes may run it; the log holds ids and causes, never what is sent."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Delivers while the block lasts."""
        urls = self._services.settings.webhook_url
        # No cookies: an address must not make one delivery depend on another.
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            # An address that hangs holds up nobody else's events.
            loops = [
                every(_POLL_SECONDS, "webhooks", partial(self._send_due, http, target, url))
                for target, url in enumerate(urls, 1)
            ]
            async with beside(*loops, every(_TIDY_SECONDS, "tidying_webhooks", self._tidy)):
                yield

    async def _send_due(self, http: aiohttp.ClientSession, target: int, url: str) -> None:
        due = await self._due(target)
        await together(*[self._deliver(http, url, delivery_id) for delivery_id in due])

    async def _due(self, target: int) -> list[int]:
        """The first undelivered event of each handoff, where its time has come."""
        first = (
            select(func.min(WebhookDelivery.id).label("id"))
            .where(WebhookDelivery.status == "pending", WebhookDelivery.target == target)
            .group_by(WebhookDelivery.handoff_id)
            .subquery()
        )
        query = (
            select(WebhookDelivery.id)
            .join(first, first.c.id == WebhookDelivery.id)
            .where(WebhookDelivery.next_attempt_at <= self._services.clock())
            .order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id)
            .limit(_AT_ONCE)
        )
        async with self._services.db.read() as session:
            return list((await session.execute(query)).scalars())

    async def _claimed(self, delivery_id: int) -> _Due | None:
        """The event, ours to deliver; nothing when another process is at it, has done it, or the person was erased."""
        async with self._services.db.write() as session:
            row = await session.get(WebhookDelivery, delivery_id, with_for_update=True)
            now = self._services.clock()
            if row is None or row.status != "pending" or row.next_attempt_at > now:
                return None
            # Who dies in the middle of it leaves it to others after this time.
            row.next_attempt_at = now + timedelta(seconds=2 * self._services.settings.webhook_timeout_seconds + 10)
            row.attempts += 1
            return _Due(row.id, row.event_id, row.attempts)

    async def _body(self, due: _Due) -> bytes:
        async with self._services.db.read() as session:
            event = await session.get(HandoffEvent, due.event_id)
            if event is None:
                raise NeighbourError("erased", "", permanent=True)
            return json.dumps(
                await body_of(self._services, session, event), ensure_ascii=False, separators=(",", ":")
            ).encode()

    async def _deliver(self, http: aiohttp.ClientSession, url: str, delivery_id: int) -> None:
        due = await self._claimed(delivery_id)
        if due is None:
            return
        try:
            await self._send(http, url, due, await self._body(due))
        except NeighbourError as error:
            await self._failed(due, error)
        except Exception as error:  # noqa: BLE001  one event's fault must not stop the others
            # Not its text: it may hold the address, with what the company put into it.
            _log.error("webhook_broke", delivery=delivery_id, cause=type(error).__name__)
            await self._failed(due, NeighbourError("internal", type(error).__name__))
        else:
            await self._settle(due.delivery_id, "delivered", None)

    async def _send(self, http: aiohttp.ClientSession, url: str, due: _Due, body: bytes) -> None:
        settings = self._services.settings
        envelope = Envelope(url, settings.webhook_secret, due.event_id, settings.webhook_timeout_seconds)
        await post_signed(http, envelope, body, self._services.clock())

    async def _settle(self, delivery_id: int, status: str, cause: str | None) -> None:
        async with self._services.db.write() as session:
            row = await session.get(WebhookDelivery, delivery_id)
            # Gone when the person was erased meanwhile.
            if row is not None:
                row.status, row.error, row.ended_at = status, cause, self._services.clock()

    async def _failed(self, due: _Due, error: NeighbourError) -> None:
        is_last = error.permanent or due.attempts >= self._services.settings.webhook_attempts
        _log.warning("webhook_failed", delivery=due.delivery_id, cause=error.code, dead=is_last)
        if is_last:
            await self._settle(due.delivery_id, "dead", error.code)
            return
        wait = max(back_off(due.attempts), min(error.retry_after or 0.0, _LONGEST_ASKED))
        async with self._services.db.write() as session:
            row = await session.get(WebhookDelivery, due.delivery_id)
            if row is not None:
                row.next_attempt_at, row.error = self._services.clock() + timedelta(seconds=wait), error.code

    async def _tidy(self) -> None:
        """Forgets what was delivered a week ago; the events themselves stay with their handoff."""
        now = self._services.clock()
        over = (WebhookDelivery.status == "delivered") & (WebhookDelivery.ended_at < now - _KEPT)
        # What is due to an address that left the settings must be seen, not wait for ever.
        gone = (WebhookDelivery.status == "pending") & (
            WebhookDelivery.target > len(self._services.settings.webhook_url)
        )
        async with self._services.db.write() as session:
            await session.execute(delete(WebhookDelivery).where(over))
            buried = update(WebhookDelivery).where(gone)
            await session.execute(buried.values(status="dead", error="no_address", ended_at=now))


def back_off(attempts: int) -> float:
    """Seconds until the next try: doubled each time up to an hour, and spread, so that not all come back at once."""
    longest: float = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(attempts - 1, 20))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  nothing secret depends on it
