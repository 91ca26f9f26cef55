"""Handing a mail to the company's mail server."""

from __future__ import annotations

import ssl
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.errors import NeighbourError
from bot.letters import Letter

_TIMEOUT = 10.0
_PORTS = {"smtp": 587, "smtps": 465}
# What the server says of this mail, and will say again: no such mailbox, not accepted. A wrong password is our fault.
_PERMANENT = frozenset({550, 551, 553, 554})


def check_mail(url: str, sender: str) -> None:
    """Raises ``ValueError`` with a sentence for settings that can't work."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("SMTP_URL: an address such as smtp://user:password@mail.example.com:587, or smtps://…")
    if "@" not in parseaddr(sender)[1]:
        raise ValueError("MAIL_FROM: SMTP_URL needs the address that mails come from, such as Aide <aide@example.com>")


async def send(url: str, sender: str, mail_id: str, recipient: str, letter: Letter) -> None:
    """Hands one mail over; ``mail_id`` makes its Message-ID, the same at each attempt. Raises ``NeighbourError``.

    The connection is encrypted from the start (``smtps``), or as soon as the server offers it (``smtp``); a password
    goes to another machine in no other way.
    """
    try:
        await aiosmtplib.send(_message(sender, mail_id, recipient, letter), **_connection(url))
    except aiosmtplib.SMTPRecipientsRefused as error:
        refused = all(one.code in _PERMANENT for one in error.recipients)
        raise NeighbourError("recipient_refused", "", permanent=refused) from error
    except aiosmtplib.SMTPResponseException as error:
        raise NeighbourError(f"smtp_{error.code}", "", permanent=error.code in _PERMANENT) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise NeighbourError("smtp_unreachable", type(error).__name__) from error
    except ValueError as error:
        raise NeighbourError("bad_mail", type(error).__name__, permanent=True) from error


def _message(sender: str, mail_id: str, recipient: str, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{mail_id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    # No out-of-office answers to it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


def _connection(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    implicit, user = parts.scheme == "smtps", unquote(parts.username or "") or None
    must_encrypt = user is not None and not _is_here(parts.hostname or "")
    return {
        "hostname": parts.hostname,
        "port": parts.port or _PORTS[parts.scheme],
        "username": user,
        "password": unquote(parts.password) if parts.password else None,
        "use_tls": implicit,
        "start_tls": False if implicit else (True if must_encrypt else None),
        "tls_context": ssl.create_default_context(),
        "timeout": _TIMEOUT,
    }


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
