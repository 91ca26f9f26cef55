"""Who is signed in at the desk's door: a cookie for our own pages (with CSRF), a bearer token for outside desks."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from aiohttp import web

from bot.accounts import tries
from bot.accounts.sessions import agent_of, coarse, note_seen
from bot.db.people import User
from bot.errors import Refusal
from bot.handoff.activity import active
from bot.rights import Right, may
from bot.services import services_of
from bot.users import SESSION_LIFE, session_for, sign_in
from bot.web.keys import LIMITS
from bot.web.reading import address_of, bearer

COOKIE = "relais_desk"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_BY_ITSELF = ("/here", "/presence", "/mentions/read")


@dataclass(frozen=True)
class SignedIn:
    """A user, the token they came with, and their CSRF token."""

    user: User
    token: str
    csrf: str


async def begin_session(request: web.Request, email: str, password: str) -> tuple[User, str, str]:
    """The user, a session token and its CSRF token; too many tries from one address, or for one account, wait."""
    services, address, account = services_of(request), address_of(request), email.replace("\x00", "").strip().lower()
    limit = services.settings.sign_ins_per_minute
    await request.app[LIMITS].check("sign-in-from", address, 6 * limit)
    await request.app[LIMITS].check("sign-in-as", account, limit)
    await tries.begin(services, account, address)
    agent = agent_of(request.headers.get("User-Agent"))
    found = await sign_in(services.db, services.clock, account, password, agent, coarse(address))
    await tries.right(services, account, address)
    return found


async def signed_in(request: web.Request) -> SignedIn | None:
    """Whose request this is, if anybody's."""
    services = services_of(request)
    by_bearer = bearer(request)
    token = by_bearer or request.cookies.get(COOKIE)
    found = await session_for(services.db, services.clock, token) if token else None
    if found is None or token is None:
        return None
    user, csrf = found
    # A browser sends the cookie by itself, whoever asked; only our own pages know the CSRF token.
    shown = request.headers.get("X-CSRF-Token", "").encode(errors="replace")
    if by_bearer is None and request.method not in _SAFE and not hmac.compare_digest(shown, csrf.encode()):
        raise Refusal("bad_csrf", 403)
    await note_seen(services, token)
    return SignedIn(user, token, csrf)


async def user_for(request: web.Request) -> SignedIn:
    """The signed-in user. Raises ``Refusal`` (401) when there is none."""
    found = await signed_in(request)
    if found is None:
        raise Refusal("sign_in_first", 401)
    return found


async def user_with(request: web.Request, right: Right) -> User:
    """The signed-in user, if they have ``right``. Raises ``Refusal`` (401, 403): the only way to what needs it."""
    found = await user_for(request)
    if not may(found.user.role, right):
        raise Refusal("forbidden", 403)
    # An open page says by itself who is there: nobody need sit before it.
    if request.method not in _SAFE and not request.path.endswith(_BY_ITSELF):
        await active(services_of(request), found.user.id)
    return found.user


async def advisor_for(request: web.Request) -> User:
    """The signed-in user, if they may talk to customers. Raises ``Refusal`` (401, 403)."""
    return await user_with(request, "converse")


def set_cookie(request: web.Request, response: web.Response, token: str) -> None:
    """Gives a browser its session."""
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="Lax",
        secure=services_of(request).settings.public_url.startswith("https:"),
        max_age=int(SESSION_LIFE.total_seconds()),
        path="/",
    )
