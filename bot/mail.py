"""Mails on their way: looked up, sent, tried again. Who has no account gets none, and nobody can tell from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select, update

from bot import smtp
from bot.background import beside, every, together
from bot.db.identity import Mail, OneTimeCode, PrivatePage
from bot.errors import NeighbourError
from bot.identity.seal import unseal
from bot.identity.tokens import sign_lookup
from bot.letters import read_letter
from bot.services import Services

_POLL_SECONDS = 0.25
_TIDY_SECONDS = 60.0
# Longer than a lookup and a delivery take: who dies in the middle of them leaves the mail to others after this time.
_CLAIM = timedelta(seconds=60)
_LONGEST_BACK_OFF = 60.0
# Long after the last code, page or count of codes could matter.
_KEPT = timedelta(days=7)
_log = structlog.get_logger()


@dataclass(frozen=True)
class _Due:
    mail: Mail
    code: OneTimeCode | None


class Mailer:
    """Sends what is due. The log holds ids and causes, never an address."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sends while the block lasts."""
        settings = self._services.settings
        if not settings.smtp_url and not settings.relais_demo:
            _log.warning("mail_off", cause="SMTP_URL is not set: no one-time code can be sent")
        async with beside(
            every(_POLL_SECONDS, "mailer", self._send_due), every(_TIDY_SECONDS, "tidying_mail", self._tidy)
        ):
            yield

    async def _send_due(self) -> None:
        await together(*[self._deliver(mail_id) for mail_id in await self._due()])

    async def _due(self) -> list[str]:
        query = select(Mail.id).where(Mail.status == "pending", Mail.next_attempt_at <= self._services.clock())
        async with self._services.db.read() as session:
            return list((await session.execute(query.order_by(Mail.next_attempt_at).limit(20))).scalars())

    async def _claimed(self, mail_id: str) -> _Due | None:
        """The mail, ours to send; nothing when another process is at it, or has done it."""
        async with self._services.db.write() as session:
            mail = await session.get(Mail, mail_id, with_for_update=True)
            now = self._services.clock()
            if mail is None or mail.status != "pending" or mail.next_attempt_at > now:
                return None
            mail.next_attempt_at = now + _CLAIM
            mail.attempts += 1
            return _Due(mail, await session.get(OneTimeCode, mail.code_id) if mail.code_id else None)

    async def _deliver(self, mail_id: str) -> None:
        due = await self._claimed(mail_id)
        if due is None:
            return
        try:
            status = await self._send(due)
        except NeighbourError as error:
            await self._failed(due, error)
        except Exception as error:  # noqa: BLE001  one mail's fault must not stop the others
            _log.exception("mail_broke", mail=mail_id)
            await self._failed(due, NeighbourError("internal", type(error).__name__))
        else:
            await self._settle(mail_id, status, None)

    async def _send(self, due: _Due) -> str:
        mail, settings = due.mail, self._services.settings
        if due.code is not None:
            if due.code.status != "live" or due.code.expires_at <= self._services.clock():
                return "late"
            if not await self._has_account(due.code):
                return "unknown"
        kept = unseal(settings.identity_secret, mail.sealed)
        if kept is None:
            raise NeighbourError("unreadable", "", permanent=True)
        if settings.smtp_url:
            await smtp.send(settings.smtp_url, settings.mail_from, mail.id, mail.recipient, read_letter(kept))
        elif not settings.relais_demo:
            raise NeighbourError("mail_off", "SMTP_URL is not set")
        return "sent"

    async def _has_account(self, code: OneTimeCode) -> bool:
        """Whose address it is, noted with the code before the code can come back."""
        if code.reference is not None:
            return True
        services = self._services
        token = sign_lookup(
            services.settings.identity_secret,
            email=code.email,
            conversation_id=code.conversation_id,
            now=services.clock(),
        )
        reference = await services.actions.lookup_customer(code.conversation_id, token)
        if reference is None:
            return False
        async with services.db.write() as session:
            await session.execute(update(OneTimeCode).where(OneTimeCode.id == code.id).values(reference=reference))
        return True

    async def _settle(self, mail_id: str, status: str, cause: str | None) -> None:
        async with self._services.db.write() as session:
            mail = await session.get(Mail, mail_id)
            if mail is None:
                return
            mail.status, mail.error = status, cause
            if status != "sent" or not self._services.settings.relais_demo:
                mail.sealed = None

    async def _failed(self, due: _Due, error: NeighbourError) -> None:
        _log.warning("mail_failed", mail=due.mail.id, cause=error.code, permanent=error.permanent)
        if error.permanent:
            await self._settle(due.mail.id, "failed", error.code)
            return
        wait = min(_LONGEST_BACK_OFF, 2.0 ** min(due.mail.attempts, 6))
        async with self._services.db.write() as session:
            mail = await session.get(Mail, due.mail.id)
            if mail is not None:
                mail.next_attempt_at, mail.error = self._services.clock() + timedelta(seconds=wait), error.code

    async def _tidy(self) -> None:
        """What codes, mails and private pages held does not outlive its use."""
        await forget_expired(self._services, self._services.clock())


async def forget_expired(services: Services, now: datetime) -> None:
    """Empties the private pages whose time is over, and deletes pages, mails and codes that nobody needs any more."""
    over = update(PrivatePage).where(PrivatePage.expires_at <= now, PrivatePage.sealed.is_not(None))
    async with services.db.write() as session:
        await session.execute(over.values(sealed=None))
        # Mails first: they refer to codes.
        for table in (Mail, OneTimeCode, PrivatePage):
            await session.execute(delete(table).where(table.created_at <= now - _KEPT))
