"""Who is signed in to the shop: a signed cookie, and short-lived identities signed for the chat."""

from __future__ import annotations

import uuid
from datetime import timedelta

import jwt
from aiohttp import web
from itsdangerous import BadSignature, URLSafeTimedSerializer

from demo.database import Record
from demo.moments import Clock
from demo.settings import IDENTITY_KEY_ID

COOKIE = "maison_alder_session"
SESSION_SECONDS = 12 * 3600
IDENTITY_LIFETIME = timedelta(minutes=5)


class Sessions:
    """Reads and writes the session cookie, whose only content is the customer's reference."""

    def __init__(self, key: str) -> None:
        self._serializer = URLSafeTimedSerializer(key, salt="maison-alder-session")

    def customer_id(self, request: web.Request) -> str | None:
        """The reference in a valid cookie, None otherwise."""
        try:
            value = self._serializer.loads(request.cookies.get(COOKIE, ""), max_age=SESSION_SECONDS)
        except BadSignature:
            return None
        return value if isinstance(value, str) else None

    def start(self, response: web.Response, customer_id: str) -> None:
        """Sign the customer in on `response`."""
        signed = str(self._serializer.dumps(customer_id))
        response.set_cookie(COOKIE, signed, max_age=SESSION_SECONDS, httponly=True, samesite="Lax")

    def end(self, response: web.Response) -> None:
        """Sign out on `response`."""
        response.del_cookie(COOKIE, httponly=True, samesite="Lax")


def identity_token(customer: Record, key: str, clock: Clock) -> str:
    """A JWT that says who the customer is, good for a few minutes and for one use (`jti`)."""
    now = clock()
    claims = {
        "aud": "relais",
        "sub": customer["customer_id"],
        "jti": uuid.uuid4().hex,
        "iat": now,
        "exp": now + IDENTITY_LIFETIME,
        "name": customer["name"],
        "email": customer["email"],
    }
    return jwt.encode(claims, key, algorithm="HS256", headers={"kid": IDENTITY_KEY_ID})
