"""Who waits for an advisor may be called instead, now or later: two buttons beneath the notice, then a number."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft
from bot.db.models import Message
from bot.handoff.contact import read_contact
from bot.services import Services
from bot.texts import say
from bot.when import day_and_hour

Json = dict[str, Any]
COMMAND = "/contact"
_PENDING = "call"  # in the data of the message that asks for the number: how it will be used
_HOURS = (10, 14, 17)
_MOMENTS = 4
_DAYS_AHEAD = 14
_STILL_ASKED = 3  # messages of ours after which a number is one again that nobody asked for
_NUMBER = re.compile(r"(?<!\w)(?:\+|0)[\d\s().\-/]{7,}\d(?!\w)")


def ways(services: Services, locale: str, now: datetime) -> list[tuple[str, str]]:
    """What stands beneath the notice of the queue."""
    later = (say(locale, "choice_call_at"), _command("call_at"))
    return [(say(locale, "choice_call_now"), _command("call_now")), later] if services.service.is_open(now) else [later]


def _command(mode: str, at: datetime | None = None) -> str:
    return COMMAND + json.dumps({"mode": mode} | ({"at": at.isoformat()} if at else {}))


def is_ours(command: str | None) -> bool:
    """Whether a button is one of those beneath the notice."""
    return command is not None and command.startswith(COMMAND + "{")


def pressed(services: Services, command: str, locale: str) -> Draft | None:
    """What is asked after one of our buttons: when, or at which number; None for another's button."""
    if not is_ours(command):
        return None
    chosen: Json = json.loads(command.removeprefix(COMMAND))
    asks_when = chosen["mode"] == "call_at" and "at" not in chosen
    return _question(services, chosen, locale, "ask_call_at" if asks_when else "ask_phone")


def _question(services: Services, chosen: Json, locale: str, key: str) -> Draft:
    asks_when = chosen["mode"] == "call_at" and "at" not in chosen
    moments = [(day_and_hour(locale, at), _command("call_at", at)) for at in _moments(services)] if asks_when else []
    kind, name = "choices" if moments else "text", services.service.brand.assistant_name
    data = {_PENDING: chosen} | ({} if asks_when else {"input": "phone"})
    return Draft("bot", say(locale, key), kind, name, data, choices=moments, told_rasa=True)


def _moments(services: Services) -> list[datetime]:
    found = (at for at in _candidates(services) if services.service.is_open(at))
    return [at for at, _ in zip(found, range(_MOMENTS), strict=False)]


def first_moment(services: Services) -> datetime | None:
    """When a call can be made first, of the moments that are offered."""
    return next(iter(_moments(services)), None)


def _candidates(services: Services) -> Iterator[datetime]:
    local = services.clock().astimezone(ZoneInfo(services.service.timezone))
    for ahead in range(_DAYS_AHEAD):
        day = local + timedelta(days=ahead)
        for hour in _HOURS:
            at = day.replace(hour=hour, minute=0, second=0, microsecond=0)
            if at > local + timedelta(minutes=30):
                yield at


async def number_given(services: Services, session: AsyncSession, message: Message, locale: str) -> Json | Draft | None:
    """The contact that ``message`` completes; a word on a number that is none; None when it is about something else."""
    chosen = await _asked(session, message)
    if chosen is None or (chosen["mode"] == "call_at" and "at" not in chosen):
        return None
    found, alone = _NUMBER.search(message.text), _is_mostly_digits(message.text)
    number = found.group() if found else message.text if alone else None
    try:
        return read_contact(services, chosen["mode"], number, chosen.get("at"))
    except ValueError:
        # Otherwise the number may still come.
        return _question(services, chosen, locale, "private_wrong_phone") if alone else None


async def asked_again(services: Services, session: AsyncSession, message: Message, locale: str) -> list[Draft]:
    """Our question once more, when one of ours stands and what was said answers nothing."""
    chosen = await _asked(session, message)
    if chosen is None:
        return []
    asks_when = chosen["mode"] == "call_at" and "at" not in chosen
    return [_question(services, chosen, locale, "ask_call_at_again" if asks_when else "private_wrong_phone")]


async def _asked(session: AsyncSession, message: Message) -> Json | None:
    """What is to become of the number asked for before ``message``; None when none is, or not any more."""
    query = (
        select(Message)
        .where(Message.conversation_id == message.conversation_id, Message.seq < message.seq)
        .where(Message.author.in_(("bot", "system")), Message.internal.is_(False))
        .order_by(Message.seq.desc())
        .limit(_STILL_ASKED)
    )
    said = (await session.execute(query)).scalars()
    return next((one.data[_PENDING] for one in said if _PENDING in one.data), None)


def _is_mostly_digits(text: str) -> bool:
    signs = [sign for sign in text if not sign.isspace() and sign not in "+().-/"]
    return bool(signs) and 2 * sum(sign.isdigit() for sign in signs) > len(signs)


def settled(contact: Mapping[str, Any]) -> Json:
    """What the notice of a call bears, so that the next number is no telephone's."""
    return {_PENDING: None} if contact["mode"] != "chat" else {}
