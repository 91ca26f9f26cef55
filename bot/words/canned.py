"""Canned replies: kept in every language of the company, found by a shortcut, with variables to be filled in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.people import AuditEntry, User
from bot.db.types import new_id
from bot.db.words import CannedReply
from bot.errors import Refusal
from bot.services import Services
from service.topics import TOPICS

Json = dict[str, Any]
LONGEST_TITLE = 120
_SHORTCUT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_DEMO = Path(__file__).parent / "demo_replies.yml"
# What a variable is called in a text; the first name is the French one. The desk knows how to fill each.
VARIABLES: dict[str, tuple[str, ...]] = {
    "first_name": ("prénom", "first_name", "prenom"),
    "name": ("nom", "name"),
    "advisor": ("conseiller", "advisor"),
    "order": ("commande", "order"),
    "assistant": ("assistant",),
    "brand": ("marque", "brand"),
}
_VARIABLE = re.compile(r"\{\s*([^\W\d][\w '’-]{0,38})\}")
_KNOWN = {name for names in VARIABLES.values() for name in names}


async def list_replies(services: Services) -> Json:
    """``{replies, variables, values}`` by shortcut; ``values`` are those that hold for every conversation."""
    query = select(CannedReply, User.name).join(User, User.id == CannedReply.updated_by, isouter=True)
    async with services.db.read() as session:
        rows = (await session.execute(query.order_by(CannedReply.shortcut))).all()
    brand = services.service.brand
    return {
        "replies": [_shown(row, name) for row, name in rows],
        "variables": {key: list(names) for key, names in VARIABLES.items()},
        "values": {"assistant": brand.assistant_name, "brand": brand.name},
        "languages": list(brand.languages),
    }


def _shown(row: CannedReply, updated_by: str | None) -> Json:
    shown = {key: getattr(row, key) for key in ("id", "shortcut", "title", "topic", "texts")}
    return shown | {
        "unknown": unknown_variables(row.texts),
        "updated_by": updated_by,
        "updated_at": row.updated_at.isoformat(),
    }


def unknown_variables(texts: dict[str, str]) -> list[str]:
    """What stands in braces and nothing will fill: an advisor has to, each time."""
    named = {name.strip() for text in texts.values() for name in _VARIABLE.findall(text)}
    return sorted(name for name in named if name.casefold() not in _KNOWN)


def checked(services: Services, body: Json) -> Json:
    """``{shortcut, title, topic, texts}`` as kept. Raises ``Refusal`` (422) with what is wrong."""
    shortcut, title, topic = (_text(body.get(key)) for key in ("shortcut", "title", "topic"))
    if _SHORTCUT.fullmatch(shortcut := shortcut.lstrip("/").lower()) is None:
        raise Refusal("bad_shortcut", 422)
    if not 0 < len(title) <= LONGEST_TITLE:
        raise Refusal("bad_reply_title", 422)
    if topic and topic not in TOPICS:
        raise Refusal("bad_request", 422)
    given = body.get("texts")
    if not isinstance(given, dict) or not set(given) <= set(services.service.brand.languages):
        raise Refusal("bad_request", 422)
    texts = {locale: text for locale, value in sorted(given.items()) if (text := _text(value))}
    limit = services.settings.max_message_chars
    if not texts:
        raise Refusal("empty_message", 422)
    if any(len(text) > limit for text in texts.values()):
        raise Refusal("message_too_long", 413, limit=limit)
    return {"shortcut": shortcut, "title": title, "topic": topic or None, "texts": texts}


def _text(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise Refusal("bad_request", 422)
    return (value or "").replace("\x00", "").replace("\r\n", "\n").strip()


async def create(services: Services, user: User, body: Json) -> tuple[Json, bool]:
    """The new reply, and whether it is new: the very same one again is the first. ``Refusal`` (409): shortcut taken."""
    wanted = checked(services, body)
    try:
        async with services.db.write() as session:
            known = await _by_shortcut(session, wanted["shortcut"])
            if known is not None and all(getattr(known, key) == value for key, value in wanted.items()):
                return _shown(known, None), False
            now = services.clock()
            row = CannedReply(id=new_id(), created_at=now, updated_at=now, updated_by=user.id, **wanted)
            session.add(row)
            session.add(_audit(services, user, "canned_reply_added", row.id))
            await session.flush()
    except IntegrityError as error:
        raise Refusal("shortcut_taken", 409) from error
    return _shown(row, user.name), True


async def change(services: Services, user: User, reply_id: str, body: Json) -> Json:
    """The reply as it is now. Raises ``Refusal`` (404, 409, 422)."""
    wanted = checked(services, body)
    try:
        async with services.db.write() as session:
            row = await _find(session, reply_id)
            for key, value in wanted.items():
                setattr(row, key, value)
            row.updated_by, row.updated_at = user.id, services.clock()
            session.add(_audit(services, user, "canned_reply_changed", row.id))
            await session.flush()
    except IntegrityError as error:
        raise Refusal("shortcut_taken", 409) from error
    return _shown(row, user.name)


async def remove(services: Services, user: User, reply_id: str) -> None:
    """It is gone; again: nothing happens."""
    async with services.db.write() as session:
        row = await session.get(CannedReply, reply_id)
        if row is not None:
            await session.delete(row)
            session.add(_audit(services, user, "canned_reply_removed", reply_id))


async def _find(session: AsyncSession, reply_id: str) -> CannedReply:
    row = await session.get(CannedReply, reply_id, with_for_update=True)
    if row is None:
        raise Refusal("unknown_reply", 404)
    return row


async def _by_shortcut(session: AsyncSession, shortcut: str) -> CannedReply | None:
    return (await session.execute(select(CannedReply).where(CannedReply.shortcut == shortcut))).scalar_one_or_none()


def _audit(services: Services, user: User, action: str, target: str) -> AuditEntry:
    return AuditEntry(at=services.clock(), actor_id=user.id, action=action, target=target)


async def seed_demo(services: Services) -> None:
    """The demo begins with a few good ones; where there are any, none is added."""
    async with services.db.write() as session:
        if (await session.execute(select(CannedReply.id).limit(1))).first() is not None:
            return
        now = services.clock()
        for each in yaml.safe_load(_DEMO.read_text("utf-8")):
            session.add(CannedReply(id=new_id(), created_at=now, updated_at=now, **checked(services, each)))
