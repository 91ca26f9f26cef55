"""The audit, searched: who did what, to what, and who saw what. Names are looked up when it is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import Conversation, Handoff
from bot.db.people import AuditEntry, Customer, User
from bot.rights import may
from bot.services import Services
from bot.texts import known

Json = dict[str, Any]
PAGE = 50
# Accounts, rules and what leaves the house are an admin's to read; a supervisor sees conversations and the floor.
ADMIN_ONLY = (
    "user_",
    "session_",
    "signed_",
    "password_",
    "profile_",
    "settings_",
    "webhook",
    "customer_erased",
    "identity_",
)


@dataclass(frozen=True)
class Asked:
    """What is searched for; None: anything. ``before``: the id of the last entry seen."""

    actor: str | None = None
    action: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


async def search(services: Services, reader: User, asked: Asked, locale: str, limit: int = PAGE) -> list[Json]:
    """Entries, the newest first; ``limit + 1`` of them at most, so that one knows whether there are more."""
    query = select(AuditEntry).where(*_conditions(reader, asked)).order_by(AuditEntry.id.desc()).limit(limit + 1)
    async with services.db.read() as session:
        entries = (await session.execute(query)).scalars().all()
        names = await _names(session, entries)
    return [_shown(entry, names, locale) for entry in entries]


def _conditions(reader: User, asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if not may(reader.role, "administer"):
        found += [AuditEntry.action.not_like(prefix.replace("_", r"\_") + "%", escape="\\") for prefix in ADMIN_ONLY]
    if asked.actor is not None:
        found.append(AuditEntry.actor_id == asked.actor)
    if asked.action is not None:
        found.append(AuditEntry.action == asked.action)
    if asked.target is not None:
        # A conversation is also meant by its handoffs.
        handoffs = select(Handoff.id).where(Handoff.conversation_id == asked.target)
        found.append((AuditEntry.target == asked.target) | AuditEntry.target.in_(handoffs))
    if asked.since is not None:
        found.append(AuditEntry.at >= asked.since)
    if asked.until is not None:
        found.append(AuditEntry.at < asked.until)
    if asked.before is not None:
        found.append(AuditEntry.id < asked.before)
    return found


async def choices(services: Services, reader: User, locale: str) -> Json:
    """``{actions: [{action, sentence}], actors: [{id, name}]}`` that one may choose from."""
    everything = _conditions(reader, Asked())
    async with services.db.read() as session:
        actions = (await session.execute(select(AuditEntry.action).where(*everything).distinct())).scalars().all()
        users = (await session.execute(select(User).order_by(User.name))).scalars().all()
    named = [{"action": action, "sentence": _sentence(locale, action)} for action in actions]
    named.sort(key=lambda one: one["sentence"].casefold())
    return {"actions": named, "actors": [{"id": user.id, "name": user.name} for user in users]}


@dataclass(frozen=True)
class _Names:
    users: dict[str, str]
    conversations: dict[str, tuple[str, str | None]]


async def _names(session: AsyncSession, entries: Iterable[AuditEntry]) -> _Names:
    """Users by id; conversations, also by their handoffs' ids, with the customer's name."""
    entries = list(entries)
    targets = {entry.target for entry in entries}
    ids = targets | {entry.actor_id for entry in entries if entry.actor_id}
    users = (await session.execute(select(User.id, User.name).where(User.id.in_(ids)))).all()
    whose = select(Conversation.id, Customer.display_name).join(Customer, Customer.id == Conversation.customer_id)
    found = {row[0]: (row[0], row[1]) for row in await session.execute(whose.where(Conversation.id.in_(targets)))}
    by_handoff = whose.add_columns(Handoff.id).join(Handoff, Handoff.conversation_id == Conversation.id)
    for conversation_id, name, handoff_id in await session.execute(by_handoff.where(Handoff.id.in_(targets))):
        found[handoff_id] = (conversation_id, name)
    return _Names({row[0]: row[1] for row in users}, found)


def _shown(entry: AuditEntry, names: _Names, locale: str) -> Json:
    conversation = names.conversations.get(entry.target)
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "actor": {"id": entry.actor_id, "name": names.users.get(entry.actor_id)} if entry.actor_id else None,
        "action": entry.action,
        "sentence": _sentence(locale, entry.action),
        "target": entry.target,
        "about": names.users.get(entry.target) or (conversation[1] if conversation else None),
        "conversation_id": conversation[0] if conversation else None,
        "detail": entry.detail,
    }


def _sentence(locale: str, action: str) -> str:
    return known(locale, f"audit_{action}") or action
