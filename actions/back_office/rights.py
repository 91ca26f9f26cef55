"""Whose data may be seen: the tokens that bot signs into a message's metadata."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import jwt

from actions.back_office.errors import NotVerifiedError

ISSUER, AUDIENCE = "relais-bot", "relais-actions"
LEEWAY_SECONDS = 30  # between the clocks of two machines


def verified_reference(identity_token: str | None, conversation_id: str, secret: str) -> str:
    """The customer's reference (`sub`) of a token with assurance "verified". Raises NotVerifiedError."""
    claims = _claims(identity_token, conversation_id, secret)
    if claims.get("assurance") != "verified" or not claims.get("sub"):
        raise NotVerifiedError
    return str(claims["sub"])


def email_to_look_up(lookup_token: str | None, conversation_id: str, secret: str) -> str:
    """The e-mail address of a token with purpose "lookup", which gives no other right. Raises NotVerifiedError."""
    claims = _claims(lookup_token, conversation_id, secret)
    if claims.get("purpose") != "lookup" or not claims.get("email"):
        raise NotVerifiedError
    return str(claims["email"])


def check_desk_asks(token: str | None, conversation_id: str, secret: str, purpose: str, asked: Any) -> None:
    """That bot signed this very question for `purpose`, and nothing else. Raises NotVerifiedError.

    It gives no right to anybody's data: that takes the customer's own token besides.
    """
    claims = _claims(token, conversation_id, secret)
    if claims.get("purpose") != purpose or not hmac.compare_digest(str(claims.get("digest")), digest(asked)):
        raise NotVerifiedError


def digest(asked: Any) -> str:
    """The same for bot and for us: SHA-256 of the question as JSON, keys in order."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _claims(token: str | None, conversation_id: str, secret: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token or "",
            secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud"]},
        )
    except jwt.PyJWTError as error:
        raise NotVerifiedError from error
    if claims.get("cid") != conversation_id:
        raise NotVerifiedError
    return claims
