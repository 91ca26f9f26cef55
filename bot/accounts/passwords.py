"""Passwords: hashed by argon2, off the event loop; and what is refused as one."""

from __future__ import annotations

import asyncio
import re
import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import Refusal

SHORTEST = 10
LONGEST = 200
_LEAST_BESIDE = 6  # characters that must stand beside one's own name or address
# The first that are tried, of those that are long enough; compared without digits and signs at either end.
_WORST = frozenset(
    """
    password passw0rd motdepasse azerty azertyuiop qwerty qwertyuiop qwertzuiop iloveyou jetaime bonjour welcome
    bienvenue letmein changeme chocolat doudou football baseball basketball superman princess princesse dragon
    sunshine soleil starwars administrator administrateur admin marseille loulou nicolas julien test secret
    relais maisonalder monmotdepasse mypassword
    """.split()  # noqa: SIM905  it reads better than a column of words
)
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
    "01234567890123456789",
)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _decoy() -> str:
    """A hash to check against where there is none, so that both cases take the same time."""
    return _hasher().hash(secrets.token_urlsafe(16))


async def hashed(password: str) -> str:
    """What the record keeps of a password."""
    return await asyncio.to_thread(_hasher().hash, password)


async def fits(stored: str | None, password: str) -> bool:
    """Whether it is the password behind ``stored``; as long for an account that has none."""
    # argon2 is slow on purpose: not on the event loop.
    return await asyncio.to_thread(_fits, stored or _decoy(), password) and bool(stored)


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def check(password: str, email: str, name: str) -> None:
    """Raises ``Refusal`` (422), with a sentence, for what is no password of ours."""
    if len(password) < SHORTEST:
        raise _refused("password_short", shortest=SHORTEST)
    if len(password) > LONGEST or not password.isprintable():
        raise _refused("password_long", longest=LONGEST)
    plain = _plain(password)
    beside = plain
    for word in sorted(_own_words(email, name), key=len, reverse=True):
        beside = beside.replace(word, "")
    # The name with a year behind it is still the name.
    if beside != plain and len(re.sub(r"[\W_]", "", beside)) < _LEAST_BESIDE:
        raise _refused("password_yours")
    if _is_common(plain):
        raise _refused("password_common")


def _refused(code: str, **values: object) -> Refusal:
    return Refusal(code, 422, extra={"field": "password"}, **values)


def _plain(text: str) -> str:
    """Lower case, no accents, no spaces."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in bare if not unicodedata.combining(sign) and not sign.isspace())


def _own_words(email: str, name: str) -> list[str]:
    local, _, domain = _plain(email).partition("@")
    words = [_plain(email), local, domain, domain.partition(".")[0], _plain(name), *map(_plain, name.split())]
    return [word for word in words if len(word) >= 3]


def _is_common(plain: str) -> bool:
    if len(set(plain)) < 4 or re.fullmatch(r"(.{1,5}?)\1+", plain):
        return True
    if any(plain in row or plain[::-1] in row for row in _ROWS):
        return True
    return re.sub(r"^[\d\W_]+|[\d\W_]+$", "", plain) in _WORST
