"""A copy of the conversation by e-mail, in the customer's language: to a proven address, or to one they give."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from textwrap import indent
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append, lock_conversation, messages_after
from bot.db.identity import Mail
from bot.db.models import Conversation, Message
from bot.db.people import AuditEntry, Identity, User
from bot.errors import Refusal
from bot.identity.codes import usable_email
from bot.identity.links import circle, person_of
from bot.identity.proof import EMAIL
from bot.identity.rights import may_see_personal_data
from bot.identity.seal import seal
from bot.letters import Letter
from bot.services import Services
from bot.texts import say
from bot.when import day_in_words

Json = dict[str, Any]
_HOUR = timedelta(hours=1)
_PER_HOUR = 3
_MOST_MESSAGES = 500


async def send_transcript(
    services: Services, conversation_id: str, email: str | None, *, advisor: User | None = None
) -> Json:
    """Queues the mail; ``{sent_to}``, masked. The same again before anything more was said sends nothing more.

    Raises ``Refusal``: 403 for an advisor who does not have the conversation, 422 without a usable address or without
    anything said, 429 after three in an hour, 503 when no mail can be sent.
    """
    settings, now = services.settings, services.clock()
    if not settings.smtp_url and not settings.relais_demo:
        raise Refusal("mail_off", 503)
    notice: Message | None = None
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        if advisor is not None and (conversation.owner != "advisor" or conversation.advisor_id != advisor.id):
            raise Refusal("not_your_conversation", 403)
        recipient, how = await _recipient(services, session, conversation, email)
        said = await messages_after(session, conversation_id, 0)
        if all(message.author != "customer" for message in said):
            raise Refusal("transcript_empty", 422)
        if not await _queued(services, session, conversation, recipient, said[-_MOST_MESSAGES:]):
            return {"sent_to": masked_address(recipient)}
        action, actor = ("transcript_sent", advisor.id) if advisor else ("transcript_asked", None)
        session.add(AuditEntry(at=now, actor_id=actor, action=action, target=conversation_id, detail=how))
        if advisor is not None:
            text = say(conversation.locale, "transcript_sent", address=masked_address(recipient))
            notice = await append(session, services.channels, conversation, Draft("system", text, "notice"), now)
    if notice is not None:
        notify.told(services, conversation, [notice])
    return {"sent_to": masked_address(recipient)}


async def _recipient(
    services: Services, session: AsyncSession, conversation: Conversation, given: str | None
) -> tuple[str, str]:
    """The address, and whether it is ``proven`` or ``given``."""
    if given:
        address = usable_email(given)
        if address is None:
            raise Refusal("bad_email", 422)
        return address, "given"
    proven = await proven_address(services, session, conversation)
    if proven is None:
        raise Refusal("transcript_needs_email", 422)
    return proven, "proven"


async def proven_address(services: Services, session: AsyncSession, conversation: Conversation) -> str | None:
    """The address of who has proved, here and lately, who they are."""
    if not may_see_personal_data(services, conversation):
        return None
    person = await person_of(session, conversation)
    theirs = select(Identity.subject).where(Identity.customer_id.in_(await circle(session, person.id)))
    newest = theirs.where(Identity.kind == EMAIL).order_by(Identity.verified_at.desc()).limit(1)
    return usable_email(person.email or (await session.execute(newest)).scalar_one_or_none())


async def _queued(
    services: Services, session: AsyncSession, conversation: Conversation, recipient: str, said: Sequence[Message]
) -> bool:
    """Whether a mail was queued now: not when the very same one was."""
    last = max(message.seq for message in said if message.author != "system")
    same = hashlib.sha256(f"transcript|{conversation.id}|{recipient}|{last}".encode()).hexdigest()[:32]
    known, now = await session.get(Mail, same), services.clock()
    if known is not None and known.status != "failed":
        return False
    await _check_limits(services, session, conversation, recipient)
    letter = transcript_letter(services, conversation, said)
    sealed = seal(services.settings.identity_secret, json.dumps(asdict(letter)))
    if known is not None:
        known.status, known.sealed, known.attempts, known.next_attempt_at = "pending", sealed, 0, now
        return True
    mail = Mail(
        id=same,
        conversation_id=conversation.id,
        recipient=recipient,
        sealed=sealed,
        next_attempt_at=now,
        created_at=now,
    )
    session.add(mail)
    return True


async def _check_limits(services: Services, session: AsyncSession, conversation: Conversation, recipient: str) -> None:
    """So many an hour: to an address, from a conversation, from a network. Nobody's mail box is others' to fill."""
    limits: list[tuple[ColumnElement[bool], int]] = [
        (Mail.recipient == recipient, _PER_HOUR),
        (Mail.conversation_id == conversation.id, _PER_HOUR),
    ]
    if conversation.heard_from is not None:
        limits.append((Conversation.heard_from == conversation.heard_from, services.settings.codes_per_hour))
    now = services.clock()
    sent = select(Mail.created_at).join(Conversation, Conversation.id == Mail.conversation_id)
    recent = sent.where(Mail.code_id.is_(None), Mail.created_at > now - _HOUR).order_by(Mail.created_at.desc())
    for same, limit in limits:
        times = list((await session.execute(recent.where(same).limit(limit))).scalars())
        if len(times) >= limit:
            seconds = int((times[-1] + _HOUR - now).total_seconds()) + 1
            raise Refusal("transcript_too_many", 429, seconds=seconds, minutes=-(-seconds // 60))


def transcript_letter(services: Services, conversation: Conversation, said: Sequence[Message]) -> Letter:
    """The whole conversation as the customer read it: no internal note, what is masked stays masked."""
    locale, brand = conversation.locale, services.service.brand.name
    zone = ZoneInfo(services.service.timezone)
    lines, day = [], ""
    for message in said:
        if message.internal:
            continue
        at = message.created_at.astimezone(zone)
        today = day_in_words(locale, at)
        if today != day:
            lines.append(f"--- {today} ---")
            day = today
        lines.append(_line(services, locale, message, at))
    values = {"brand": brand, "zone": zone.key.rpartition("/")[2].replace("_", " "), "said": "\n\n".join(lines)}
    return Letter(say(locale, "mail_transcript_subject", **values), say(locale, "mail_transcript_text", **values))


def _line(services: Services, locale: str, message: Message, at: datetime) -> str:
    text = _without_private_pages(services, locale, message.text)
    if message.kind == "file":
        text = say(locale, "transcript_file", name=text)
    answer = message.data.get("answer") or {}
    if answer.get("title") and answer.get("url"):
        text = f"{text}\n{answer['title']}\n{answer['url']}"
    clock = f"{at.hour:02}:{at.minute:02}"
    # Set in, so that nothing that was said can pass for a line of ours.
    said = indent(text, "    ")
    return f"{clock}\n{said}" if message.author == "system" else f"{clock}  {_name(services, locale, message)}\n{said}"


def _name(services: Services, locale: str, message: Message) -> str:
    if message.author == "customer":
        return say(locale, "transcript_you")
    return message.author_name or services.service.brand.assistant_name


def _without_private_pages(services: Services, locale: str, text: str) -> str:
    """A link to a page that opens once is not for a mail, which others may open first."""
    private = re.escape(services.settings.public_url) + r"/p/\S+"
    return re.sub(private, f"[{say(locale, 'private_page')}]", text)


def masked_address(address: str) -> str:
    """Enough of an address to know one's own: ``c•••@example.com``."""
    name, _, host = address.partition("@")
    return f"{name[:1]}•••@{host}"
