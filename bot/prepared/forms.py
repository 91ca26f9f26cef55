"""The form of a prepared task: begun anew or where a task failed, filled in, checked by the task's own steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.state import open_handoff
from bot.db.models import Conversation, File, Turn
from bot.db.people import User
from bot.db.prepared import PreparedTask
from bot.db.types import new_id
from bot.errors import NeighbourError, Refusal
from bot.prepared.asking import CHECK, DESCRIBE, asking
from bot.prepared.records import DRAFT, WITHDRAWN, audit, find, owned, shown, with_status
from bot.prepared.tried import read_prepared, tasks_tried
from bot.services import Services

Json = dict[str, Any]
_LONGEST_FORM = 40


@dataclass(frozen=True)
class Beginning:
    """Which task, and from where: the index of one in the card's ``tasks_tried``, or one prepared before."""

    task: str
    tried: int | None = None
    again: str | None = None


@dataclass(frozen=True)
class _Start:
    known: Json = field(default_factory=dict)
    failed_step: str | None = None


async def begin(services: Services, advisor: User, conversation_id: str, beginning: Beginning) -> Json:
    """``{prepared, form}``: a new draft in the place of the last one. Raises ``Refusal`` and ``NeighbourError``."""
    async with services.db.write() as session:
        conversation = await owned(session, conversation_id, advisor)
        start = await _start(session, conversation, beginning)
        asked = {"task": beginning.task, "values": start.known}
        question = await asking(services, session, conversation, DESCRIBE, asked)
    answer = await _answered(services, DESCRIBE, question)
    now = services.clock()
    async with services.db.write() as session:
        conversation = await owned(session, conversation_id, advisor)
        for before in await with_status(session, conversation_id, DRAFT):
            before.status, before.ended_at, before.known = WITHDRAWN, now, {}
        handoff = await open_handoff(session, conversation_id)
        row = PreparedTask(
            id=new_id(),
            conversation_id=conversation_id,
            handoff_id=handoff.id if handoff else None,
            task=beginning.task,
            label=answer["task"]["label"],
            changes=answer["task"]["changes"],
            asks_proof=answer["task"]["proof"],
            failed_step=start.failed_step[:64] if start.failed_step else None,
            prepared_by=advisor.id,
            epoch=conversation.epoch,
            created_at=now,
            status=DRAFT,
        )
        session.add(row)
        _keep(row, answer["form"])
        audit(session, services, "task_prepared", row, advisor.id)
        form = await _with_files(session, conversation_id, answer["form"])
        await session.flush()
        return {"prepared": shown(services, row, advisor, conversation), "form": form}


async def read(services: Services, advisor: User, conversation_id: str, prepared_id: str) -> Json:
    """The form as it stands, read anew: a proof since then shows what can be chosen."""
    async with services.db.write() as session:
        conversation = await owned(session, conversation_id, advisor)
        row = await find(session, conversation_id, prepared_id)
        if row.status != DRAFT:
            return {"prepared": shown(services, row, advisor, conversation), "form": None}
        audit(session, services, "task_form_read", row, advisor.id)
        asked = {"task": row.task, "values": row.known}
        question = await asking(services, session, conversation, DESCRIBE, asked)
    return await _checked(services, advisor, prepared_id, DESCRIBE, question)


async def check(services: Services, advisor: User, conversation_id: str, prepared_id: str, given: Json) -> Json:
    """``{prepared, form}`` with what is given; errors stand at the fields, what can be used is kept."""
    if len(given) > _LONGEST_FORM:
        raise Refusal("bad_request", 422)
    async with services.db.write() as session:
        conversation = await owned(session, conversation_id, advisor)
        row = await find(session, conversation_id, prepared_id)
        if row.status != DRAFT:
            raise Refusal("prepared_over", 409)
        checked = await _own_files(session, conversation_id, without_nul(given))
        carried = {"diagnosis": row.known["diagnosis"]} if row.known.get("diagnosis") else {}
        asked = {"task": row.task, "given": checked | carried}
        question = await asking(services, session, conversation, CHECK, asked)
    return await _checked(services, advisor, prepared_id, CHECK, question)


async def _checked(services: Services, advisor: User, prepared_id: str, purpose: str, question: Any) -> Json:
    answer = await _answered(services, purpose, question)
    async with services.db.write() as session:
        conversation = await owned(session, question.conversation_id, advisor)
        row = await find(session, question.conversation_id, prepared_id)
        if row.status != DRAFT:  # offered meanwhile, by another tab
            raise Refusal("prepared_over", 409)
        _keep(row, answer["form"])
        form = await _with_files(session, conversation.id, answer["form"])
        return {"prepared": shown(services, row, advisor, conversation), "form": form}


async def _answered(services: Services, purpose: str, question: Any) -> Json:
    try:
        return await services.actions.for_the_desk(purpose, question)
    except NeighbourError as error:
        if error.code == "unknown_task":
            raise Refusal("unknown_task", 422) from error
        raise


def _keep(row: PreparedTask, form: Json) -> None:
    row.known, row.complete = form["values"], form["complete"]
    row.sentence, row.lines = form["sentence"], form["lines"]
    row.title = form["title"][:200] if form["title"] else None


async def _start(session: AsyncSession, conversation: Conversation, beginning: Beginning) -> _Start:
    if beginning.again is not None:
        return _from_before(await find(session, conversation.id, beginning.again), beginning.task)
    if beginning.tried is None:
        return _Start()
    turns = await session.execute(select(Turn).where(Turn.conversation_id == conversation.id).order_by(Turn.seq))
    prepared = await read_prepared(session, conversation.id)
    tried = tasks_tried(turns.scalars().all(), prepared)
    if not 0 <= beginning.tried < len(tried) or tried[beginning.tried]["name"] != beginning.task:
        raise Refusal("unknown_tried", 409)
    found = tried[beginning.tried]
    return _Start(found["values"], found["step"])


def _from_before(before: PreparedTask, task: str) -> _Start:
    """The same once more, or the one that follows from it."""
    if before.task == task:
        return _Start(before.known, before.outcome.get("step"))
    then = before.outcome.get("then") or {}
    return _Start(then.get("values") or {}) if then.get("task") == task else _Start()


def without_nul(given: Any) -> Any:
    """What was filled in without a sign that PostgreSQL does not store, and nobody types."""
    if isinstance(given, str):
        return given.replace("\x00", "")
    if isinstance(given, list):
        return [without_nul(each) for each in given]
    if isinstance(given, dict):
        return {without_nul(key): without_nul(value) for key, value in given.items()}
    return given


async def _files(session: AsyncSession, conversation_id: str) -> Sequence[File]:
    query = select(File).where(File.conversation_id == conversation_id).order_by(File.name)
    return (await session.execute(query)).scalars().all()


async def _own_files(session: AsyncSession, conversation_id: str, given: Json) -> Json:
    """What is given, its files those of this conversation: another customer's is nobody's to attach."""
    if not isinstance(given.get("photos"), list):
        return {key: value for key, value in given.items() if key != "photos"}
    own = {file.id for file in await _files(session, conversation_id)}
    return given | {"photos": [each for each in given["photos"] if each in own]}


async def _with_files(session: AsyncSession, conversation_id: str, form: Json) -> Json:
    """The form with the files that the customer sent, where a field takes some."""
    for shown_field in form["fields"]:
        if shown_field["kind"] == "photos":
            files = await _files(session, conversation_id)
            shown_field["choices"] = [{"value": f.id, "title": {"fr": f.name, "en": f.name}} for f in files]
    return form
