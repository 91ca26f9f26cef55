"""What may stand in an account, read from what a page or a program sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.errors import Refusal
from bot.rights import RIGHTS
from bot.services import Services
from bot.texts import LOCALES
from bot.users import ROLES

Json = dict[str, Any]
_EMAIL = re.compile(r"[^\s@<>(),;:\"\\\x00-\x1f]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")
_LONGEST_NAME = 60
MOST_AT_ONCE = 30


def wrong(field: str, **values: object) -> Refusal:
    """A sentence at one field."""
    return Refusal(f"user_{field}", 422, extra={"field": field}, **values)


def read_name(value: Any) -> str:
    """A name of one line, as customers read it."""
    name = " ".join(value.split()) if isinstance(value, str) else ""
    if not name or len(name) > _LONGEST_NAME or not name.isprintable() or set(name) & set("<>@/\\"):
        raise wrong("name", longest=_LONGEST_NAME)
    return name


def read_email(value: Any) -> str:
    """An address as it is kept."""
    email = value.strip().lower() if isinstance(value, str) else ""
    if len(email) > 200 or not _EMAIL.fullmatch(email):
        raise wrong("email")
    return email


def read_role(value: Any) -> str:
    """One of the roles."""
    if value not in ROLES:
        raise wrong("role")
    return str(value)


def read_locales(value: Any) -> list[str]:
    """Languages that the service speaks, the first one their own; at least one."""
    found = list(dict.fromkeys(value)) if _are_words(value) else []
    if not found or not set(found) <= set(LOCALES):
        raise wrong("locales")
    return found


def read_skills(services: Services, value: Any) -> list[str]:
    """Names of skills of the company."""
    known = {skill.name for skill in services.service.skills}
    if not _are_words(value) or not set(value) <= known:
        raise wrong("skills")
    return list(dict.fromkeys(value))


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 100 and all(isinstance(one, str) for one in value)


def read_capacity(value: Any) -> int | None:
    """How many conversations at once; None as for everybody."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_AT_ONCE:
        raise wrong("capacity", most=MOST_AT_ONCE)
    return value


def read_user(services: Services, body: Mapping[str, Any], *, known: list[str] | None = None) -> Json:
    """The fields that are there, checked. ``known``: skills the user has already, which may stay."""
    found: Json = {}
    for field, read in (("name", read_name), ("email", read_email), ("role", read_role), ("locales", read_locales)):
        if field in body:
            found[field] = read(body[field])
    if "skills" in body:
        kept = [name for name in known or [] if _are_words(body["skills"]) and name in body["skills"]]
        rest = [name for name in body["skills"] if name not in kept] if isinstance(body["skills"], list) else None
        found["skills"] = kept + read_skills(services, rest)
    if "capacity" in body:
        found["capacity"] = read_capacity(body["capacity"])
    return found


def converses(role: str) -> bool:
    """Whether somebody of this role talks to customers."""
    return role in RIGHTS["converse"]
