"""What the advisor will see, read and corrected by the customer."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.errors import Refusal
from bot.handoff.slip_changes import LONGEST, MOST_LINES, change_slip, read_slip
from bot.services import services_of
from bot.web.conversations_api import conversation_for
from bot.web.keys import LIMITS
from bot.web.reading import body_of, text_field

routes = web.RouteTableDef()
_PATH = "/api/v1/conversations/{id}/handoff/slip"


@routes.get(_PATH)
async def read(request: web.Request) -> web.Response:
    """Line by line, what an advisor sees; struck lines are marked as such."""
    conversation = await conversation_for(request)
    return web.json_response(await read_slip(services_of(request), conversation.id))


@routes.put(_PATH)
async def change(request: web.Request) -> web.Response:
    """Corrects and strikes out lines; those that are not named stay as they are."""
    services = services_of(request)
    conversation = await conversation_for(request)
    await request.app[LIMITS].check("slip", conversation.id, services.settings.messages_per_minute)
    wanted = _wanted((await body_of(request)).get("lines"))
    return web.json_response(await change_slip(services, conversation.id, wanted))


def _wanted(lines: Any) -> list[dict[str, Any]]:
    if not isinstance(lines, list) or len(lines) > MOST_LINES:
        raise Refusal("bad_request", 422)
    # Of two wishes for one line the later counts.
    wanted: dict[str, dict[str, Any]] = {}
    for line in map(_line, lines):
        wanted[line["id"]] = wanted.get(line["id"], {}) | line
    return list(wanted.values())


def _line(line: Any) -> dict[str, Any]:
    if not isinstance(line, dict) or not isinstance(line.get("struck", False), bool):
        raise Refusal("bad_request", 422)
    found: dict[str, Any] = {"id": text_field(line, "id", longest=64) or ""}
    text = text_field(line, "text")
    if text is not None:
        if len(text) > LONGEST:
            raise Refusal("message_too_long", 413, limit=LONGEST)
        found["text"] = text.replace("\x00", "").strip()
    return found | ({"struck": line["struck"]} if "struck" in line else {})
