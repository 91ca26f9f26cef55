"""Proving an e-mail address: a code is asked for, sent, typed back and compared. Neither Rasa nor the record sees it.

Whether somebody has the address is found out when the mail is about to leave (``bot/mail.py``), after the customer was
answered: words and timing are the same for an address that nobody has, and so is every answer to a code that is typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft
from bot.db.identity import Mail, OneTimeCode
from bot.db.models import Conversation
from bot.db.types import new_id
from bot.errors import Refusal
from bot.identity.code_limits import seconds_to_next_code, seconds_to_next_try
from bot.identity.codes import about_something_else, codes_in, hash_code, masked, matches, new_code, usable_email
from bot.identity.proof import EMAIL, Proof, prove
from bot.identity.rights import EMAIL_METHOD, claim
from bot.identity.seal import seal
from bot.letters import code_letter
from bot.services import Services
from bot.texts import known, say

Json = dict[str, Any]
LIFE = timedelta(minutes=10)
TRIES = 5
_HOUR = timedelta(hours=1)
# What Rasa is told instead of the code.
PROVEN_COMMAND = "/identity_proven"


@dataclass(frozen=True)
class Typed:
    """A message that held a code: what is kept of it, what the assistant says, and whether it was the right one."""

    text: str
    drafts: Sequence[Draft] = ()
    proven: bool = False


async def ask_for_code(
    services: Services, session: AsyncSession, conversation: Conversation, wanted: Json, now: datetime
) -> list[Draft]:
    """Queues a code for the address that was given, unless too many were; the conversation must be locked."""
    email = usable_email(wanted.get("email"))
    if email is None:
        return []
    claim(services, conversation)
    wait = await seconds_to_next_code(services, session, conversation, email, now)
    if wait > 0:
        return [_offer(services, conversation, "code_too_many", again=False, minutes=max(1, -(-wait // 60)))]
    replace = update(OneTimeCode).where(OneTimeCode.conversation_id == conversation.id, OneTimeCode.status == "live")
    await session.execute(replace.values(status="replaced"))
    await _queue(services, session, conversation, email, str(wanted.get("task") or "")[:64] or None)
    return []


async def _queue(
    services: Services, session: AsyncSession, conversation: Conversation, email: str, task: str | None
) -> None:
    now, secret, code = services.clock(), services.settings.identity_secret, new_code()
    row = OneTimeCode(
        id=new_id(),
        conversation_id=conversation.id,
        email=email,
        task=task,
        created_at=now,
        expires_at=now + LIFE,
        asked_from=conversation.heard_from,
    )
    row.code_hash = hash_code(secret, row.id, code)
    session.add(row)
    await session.flush()
    letter = code_letter(conversation.locale, services.service.brand.name, code, int(LIFE.total_seconds() // 60))
    mail = Mail(
        conversation_id=conversation.id,
        code_id=row.id,
        recipient=email,
        sealed=seal(secret, letter),
        next_attempt_at=now,
        created_at=now,
    )
    session.add(mail)


async def code_typed(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    text: str,
    now: datetime,
    *,
    asked: bool = False,
    awaited: bool = False,
) -> Typed | None:
    """What comes of a message that may hold the code awaited here; nothing when none is, or none is in it.

    ``asked``: it was typed where a code was asked for, and nowhere else can it belong. ``awaited``: it is asked for in
    this very thread, though an advisor has it.
    """
    candidates = codes_in(text)
    # An order's number is not compared at all: it costs no try, and guesses dressed up as one find nothing out.
    if not candidates or (about_something_else(text) and not asked):
        return None
    query = select(OneTimeCode).where(
        OneTimeCode.conversation_id == conversation.id, OneTimeCode.created_at > now - _HOUR
    )
    code = (await session.execute(query.order_by(OneTimeCode.created_at.desc()).limit(1))).scalar_one_or_none()
    if code is None:
        return Typed(masked(text), [_offer(services, conversation, "code_expired")]) if asked else None
    secret = services.settings.identity_secret
    found = [matches(secret, code.id, code.code_hash, each) for each in candidates]
    meant = asked or any(found) or code.status != "live" or _awaited(conversation, code, len(found), now, awaited)
    if not meant:
        return None
    if code.status == "live":
        drafts, proven = await _judge(services, session, conversation, code, found, now)
        return Typed(masked(text), drafts, proven)
    if not any(found) and not asked:
        return None
    # The same again, by a second press or too late: no use any more, and still nothing for Rasa.
    key = "code_used" if code.status == "proven" else "code_expired"
    return Typed(masked(text), [_offer(services, conversation, key, again=code.status != "proven")])


def _awaited(conversation: Conversation, code: OneTimeCode, numbers: int, now: datetime, asked_here: bool) -> bool:
    """Whether numbers that are not the code were meant as it; if not, the message goes on whole, and still they count.

    They are more likely an order's or an invoice's once the code has expired, or when a human is spoken with.
    """
    if now >= code.expires_at:
        code.status = "expired"
        return False
    if conversation.owner == "bot" or asked_here:
        return True
    code.tries = min(TRIES, code.tries + numbers)
    code.status = "spent" if code.tries == TRIES else code.status
    return False


async def _judge(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    code: OneTimeCode,
    found: list[bool],
    now: datetime,
) -> tuple[list[Draft], bool]:
    if now >= code.expires_at:
        code.status = "expired"
        return [_offer(services, conversation, "code_expired")], False
    wait = await seconds_to_next_try(services, session, conversation, now)
    if wait > 0:
        return [_offer(services, conversation, "code_wrong_too_many", again=False, minutes=-(-wait // 60))], False
    allowed = found[: TRIES - code.tries]
    code.tries += len(allowed)
    # Of two answers to a wrong code none is quicker: an address that nobody has is compared like any other.
    if any(allowed) and code.reference is not None:
        return await _prove(services, session, conversation, code, now)
    left = TRIES - code.tries
    if left <= 0:
        code.status = "spent"
        return [_offer(services, conversation, "code_spent")], False
    text = say(conversation.locale, "code_wrong_last" if left == 1 else "code_wrong", left=left)
    name = services.service.brand.assistant_name
    return [
        _spoken(conversation, Draft("bot", text, author_name=name, told_rasa=True, private={"field": "code"}))
    ], False


async def _prove(
    services: Services, session: AsyncSession, conversation: Conversation, code: OneTimeCode, now: datetime
) -> tuple[list[Draft], bool]:
    proof = Proof(str(code.reference), EMAIL, code.email, EMAIL_METHOD, email=code.email)
    try:
        await prove(session, conversation, proof, now)
    except Refusal as refusal:
        code.status = "spent"
        text = known(conversation.locale, f"error_{refusal.code}") or say(conversation.locale, "code_spent")
        name = services.service.brand.assistant_name
        return [_spoken(conversation, Draft("bot", text, author_name=name, told_rasa=True))], False
    code.status = "proven"
    if conversation.owner == "bot":
        return [], True
    return [_spoken(conversation, Draft("bot", say(conversation.locale, "code_right"), told_rasa=True))], True


def _offer(services: Services, conversation: Conversation, key: str, *, again: bool = True, **values: object) -> Draft:
    """A sentence with the ways on: another code, a human."""
    locale, brand = conversation.locale, services.service.brand
    choices = [(say(locale, "code_again"), "/resend_code")] if again else []
    if key != "code_used":
        choices.append((say(locale, "choice_human"), '/request_human{"reason": "repeated_failure"}'))
    kind = "choices" if choices else "text"
    text = say(locale, key, **values)
    return _spoken(conversation, Draft("bot", text, kind, brand.assistant_name, choices=choices, told_rasa=True))


def _spoken(conversation: Conversation, draft: Draft) -> Draft:
    """While a human has the conversation the assistant stays silent; what must be known is a notice without buttons."""
    return draft if conversation.owner == "bot" else Draft("system", draft.text, "notice", told_rasa=True)
