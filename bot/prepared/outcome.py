"""How a prepared task ended: told to the customer, seen by the advisor, kept once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append, lock_conversation
from bot.db.models import Conversation, Message
from bot.db.people import User
from bot.db.prepared import PreparedTask
from bot.erasing import promise_erasure
from bot.handoff.contact import read_contact
from bot.identity.private import shelter
from bot.prepared import proof
from bot.prepared.offers import changed, still_stands
from bot.prepared.records import CONFIRMED, DONE, FAILED, OFFERED, REFUSED, audit
from bot.promises.making import CALL, Given, note, promises_of_task
from bot.promises.rules import call_due
from bot.services import Services
from bot.texts import say

Json = dict[str, Any]
# After a lost answer the same is asked again for this long; a back office that is plainly away, for less.
_PATIENCE = {"unknown": timedelta(seconds=60), "unavailable": timedelta(seconds=6)}
_LONGEST_WAIT = 8.0


def lost(*, changes: bool) -> Json:
    """No answer came: whatever it would have changed may be changed."""
    return {"outcome": "unknown" if changes else "unavailable"}


async def conclude(services: Services, worker: str, prepared_id: str, conversation_id: str, done: Json) -> None:
    """Writes what came of an attempt, if it is still this worker's to write."""
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        row = await session.get(PreparedTask, prepared_id, populate_existing=True)
        if row is None or row.status != CONFIRMED or row.lease_owner != worker:
            return
        row.lease_owner = row.lease_until = None
        outcome = str(done.get("outcome"))
        if outcome == "not_verified":
            drafts = await _prove_again(services, session, conversation, row)
        elif outcome in (DONE, REFUSED, FAILED):
            drafts = await _ended(services, session, conversation, row, done)
        else:
            drafts = await _not_known(services, session, conversation, row, outcome)
    notify.told(services, conversation, drafts)
    changed(services, conversation_id)


async def _ended(
    services: Services, session: AsyncSession, conversation: Conversation, row: PreparedTask, done: Json
) -> list[Message]:
    now = services.clock()
    row.status, row.ended_at, row.unsure = str(done["outcome"]), now, False
    row.outcome = {key: done.get(key) for key in ("detail", "order", "step", "then")}
    audit(session, services, f"task_{row.status}", row)
    await _take_effect(services, session, conversation, row, done.get("effects") or {})
    if row.status == DONE:
        row.known = {}
    texts = [(str(each["text"]), each.get("title")) for each in done.get("texts") or []]
    if row.status == REFUSED and row.changes:
        texts.append((say(conversation.locale, "prepared_nothing_changed"), None))
    if not texts:
        texts = [(say(conversation.locale, "prepared_done" if row.status == DONE else "prepared_failed"), None)]
    said = await _tell(services, session, conversation, row, texts)
    # What somebody has to look into first is promised, with its deadline.
    accepted = (done.get("effects") or {}).get("promise")
    for draft in await promises_of_task(services, session, conversation, [accepted] if accepted else []):
        said.append(await append(session, services.channels, conversation, draft, now))
    return said


async def _tell(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    row: PreparedTask,
    texts: list[tuple[str, str | None]],
) -> list[Message]:
    """In the assistant's name: it did it. Rasa is told with the customer's next message to it."""
    name, data = services.service.brand.assistant_name, {"prepared": {"id": row.id, "status": row.status}}
    said = []
    for text, title in texts:
        private = {"title": title} if title is not None else None
        draft = Draft("bot", text, author_name=name, data=data, private=private)
        sheltered = await shelter(services, session, conversation, draft, services.clock())
        said.append(await append(session, services.channels, conversation, sheltered, services.clock()))
    return said


async def _not_known(
    services: Services, session: AsyncSession, conversation: Conversation, row: PreparedTask, outcome: str
) -> list[Message]:
    """Told truly, once; then asked again for a while, since the same key tells. Then the advisor may."""
    now, first = services.clock(), not row.unsure
    row.unsure = row.unsure or outcome == "unknown"
    kind = "unknown" if row.unsure else "unavailable"
    if now - (row.confirmed_at or now) < _PATIENCE[kind]:
        row.next_attempt_at = now + timedelta(seconds=min(_LONGEST_WAIT, 0.5 * 2 ** (row.attempts - 1)))
        said = [(say(conversation.locale, "prepared_unsure"), None)] if row.unsure and first else []
        return await _tell(services, session, conversation, row, list(said))
    row.status, row.ended_at = FAILED, now
    row.outcome = {"detail": "outcome unknown" if row.unsure else "back office unavailable"}
    audit(session, services, "task_failed", row)
    key = "prepared_still_unsure" if row.unsure else "prepared_unavailable"
    return await _tell(services, session, conversation, row, [(say(conversation.locale, key), None)])


async def _prove_again(
    services: Services, session: AsyncSession, conversation: Conversation, row: PreparedTask
) -> list[Message]:
    """The proof ended between the press and the deed: nothing was done, and they prove it once more."""
    if row.unsure:  # an attempt before may have done it, and only a proof could tell
        row.status, row.ended_at, row.outcome = FAILED, services.clock(), {"detail": "outcome unknown"}
        return await _tell(
            services, session, conversation, row, [(say(conversation.locale, "prepared_still_unsure"), None)]
        )
    row.status, row.confirmed_at, row.next_attempt_at = OFFERED, None, None
    if not still_stands(row, conversation, services.clock()):
        return []  # the next look ends it, with its sentence
    advisor = await session.get_one(User, row.prepared_by)
    return [await proof.ask(services, session, conversation, row, advisor.name)]


async def _take_effect(
    services: Services, session: AsyncSession, conversation: Conversation, row: PreparedTask, effects: Json
) -> None:
    """What bot itself does of a task: erase what it keeps, call back."""
    now = services.clock()
    if "erase_conversations" in effects:
        await promise_erasure(services, session, conversation, now)
    asked = (effects.get("handoff") or {}).get("contact")
    if asked is None:
        return
    try:
        contact = read_contact(services, asked.get("mode"), asked.get("phone"), asked.get("at"))
    except ValueError:
        return
    start, due = call_due(services.service, contact, now)
    text = say(services.service.brand.languages[0], "promise_callback")
    # Not the call of the request itself, which a release settles: this one is promised besides.
    given = Given(kind=CALL, text=text, due_at=due, start=start, made_by=row.prepared_by, contact=contact)
    await note(services, session, conversation, given)
