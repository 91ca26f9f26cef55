"""What writers are to read: questions without an answer and answers that did not help, masked before they are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.gaps import GapQuestion
from bot.db.models import Conversation, Feedback, Handoff, Message, UnansweredQuestion
from bot.identity.links import person_of
from bot.masking import mask

Json = dict[str, Any]
NO_ANSWER, NOT_HELPED = "no_answer", "not_helped"
_ANSWERS_LOOKED_AT = 20


async def masked(session: AsyncSession, conversation: Conversation, text: str) -> str:
    """``text`` without personal data, the customer's own name and e-mail included."""
    person = await person_of(session, conversation)
    return mask(text, conversation.locale, tuple(name for name in (person.display_name, person.email) if name))


async def keep_unanswered(
    session: AsyncSession, conversation: Conversation, message: Message, found: Json, now: datetime
) -> None:
    """A question that no article answered."""
    row = UnansweredQuestion(
        conversation_id=conversation.id,
        message_id=message.id,
        question=await masked(session, conversation, str(found.get("question") or message.text)),
        locale=conversation.locale,
        channel=conversation.channel,
        reason=NO_ANSWER,
        decision=str(found.get("decision", "abstain"))[:16],
        candidates=list(found.get("candidates") or []),
        created_at=now,
    )
    session.add(row)


async def judge(
    session: AsyncSession, conversation: Conversation, message: Message, helpful: bool, now: datetime
) -> Feedback:
    """Keeps whether the answer in ``message`` helped; the same again changes nothing, the contrary replaces it."""
    answer, asked = message.data["answer"], message.data.get("asked") or {}
    question = asked.get("question") or await _said_before(session, message)
    question = await masked(session, conversation, question)
    row = await session.get(Feedback, message.id)
    if row is None:
        row = Feedback(message_id=message.id, conversation_id=conversation.id)
        session.add(row)
    row.question = question
    row.article_id, row.version = answer["article_id"], str(answer["version"])
    row.score, row.confidence = float(answer["score"] or 0), asked.get("confidence")
    row.helpful, row.created_at = helpful, now
    row.sent_by = message.data.get("sent_by")
    await _keep_not_helped(session, conversation, row, answer, now)
    return row


async def _keep_not_helped(
    session: AsyncSession, conversation: Conversation, judged: Feedback, answer: Json, now: datetime
) -> None:
    """One row for an answer that did not help, none for one that did after all."""
    mine = UnansweredQuestion.message_id == judged.message_id, UnansweredQuestion.reason == NOT_HELPED
    if judged.helpful:
        taken_back = select(UnansweredQuestion.id).where(*mine)
        await session.execute(delete(GapQuestion).where(GapQuestion.question_id.in_(taken_back)))
        await session.execute(delete(UnansweredQuestion).where(*mine))
        return
    if (await session.execute(select(UnansweredQuestion.id).where(*mine).limit(1))).first() is not None:
        return
    row = UnansweredQuestion(
        conversation_id=conversation.id,
        message_id=judged.message_id,
        question=judged.question or "",
        locale=conversation.locale,
        channel=conversation.channel,
        reason=NOT_HELPED,
        decision="answer",
        article_id=judged.article_id,
        version=judged.version,
        candidates=[{key: answer.get(key) for key in ("article_id", "title", "score")}],
        created_at=now,
    )
    session.add(row)


async def _said_before(session: AsyncSession, message: Message) -> str:
    """What the customer wrote last before an answer that does not say what it answers."""
    query = (
        select(Message.text)
        .where(Message.conversation_id == message.conversation_id, Message.seq < message.seq)
        .where(Message.author == "customer")
        .order_by(Message.seq.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none() or ""


async def last_answers(session: AsyncSession, conversation_id: str) -> list[Message]:
    """The last messages that show an article, newest first."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.kind == "answer", Message.internal.is_(False))
        .order_by(Message.seq.desc())
        .limit(_ANSWERS_LOOKED_AT)
    )
    return list((await session.execute(query)).scalars())


async def told_in_words(session: AsyncSession, conversation: Conversation, record: Json, now: datetime) -> None:
    """The customer wrote that an article did not help: kept as if they had pressed the button beneath it."""
    answers = await last_answers(session, conversation.id)
    about = next((m for m in answers if m.data["answer"]["article_id"] == record.get("article_id")), None)
    if about is not None:
        await judge(session, conversation, about, False, now)


async def judged_so_far(session: AsyncSession, conversation_id: str) -> dict[str, bool]:
    """Article id → whether it helped, the latest word on each; what was said before a person took over is settled."""
    query = select(Feedback.article_id, Feedback.helpful).where(Feedback.conversation_id == conversation_id)
    settled = select(func.max(Handoff.ended_at)).where(
        Handoff.conversation_id == conversation_id, Handoff.status == "released"
    )
    until = (await session.execute(settled)).scalar_one()
    query = query.where(Feedback.created_at > until) if until is not None else query
    found = await session.execute(query.order_by(Feedback.created_at))
    return {row.article_id: row.helpful for row in found}
