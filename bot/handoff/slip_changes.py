"""Reading and changing the slip, while nobody has taken the request yet."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import lock_conversation
from bot.conversations.state import open_handoff
from bot.db.models import WAITING, Conversation, Handoff
from bot.db.people import AuditEntry, User
from bot.db.slip import SlipChange
from bot.errors import Refusal
from bot.handoff.contact import CHAT, read_contact
from bot.handoff.context import standing, summed_up
from bot.handoff.events import record
from bot.handoff.request import Wish, request_handoff
from bot.handoff.slip import CONTACT, QUESTION, Line, Reader, changes_of, lines_of, revised
from bot.identity.rights import may_see_personal_data
from bot.promises.making import drop_call, promise_call
from bot.services import Services

Json = dict[str, Any]
LONGEST = 1000
MOST_LINES = 100


async def read_slip(services: Services, conversation_id: str) -> Json:
    """``{lines, open, advisor?}``. Raises ``Refusal`` (404) when no human was asked for."""
    async with services.db.read() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        handoff = await open_handoff(session, conversation_id)
        if handoff is None:
            raise Refusal("no_slip", 404)
        return await _slip(services, session, conversation, handoff)


async def _slip(services: Services, session: AsyncSession, conversation: Conversation, handoff: Handoff) -> Json:
    lines = await _lines(services, session, conversation, handoff)
    slip: Json = {"lines": [line.shown() for line in lines], "open": handoff.status in WAITING}
    advisor = await session.get(User, handoff.advisor_id) if handoff.advisor_id else None
    return slip | ({"advisor": {"name": advisor.name}} if advisor else {})


async def _lines(services: Services, session: AsyncSession, conversation: Conversation, handoff: Handoff) -> list[Line]:
    reader = Reader(services.service, conversation.locale, may_see_personal_data(services, conversation))
    context = await standing(session, handoff)
    return lines_of(reader, context, await changes_of(session, handoff.id))


async def change_slip(services: Services, conversation_id: str, wanted: list[Json]) -> Json:
    """The slip with ``[{id, text?, struck?}]`` done to it: all of it or nothing. Again: the same answer, done once.

    Raises ``Refusal``: 409 once somebody has taken the request, 422 for what can't be changed.
    """
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        handoff = await open_handoff(session, conversation_id)
        if handoff is None or handoff.status not in WAITING:
            raise Refusal("slip_closed", 409)
        lines = {line.id: line for line in await _lines(services, session, conversation, handoff)}
        done = [await _change(services, session, handoff, lines.get(each["id"]), each) for each in wanted]
        if any(done):
            await _note(services, session, handoff, done)
        slip = await _slip(services, session, conversation, handoff)
    if any(done):
        notify.state_changed(services, conversation)
        notify.context_changed(services, handoff.id)
        await _listen_for_danger(services, conversation_id, wanted)
    return slip


async def _change(services: Services, session: AsyncSession, handoff: Handoff, line: Line | None, wish: Json) -> str:
    """What was done to the line, for the audit; nothing when it was so already."""
    if line is None:
        raise Refusal("unknown_line", 422)
    text, struck = wish.get("text"), wish.get("struck")
    if struck and line.fixed:
        raise Refusal("line_fixed", 422)
    if text is not None and not line.editable:
        raise Refusal("line_not_editable", 422)
    corrects = text is not None and text != line.text
    strikes = struck is not None and struck != line.struck
    if not corrects and not strikes:
        return ""
    if line.id == CONTACT:
        await _change_contact(services, session, handoff, text if corrects else None, struck)
    else:
        await _keep(session, handoff, line, text if corrects else None, struck, services.clock())
    return "struck" if strikes and struck else "restored" if strikes else "corrected"


async def _keep(
    session: AsyncSession, handoff: Handoff, line: Line, text: str | None, struck: bool | None, now: datetime
) -> None:
    change = await session.get(SlipChange, (handoff.id, line.id))
    if change is None:
        change = SlipChange(
            handoff_id=handoff.id, line=line.id, conversation_id=handoff.conversation_id, text=None, struck=False
        )
        session.add(change)
    original = line.text if line.original is None else line.original
    if text is not None:
        change.text = None if text == original else text
    if struck is not None:
        change.struck = struck
    change.changed_at = now
    if change.text is None and not change.struck:
        # As it was in the beginning: a row that never reached the record is only taken back.
        if change in session.new:
            session.expunge(change)
        else:
            await session.delete(change)
    await session.flush()


async def _change_contact(
    services: Services, session: AsyncSession, handoff: Handoff, number: str | None, struck: bool | None
) -> None:
    """A number is the request's own, and changes there; one that is struck out is kept for a change of mind."""
    change = await session.get(SlipChange, (handoff.id, CONTACT))
    conversation = await session.get_one(Conversation, handoff.conversation_id)
    contact = handoff.contact
    if struck:
        if change is None:
            change = SlipChange(handoff_id=handoff.id, line=CONTACT, conversation_id=handoff.conversation_id)
            session.add(change)
        change.text, change.struck, change.changed_at = json.dumps(contact), True, services.clock()
        contact = dict(CHAT)
    else:
        if change is not None and change.struck:
            contact = json.loads(change.text or "{}")
            await session.delete(change)
        try:
            contact = read_contact(services, contact["mode"], number or contact.get("phone"), contact.get("at"))
        except ValueError as error:
            raise Refusal("bad_contact", 422) from error
    handoff.contact = contact
    handoff.context = handoff.context | {"contact": contact}
    if contact["mode"] == "chat":
        await drop_call(session, handoff)
    else:
        await promise_call(services, session, conversation, handoff)
    await session.flush()


async def _note(services: Services, session: AsyncSession, handoff: Handoff, done: list[str]) -> None:
    """In the queue's row, in the audit and outside, each without a word of what was changed."""
    context = revised(await standing(session, handoff), await changes_of(session, handoff.id))
    why = handoff.context["why"] | {"summary": summed_up(services, context)}
    handoff.context = handoff.context | {"why": why}
    detail = ", ".join(f"{what} {done.count(what)}" for what in ("corrected", "struck", "restored") if what in done)
    session.add(AuditEntry(at=services.clock(), action="slip_changed", target=handoff.id, detail=detail))
    await record(services, session, handoff, "context_changed")


async def _listen_for_danger(services: Services, conversation_id: str, wanted: list[Json]) -> None:
    """What cannot wait is heard here as well as in the chat."""
    text = next((each["text"] for each in wanted if each["id"] == QUESTION and each.get("text")), "")
    danger = services.service.match_danger(text)
    if danger is not None:
        wish = Wish("sensitive_topic", text, skill=danger.skill, advice=danger.advice)
        await request_handoff(services, conversation_id, wish)
