"""The studio's door to trying a draft: one question, last month's, and what it would take from other articles."""

from __future__ import annotations

from aiohttp import web

from bot.errors import Refusal
from bot.services import services_of
from bot.studio.asked import questions_asked
from bot.texts import LOCALES
from bot.web.desk_session import user_with
from bot.web.reading import body_of, text_field
from bot.web.studio_door import BASE, Json, form_of, refusals

routes = web.RouteTableDef()
USUAL_DAYS, LONGEST_DAYS = 30, 90
_LONGEST_QUESTION = 1_000
_MOST_FORMS = 20
# An index with the draft is built first, which takes a moment for thousands of articles.
_WITHIN = 60.0
_JOB = BASE + "/jobs/{job:[\\w-]{1,40}}"


@routes.post(f"{BASE}/try")
@refusals
async def try_it(request: web.Request) -> web.Response:
    """What the assistant would say to a question with this draft published, and what it says now."""
    await user_with(request, "write")
    body = await body_of(request)
    form, question = form_of(body), (text_field(body, "question", longest=_LONGEST_QUESTION) or "").strip()
    locale = text_field(body, "locale", longest=5) or form["locale"]
    if not question or locale not in LOCALES:
        raise Refusal("bad_request", 422)
    asked = {
        "form": form,
        "question": question,
        "locale": locale,
        "audience": text_field(body, "audience", longest=100),
    }
    return web.json_response(await services_of(request).studio.call("POST", "/try", asked, within=_WITHIN))


@routes.post(f"{BASE}/replay")
@refusals
async def replay(request: web.Request) -> web.Response:
    """Begins to ask the drafts what customers asked in the last ``days``; `{job: null}` when nobody asked anything."""
    await user_with(request, "write")
    body = await body_of(request)
    days = body.get("days", USUAL_DAYS)
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= LONGEST_DAYS:
        raise Refusal("bad_request", 422)
    services, forms = services_of(request), _forms(body)
    questions = await questions_asked(services, days)
    told = {"job": None, "questions": len(questions), "asked": sum(one["count"] for one in questions), "days": days}
    if not questions:
        return web.json_response(told)
    begun = await services.studio.call("POST", "/replay", {"forms": forms, "questions": questions}, within=_WITHIN)
    return web.json_response(told | begun, status=202)


def _forms(body: Json) -> list[Json]:
    forms = body.get("forms")
    if not isinstance(forms, list) or not 1 <= len(forms) <= _MOST_FORMS:
        raise Refusal("bad_request", 422)
    return [form_of({"form": form}) for form in forms]


@routes.post(f"{BASE}/collisions")
@refusals
async def collide(request: web.Request) -> web.Response:
    """Which published articles would lose questions of their own to this draft."""
    await user_with(request, "write")
    form = form_of(await body_of(request))
    return web.json_response(
        await services_of(request).studio.call("POST", "/collisions", {"form": form}, within=_WITHIN)
    )


@routes.get(_JOB)
@refusals
async def job(request: web.Request) -> web.Response:
    """How far it is, and what it found; its id is known to who began it alone."""
    await user_with(request, "write")
    return web.json_response(await services_of(request).studio.call("GET", f"/jobs/{request.match_info['job']}"))


@routes.delete(_JOB)
@refusals
async def cancel(request: web.Request) -> web.Response:
    """Stops it at its next step; what has ended stays as it is."""
    await user_with(request, "write")
    return web.json_response(await services_of(request).studio.call("DELETE", f"/jobs/{request.match_info['job']}"))
