"""Last month's real questions, to be asked again of a draft: masked, each different one once with how often it came."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.questions import NO_ANSWER
from bot.db.identity import CustomerLink
from bot.db.models import Conversation, Message, UnansweredQuestion
from bot.db.people import Customer
from bot.folding import fold
from bot.masking import mask
from bot.services import Services

Json = dict[str, Any]
MOST = 2_000  # different questions, the most frequent ones
_MOST_ROWS = 20_000  # of each kind, the latest
_LONGEST = 1_000  # what a search reads of a question
_AT_ONCE = 500


@dataclass(frozen=True)
class _Asked:
    """``names``: what is masked in it besides what is masked everywhere; None: it was masked when it was kept."""

    text: str
    locale: str
    names: tuple[str, ...] | None = None

    def masked(self) -> str:
        return self.text if self.names is None else mask(self.text, self.locale, self.names)


async def questions_asked(services: Services, days: int) -> list[Json]:
    """`[{id, question, locale, count}]`, what came most often first; nothing says who asked."""
    since = services.clock() - timedelta(days=days)
    async with services.db.read() as session:
        asked = [*await _unanswered(session, since), *await _answered(session, since)]
    # In a thread: to mask thousands takes seconds, and customers are not to wait for it.
    return await asyncio.to_thread(_most, asked)


def _most(asked: Iterable[_Asked]) -> list[Json]:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    first: dict[tuple[str, str], str] = {}
    for one in asked:
        text = one.masked()
        key = (one.locale, " ".join(fold(text).strip(" ?!.…").split()))
        if key[1]:
            counts[key] += 1
            first.setdefault(key, text[:_LONGEST])
    most = sorted(counts, key=lambda key: -counts[key])[:MOST]
    return [
        {"id": str(number), "question": first[key], "locale": key[0], "count": counts[key]}
        for number, key in enumerate(most)
    ]


async def _unanswered(session: AsyncSession, since: datetime) -> list[_Asked]:
    query = (
        select(UnansweredQuestion.question, UnansweredQuestion.locale)
        .where(UnansweredQuestion.created_at >= since, UnansweredQuestion.reason == NO_ANSWER)
        .order_by(UnansweredQuestion.created_at.desc())
        .limit(_MOST_ROWS)
    )
    return [_Asked(row.question, row.locale) for row in await session.execute(query)]


async def _answered(session: AsyncSession, since: datetime) -> list[_Asked]:
    question = Message.data["asked"]["question"].as_string().label("question")
    query = (
        select(question, Conversation.locale, Conversation.customer_id, Conversation.proven_customer_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.created_at >= since, Message.kind == "answer", Message.internal.is_(False))
        .order_by(Message.created_at.desc())
        .limit(_MOST_ROWS)
    )
    rows = [row for row in await session.execute(query) if row.question]
    names = await _names(session, rows)
    return [_Asked(row.question, row.locale, tuple(_names_in(row, names))) for row in rows]


def _names_in(row: Row[Any], names: dict[str, list[str]]) -> Iterator[str]:
    for customer_id in dict.fromkeys(filter(None, (row.customer_id, row.proven_customer_id))):
        yield from names.get(customer_id, ())


async def _names(session: AsyncSession, rows: Collection[Row[Any]]) -> dict[str, list[str]]:
    """By customer: their own name and e-mail, and those of whom they are linked to."""
    ids = {each for row in rows for each in (row.customer_id, row.proven_customer_id) if each}
    people = {each: [each] for each in ids}
    for part in _parts(ids):
        linked = select(CustomerLink.customer_id, CustomerLink.linked_to)
        query = linked.where(CustomerLink.customer_id.in_(part), CustomerLink.status == "linked")
        for row in await session.execute(query):
            people[row.customer_id].append(row.linked_to)
    known: dict[str, list[str]] = {}
    for part in _parts({each for them in people.values() for each in them}):
        named = select(Customer.id, Customer.display_name, Customer.email).where(Customer.id.in_(part))
        for person in await session.execute(named):
            known[person.id] = [name for name in (person.display_name, person.email) if name]
    return {each: [name for one in them for name in known.get(one, ())] for each, them in people.items()}


def _parts(ids: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
