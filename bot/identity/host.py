"""Identities that the host site signs (HS256, ``kid``, ``aud``, ``sub``, ``jti``, ``exp``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import jwt
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import Conversation
from bot.db.people import SpentToken
from bot.errors import Refusal
from bot.identity.proof import HOST, Proof, added, prove
from bot.identity.rights import HOST_METHOD

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
        reference, jti = _exact(claims["sub"], 120), _exact(claims["jti"], 200)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
        raise Refusal("bad_identity", 401) from error
    if not now.timestamp() < expires <= now.timestamp() + _LONGEST_LIFE_SECONDS:
        raise Refusal("expired_identity", 401)
    return HostIdentity(
        reference=reference,
        jti=jti,
        expires_at=datetime.fromtimestamp(expires, UTC),
        name=_text(claims.get("name"), 200),
        email=_text(claims.get("email"), 254),
    )


def _exact(value: object, limit: int) -> str:
    """What tells people apart: never empty, never cut. Raises ``ValueError``."""
    if not isinstance(value, str) or not value.strip() or len(value) > limit or "\x00" in value:
        raise ValueError("not a usable claim")
    return value


def _text(value: object, limit: int) -> str | None:
    return value.replace("\x00", "")[:limit] if isinstance(value, str) and value.strip() else None


async def spend(session: AsyncSession, identity: HostIdentity, conversation_id: str, *, again: bool = True) -> None:
    """Notes that this token was shown. Raises ``Refusal`` (401) when another conversation has used it.

    ``again``: the same conversation may show it once more, since who does holds its token.
    """
    known = await session.get(SpentToken, identity.jti)
    if known is None:
        row = SpentToken(jti=identity.jti, conversation_id=conversation_id, expires_at=identity.expires_at)
        if await added(session, row):
            return
        known = await session.get_one(SpentToken, identity.jti)
    if known.conversation_id != conversation_id or not again:
        raise Refusal("replayed_identity", 401)


async def sign_in(
    session: AsyncSession, conversation: Conversation, identity: HostIdentity, now: datetime, *, again: bool = True
) -> None:
    """Makes the conversation that customer's own. Raises ``Refusal`` when it is somebody else's already."""
    await spend(session, identity, conversation.id, again=again)
    proof = Proof(identity.reference, HOST, identity.reference, HOST_METHOD, identity.name, identity.email)
    await prove(session, conversation, proof, now)
