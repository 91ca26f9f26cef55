"""Imports as writers see them: what knowledge_base's dry run found, and who must read which row besides."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from pathlib import Path
from typing import IO, Any

import aiohttp

from bot.db.people import User
from bot.errors import NeighbourError, Refusal
from bot.services import Services
from bot.studio import import_pictures, landing
from bot.studio.client import StudioRefusedError, actor_of
from bot.studio.import_pictures import Packed
from bot.studio.judging import Judging, place_of
from bot.texts import LOCALES, known
from service.topics import TOPICS

Json = dict[str, Any]
MAX_UPLOAD = 20_000_000
# A dry run of thousands of rows is a long answer.
_WITHIN = 60.0
# The page waits for fifteen seconds; most dry runs are judged in less than one.
_LOOK, _APPLY = 1.0, 8.0
_LANDING = ("new", "changed")
_LABELS = Path(__file__).parents[1] / "static" / "desk" / "locales"


def most_of(name: str) -> int:
    """How large a file may be: a packed folder may hold pictures, which stay here."""
    return import_pictures.MAX_ZIP if _is_packed(name) else MAX_UPLOAD


def _is_packed(name: str) -> bool:
    return name.lower().endswith(".zip")


async def begin(services: Services, name: str, file: IO[bytes], locale: str, topic: str) -> Json:
    """`{job}` of the dry run of a file. Raises ``Refusal`` (413)."""
    file.seek(0)
    packed = await import_pictures.take_in(services, file) if _is_packed(name) else Packed(file.read())
    if len(packed.content) > MAX_UPLOAD:
        await import_pictures.drop(services, packed.bundle)
        raise Refusal("import_too_large", 413)
    form = aiohttp.FormData({"locale": locale, "topic": topic, "bundle": packed.bundle})
    form.add_field("topics", json.dumps(topic_names()))
    form.add_field("faults", json.dumps(packed.faults))
    form.add_field("file", packed.content, filename=name, content_type="application/octet-stream")
    try:
        return await services.studio.call("POST", "/imports", data=form, within=_WITHIN)
    except (NeighbourError, StudioRefusedError):
        await import_pictures.drop(services, packed.bundle)
        raise


@cache
def topic_names() -> dict[str, str]:
    """What the desk, the studio and the help centre call each topic, in every language → the topic."""
    names: dict[str, str] = {topic: topic for topic in TOPICS}
    for locale in LOCALES:
        labels = json.loads((_LABELS / f"{locale}.json").read_text("utf-8"))
        for topic in TOPICS:
            shown = (labels.get(f"topic.{topic}"), known(locale, f"topic_{topic}"))
            names |= {name: topic for name in shown if name}
    return names


async def job(
    services: Services, judging: Judging, job_id: str, user: User, locale: str, *, cancel: bool = False
) -> Json:
    """`{state, done, total, result, error}`; a dry run's rows carry `second`, why somebody else must approve them.

    It is `running` until they are judged; whoever stops it, stops that too.
    """
    if not cancel and (known := judging.under_way(job_id)):
        return known
    told = await services.studio.call("DELETE" if cancel else "GET", f"/jobs/{job_id}", within=_WITHIN)
    if told.get("state") == "done" and told.get("kind") == "import_dry_run":
        return await _with_judgement(judging, told, user, locale, cancel=cancel)
    if told.get("kind") == "import" and told.get("state") != "running":
        await landing.settle(services)
    return told


async def _with_judgement(judging: Judging, told: Json, user: User, locale: str, *, cancel: bool) -> Json:
    running = told | {"state": "running", "result": None}
    judged = judging.of(told["result"]["import"], running)
    if cancel:
        judged.cancel()
    await asyncio.wait({judged}, timeout=_LOOK)
    if not judged.done():
        return running
    if judged.cancelled():
        return running | {"state": "cancelled"}
    for row in told["result"]["rows"]:
        row["second"] = judged.result().second(place_of(row), user.role, locale) if row["state"] in _LANDING else None
    return told


async def apply(services: Services, judging: Judging, import_id: str, user: User, wish: Json) -> Json:
    """`{job}`; what a second person must approve goes into review.

    Judged anew when this process does not know the dry run; nothing is begun that the page no longer waits for: 503
    `import_judged_again`.
    """
    judged = judging.of(import_id)
    await asyncio.wait({judged}, timeout=_APPLY)
    if not judged.done():
        raise Refusal("import_judged_again", 503)
    if judged.cancelled():
        raise Refusal("not_found", 404)
    found = judged.result()
    review = [place for place in found.rows if found.second(place, user.role, "fr")]
    landing_id = await landing.begun(services, found.name, found.bundle, user)
    body = wish | {"actor": actor_of(user), "review": review, "landing": landing_id}
    return await services.studio.call("POST", f"/imports/{import_id}/apply", body)
