"""The card before the customer: offered, replaced, withdrawn, expired. A button of one that is over says so."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append
from bot.db.models import Conversation, Message
from bot.db.people import User
from bot.db.prepared import PreparedTask
from bot.errors import Refusal
from bot.identity.private import is_confidential, shelter
from bot.live import DESK
from bot.prepared.records import (
    CONFIRMED,
    DRAFT,
    EXPIRED,
    FAILED,
    OFFERED,
    WITHDRAWN,
    audit,
    find,
    owned,
    shown,
    with_status,
)
from bot.services import Services
from bot.texts import say

Json = dict[str, Any]
# A press that bot answers itself; Rasa knows nothing of it.
COMMAND = "/relais_prepared"
LIFE = timedelta(minutes=30)


def command(row: PreparedTask, press: str) -> str:
    """What a button of the card stands for: `yes`, `no`, or `code` for another code."""
    return COMMAND + json.dumps({"id": row.id, "press": press})


def changed(services: Services, conversation_id: str) -> None:
    """Tells the desks to look again."""
    services.live.publish(DESK, {"type": "prepared", "conversation_id": conversation_id})


async def offer(services: Services, advisor: User, conversation_id: str, prepared_id: str) -> Json:
    """The customer sees the card. Again: the same answer, and no second card."""
    async with services.db.write() as session:
        conversation = await owned(session, conversation_id, advisor)
        row = await find(session, conversation_id, prepared_id)
        if row.status == OFFERED:
            return {"prepared": shown(services, row, advisor, conversation)}
        if row.status != DRAFT:
            raise Refusal("prepared_over", 409)
        if not row.complete or not row.sentence:
            raise Refusal("prepared_incomplete", 422)
        if await with_status(session, conversation_id, CONFIRMED):
            raise Refusal("prepared_under_way", 409)
        now = services.clock()
        messages = []
        for before in await with_status(session, conversation_id, OFFERED):
            text = say(conversation.locale, "prepared_replaced", name=advisor.name)
            messages.append(await over(services, session, conversation, before, WITHDRAWN, text))
        row.status, row.offered_at, row.expires_at, row.epoch = OFFERED, now, now + LIFE, conversation.epoch
        row.prepared_by = advisor.id
        message = await put_card(services, session, conversation, row, advisor.name)
        row.message_id, row.proof_asked_at = message.id, None
        audit(session, services, "task_offered", row, advisor.id)
        answer = {"prepared": shown(services, row, advisor, conversation)}
    notify.told(services, conversation, [*messages, message])
    changed(services, conversation_id)
    return answer


async def put_card(
    services: Services, session: AsyncSession, conversation: Conversation, row: PreparedTask, name: str
) -> Message:
    """Who prepared what, what will change, in the very words that the task itself would have used."""
    locale = conversation.locale
    label = row.label.get(locale) or row.task
    told = "\n".join(say(locale, "prepared_line", **line) for line in row.lines)
    lead = say(locale, "prepared_card", name=name, label=label)
    last = say(locale, "prepared_nothing_yet" if row.changes else "prepared_looked_up")
    text = "\n\n".join(part for part in (lead, told, row.sentence, last) if part)
    card: Json = {"id": row.id, "status": OFFERED, "task": row.task, "label": label, "by": name}
    if is_confidential(services, conversation):
        card |= {"lines": row.lines, "sentence": row.sentence, "note": last}
    choices = [(say(locale, "prepared_yes"), command(row, "yes")), (say(locale, "prepared_no"), command(row, "no"))]
    # Where others keep the history, what is personal stands on a page of its own.
    private = {"title": row.title or label} if row.title is not None or row.lines else None
    draft = Draft("advisor", text, "choices", name, {"prepared": card}, choices, private=private)
    sheltered = await shelter(services, session, conversation, draft, services.clock())
    return await append(session, services.channels, conversation, sheltered, services.clock())


async def over(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    row: PreparedTask,
    status: str,
    text: str,
) -> Message:
    """An offer ends without having been confirmed, and the customer reads why."""
    row.status, row.ended_at, row.proof_asked_at = status, services.clock(), None
    draft = Draft("system", text, "notice", data={"prepared": {"id": row.id, "status": status}})
    return await append(session, services.channels, conversation, draft, services.clock())


async def withdraw(services: Services, advisor: User, conversation_id: str, prepared_id: str) -> Json:
    """The advisor takes a draft or an offer back. Again: the same answer; one that is being done goes on."""
    messages = []
    async with services.db.write() as session:
        conversation = await owned(session, conversation_id, advisor)
        row = await find(session, conversation_id, prepared_id)
        if row.status == CONFIRMED:
            raise Refusal("prepared_under_way", 409)
        if row.status == DRAFT:
            row.status, row.ended_at, row.known, row.proof_asked_at = WITHDRAWN, services.clock(), {}, None
        elif row.status == OFFERED:
            text = say(conversation.locale, "prepared_withdrawn", name=advisor.name)
            messages.append(await over(services, session, conversation, row, WITHDRAWN, text))
            audit(session, services, "task_withdrawn", row, advisor.id)
        answer = {"prepared": shown(services, row, advisor, conversation)}
    notify.told(services, conversation, messages)
    changed(services, conversation_id)
    return answer


async def retry(services: Services, advisor: User, conversation_id: str, prepared_id: str) -> Json:
    """Asks once more how one ended that nobody could tell: under the same key, so that nothing is done twice."""
    async with services.db.write() as session:
        conversation = await owned(session, conversation_id, advisor)
        row = await find(session, conversation_id, prepared_id)
        if row.status == FAILED and row.unsure:
            row.status, row.ended_at, row.attempts, row.next_attempt_at = CONFIRMED, None, 0, services.clock()
            row.confirmed_at = services.clock()
            audit(session, services, "task_asked_again", row, advisor.id)
        elif row.status != CONFIRMED:
            raise Refusal("prepared_over", 409)
        answer = {"prepared": shown(services, row, advisor, conversation)}
    changed(services, conversation_id)
    return answer


async def end_with_owner(
    services: Services, session: AsyncSession, conversation: Conversation, name: str
) -> list[Message]:
    """The advisor leaves: what they offered is withdrawn, with a sentence; their draft goes."""
    for draft in await with_status(session, conversation.id, DRAFT):
        draft.status, draft.ended_at, draft.known, draft.proof_asked_at = WITHDRAWN, services.clock(), {}, None
    text = say(conversation.locale, "prepared_withdrawn", name=name)
    return [
        await over(services, session, conversation, row, WITHDRAWN, text)
        for row in await with_status(session, conversation.id, OFFERED)
    ]


def still_stands(row: PreparedTask, conversation: Conversation, now: datetime) -> bool:
    """Whether the card may still be confirmed: its advisor is there, and it is not too old."""
    with_them = conversation.owner == "advisor" and conversation.advisor_id == row.prepared_by
    return with_them and row.epoch == conversation.epoch and (row.expires_at or now) > now


async def end_if_over(
    services: Services, session: AsyncSession, conversation: Conversation, row: PreparedTask
) -> list[Message]:
    """Its time has passed, or somebody else has the conversation: said once, in the thread."""
    now = services.clock()
    if row.status != OFFERED or still_stands(row, conversation, now):
        return []
    expired = (row.expires_at or now) <= now
    text = say(conversation.locale, "prepared_expired" if expired else "prepared_overtaken")
    return [await over(services, session, conversation, row, EXPIRED if expired else WITHDRAWN, text)]
