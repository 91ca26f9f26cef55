"""How many codes may be asked for and tried in an hour: for an e-mail address, in a conversation, from a network."""

from __future__ import annotations

import hashlib
import hmac
import math
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.identity import OneTimeCode
from bot.db.models import Conversation
from bot.identity.seal import keyed
from bot.services import Services

SENDS_PER_HOUR = 3
_HOUR = timedelta(hours=1)


def heard_from(services: Services, conversation: Conversation, address: str | None) -> None:
    """Notes where the customer's message came from, as a keyed hash; the conversation must be locked."""
    if address:
        key = keyed(services.settings.identity_secret, "network-address")
        conversation.heard_from = hmac.new(key, address.encode(), hashlib.sha256).hexdigest()


async def seconds_to_next_code(
    services: Services, session: AsyncSession, conversation: Conversation, email: str, now: datetime
) -> int:
    """Until a further code may be sent to this e-mail address, in this conversation, for this network; 0 if now."""
    limits: list[tuple[ColumnElement[bool], int]] = [
        (OneTimeCode.email == email, SENDS_PER_HOUR),
        (OneTimeCode.conversation_id == conversation.id, SENDS_PER_HOUR),
    ]
    if conversation.heard_from is not None:
        limits.append((OneTimeCode.asked_from == conversation.heard_from, services.settings.codes_per_hour))
    wait = 0
    for same, limit in limits:
        recent = select(OneTimeCode.created_at).where(same, OneTimeCode.created_at > now - _HOUR)
        sent = list((await session.execute(recent.order_by(OneTimeCode.created_at.desc()))).scalars())
        if len(sent) >= limit:
            wait = max(wait, _seconds(sent[limit - 1], now))
    return wait


async def seconds_to_next_try(
    services: Services, session: AsyncSession, conversation: Conversation, now: datetime
) -> int:
    """Until a further code may be tried from this network, after too many wrong ones; 0 if now."""
    if conversation.heard_from is None:
        return 0
    same = OneTimeCode.asked_from == conversation.heard_from
    query = select(OneTimeCode.created_at, OneTimeCode.tries).where(
        same, OneTimeCode.created_at > now - _HOUR, OneTimeCode.status != "proven"
    )
    tries = 0
    for created_at, wrong in await session.execute(query.order_by(OneTimeCode.created_at.desc())):
        tries += wrong
        if tries >= services.settings.wrong_codes_per_hour:
            return _seconds(created_at, now)
    return 0


def _seconds(since: datetime, now: datetime) -> int:
    return math.ceil((since + _HOUR - now).total_seconds())
