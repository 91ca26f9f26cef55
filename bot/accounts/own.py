"""What everybody may change of their own account: name, languages, password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.accounts import passwords, tries
from bot.accounts.fields import read_user
from bot.accounts.links import write_to
from bot.accounts.sessions import end_all, tell_ended
from bot.db.people import AuditEntry, User
from bot.errors import Refusal
from bot.services import Services


async def change_own(services: Services, user: User, body: Mapping[str, Any]) -> User:
    """Name and languages; nothing else may be changed by oneself."""
    given = read_user(services, {key: body[key] for key in ("name", "locales") if key in body})
    async with services.db.write() as session:
        row = await session.get_one(User, user.id, with_for_update=True, populate_existing=True)
        for field, value in given.items():
            setattr(row, field, value)
        session.add(AuditEntry(at=services.clock(), actor_id=user.id, action="profile_changed", target=user.id))
    return row


async def change_password(services: Services, user: User, token: str, address: str, current: str, new: str) -> None:
    """Asks for the old one, which is counted like signing in; every other session ends. ``Refusal`` (422, 429)."""
    await tries.begin(services, user.email, address)
    if not await passwords.fits(user.password_hash, current):
        raise Refusal("password_wrong", 422, extra={"field": "current"})
    await tries.right(services, user.email, address)
    passwords.check(new, user.email, user.name)
    stored = await passwords.hashed(new)
    async with services.db.write() as session:
        row = await session.get_one(User, user.id, with_for_update=True, populate_existing=True)
        if row.password_hash != user.password_hash:
            raise Refusal("password_wrong", 422, extra={"field": "current"})
        row.password_hash = stored
        await end_all(session, user.id, but=token)
        session.add(AuditEntry(at=services.clock(), actor_id=user.id, action="password_changed", target=user.id))
        write_to(services, session, row, "mail_password_changed")
    tell_ended(services)
