"""Once a day, what is older than ``retention`` of service.yml is erased, a little at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import InstrumentedAttribute

from bot.background import beside, every
from bot.db.gaps import GapQuestion
from bot.db.models import Conversation, File, Message, UnansweredQuestion
from bot.db.people import AuditEntry
from bot.forgetting import forget_one, quiet_since
from bot.services import Services

_EVERY_SECONDS = 86_400.0
_AT_ONCE = 200
# Between two transactions: whoever wants to write goes first.
_PAUSE_SECONDS = 0.02
_log = structlog.get_logger()


class Retaining:
    """At the start, and then once a day. Several processes may: each transaction is whole."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts."""
        async with beside(every(_EVERY_SECONDS, "retention", partial(keep_to_it, self._services))):
            yield


async def keep_to_it(services: Services) -> dict[str, int]:
    """Erases what is too old; how many of each."""
    rules, now = services.service.retention, services.clock()

    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    old_files = select(File.id).join(Message, Message.id == File.message_id)
    old_questions = select(UnansweredQuestion.id).where(UnansweredQuestion.created_at < before(rules.unanswered_days))
    erased = {
        "conversations": await _conversations(services, before(rules.conversations_days)),
        "files": await _rows(
            services, old_files.where(Message.created_at < before(rules.files_days)).order_by(File.id), File.id
        ),
        "unanswered": await _rows(
            services, old_questions.order_by(UnansweredQuestion.id), UnansweredQuestion.id, GapQuestion.question_id
        ),
        "audit": await _rows(
            services,
            select(AuditEntry.id).where(AuditEntry.at < before(rules.audit_days)).order_by(AuditEntry.id),
            AuditEntry.id,
        ),
    }
    if any(erased.values()):
        _log.info("retention", **erased)
    return erased


async def _conversations(services: Services, before: datetime) -> int:
    """Those that nobody wrote in since; one that an advisor has, or in which something is owed, stays until then."""
    query = select(Conversation.id).where(quiet_since(before)).order_by(Conversation.id).limit(_AT_ONCE)
    erased, after = 0, ""
    while True:
        async with services.db.read() as session:
            due = list((await session.execute(query.where(Conversation.id > after))).scalars())
        for conversation_id in due:
            erased += await forget_one(services, conversation_id, before)
            await asyncio.sleep(_PAUSE_SECONDS)
        if len(due) < _AT_ONCE:
            return erased
        after = due[-1]


async def _rows(services: Services, due: Select[Any], *columns: InstrumentedAttribute[Any]) -> int:
    """Deletes rows by what ``due`` finds: those of the last column's table first, which refer to the first one's."""
    erased = 0
    while True:
        async with services.db.write() as session:
            found = list((await session.execute(due.limit(_AT_ONCE))).scalars())
            for column in reversed(columns):
                await session.execute(delete(column.class_).where(column.in_(found)))
        erased += len(found)
        if len(found) < _AT_ONCE:
            return erased
        await asyncio.sleep(_PAUSE_SECONDS)
