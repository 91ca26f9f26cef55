"""Calls between us and an address outside, in both directions: the body is signed with a secret that both know."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any

import aiohttp

from bot.errors import NeighbourError

TIMESTAMP, SIGNATURE, EVENT = "Relais-Timestamp", "Relais-Signature", "Relais-Event"
# A call that was overheard is of no use later.
_FRESH_SECONDS = 300.0
_SIGNED = re.compile(r"v1=[0-9a-f]{64}")
_GONE = frozenset({410})


@dataclass(frozen=True)
class Envelope:
    """Where a call goes, who signs it, its id for the far side to know it again, and how long it may take."""

    url: str
    secrets: list[str]
    event: str
    seconds: float
    # Answers after which it is no use to try again.
    final: frozenset[int] = _GONE


def signature(secrets: list[str], timestamp: str, body: bytes) -> str:
    """``v1=<hex>`` for each secret: HMAC-SHA256 of ``timestamp.body``."""
    signed = timestamp.encode() + b"." + body
    return ",".join(f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets)


def may_be_signed(headers: Mapping[str, str], now: datetime) -> bool:
    """Whether a call says that it was signed within the last five minutes: worth reading its body to find out."""
    timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    fresh = timestamp.isdecimal() and abs(now.timestamp() - int(timestamp[:12])) <= _FRESH_SECONDS
    return fresh and _SIGNED.search(given) is not None


def is_signed(secrets: list[str], headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether a call comes from who holds one of the secrets, and was signed within the last five minutes."""
    timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not may_be_signed(headers, now):
        return False
    ours = [each.encode() for each in signature(secrets, timestamp, body).split(",")] if secrets else []
    theirs = [each.strip().encode(errors="replace") for each in given.split(",")[:4]]
    return any(hmac.compare_digest(one, other) for one in ours for other in theirs)


async def post_signed(http: aiohttp.ClientSession, envelope: Envelope, body: bytes, now: datetime) -> None:
    """Sends JSON. Raises ``NeighbourError`` (``http_<status>``, ``timeout``, ``unreachable``), as asked to wait."""
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Relais",
        EVENT: envelope.event,
        TIMESTAMP: timestamp,
        SIGNATURE: signature(envelope.secrets, timestamp, body),
    }
    # A redirect would carry what is personal to wherever it points.
    how: Any = {"timeout": aiohttp.ClientTimeout(total=envelope.seconds), "allow_redirects": False}
    try:
        async with http.post(envelope.url, data=BytesIO(body), headers=headers, **how) as answer:
            if not 200 <= answer.status < 300:
                wait = _asked_to_wait(answer.headers.get("Retry-After"), now)
                permanent = answer.status in envelope.final
                raise NeighbourError(f"http_{answer.status}", "", permanent=permanent, retry_after=wait)
    except TimeoutError as error:
        raise NeighbourError("timeout", "") from error
    except (aiohttp.ClientError, OSError) as error:
        raise NeighbourError("unreachable", type(error).__name__) from error


def _asked_to_wait(header: str | None, now: datetime) -> float | None:
    """``Retry-After`` in seconds, given as such or as a moment; nothing for nonsense."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header.strip()[:9])
    try:
        moment = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
