"""Who has a conversation open at the desk, and who is writing in it: a warning before two do the same work.

Kept in Redis for half a minute a beat: a page that vanished is forgotten by itself, and a wiped Redis forgets everybody
until the next beat.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from redis.exceptions import RedisError

from bot.db.people import User
from bot.errors import Refusal
from bot.handoff.activity import active
from bot.live import DESK
from bot.services import Services

Json = dict[str, Any]
WRITING = ("writing_note", "writing_reply")
DOING = ("looking", *WRITING, "gone")
BEAT_SECONDS = 10
_FADES_SECONDS = 30
_KEY = "relais:here:{}"


async def say_here(services: Services, conversation_id: str, user: User, doing: str) -> list[Json]:
    """Notes what ``user`` does there; everybody who is there now, ``[{id, name, doing}]``."""
    if doing not in DOING:
        raise Refusal("bad_request", 422)
    if services.redis is None:
        return []
    if doing in WRITING:
        await active(services, user.id)
    key, now = _KEY.format(conversation_id), services.clock()
    try:
        raw = await services.redis.hgetall(key)
        before = _fresh(raw, now)
        if doing == "gone":
            await services.redis.hdel(key, user.id)
        else:
            beat = json.dumps({"name": user.name, "doing": doing, "at": now.timestamp()})
            await services.redis.hset(key, user.id, beat)
            await services.redis.expire(key, _FADES_SECONDS)
    except (RedisError, OSError):
        return []  # a warning less; nothing else depends on it
    people = {one["id"]: one for one in before if one["id"] != user.id}
    if doing != "gone":
        people[user.id] = {"id": user.id, "name": user.name, "doing": doing}
    found = sorted(people.values(), key=lambda one: (one["name"], one["id"]))
    if found != before or len(raw) != len(before):
        event = {"type": "here", "conversation_id": conversation_id, "people": found}
        services.live.publish(DESK, event)
    return found


def _fresh(raw: Mapping[bytes | str, bytes | str], now: datetime) -> list[Json]:
    found = []
    for user_id, beat in raw.items():
        told = json.loads(beat)
        if now.timestamp() - told["at"] < _FADES_SECONDS:
            known = user_id.decode() if isinstance(user_id, bytes) else user_id
            found.append({"id": known, "name": told["name"], "doing": told["doing"]})
    return sorted(found, key=lambda one: (one["name"], one["id"]))
