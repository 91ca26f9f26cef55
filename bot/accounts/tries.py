"""Wrong passwords in a row make one wait, longer each time: for an account, and from an address.

Somebody else's guesses must not lock out who the account belongs to: an address from which they signed in before is
counted by itself. What is kept are keyed hashes. An account that does not exist is counted like any other.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.accounts import SignInTries
from bot.errors import Refusal
from bot.identity.seal import keyed
from bot.services import Services

FREE_FOR_ACCOUNT = 5
FREE_FROM_ADDRESS = 20
_LONGEST = 900.0
_FORGIVEN = timedelta(hours=24)
# An office behind one address mistypes now and then: of an address, one is forgiven each ten minutes.
_LEAK = timedelta(minutes=10)
_KNOWN_FOR = timedelta(days=30)


def _key(services: Services, *parts: str) -> str:
    key = keyed(services.settings.identity_secret, "sign-in-tries")
    return hmac.new(key, "|".join(parts).encode(errors="replace"), hashlib.sha256).hexdigest()


async def begin(services: Services, email: str, address: str) -> None:
    """Counts a try as a wrong one until ``right`` says otherwise. Raises ``Refusal`` (429) while one has to wait."""
    try:
        await _count(services, email, address)
    except IntegrityError:  # the same try twice at the same moment: now there is a row
        await _count(services, email, address)


async def _count(services: Services, email: str, address: str) -> None:
    now = services.clock()
    async with services.db.write() as session:
        known = await session.get(SignInTries, _key(services, "known", email, address), with_for_update=True)
        account = known.who if known is not None else _key(services, "account", email)
        source = await _row(session, _key(services, "from", address), now)
        source.failures = max(0, source.failures - int((now - source.at) / _LEAK))
        rows = [(await _row(session, account, now), FREE_FOR_ACCOUNT), (source, FREE_FROM_ADDRESS)]
        # Who signed in while we waited for these rows left their own moment in them, which is no wait.
        now = services.clock()
        wait = max((row.free_at - now).total_seconds() for row, _ in rows)
        if wait > 0:
            raise Refusal("sign_in_wait", 429, seconds=int(wait) + 1)
        for row, free in rows:
            row.failures, row.at = row.failures + 1, now
            row.free_at = now + timedelta(seconds=seconds_after(row.failures, free))


async def _row(session: AsyncSession, who: str, now: datetime) -> SignInTries:
    row = await session.get(SignInTries, who, with_for_update=True)
    if row is None:
        row = SignInTries(who=who, failures=0, free_at=now, at=now)
        session.add(row)
    elif now - row.at > _FORGIVEN:
        row.failures, row.free_at = 0, now
    return row


def seconds_after(failures: int, free: int) -> float:
    """Until the next try: none after the first few wrong ones in a row, then 2, 4, 8 … up to a quarter of an hour."""
    return 0.0 if failures < free else float(min(_LONGEST, 2.0 ** min(failures - free + 1, 20)))


async def right(services: Services, email: str, address: str) -> None:
    """The password was right: the account starts anew, the address has one wrong try less and is known from now on."""
    now = services.clock()
    async with services.db.write() as session:
        await session.execute(delete(SignInTries).where(SignInTries.who == _key(services, "account", email)))
        known = _key(services, "known", email, address)
        await session.merge(SignInTries(who=known, failures=0, free_at=now, at=now))
        source = await session.get(SignInTries, _key(services, "from", address), with_for_update=True)
        if source is not None:
            source.failures, source.free_at = max(0, source.failures - 1), now


async def forget_old(session: AsyncSession, now: datetime) -> None:
    """Takes away what is too old to matter."""
    await session.execute(delete(SignInTries).where(SignInTries.at <= now - _KNOWN_FOR))
