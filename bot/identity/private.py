"""Confidential turns leave a public channel: a signed link to a page that opens once shows it, or asks for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from itsdangerous import BadSignature, Signer
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft
from bot.db.identity import PrivatePage
from bot.db.models import Conversation, Message
from bot.db.types import new_id
from bot.errors import Refusal
from bot.identity.codes import codes_in, usable_email
from bot.identity.seal import keyed, seal, unseal
from bot.prepared.records import awaits_proof
from bot.services import Services
from bot.texts import say

LIFE = timedelta(minutes=15)
# What was typed waits here for its turn; a process that is down for long must not lose it.
_VALUE_LIFE = timedelta(days=1)
FIELDS = ("address", "email", "code", "phone")
LONGEST_VALUE = 500


def is_confidential(services: Services, conversation: Conversation) -> bool:
    """Whether this conversation's channel may carry personal data; one that we do not know may not."""
    channel = services.channels.get(conversation.channel)
    return channel is not None and channel.confidential


async def shelter(
    services: Services, session: AsyncSession, conversation: Conversation, draft: Draft, now: datetime
) -> Draft:
    """The draft as its channel may carry it: as it is, or a link in place of what is confidential."""
    if draft.private is None or is_confidential(services, conversation):
        return draft
    field, locale = draft.private.get("field"), conversation.locale
    if field not in FIELDS:
        field = None
    title = say(locale, f"private_{field}") if field else str(draft.private.get("title") or "")[:200]
    page = PrivatePage(
        id=new_id(),
        conversation_id=conversation.id,
        field=field,
        title=title or say(locale, "private_untitled"),
        sealed=None if field else seal(services.settings.identity_secret, draft.text),
        created_at=now,
        expires_at=now + LIFE,
    )
    session.add(page)
    url = f"{services.settings.public_url}/p/{_token(services, page.id)}"
    text = f"{draft.text}\n\n{say(locale, 'private_ask', url=url)}".strip()
    if field is None:
        text = say(locale, "private_show", title=page.title, url=url)
    return replace(draft, text=text, private=None)


def _token(services: Services, page_id: str) -> str:
    return _signer(services).sign(page_id).decode()


def _signer(services: Services) -> Signer:
    return Signer(keyed(services.settings.identity_secret, "private-page"), salt="private-page")


def page_id(services: Services, token: str) -> str:
    """Which page a link means. Raises ``Refusal`` (404) for a link that we did not make."""
    try:
        return _signer(services).unsign(token).decode()
    except (BadSignature, ValueError) as error:
        raise Refusal("private_gone", 404) from error


async def open_page(services: Services, session: AsyncSession, token: str) -> tuple[PrivatePage, Conversation]:
    """The page, still good. Raises ``Refusal``: 404 for an unknown link, 410 for one used or too old."""
    page = await session.get(PrivatePage, page_id(services, token), populate_existing=True)
    if page is None:
        raise Refusal("private_gone", 404)
    conversation = await session.get_one(Conversation, page.conversation_id)
    if page.used_at is not None or services.clock() >= page.expires_at:
        raise Refusal("private_gone", 410)
    if page.field is not None and conversation.owner != "bot" and await awaits_proof(session, conversation) is None:
        # The assistant asked, and it no longer has the conversation: nobody would take the value.
        raise Refusal("private_gone", 410)
    return page, conversation


def use(services: Services, page: PrivatePage) -> str:
    """What the page shows, this once. Its conversation must be locked."""
    shown = unseal(services.settings.identity_secret, page.sealed)
    page.used_at, page.sealed = services.clock(), None
    return shown or ""


def checked_value(field: str, raw: str) -> str:
    """What was typed, if it can be what was asked. Raises ``Refusal`` (422)."""
    value = " ".join(raw.replace("\x00", "").split())
    fits = {
        "email": usable_email(value) is not None,
        "code": len(codes_in(value)) == 1,
        "phone": 8 <= sum(character.isdigit() for character in value) <= 15,
    }
    if not value or len(value) > LONGEST_VALUE or not fits.get(field, True):
        raise Refusal("private_value", 422)
    return value


def keep_value(services: Services, page: PrivatePage, message: Message, value: str) -> None:
    """Until its turn is done; the message itself stays masked."""
    page.used_at, page.message_id = services.clock(), message.id
    page.sealed = seal(services.settings.identity_secret, value)
    page.expires_at = services.clock() + _VALUE_LIFE
    message.data = message.data | {"private": page.id}


async def typed_value(services: Services, session: AsyncSession, message: Message) -> str | None:
    """What a masked message really said; nothing for other messages, or once its turn is done."""
    if "private" not in message.data:
        return None
    page = await session.get(PrivatePage, message.data["private"])
    return unseal(services.settings.identity_secret, page.sealed) if page is not None else None


async def forget_value(session: AsyncSession, message_id: str) -> None:
    """Its turn is done: what was typed is with those who need it."""
    await session.execute(update(PrivatePage).where(PrivatePage.message_id == message_id).values(sealed=None))
