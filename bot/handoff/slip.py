"""The slip: what an advisor will see, line by line, as the customer reads, corrects and strikes it out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import Handoff
from bot.db.slip import SlipChange
from bot.handoff.contact import moment_of
from bot.prepared.tried import outcome_of
from bot.texts import known, say
from bot.when import day_and_hour
from service import Service

Json = dict[str, Any]
Changes = Mapping[str, SlipChange]
QUESTION, CONTACT, INTENTS = "question", "contact", "intents"
_LONGEST = 300
_MOST_INTENTS = 5


@dataclass(frozen=True)
class Line:
    """One line of the slip. ``fixed`` lines can't be struck out; ``original`` is what a correction replaced."""

    id: str
    kind: str
    label: str
    text: str
    struck: bool = False
    editable: bool = False
    fixed: bool = False
    original: str | None = None

    def shown(self) -> Json:
        """As the API gives it."""
        line = {
            "id": self.id,
            "kind": self.kind,
            "label": self.label,
            "text": self.text,
            "struck": self.struck,
            "editable": self.editable,
            "fixed": self.fixed,
        }
        return line | ({"original": self.original} if self.original is not None else {})


def line_id(kind: str, value: object) -> str:
    """The same for the same thing, whatever comes before it, and telling nothing of it."""
    return f"{kind}:{hashlib.sha256(str(value).encode()).hexdigest()[:12]}"


async def changes_of(session: AsyncSession, handoff_id: str) -> dict[str, SlipChange]:
    """What the customer changed, by line."""
    found = await session.execute(select(SlipChange).where(SlipChange.handoff_id == handoff_id))
    return {change.line: change for change in found.scalars()}


async def replaced_question(session: AsyncSession, handoff_id: str) -> tuple[str, str | None] | None:
    """The question that the customer no longer stands by, and the one instead (none if struck); None if unchanged."""
    change = await session.get(SlipChange, (handoff_id, QUESTION))
    if change is None:
        return None
    handoff = await session.get_one(Handoff, handoff_id)
    return handoff.context["why"]["question"], None if change.struck else change.text


async def questions_revised(session: AsyncSession, handoffs: Collection[str]) -> dict[str, str]:
    """The questions that customers said anew, or struck out (empty), by handoff."""
    query = select(SlipChange).where(SlipChange.handoff_id.in_(handoffs), SlipChange.line == QUESTION)
    changes = (await session.execute(query)).scalars() if handoffs else ()
    return {each.handoff_id: "" if each.struck else each.text or "" for each in changes}


def revised(context: Json, changes: Changes) -> Json:
    """The context as the customer wants it seen: struck lines are gone, corrected ones are in their own words."""
    if not changes:
        return context
    struck = {line for line, change in changes.items() if change.struck}
    words = {line: change.text for line, change in changes.items() if change.text is not None and not change.struck}
    why, who = context["why"], context["who"]
    asked = why["question"]
    question = "" if QUESTION in struck else words.get(QUESTION, asked)

    def kept(kind: str, rows: Sequence[Json], key: str) -> list[Json]:
        return [row for row in rows if line_id(kind, row[key]) not in struck]

    slots = why["slots"].items()
    why = why | {
        "question": question,
        "intents": [] if INTENTS in struck else why["intents"],
        "slots": {
            name: words.get(line_id("slot", name), value)
            for name, value in slots
            if line_id("slot", name) not in struck
        },
        "articles_shown": kept("article", why["articles_shown"], "article_id"),
        "tasks_tried": kept("task", why["tasks_tried"], "name"),
        "pages_seen": kept("page", why["pages_seen"], "url"),
        "page": why["page"] if why["page"] and line_id("page", why["page"]["url"]) not in struck else None,
    }
    if "same_case" in why:
        # Who strikes out a past conversation does not want it seen as part of this one either.
        why["same_case"] = kept("history", why["same_case"], "conversation_id")
    if question != asked:
        why["questions_asked"] = [each for each in why["questions_asked"] if each != asked]
        if why.get("latest_question") == asked:
            why["latest_question"] = question
    who = who | {
        "orders": kept("order", who["orders"], "number"),
        "past_conversations": kept("history", who["past_conversations"], "conversation_id"),
    }
    told = {"corrected": sorted({line.split(":")[0] for line in words}), "struck": len(struck)}
    suggestions = context["suggestions"] if question == asked else []
    return context | {"why": why, "who": who, "suggestions": suggestions, "slip": told}


@dataclass(frozen=True)
class Reader:
    """Who reads the slip: in which language, and whether they have proved just now to be the customer."""

    service: Service
    locale: str
    proven: bool

    def says(self, key: str, **values: object) -> str:
        """A sentence in the reader's language."""
        return say(self.locale, f"slip_{key}", **values)

    def named(self, group: str, code: str | None) -> str:
        """A code in words; one that has none is made readable."""
        return known(self.locale, f"{group}_{code}") or str(code or "").replace("_", " ")

    def understood(self, intent: str) -> str:
        """What a message was taken for: a task, or something else that one says."""
        return known(self.locale, f"intent_{intent}") or self.named("task", intent)


def lines_of(reader: Reader, context: Json, changes: Changes) -> list[Line]:
    """Every line, struck ones too; ``context`` is the one before ``revised``."""
    why, who = context["why"], context["who"]
    plain = [
        Line(QUESTION, QUESTION, reader.says("question"), why["question"], editable=True),
        Line("reason", "reason", reader.says("reason"), reader.says(f"reason_{why['reason']}"), fixed=True),
        *_contact(reader, context["contact"], changes.get(CONTACT)),
        *_each(reader, "order", who["orders"], "number", _order),
        *_each(reader, "task", why["tasks_tried"], "name", _task),
        *_each(reader, "article", why["articles_shown"], "article_id", _article),
        *_slots(reader, why["slots"]),
        *_each(reader, "page", [*([why["page"]] if why["page"] else []), *why["pages_seen"]], "url", _page),
        *_intents(reader, why["intents"]),
        *_each(reader, "history", who["past_conversations"], "conversation_id", _past),
        Line("identity", "identity", reader.says("identity"), _identity(reader, who), fixed=True),
        # The call that this request asks for is the line of the number already.
        *_promises(reader, [each for each in who["promises_open"] if each.get("handoff_id") != context["handoff_id"]]),
        Line("transcript", "transcript", reader.says("transcript"), reader.says("transcript_text"), fixed=True),
    ]
    return [line if line.kind == CONTACT else _changed(line, changes.get(line.id)) for line in plain]


def _changed(line: Line, change: SlipChange | None) -> Line:
    if change is None:
        return line
    corrected = change.text is not None and line.editable
    return Line(
        line.id,
        line.kind,
        line.label,
        (change.text or "") if corrected else line.text,
        struck=change.struck and not line.fixed,
        editable=line.editable,
        fixed=line.fixed,
        original=line.text if corrected else None,
    )


def _each(reader: Reader, kind: str, rows: Sequence[Json], key: str, text: Callable[[Reader, Json], str]) -> list[Line]:
    """One line for each thing, however often it comes; the last one says how it stands."""
    found = {str(row[key]): row for row in rows}
    return [
        Line(line_id(kind, value), kind, reader.says(kind), text(reader, row)[:_LONGEST])
        for value, row in found.items()
    ]


def _order(reader: Reader, order: Json) -> str:
    if not reader.proven:
        return reader.says("order_hidden")
    titles = [str(line["title"]) for line in order.get("lines", []) if "title" in line]
    return " · ".join([order["number"], *titles[:2]])


def _task(reader: Reader, task: Json) -> str:
    parts = [reader.named("task", task["name"]), reader.named("outcome", outcome_of(task))]
    return ", ".join(part for part in parts if part)


def _article(reader: Reader, article: Json) -> str:
    helped = {True: reader.says("helped"), False: reader.says("helped_not")}.get(article["helpful"])
    return " · ".join([article["title"], helped] if helped else [article["title"]])


def _page(_reader: Reader, page: Json) -> str:
    return str(page.get("title") or page["url"])


def _past(reader: Reader, past: Json) -> str:
    if not reader.proven:
        return reader.says("history_hidden")
    return " · ".join([reader.named("topic", past["topic"] or "contact"), past["created_at"][:10]])


def _intents(reader: Reader, intents: Sequence[Json]) -> list[Line]:
    names = list(dict.fromkeys(each["name"] for each in intents if each["name"]))
    if not names:
        return []
    text = ", ".join(reader.understood(name) for name in names[-_MOST_INTENTS:])
    return [Line(INTENTS, INTENTS, reader.says("intents"), text)]


def _slots(reader: Reader, slots: Json) -> list[Line]:
    def line(name: str, value: object) -> Line:
        label, text = reader.named("slot", name), str(value)[:_LONGEST]
        return Line(line_id("slot", name), "slot", label, text, editable=isinstance(value, str))

    return [line(name, value) for name, value in slots.items()]


def _contact(reader: Reader, contact: Json, change: SlipChange | None) -> list[Line]:
    """A number to call; struck out, the chat is what is left, and the line keeps what it was."""
    struck = change is not None and change.struck and contact["mode"] == "chat"
    if contact["mode"] == "chat" and not struck:
        return []
    at = moment_of(contact) if not struck else None
    label = reader.says("contact_call" if at is None else "contact_at")
    if at is not None:
        label = f"{label} ({day_and_hour(reader.locale, at.astimezone(reader.service.zone))})"
    text = "" if struck else str(contact["phone"])
    return [Line(CONTACT, CONTACT, label, text or reader.says("contact_struck"), struck=struck, editable=not struck)]


def _promises(reader: Reader, promises: Sequence[Json]) -> list[Line]:
    label = reader.says("promise")
    texts = [known(reader.locale, f"slip_promise_{each['kind']}") or str(each["text"]) for each in promises]
    return [Line(line_id("promise", text), "promise", label, text, fixed=True) for text in dict.fromkeys(texts)]


def _identity(reader: Reader, who: Json) -> str:
    if not reader.proven:
        return reader.says("identity_unproven")
    return reader.says("identity_proven", name=who["display_name"] or reader.says("identity_nameless"))
