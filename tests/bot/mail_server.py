"""A real mail server for tests, in this event loop; it keeps what it takes and refuses as told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

CODE = re.compile(r"\b\d{6}\b")


class MailServer:
    """Mails in the order they came; ``refusals`` are answered first, one a mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusals: list[str] = []
        self.logins: list[tuple[str, str]] = []
        self.port = 0

    def url(self, user: str = "") -> str:
        return f"smtp://{user}127.0.0.1:{self.port}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refusals:
            return self.refusals.pop(0)
        mail: Any = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        self.mails.append(mail)
        return "250 OK"

    def login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=True)

    async def until(self, count: int, seconds: float = 30.0) -> list[EmailMessage]:
        async with asyncio.timeout(seconds):
            while len(self.mails) < count:
                await asyncio.sleep(0.02)
        return self.mails

    async def code(self, count: int = 1) -> str:
        """The code in the newest of ``count`` mails."""
        (found,) = CODE.findall((await self.until(count))[-1].get_content())
        return found


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    mails = MailServer()

    def protocol() -> SMTP:
        return SMTP(mails, authenticator=mails.login, auth_require_tls=False, enable_SMTPUTF8=True)

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    mails.port = server.sockets[0].getsockname()[1]
    yield mails
    server.close()
    await server.wait_closed()
