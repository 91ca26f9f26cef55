"""The end of a turn: everything it leaves behind is written at once, under the epoch it was made in, or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations import tell_me
from bot.conversations.messages import Draft, append, lock_conversation
from bot.conversations.questions import keep_unanswered, told_in_words
from bot.db.models import Conversation, Message, Turn
from bot.erasing import promise_erasure
from bot.handoff.cases import WITHIN
from bot.handoff.context import Gathered
from bot.handoff.request import request_within
from bot.identity.links import circle, person_of
from bot.identity.private import forget_value, shelter
from bot.incidents.front import note_question
from bot.promises.making import promises_of_task
from bot.services import Services
from bot.texts import say
from bot.turns.claim import Claimed, still_ours
from bot.turns.identity import identity_drafts
from bot.turns.inputs import with_input
from bot.turns.result import Result


async def commit(services: Services, worker: str, claimed: Claimed, result: Result, gathered: Gathered) -> None:
    """Writes the replies if the epoch still stands; otherwise keeps them as an internal note, tasks included."""
    now = services.clock()
    async with services.db.write() as session:
        conversation = await lock_conversation(session, claimed.conversation.id)
        turn = await still_ours(session, worker, claimed.turn.id)
        if turn is None:
            return
        stands = conversation.epoch == claimed.epoch
        if not stands and conversation.owner == "bot":
            # Asked for a human and thought better of it meanwhile: the turn is made again under today's epoch. Rasa
            # recognises the message and repeats its replies; nothing is done twice.
            turn.status, turn.lease_owner, turn.lease_until = "pending", None, None
            return
        await _note_turn(session, conversation, turn, result, now, stands=stands)
        owner_before = conversation.owner
        if stands:
            messages = await _write(services, session, conversation, claimed, result, gathered)
        else:
            messages = await _keep_as_note(services, session, conversation, result, now)
        # What a task accepted is accepted, whoever has the conversation by now.
        for draft in await promises_of_task(services, session, conversation, result.outcome.promises):
            messages.append(await append(session, services.channels, conversation, draft, now))
    notify.told(services, conversation, messages)
    if conversation.owner != owner_before or result.outcome.wish is not None:
        notify.state_changed(services, conversation)


async def _note_turn(
    session: AsyncSession, conversation: Conversation, turn: Turn, result: Result, now: datetime, *, stands: bool
) -> None:
    turn.status = result.status if stands else "superseded"
    turn.intents, turn.slots, turn.tasks = result.intents, result.slots, result.outcome.tasks
    turn.timings, turn.error, turn.finished_at = result.timings, None, now
    await forget_value(session, turn.message_id)
    told = list(result.told)
    if result.asked_rasa:
        # Rasa's tracker has moved on even when the reply comes too late to be shown.
        conversation.rasa_state = result.rasa_state
        conversation.rasa_message_id = turn.message_id
        told.append(turn.message_id)
    if told:
        await session.execute(update(Message).where(Message.id.in_(told)).values(told_rasa=True))


async def _write(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    claimed: Claimed,
    result: Result,
    gathered: Gathered,
) -> list[Message]:
    now, outcome = services.clock(), result.outcome
    conversation.locale = result.locale
    messages = []
    await _note_unanswered(session, conversation, claimed, result, now)
    drafts = with_input(await identity_drafts(services, session, conversation, result), result.slots)
    for draft in await tell_me.offered(session, conversation, claimed, result, drafts):
        sheltered = await shelter(services, session, conversation, draft, now)
        messages.append(await append(session, services.channels, conversation, sheltered, now))
    if outcome.answered:
        conversation.outcome = conversation.outcome if conversation.owner == "queue" else "answered"
    if outcome.topic and outcome.topic != conversation.topic:
        conversation.topic = outcome.topic
        await _note_return(services, session, conversation, now)
    await note_question(services, session, claimed, outcome)
    if outcome.erase:
        await promise_erasure(services, session, conversation, now)
    if outcome.wish is not None:
        messages += await request_within(services, session, conversation, outcome.wish, gathered)
    return messages


async def _note_unanswered(
    session: AsyncSession, conversation: Conversation, claimed: Claimed, result: Result, now: datetime
) -> None:
    outcome = result.outcome
    # What was typed on a private page is no question: neither the writers nor the record may have it.
    if outcome.unanswered is not None:
        if not claimed.is_private:
            await keep_unanswered(session, conversation, claimed.message, outcome.unanswered, now)
        conversation.outcome = "unanswered"
    if outcome.not_helped is not None:
        # A press was stored when it came, and may have been taken back since.
        if claimed.turn.command is None and not claimed.is_private:
            await told_in_words(session, conversation, outcome.not_helped, now)
        conversation.outcome = "unanswered"


async def _keep_as_note(
    services: Services, session: AsyncSession, conversation: Conversation, result: Result, now: datetime
) -> list[Message]:
    drafts = result.outcome.drafts
    if not drafts:
        return []
    said = "\n".join(draft.text for draft in drafts)
    text = say(services.service.brand.languages[0], "note_superseded", said=said)
    note = Draft("bot", text, author_name=services.service.brand.assistant_name, internal=True, told_rasa=True)
    return [await append(session, services.channels, conversation, note, now)]


async def _note_return(services: Services, session: AsyncSession, conversation: Conversation, now: datetime) -> None:
    """The customer came back on the same topic: the earlier conversation had not settled it."""
    since = now - timedelta(days=services.service.same_topic_return_days)
    person = await person_of(session, conversation)
    query = select(Conversation).where(
        Conversation.customer_id.in_(await circle(session, person.id)),
        Conversation.id != conversation.id,
        Conversation.topic == conversation.topic,
        Conversation.updated_at >= since,
        Conversation.returned_within_days.is_(None),
        # The same question on another channel within the hour is the same case, not a return.
        (Conversation.channel == conversation.channel) | (Conversation.updated_at < now - WITHIN),
    )
    for earlier in (await session.execute(query)).scalars():
        earlier.returned_within_days = (now - earlier.updated_at).days


async def commit_failure(services: Services, worker: str, claimed: Claimed, cause: str) -> None:
    """The turn could not be carried out: the customer gets a sentence and an offer of a human."""
    now = services.clock()
    async with services.db.write() as session:
        conversation = await lock_conversation(session, claimed.conversation.id)
        turn = await still_ours(session, worker, claimed.turn.id)
        if turn is None:
            return
        turn.status, turn.error, turn.finished_at = "failed", cause, now
        await forget_value(session, turn.message_id)
        messages = []
        if conversation.owner == "bot":
            draft = _apology(services, conversation.locale)
            messages = [await append(session, services.channels, conversation, draft, now)]
    notify.told(services, conversation, messages)


def _apology(services: Services, locale: str) -> Draft:
    command = '/request_human{"reason": "repeated_failure"}'
    choices = [(say(locale, "choice_human"), command)]
    name = services.service.brand.assistant_name
    return Draft("bot", say(locale, "turn_failed"), "choices", name, choices=choices, told_rasa=True)
