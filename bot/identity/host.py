"""Identities that the host site signs (HS256, ``kid``, ``aud``, ``sub``, ``jti``, ``exp``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import jwt
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import Conversation
from bot.db.people import Customer, Identity, SpentToken
from bot.errors import Refusal

KIND = "host"
METHOD = "host_jwt"
# No host needs longer: the page asks for a fresh one each time the widget wants it.
_LONGEST_LIFE_SECONDS = 3600


@dataclass(frozen=True)
class HostIdentity:
    """What a checked host token says."""

    reference: str
    jti: str
    expires_at: datetime
    name: str | None
    email: str | None


def read_host_identity(keys: dict[str, str], token: str, now: datetime) -> HostIdentity:
    """The identity in ``token``. Raises ``Refusal`` (401) for a wrong key, audience, life or shape."""
    try:
        kid = jwt.get_unverified_header(token).get("kid", "")
        claims = jwt.decode(
            token,
            keys[kid],
            algorithms=["HS256"],
            audience="relais",
            options={"require": ["exp", "sub", "jti"], "verify_exp": False, "verify_iat": False},
        )
        expires = float(claims["exp"])
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
        raise Refusal("bad_identity", 401) from error
    if not now.timestamp() < expires <= now.timestamp() + _LONGEST_LIFE_SECONDS:
        raise Refusal("expired_identity", 401)
    return HostIdentity(
        reference=str(claims["sub"])[:120],
        jti=str(claims["jti"])[:200],
        expires_at=datetime.fromtimestamp(expires, UTC),
        name=_text(claims.get("name"), 200),
        email=_text(claims.get("email"), 254),
    )


def _text(value: object, limit: int) -> str | None:
    return value[:limit] if isinstance(value, str) and value.strip() else None


async def spend(session: AsyncSession, identity: HostIdentity, conversation_id: str) -> None:
    """Notes that this token was shown. Raises ``Refusal`` (401) when another conversation has used it."""
    known = await session.get(SpentToken, identity.jti)
    if known is None:
        row = SpentToken(jti=identity.jti, conversation_id=conversation_id, expires_at=identity.expires_at)
        session.add(row)
    elif known.conversation_id != conversation_id:
        raise Refusal("replayed_identity", 401)


async def customer_for(session: AsyncSession, identity: HostIdentity, now: datetime) -> Customer:
    """The customer of this reference, made on first sight and brought up to date."""
    customer = (
        await session.execute(select(Customer).where(Customer.reference == identity.reference))
    ).scalar_one_or_none()
    if customer is None:
        customer = Customer(reference=identity.reference, created_at=now)
        session.add(customer)
        await session.flush()
        session.add(Identity(customer_id=customer.id, kind=KIND, subject=identity.reference, assurance="verified"))
    customer.display_name = identity.name or customer.display_name
    customer.email = identity.email or customer.email
    return customer


async def sign_in(session: AsyncSession, conversation: Conversation, identity: HostIdentity, now: datetime) -> None:
    """Makes the conversation that customer's own. Raises ``Refusal`` when it is somebody else's already."""
    await spend(session, identity, conversation.id)
    current = await session.get_one(Customer, conversation.customer_id)
    if current.reference not in (None, identity.reference):
        raise Refusal("other_customer", 409)
    customer = await customer_for(session, identity, now)
    conversation.customer_id = customer.id
    conversation.assurance = "verified"
    conversation.method = METHOD
    conversation.verified_at = now
    rows = await session.execute(select(Identity).where(Identity.kind == KIND, Identity.subject == identity.reference))
    rows.scalar_one().verified_at = now
