"""Links by mail that let somebody choose a password: an invitation, or a reset. Single-use, short-lived, never logged.

A reset is asked for by writing down the address, whoever's it is; whether an account has it is found out a moment later
by the clerk (``bot/accounts/clerk.py``), so that nobody can tell from the answer or from how long it took.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.accounts import passwords
from bot.accounts.sessions import end_all, tell_ended
from bot.db.accounts import AccountLink
from bot.db.identity import Mail
from bot.db.people import AuditEntry, User
from bot.errors import Refusal
from bot.identity.seal import seal
from bot.letters import letter
from bot.services import Services
from bot.texts import LOCALES
from bot.users import hash_token, user_by_email

INVITATION, RESET = "invitation", "reset"
LIFE = {INVITATION: timedelta(days=7), RESET: timedelta(hours=1)}
_PAGE = {INVITATION: "welcome", RESET: "reset"}
_RESETS_AN_HOUR = 3
_HOUR = timedelta(hours=1)


def locale_of(user: User) -> str:
    """The language in which we write to somebody of the desk."""
    return next((locale for locale in user.locales if locale in LOCALES), LOCALES[0])


def write_to(services: Services, session: AsyncSession, user: User, key: str, **values: object) -> None:
    """A mail to a user, on its way with the caller's transaction."""
    text = letter(locale_of(user), key, brand=services.service.brand.name, name=user.name, **values)
    write_kept(services, session, user, text)


def write_kept(services: Services, session: AsyncSession, user: User, text: str) -> None:
    """The same with a letter (``bot/letters.py``) that is written already."""
    now = services.clock()
    sealed = seal(services.settings.identity_secret, text)
    session.add(Mail(recipient=user.email, sealed=sealed, next_attempt_at=now, created_at=now))


async def issue(services: Services, session: AsyncSession, user: User, purpose: str, **values: object) -> None:
    """A fresh link by mail; one sent before is worth nothing any more. The caller's transaction."""
    now, token = services.clock(), secrets.token_urlsafe(32)
    before = (AccountLink.user_id == user.id) & (AccountLink.status == "live") & (AccountLink.purpose == purpose)
    await session.execute(update(AccountLink).where(before).values(status="replaced"))
    link = AccountLink(
        user_id=user.id,
        email=user.email,
        purpose=purpose,
        status="live",
        token_hash=hash_token(token),
        locale=locale_of(user),
        created_at=now,
        expires_at=now + LIFE[purpose],
    )
    session.add(link)
    address = f"{services.settings.public_url}/desk/{_PAGE[purpose]}/{token}"
    write_to(services, session, user, f"mail_{purpose}", link=address, **values)


async def ask_reset(services: Services, email: str, locale: str) -> None:
    """Notes that somebody at this address asks for a new password; the same for every address."""
    now = services.clock()
    async with services.db.write() as session:
        link = AccountLink(
            email=email.strip().lower(),
            purpose=RESET,
            status="asked",
            locale=locale,
            created_at=now,
            expires_at=now + LIFE[RESET],
        )
        session.add(link)


async def settle_asked(services: Services) -> int:
    """Looks up the addresses that were noted and writes to those who have an account; how many were looked at."""
    now = services.clock()
    query = select(AccountLink).where(AccountLink.status == "asked").order_by(AccountLink.created_at).limit(50)
    async with services.db.read() as session:
        if (await session.execute(query)).first() is None:
            return 0
    async with services.db.write() as session:
        asked = (await session.execute(query.with_for_update(skip_locked=True))).scalars().all()
        for link in asked:
            user = await user_by_email(session, link.email)
            link.status = "settled"
            if (
                user is not None
                and user.status == "active"
                and await _resets_lately(session, user, now) < _RESETS_AN_HOUR
            ):
                await issue(services, session, user, RESET, hours=1)
                session.add(AuditEntry(at=now, action="password_reset_sent", target=user.id))
                await session.flush()
    return len(asked)


async def _resets_lately(session: AsyncSession, user: User, now: datetime) -> int:
    query = select(func.count()).where(
        AccountLink.user_id == user.id, AccountLink.purpose == RESET, AccountLink.created_at > now - _HOUR
    )
    return int((await session.execute(query)).scalar_one())


async def behind(services: Services, purpose: str, token: str) -> User:
    """Whose link this is. Raises ``Refusal`` (404), the same for one that never was, was used, or is too old."""
    async with services.db.read() as session:
        return (await _find(session, purpose, token, services.clock()))[1]


async def _find(
    session: AsyncSession, purpose: str, token: str, now: datetime, *, lock: bool = False
) -> tuple[AccountLink, User]:
    query = select(AccountLink).where(AccountLink.token_hash == hash_token(token), AccountLink.purpose == purpose)
    link = (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()
    user = await session.get(User, link.user_id) if link is not None and link.user_id else None
    awaited = "invited" if purpose == INVITATION else "active"
    if link is None or user is None or link.status != "live" or link.expires_at <= now or user.status != awaited:
        raise Refusal("link_gone", 404)
    return link, user


async def choose_password(services: Services, purpose: str, token: str, password: str) -> User:
    """The password of whoever holds the link, from now on; every session ends. Raises ``Refusal`` (404, 422)."""
    user = await behind(services, purpose, token)
    passwords.check(password, user.email, user.name)
    stored = await passwords.hashed(password)
    now = services.clock()
    async with services.db.write() as session:
        link, user = await _find(session, purpose, token, now, lock=True)
        link.status, user.status, user.password_hash = "used", "active", stored
        await end_all(session, user.id)
        action = "user_joined" if purpose == INVITATION else "password_reset"
        session.add(AuditEntry(at=now, actor_id=user.id, action=action, target=user.id))
        if purpose == RESET:
            write_to(services, session, user, "mail_password_changed")
    tell_ended(services)
    return user
