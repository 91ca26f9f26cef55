"""What is not needed is not kept: conversations that nobody wrote in, and those of who refuses a history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import beside, every
from bot.conversations.messages import held_conversation
from bot.db.channels import ChannelThread, Consent
from bot.db.help import ArticleOpening, ArticleOpinion
from bot.db.identity import CustomerLink, OneTimeCode
from bot.db.models import Conversation, Handoff, Message
from bot.db.people import Customer, Identity, Promise, SpentToken
from bot.db.sent import SentOn
from bot.erase import Traces, erase_rows, forget_trackers
from bot.identity.consents import HISTORY, agrees
from bot.promises.rules import UNKEPT
from bot.services import Services

# Long enough to read the answer and to ask once more.
AFTER = timedelta(days=1)
_AT_ONCE = 200
_LOOK_EVERY_SECONDS = 1800.0
_LOOKED_BACK = timedelta(days=14)
# A greeting, and what a sign-in may have said.
_FEW = 5


class Forgetting:
    """Looks every half an hour; several processes may."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block lasts."""
        async with beside(every(_LOOK_EVERY_SECONDS, "forgetting", partial(forget, self._services))):
            yield


async def forget(services: Services) -> int:
    """Deletes what is due; how many conversations."""
    now = services.clock()
    kept = timedelta(days=services.service.retention.unanswered_days)
    async with services.db.write() as session:
        await session.execute(delete(SpentToken).where(SpentToken.expires_at < now - AFTER))
        # What readers say of an article is kept for its writers, as what no article answered is.
        await session.execute(delete(ArticleOpinion).where(ArticleOpinion.created_at < now - kept))
        old = (now - kept).date().isoformat()
        await session.execute(delete(ArticleOpening).where(ArticleOpening.day < old))
        await session.execute(delete(SentOn).where(SentOn.resolved_at < now - kept))
    async with services.db.read() as session:
        due = [*await _unwritten(session, now), *await _refused(session, now)]
    return sum([await forget_one(services, conversation_id, now - AFTER) for conversation_id in due])


def quiet_since(before: datetime) -> ColumnElement[bool]:
    """Nobody deals with it any more, nothing is owed in it, and nothing happened in it since."""
    owed = exists().where(Promise.conversation_id == Conversation.id, Promise.status.in_(UNKEPT))
    return (Conversation.owner == "bot") & (Conversation.updated_at < before) & ~owed


async def _unwritten(session: AsyncSession, now: datetime) -> list[str]:
    """A chat that was opened and left."""
    wrote = exists().where(Message.conversation_id == Conversation.id, Message.author == "customer")
    asked = exists().where(Handoff.conversation_id == Conversation.id)
    known = exists().where(ChannelThread.conversation_id == Conversation.id)
    # What is older was looked at before; the whole record is not read each time.
    recent = (Conversation.updated_at > now - _LOOKED_BACK) & (Conversation.last_seq <= _FEW)
    query = select(Conversation.id).where(recent, quiet_since(now - AFTER), ~wrote, ~asked, ~known).limit(_AT_ONCE)
    return list((await session.execute(query)).scalars())


async def _refused(session: AsyncSession, now: datetime) -> list[str]:
    refusals = select(Consent.customer_id).where(Consent.purpose == HISTORY, Consent.granted.is_(False)).distinct()
    once = set((await session.execute(refusals)).scalars())
    if not once:
        return []
    joined = select(CustomerLink.customer_id).where(CustomerLink.linked_to.in_(once), CustomerLink.status == "linked")
    once |= set((await session.execute(joined)).scalars())
    theirs = Conversation.customer_id.in_(once) | Conversation.proven_customer_id.in_(once)
    query = select(Conversation).where(quiet_since(now - AFTER), theirs).order_by(Conversation.id).limit(_AT_ONCE)
    due: list[str] = []
    after = ""
    # Who thought better of it since keeps theirs: however many those are, they hide nobody's behind them.
    while len(due) < _AT_ONCE:
        found = (await session.execute(query.where(Conversation.id > after))).scalars().all()
        due += [each.id for each in found if not await agrees(session, each, HISTORY)]
        if len(found) < _AT_ONCE:
            break
        after = found[-1].id
    return due


async def forget_one(services: Services, conversation_id: str, before: datetime) -> int:
    """Erases a conversation, if it is still quiet since ``before``; how many were."""
    async with services.db.write() as session:
        conversation = await held_conversation(session, conversation_id)
        if conversation is None:  # another process was quicker
            return 0
        still = select(Conversation.id).where(quiet_since(before), Conversation.id == conversation_id)
        if not await _any(session, still):
            return 0
        await forget_trackers(services, [conversation_id])
        # What they decided outlives where they said it, but for what was about one question of it.
        mine = (Consent.conversation_id == conversation_id) & Consent.question_id.is_not(None)
        await session.execute(delete(Consent).where(mine))
        for table in (Consent, CustomerLink):
            there = update(table).where(table.conversation_id == conversation_id)
            await session.execute(there.values(conversation_id=None))
        codes = select(OneTimeCode.id).where(OneTimeCode.conversation_id == conversation_id)
        traces = Traces([], [conversation_id], list((await session.execute(codes)).scalars()))
        people = [conversation.customer_id, conversation.proven_customer_id]
        await erase_rows(session, traces)
        await _forget_strangers(session, [each for each in people if each])
    await forget_trackers(services, [conversation_id])
    return 1


async def _forget_strangers(session: AsyncSession, people: list[str]) -> None:
    """Who nothing is kept of but that they were here; somebody known who decided something stays, for that."""
    for customer_id in people:
        theirs = (Conversation.customer_id == customer_id) | (Conversation.proven_customer_id == customer_id)
        if await _any(session, select(Conversation.id).where(theirs)):
            continue
        customer = await session.get_one(Customer, customer_id)
        account = select(Identity.id).where(Identity.customer_id == customer_id)
        linked = (CustomerLink.customer_id == customer_id) | (CustomerLink.linked_to == customer_id)
        decided = (
            select(Consent.id).where(Consent.customer_id == customer_id),
            select(CustomerLink.id).where(linked),
        )
        known = customer.reference is not None or await _any(session, account)
        if not known or not any([await _any(session, query) for query in decided]):
            await erase_rows(session, Traces([customer_id], [], []))


async def _any(session: AsyncSession, query: Select[Any]) -> bool:
    return (await session.execute(query.limit(1))).first() is not None
