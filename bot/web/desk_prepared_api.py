"""The desk's door to prepared tasks: what can be prepared, the form, the card before the customer, how it ended."""

from __future__ import annotations

from aiohttp import web

from bot.errors import Refusal
from bot.prepared import forms, offers, proof
from bot.prepared.asking import list_tasks
from bot.prepared.records import last_of
from bot.services import services_of
from bot.web.desk_session import advisor_for
from bot.web.reading import body_of, text_field

routes = web.RouteTableDef()
_BASE = "/api/v1/desk"
_OF = _BASE + "/conversations/{id}/prepared"
_ONE = _OF + "/{prepared_id}"


@routes.get(_BASE + "/tasks")
async def tasks(request: web.Request) -> web.Response:
    """Every task that can be prepared, with its names."""
    advisor = await advisor_for(request)
    return web.json_response({"tasks": await list_tasks(services_of(request), advisor.id)})


@routes.get(_OF)
async def listed(request: web.Request) -> web.Response:
    """What was offered in a conversation, the newest first."""
    advisor = await advisor_for(request)
    return web.json_response({"prepared": await last_of(services_of(request), request.match_info["id"], advisor)})


@routes.post(_OF)
async def begin(request: web.Request) -> web.Response:
    """A new draft: of a task, from where one failed, or from one prepared before."""
    advisor = await advisor_for(request)
    body = await body_of(request)
    tried = body.get("from")
    if tried is not None and (isinstance(tried, bool) or not isinstance(tried, int)):
        raise Refusal("bad_request", 422)
    task, again = text_field(body, "task", longest=64) or "", text_field(body, "again", longest=32)
    beginning = forms.Beginning(task, tried, again)
    answer = await forms.begin(services_of(request), advisor, request.match_info["id"], beginning)
    return web.json_response(answer, status=201)


@routes.get(_ONE)
async def read(request: web.Request) -> web.Response:
    """The form as it stands."""
    advisor = await advisor_for(request)
    return web.json_response(await forms.read(services_of(request), advisor, *_which(request)))


@routes.put(_ONE)
async def check(request: web.Request) -> web.Response:
    """The form with what the advisor filled in."""
    advisor = await advisor_for(request)
    given = (await body_of(request)).get("values")
    if not isinstance(given, dict):
        raise Refusal("bad_request", 422)
    return web.json_response(await forms.check(services_of(request), advisor, *_which(request), given))


@routes.post(_ONE + "/offer")
async def offer(request: web.Request) -> web.Response:
    """The card goes to the customer."""
    advisor = await advisor_for(request)
    return web.json_response(await offers.offer(services_of(request), advisor, *_which(request)))


@routes.post(_ONE + "/proof")
async def ask_for_proof(request: web.Request) -> web.Response:
    """Asks the customer to prove who they are, before anything of theirs can be chosen."""
    advisor = await advisor_for(request)
    return web.json_response(await proof.ask_customer(services_of(request), advisor, *_which(request)))


@routes.post(_ONE + "/retry")
async def retry(request: web.Request) -> web.Response:
    """Asks again how one ended that nobody could tell."""
    advisor = await advisor_for(request)
    return web.json_response(await offers.retry(services_of(request), advisor, *_which(request)))


@routes.delete(_ONE)
async def withdraw(request: web.Request) -> web.Response:
    """Takes a draft or an offer back."""
    advisor = await advisor_for(request)
    return web.json_response(await offers.withdraw(services_of(request), advisor, *_which(request)))


def _which(request: web.Request) -> tuple[str, str]:
    return request.match_info["id"], request.match_info["prepared_id"]
