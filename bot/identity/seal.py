"""Keys made of ``IDENTITY_SECRET``, one for each use, and what is done with them."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


def keyed(secret: str, purpose: str) -> bytes:
    """A key of its own for ``purpose``: what is signed for one use says nothing in another."""
    return hmac.digest(secret.encode(), f"relais|{purpose}".encode(), hashlib.sha256)


def seal(secret: str, text: str) -> str:
    """``text``, unreadable to who holds the record alone."""
    return _box(secret).encrypt(text.encode()).decode()


def unseal(secret: str, sealed: str | None) -> str | None:
    """The text again; nothing when there is none, or when the secret has changed since."""
    try:
        return _box(secret).decrypt(sealed).decode() if sealed else None
    except InvalidToken:
        return None


def _box(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(keyed(secret, "seal")))
