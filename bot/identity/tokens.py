"""The tokens that bot signs: a conversation's, for its customer; an identity's, for ``actions``."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

import jwt

from bot.db.models import Conversation
from bot.errors import Refusal

CONVERSATION_LIFE = timedelta(days=30)
# A widget that slept longer than its token lived may still renew it within this time.
RENEWAL_GRACE = timedelta(days=7)
_IDENTITY_LIFE = timedelta(minutes=10)
_ISSUER = "relais-bot"
_CONVERSATION_AUDIENCE = "relais-conversation"


def sign_conversation(secret: str, conversation_id: str, now: datetime) -> tuple[str, datetime]:
    """A bearer token for one conversation, and when it expires."""
    expires = now + CONVERSATION_LIFE
    claims: dict[str, object] = {"iss": _ISSUER, "aud": _CONVERSATION_AUDIENCE, "sub": conversation_id}
    claims |= {"iat": now.timestamp(), "exp": int(expires.timestamp())}
    return jwt.encode(claims, secret, algorithm="HS256"), expires


def check_conversation(
    secret: str, token: str, conversation_id: str, now: datetime, *, renewing: bool = False
) -> float:
    """When ``token`` was made, in seconds. Raises ``Refusal`` (401) unless it opens this conversation now."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=_CONVERSATION_AUDIENCE,
            issuer=_ISSUER,
            options={"require": ["exp", "sub"], "verify_exp": False, "verify_iat": False},
        )
        expires, made = int(claims["exp"]), float(claims.get("iat", 0))
    except (jwt.InvalidTokenError, ValueError, TypeError) as error:
        raise Refusal("bad_token", 401) from error
    grace = RENEWAL_GRACE.total_seconds() if renewing else 0
    if now.timestamp() >= expires + grace:
        raise Refusal("expired_token", 401)
    if claims["sub"] != conversation_id:
        raise Refusal("bad_token", 401)
    return made


def is_over(conversation: Conversation, made: float) -> bool:
    """Whether a token made then opens nothing any more: its holder, or another page of theirs, has signed out since."""
    return conversation.signed_out_at is not None and made <= conversation.signed_out_at.timestamp()


def sign_identity(secret: str, *, reference: str | None, conversation_id: str, assurance: str, now: datetime) -> str:
    """The short-lived proof that travels with one turn to ``actions``."""
    return _for_actions(secret, conversation_id, now, {"sub": reference or "", "assurance": assurance})


def sign_lookup(secret: str, *, email: str, conversation_id: str, now: datetime) -> str:
    """The right to ask ``actions`` whose account an e-mail address is, and no other right."""
    return _for_actions(secret, conversation_id, now, {"purpose": "lookup", "email": email})


def sign_desk_asks(secret: str, *, purpose: str, asked: object, conversation_id: str, now: datetime) -> str:
    """The right to have ``actions`` answer this very question, on behalf of the desk; nobody's data comes with it."""
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return _for_actions(secret, conversation_id, now, {"purpose": purpose, "digest": digest})


def _for_actions(secret: str, conversation_id: str, now: datetime, claims: dict[str, str]) -> str:
    life = {"iat": int(now.timestamp()), "exp": int((now + _IDENTITY_LIFE).timestamp())}
    who = {"iss": _ISSUER, "aud": "relais-actions", "cid": conversation_id}
    return jwt.encode({**who, **life, **claims}, secret, algorithm="HS256")
