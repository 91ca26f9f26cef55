"""Once a day, what is older than ``retention`` of service.yml is erased, a little at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
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
# When so many conversations fail one after another, something they all need may be away: the next look goes on.
_MOST_IN_A_ROW = 10
_log = structlog.get_logger()


class Retaining:
    """At the start, and then once a day. Several processes may: each transaction is whole."""

    def __init__(self, services: Services) -> None:
        self._services = services
        # Where a look was cut short: those that can never be erased hold up nobody behind them.
        self._after = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts."""
        async with beside(every(_EVERY_SECONDS, "retention", self.keep_to_it)):
            yield

    async def keep_to_it(self) -> dict[str, int]:
        """Erases what is too old; how many of each. What fails holds nothing else up.

        Raises an ``ExceptionGroup`` at the end, so that what is left is tried again soon.
        """
        rules, now = self._services.service.retention, self._services.clock()

        def before(days: int) -> datetime:
            return now - timedelta(days=days)

        failures: list[Exception] = []
        files = select(File.id).join(Message, Message.id == File.message_id)
        files = files.where(Message.created_at < before(rules.files_days)).order_by(File.id)
        questions = select(UnansweredQuestion.id).order_by(UnansweredQuestion.id)
        questions = questions.where(UnansweredQuestion.created_at < before(rules.unanswered_days))
        entries = select(AuditEntry.id).where(AuditEntry.at < before(rules.audit_days)).order_by(AuditEntry.id)
        rows = partial(_rows, self._services)
        steps = {
            "conversations": partial(self._conversations, before(rules.conversations_days), failures),
            "files": partial(rows, files, File.id),
            "unanswered": partial(rows, questions, UnansweredQuestion.id, GapQuestion.question_id),
            "audit": partial(rows, entries, AuditEntry.id),
        }
        erased = dict.fromkeys(steps, 0)
        for name, step in steps.items():
            with _noted(failures, step=name):
                erased[name] = await step()
        if any(erased.values()):
            _log.info("retention", **erased)
        if failures:
            raise ExceptionGroup("retention", failures)
        return erased

    async def _conversations(self, before: datetime, failures: list[Exception]) -> int:
        erased = in_a_row = 0
        async with aclosing(_due(self._services, before, self._after)) as due:
            async for conversation_id in due:
                known = len(failures)
                with _noted(failures, step="conversations", conversation=conversation_id):
                    erased += await forget_one(self._services, conversation_id, before)
                in_a_row = in_a_row + 1 if len(failures) > known else 0
                if in_a_row == _MOST_IN_A_ROW:
                    self._after = conversation_id
                    return erased
                await asyncio.sleep(_PAUSE_SECONDS)
        self._after = ""
        return erased


@contextmanager
def _noted(failures: list[Exception], **where: str) -> Iterator[None]:
    """What fails in the block is kept, and told at the end."""
    try:
        yield
    except Exception as failure:  # noqa: BLE001  whatever it was, the rest is due as well
        _log.warning("retention_step_failed", cause=type(failure).__name__, **where)
        failures.append(failure)


async def _due(services: Services, before: datetime, start: str) -> AsyncGenerator[str]:
    """Conversations that nobody wrote in since, those behind ``start`` first, then the others.

    One that an advisor has, or in which something is owed, stays until then.
    """
    query = select(Conversation.id).where(quiet_since(before)).order_by(Conversation.id).limit(_AT_ONCE)
    for part in (Conversation.id > start, Conversation.id <= start):
        after = ""
        while True:
            async with services.db.read() as session:
                found = list((await session.execute(query.where(part, Conversation.id > after))).scalars())
            for after in found:
                yield after
            if len(found) < _AT_ONCE:
                break


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
