"""Users of the desk: passwords (argon2), sessions, rights."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select

from bot.clock import Clock
from bot.db.engine import Database
from bot.db.people import User, UserSession
from bot.db.types import new_id
from bot.errors import Refusal

ROLES = ("advisor", "supervisor", "writer", "admin")
SESSION_LIFE = timedelta(hours=12)
SHORTEST_PASSWORD = 10

DEMO_PASSWORD = "relais-demo"  # noqa: S105  demo only: RELAIS_DEMO is refused on any address but loopback
_DEMO_DOMAIN = "maison-alder.test"
_DEMO_USERS: tuple[tuple[str, str, str, list[str], list[str]], ...] = (
    ("claire", "Claire", "advisor", ["fr", "en"], ["delivery", "after_sales", "general", "sensitive"]),
    ("hugo", "Hugo", "advisor", ["fr"], ["delivery", "payment", "products", "business"]),
    ("ines", "Inès", "writer", ["fr", "en"], []),
    ("marc", "Marc", "supervisor", ["fr", "en"], []),
)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _decoy() -> str:
    """A hash to check against when the e-mail is unknown, so that both cases take the same time."""
    return _hasher().hash(secrets.token_urlsafe(16))


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def hash_token(token: str) -> str:
    """What the record keeps of a session token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


async def add_user(
    db: Database, clock: Clock, email: str, name: str, role: str, password: str, locales: list[str], skills: list[str]
) -> None:
    """Adds a user, or gives an existing one this name, role and password. Raises ``ValueError`` for bad values."""
    if role not in ROLES:
        raise ValueError(f"the role must be one of {', '.join(ROLES)}")
    if "@" not in email or not name.strip():
        raise ValueError("an e-mail address and a name are needed")
    if len(password) < SHORTEST_PASSWORD:
        raise ValueError(f"the password needs {SHORTEST_PASSWORD} characters or more")
    async with db.write() as session:
        query = select(User).where(User.email == email.strip().lower())
        user = (await session.execute(query)).scalar_one_or_none()
        if user is None:
            user = User(id=new_id(), email=email.strip().lower(), created_at=clock())
            session.add(user)
        user.name, user.role, user.locales, user.skills = name.strip(), role, locales, skills
        user.password_hash = _hasher().hash(password)
        await session.execute(delete(UserSession).where(UserSession.user_id == user.id))


async def seed_demo_users(db: Database, clock: Clock) -> None:
    """The four people of the demo; nothing is done for those who exist."""
    async with db.read() as session:
        known = set((await session.execute(select(User.email))).scalars())
    for login, name, role, locales, skills in _DEMO_USERS:
        email = f"{login}@{_DEMO_DOMAIN}"
        if email not in known:
            await add_user(db, clock, email, name, role, DEMO_PASSWORD, locales, skills)


async def sign_in(db: Database, clock: Clock, email: str, password: str) -> tuple[User, str, str]:
    """The user, a new session token, and its CSRF token. Raises ``Refusal`` (401), the same for every cause."""
    async with db.read() as session:
        query = select(User).where(User.email == email.strip().lower())
        user = (await session.execute(query)).scalar_one_or_none()
    stored = user.password_hash if user else _decoy()
    # argon2 is slow on purpose: not on the event loop.
    fits = await asyncio.to_thread(_fits, stored, password)
    if user is None or not fits:
        raise Refusal("wrong_credentials", 401)
    token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(24), clock()
    async with db.write() as session:
        await session.execute(delete(UserSession).where(UserSession.expires_at <= now))
        row = UserSession(
            token_hash=hash_token(token), user_id=user.id, csrf=csrf, created_at=now, expires_at=now + SESSION_LIFE
        )
        session.add(row)
    return user, token, csrf


async def session_for(db: Database, clock: Clock, token: str) -> tuple[User, str] | None:
    """Whose session this token is, and its CSRF token."""
    async with db.read() as session:
        row = await session.get(UserSession, hash_token(token))
        if row is None or row.expires_at <= clock():
            return None
        return await session.get_one(User, row.user_id), row.csrf


async def sign_out(db: Database, token: str) -> None:
    """Ends this session."""
    async with db.write() as session:
        await session.execute(delete(UserSession).where(UserSession.token_hash == hash_token(token)))


def shown(user: User) -> dict[str, object]:
    """A user as the desk shows them."""
    return {"id": user.id, "name": user.name, "email": user.email, "role": user.role, "locales": user.locales}
