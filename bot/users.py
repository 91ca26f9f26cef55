"""Users of the desk: who they are, signing in, sessions. What is done with accounts is in ``bot/accounts``."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.accounts.passwords import SHORTEST, fits, hashed
from bot.clock import Clock
from bot.db.engine import Database
from bot.db.people import AuditEntry, User, UserSession
from bot.db.types import new_id
from bot.errors import Refusal

ROLES = ("advisor", "supervisor", "writer", "reviewer", "publisher", "admin")
SESSION_LIFE = timedelta(hours=12)

DEMO_PASSWORD = "relais-demo"  # noqa: S105  demo only: RELAIS_DEMO is refused on any address but loopback
_DEMO_DOMAIN = "maison-alder.test"
_DEMO_USERS: tuple[tuple[str, str, str, list[str], list[str]], ...] = (
    ("claire", "Claire", "advisor", ["fr", "en"], ["delivery", "after_sales", "general", "sensitive"]),
    ("hugo", "Hugo", "advisor", ["fr"], ["delivery", "payment", "products", "business"]),
    ("ines", "Inès", "writer", ["fr", "en"], []),
    ("marc", "Marc", "supervisor", ["fr", "en"], []),
    ("ada", "Ada", "admin", ["fr", "en"], []),
)


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
    if len(password) < SHORTEST:
        raise ValueError(f"the password needs {SHORTEST} characters or more")
    await put_user(db, clock, email, name, role, await hashed(password), locales, skills)


async def put_user(
    db: Database, clock: Clock, email: str, name: str, role: str, stored: str, locales: list[str], skills: list[str]
) -> None:
    """``add_user`` with the hash of a password, and values that are good."""
    async with db.write() as session:
        user = await user_by_email(session, email)
        if user is None:
            user = User(id=new_id(), email=email.strip().lower(), created_at=clock())
            session.add(user)
        user.name, user.role, user.locales, user.skills = name.strip(), role, locales, skills
        user.password_hash, user.status = stored, "active"
        await session.execute(delete(UserSession).where(UserSession.user_id == user.id))


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    """Whose address this is."""
    return (await session.execute(select(User).where(User.email == email.strip().lower()))).scalar_one_or_none()


async def seed_demo_users(db: Database, clock: Clock) -> None:
    """The five people of the demo; nothing is done for those who exist."""
    async with db.read() as session:
        known = set((await session.execute(select(User.email))).scalars())
    for login, name, role, locales, skills in _DEMO_USERS:
        email = f"{login}@{_DEMO_DOMAIN}"
        if email not in known:
            await add_user(db, clock, email, name, role, DEMO_PASSWORD, locales, skills)


async def sign_in(
    db: Database, clock: Clock, email: str, password: str, agent: str | None = None, address: str | None = None
) -> tuple[User, str, str]:
    """The user, a new session token, and its CSRF token. Raises ``Refusal`` (401), the same for every cause."""
    async with db.read() as session:
        user = await user_by_email(session, email)
    # Who was invited has no password yet; who is disabled has one, and it takes as long to find out.
    if not await fits(user.password_hash if user else None, password) or user is None or user.status != "active":
        raise Refusal("wrong_credentials", 401)
    now = clock()
    async with db.write() as session:
        await session.execute(delete(UserSession).where(UserSession.expires_at <= now))
        fresh = await session.get_one(User, user.id, with_for_update=True, populate_existing=True)
        if (fresh.password_hash, fresh.status) != (user.password_hash, user.status):
            # Changed while the old password was looked at: what that ended must not begin again.
            raise Refusal("wrong_credentials", 401)
        token, csrf = open_session(session, user, now, agent, address)
        session.add(AuditEntry(at=now, actor_id=user.id, action="signed_in", target=user.id, detail=agent))
    return user, token, csrf


def open_session(
    session: AsyncSession, user: User, now: datetime, agent: str | None = None, address: str | None = None
) -> tuple[str, str]:
    """A new session's token and CSRF token; only a hash of the first is kept."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    row = UserSession(
        token_hash=hash_token(token),
        user_id=user.id,
        csrf=csrf,
        agent=agent,
        address=address,
        created_at=now,
        last_seen_at=now,
        expires_at=now + SESSION_LIFE,
    )
    session.add(row)
    return token, csrf


async def session_for(db: Database, clock: Clock, token: str) -> tuple[User, str] | None:
    """Whose session this token is, and its CSRF token; nobody's once the account is disabled."""
    async with db.read() as session:
        row = await session.get(UserSession, hash_token(token))
        if row is None or row.expires_at <= clock():
            return None
        user = await session.get_one(User, row.user_id)
        return (user, row.csrf) if user.status == "active" else None


async def users_of(db: Database, clock: Clock, tokens: Collection[str]) -> dict[str, User]:
    """The same for many tokens at once; those that are nobody's are left out."""
    by_hash = {hash_token(token): token for token in tokens}
    query = select(UserSession.token_hash, User).join(User, User.id == UserSession.user_id)
    query = query.where(UserSession.token_hash.in_(by_hash), UserSession.expires_at > clock(), User.status == "active")
    async with db.read() as session:
        return {by_hash[token_hash]: user for token_hash, user in await session.execute(query)}


async def sign_out(db: Database, token: str) -> None:
    """Ends this session."""
    async with db.write() as session:
        await session.execute(delete(UserSession).where(UserSession.token_hash == hash_token(token)))


def shown(user: User) -> dict[str, object]:
    """A user as the desk shows them."""
    return {"id": user.id, "name": user.name, "email": user.email, "role": user.role, "locales": user.locales}
