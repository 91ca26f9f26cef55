"""The desk's door for files: an advisor sends one, checked like a customer's."""

from __future__ import annotations

from aiohttp import web

from bot.conversations.messages import Draft, public
from bot.handoff.saying import say_once
from bot.services import services_of
from bot.web.desk_session import advisor_for
from bot.web.files import incoming_file

routes = web.RouteTableDef()


@routes.post("/api/v1/desk/conversations/{id}/files")
async def send_file(request: web.Request) -> web.Response:
    """A picture or a PDF as multipart/form-data with ``client_message_id`` and ``file``."""
    advisor, services = await advisor_for(request), services_of(request)
    incoming = await incoming_file(request, services.settings.max_file_bytes)
    name = incoming.upload.name if incoming.upload is not None else ""
    draft = Draft("advisor", name, "file")
    conversation_id = request.match_info["id"]
    message, is_new = await say_once(
        services, conversation_id, advisor, incoming.client_message_id, draft, incoming.upload
    )
    return web.json_response({"message": public(message)}, status=202 if is_new else 200)
