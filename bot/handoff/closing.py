"""How a conversation ends: tags, a closing note, and the way back from a wrong click."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append
from bot.db.models import Conversation, Handoff, Message
from bot.db.people import AuditEntry, Promise, User
from bot.db.together import HandoffTag, Release
from bot.errors import Refusal
from bot.handoff.events import record
from bot.handoff.notes import add_note
from bot.handoff.snooze import end_snooze
from bot.handoff.taking_part import locked, role_of
from bot.promises.making import CALL, PUT_OFF, put_back
from bot.services import Services
from bot.texts import say

Json = dict[str, Any]
MOST_TAGS = 10
LONGEST_TAG = 40
UNDO_WITHIN = timedelta(seconds=60)
_LONGEST_NOTE = 2000
_SUGGESTED = 50


@dataclass(frozen=True)
class Closing:
    """What is said on release beside the outcome; ``tags`` None leaves them as they are."""

    tags: Sequence[str] | None = None
    note: str = ""


def normalised(tags: Iterable[str]) -> list[str]:
    """Small letters, single spaces, each once, in order. Raises ``Refusal`` (422) for too many or too long ones."""
    found: dict[str, None] = {}
    for tag in tags:
        kept = "".join(sign if sign.isprintable() else " " for sign in unicodedata.normalize("NFC", tag))
        word = " ".join(kept.replace("#", " ").lower().split())
        if len(word) > LONGEST_TAG:
            raise Refusal("bad_tags", 422, most=MOST_TAGS, longest=LONGEST_TAG)
        if word:
            found[word] = None
    if len(found) > MOST_TAGS:
        raise Refusal("bad_tags", 422, most=MOST_TAGS, longest=LONGEST_TAG)
    return list(found)


async def set_tags(services: Services, handoff_id: str, user: User, tags: Iterable[str]) -> Json:
    """Replaces the tags, during the conversation and after it, by those who take part. The tags as kept."""
    wanted = normalised(tags)
    async with services.db.write() as session:
        conversation, handoff = await locked(session, handoff_id)
        if await role_of(session, handoff, user) is None:
            raise Refusal("not_your_conversation", 403)
        await _keep_tags(session, handoff, wanted)
        session.add(_audit(services, user, "handoff_tagged", handoff_id))
    notify.state_changed(services, conversation)
    return {"handoff_id": handoff_id, "tags": sorted(wanted)}


async def _keep_tags(session: AsyncSession, handoff: Handoff, tags: Iterable[str]) -> None:
    await session.execute(delete(HandoffTag).where(HandoffTag.handoff_id == handoff.id))
    for tag in tags:
        session.add(HandoffTag(handoff_id=handoff.id, tag=tag, conversation_id=handoff.conversation_id))


async def tags_of(session: AsyncSession, handoffs: Iterable[str]) -> dict[str, list[str]]:
    """The tags of each handoff, in alphabetical order."""
    query = select(HandoffTag.handoff_id, HandoffTag.tag).where(HandoffTag.handoff_id.in_(list(handoffs)))
    found: dict[str, list[str]] = {}
    for row in (await session.execute(query.order_by(HandoffTag.tag))).all():
        found.setdefault(row.handoff_id, []).append(row.tag)
    return found


async def tags_used(services: Services, start: str) -> list[Json]:
    """``[{tag, uses}]`` that begin so, the most used first."""
    uses = func.count().label("uses")
    query = select(HandoffTag.tag, uses).group_by(HandoffTag.tag).order_by(uses.desc(), HandoffTag.tag)
    word = " ".join(start.lower().split())[:LONGEST_TAG]
    if word:
        query = query.where(HandoffTag.tag.startswith(word, autoescape=True))
    async with services.db.read() as session:
        rows = (await session.execute(query.limit(_SUGGESTED))).all()
    return [{"tag": row.tag, "uses": row.uses} for row in rows]


def read_closing(tags: Any, note: str | None) -> Closing:
    """From a request. Raises ``Refusal`` (413, 422)."""
    said = (note or "").replace("\x00", "").strip()
    if len(said) > _LONGEST_NOTE:
        raise Refusal("message_too_long", 413, limit=_LONGEST_NOTE)
    if tags is None:
        return Closing(None, said)
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Refusal("bad_request", 422)
    return Closing(normalised(tags), said)


async def before_release(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    handoff: Handoff,
    user: User,
    closing: Closing,
) -> list[Message]:
    """Within the release: the tags and the note, which stands before the notice; nothing stays put off."""
    await end_snooze(session, handoff.id, "moved", services.clock())
    if closing.tags is not None:
        await _keep_tags(session, handoff, closing.tags)
    if not closing.note:
        return []
    return [await add_note(services, session, conversation, user, closing.note, kind="closing")]


async def after_release(
    session: AsyncSession, conversation: Conversation, handoff: Handoff, notice: Message, before: str | None
) -> None:
    """Keeps how things stood, for the way back."""
    row = await session.get(Release, handoff.id)
    if row is None:
        row = Release(handoff_id=handoff.id, conversation_id=conversation.id)
        session.add(row)
    row.by_id, row.epoch, row.seq = handoff.advisor_id or "", conversation.epoch, notice.seq
    row.outcome_before, row.at = before, handoff.ended_at or notice.created_at


async def reopen(services: Services, handoff_id: str, advisor: User) -> Json:
    """Undoes a release while nothing has gone on since. Again: the same answer. Raises ``Refusal`` (403, 409)."""
    async with services.db.write() as session:
        conversation, handoff = await locked(session, handoff_id)
        if handoff.advisor_id != advisor.id:
            raise Refusal("not_your_conversation", 403)
        row = await session.get(Release, handoff_id)
        if handoff.status == "accepted" and conversation.advisor_id == advisor.id:
            return {"handoff_id": handoff_id, "status": "accepted"}
        now = services.clock()
        if row is None or handoff.status != "released" or now - row.at > UNDO_WITHIN:
            raise Refusal("too_late_to_reopen", 409)
        if conversation.epoch != row.epoch or await _went_on(session, row):
            raise Refusal("gone_on", 409)
        await _unpromise(session, handoff, row)
        handoff.status, handoff.outcome, handoff.ended_at = "accepted", None, None
        conversation.owner, conversation.advisor_id, conversation.outcome = "advisor", advisor.id, row.outcome_before
        conversation.epoch += 1
        await _no_rating(session, row)
        text = say(conversation.locale, "advisor_still_there", name=advisor.name)
        notice = Draft("system", text, kind="notice", author_name=advisor.name)
        message = await append(session, services.channels, conversation, notice, now)
        session.add(_audit(services, advisor, "handoff_reopened", handoff_id))
        await record(services, session, handoff, "reopened")
    notify.told(services, conversation, [message])
    notify.state_changed(services, conversation)
    return {"handoff_id": handoff_id, "status": "accepted"}


async def _went_on(session: AsyncSession, row: Release) -> bool:
    """Whether the customer or the assistant has said anything since."""
    query = select(Message.id).where(Message.conversation_id == row.conversation_id, Message.seq > row.seq)
    return (await session.execute(query.where(Message.internal.is_(False)).limit(1))).first() is not None


async def _unpromise(session: AsyncSession, handoff: Handoff, row: Release) -> None:
    """What the release made of promises: a new call is not owed any more, what it settled or put off is as before."""
    theirs = Promise.handoff_id == handoff.id
    settled = Promise.kept_at >= handoff.ended_at  # kept by it, or cancelled as spam
    again = update(Promise).where(theirs, Promise.kind == CALL, settled)
    await session.execute(again.values(status="open", kept_at=None, kept_by=None))
    made = update(Promise).where(theirs, Promise.created_at >= handoff.ended_at)
    await session.execute(made.values(status="cancelled"))
    said = select(Message).where(Message.conversation_id == row.conversation_id, Message.seq < row.seq)
    last = (await session.execute(said.order_by(Message.seq.desc()).limit(1))).scalar_one_or_none()
    if last is not None and PUT_OFF in last.data and last.created_at >= (handoff.ended_at or row.at):
        await put_back(session, last.data[PUT_OFF])


async def _no_rating(session: AsyncSession, row: Release) -> None:
    """The goodbye asked for a rating: not of a conversation that goes on."""
    query = select(Message).where(Message.conversation_id == row.conversation_id, Message.seq == row.seq)
    said = (await session.execute(query)).scalar_one_or_none()
    if said is not None:
        said.data = {name: value for name, value in said.data.items() if name != "rating_requested"}


def _audit(services: Services, user: User, action: str, target: str) -> AuditEntry:
    return AuditEntry(at=services.clock(), actor_id=user.id, action=action, target=target)
