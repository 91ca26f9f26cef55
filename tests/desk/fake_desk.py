"""A fake of the desk's door: the contract alone, in memory, with levers to make the network and colleagues misbehave.

Run it by hand to work on the pages: ``python -m tests.desk.fake_desk 8099``.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import WSMsgType, web

from tests.desk import fake_data as data
from tests.desk.fake_data import Json
from tests.desk.fake_state import FakeDesk

BOT = Path(__file__).resolve().parents[2] / "bot"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class RefusedError(Exception):
    """An error of the contract: a status and an ``{error: {code, message}}`` body."""

    def __init__(self, status: int, code: str, message: str, **more: str) -> None:
        self.status = status
        self.body = {"error": {"code": code, "message": message, **more}}


DESK = web.AppKey("desk", FakeDesk)


def user_of(request: web.Request) -> Json:
    """The signed-in user, or the contract's 401; unsafe calls need the CSRF token too."""
    user = request.app[DESK].sessions.get(request.cookies.get("relais_desk", ""))
    if user is None:
        raise RefusedError(401, "signed_out", "Votre session a pris fin.")
    if request.method not in ("GET", "HEAD") and request.headers.get("X-CSRF-Token") != request.app[DESK].csrf:
        raise RefusedError(403, "csrf", "Jeton absent.")
    return user


def cut(request: web.Request) -> web.Response:
    """Drop the connection without an answer; the response returned goes nowhere."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response(status=503)


@web.middleware
async def guard(request: web.Request, handler: Any) -> web.StreamResponse:
    """Errors as the contract writes them, the strict policy on every page, and the lever for a dead network."""
    if request.app[DESK].down and request.path.startswith("/api/"):
        return cut(request)
    try:
        response: web.StreamResponse = await handler(request)
    except RefusedError as refused:
        response = web.json_response(refused.body, status=refused.status)
    if not response.prepared:
        response.headers["Content-Security-Policy"] = CSP
        response.headers["Cache-Control"] = "no-store"
    return response


def strings(locale: str) -> dict[str, str]:
    """The interface strings of a language, as the server hands them to the templates."""
    loaded: dict[str, str] = json.loads((BOT / f"static/desk/locales/{locale}.json").read_text("utf-8"))
    return loaded


def locale_of(request: web.Request) -> str:
    return request.query.get("locale", "fr")


async def login_page(request: web.Request) -> web.Response:
    locale = locale_of(request)
    context = {"locale": locale, "messages": strings(locale)}
    return aiohttp_jinja2.render_template("desk/login.html", request, context)


async def app_page(request: web.Request) -> web.Response:
    user = request.app[DESK].sessions.get(request.cookies.get("relais_desk", ""))
    if user is None:
        raise web.HTTPFound("/desk/login")
    context = {
        "locale": locale_of(request),
        "user": user,
        "csrf": request.app[DESK].csrf,
        "brand": {"name": "Maison Alder"},
        "zone": "",
        "pages": json.dumps(["desk"]),
        "messages": strings(locale_of(request)),
    }
    return aiohttp_jinja2.render_template("desk/app.html", request, context)


async def sign_in(request: web.Request) -> web.Response:
    body = await request.json()
    user = data.USERS.get(body["email"])
    if user is None or body["password"] != data.PASSWORD:
        raise RefusedError(401, "wrong_login", "L’adresse ou le mot de passe ne correspond pas.")
    desk, session = request.app[DESK], secrets.token_hex(8)
    desk.sessions[session] = {**user, "email": body["email"]}
    response = web.json_response({"token": session, "user": desk.sessions[session], "csrf": desk.csrf})
    response.set_cookie("relais_desk", session, httponly=True, samesite="Strict")
    return response


async def sign_out(request: web.Request) -> web.Response:
    user_of(request)
    request.app[DESK].sessions.pop(request.cookies["relais_desk"])
    return web.Response(status=204)


async def me(request: web.Request) -> web.Response:
    return web.json_response({"user": user_of(request), "csrf": request.app[DESK].csrf})


async def list_handoffs(request: web.Request) -> web.Response:
    user_of(request)
    return web.json_response({"handoffs": request.app[DESK].listed()})


async def one_handoff(request: web.Request) -> web.Response:
    user_of(request)
    desk, key = request.app[DESK], request.match_info["id"]
    return web.json_response({"handoff_id": key, "status": desk.handoffs[key]["status"], "context": desk.contexts[key]})


async def accept(request: web.Request) -> web.Response:
    user, desk, key = user_of(request), request.app[DESK], request.match_info["id"]
    item = desk.handoffs[key]
    if desk.faster is not None:
        item.update(status="accepted", advisor=desk.faster)
    if item["status"] == "accepted":
        name = item["advisor"]["name"]
        raise RefusedError(409, "already_taken", f"{name} a déjà pris cette conversation.", name=name)
    item.update(status="accepted", advisor={"id": user["id"], "name": user["name"]})
    await desk.push({"type": "handoffs"})
    await desk.says(item["conversation_id"], "system", f"{user['name']} a rejoint la conversation.", kind="notice")
    return web.json_response({"handoff_id": key, "status": "accepted", "context": desk.contexts[key]})


async def decline(request: web.Request) -> web.Response:
    user, desk, item = user_of(request), request.app[DESK], request.app[DESK].handoffs[request.match_info["id"]]
    if item["offered_to"] != user["id"]:
        raise RefusedError(409, "not_offered_to_you", "Cette demande ne vous est plus proposée.")
    await desk.offers(item, "u-hugo")
    return web.json_response({"handoff_id": item["handoff_id"], "status": "offered"})


async def presence(request: web.Request) -> web.Response:
    user, desk = user_of(request), request.app[DESK]
    user["presence"] = (await request.json())["status"]
    desk.presences.append(user["presence"])
    return web.json_response({"presence": user["presence"]})


async def release(request: web.Request) -> web.Response:
    user_of(request)
    desk, item = request.app[DESK], request.app[DESK].handoffs[request.match_info["id"]]
    item.update(status="released", outcome=(await request.json())["outcome"])
    await desk.says(item["conversation_id"], "system", "L’assistant reprend la conversation.", kind="notice")
    await desk.push({"type": "handoffs"})
    return web.json_response({"handoff_id": item["handoff_id"], "status": "released"})


async def list_messages(request: web.Request) -> web.Response:
    user_of(request)
    after = int(request.query.get("after", "0"))
    found = [each for each in request.app[DESK].messages[request.match_info["id"]] if each["seq"] > after]
    return web.json_response({"messages": found, "state": {"owner": "queue"}})


async def post_message(request: web.Request) -> web.Response:
    user, desk, conversation = user_of(request), request.app[DESK], request.match_info["id"]
    body = await request.json()
    desk.posts.append(body)
    if body["text"] == "refuse":
        raise RefusedError(403, "not_yours", "Cette conversation n’est plus la vôtre.")
    for known in desk.messages[conversation]:
        if known.get("client_message_id") == body["client_message_id"]:
            return web.json_response({"message": known})
    extra = {"author_name": user["name"], "client_message_id": body["client_message_id"]}
    if desk.lose_answers:
        desk.lose_answers -= 1
        made = data.message(len(desk.messages[conversation]) + 1, "advisor", body["text"], 0, **extra)
        desk.messages[conversation].append({**made, "id": f"{conversation}-{made['seq']}"})
        return cut(request)
    made = await desk.says(conversation, "advisor", body["text"], **extra)
    return web.json_response({"message": made}, status=201)


async def post_typing(request: web.Request) -> web.Response:
    user_of(request)
    request.app[DESK].typing.append((request.match_info["id"], (await request.json())["on"]))
    return web.Response(status=204)


async def live(request: web.Request) -> web.WebSocketResponse:
    desk, socket = request.app[DESK], web.WebSocketResponse()
    await socket.prepare(request)
    if request.cookies.get("relais_desk", "") not in desk.sessions:
        await socket.close(code=4401)
        return socket
    desk.sockets.add(socket)
    await socket.send_json({"type": "ready"})
    async for frame in socket:
        if frame.type is WSMsgType.ERROR:
            break
    desk.sockets.discard(socket)
    return socket


def create_app(desk: FakeDesk) -> web.Application:
    """The pages and the API over one ``FakeDesk``."""
    app = web.Application(middlewares=[guard])
    app[DESK] = desk
    aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(BOT / "templates"), undefined=jinja2.StrictUndefined)
    root, one = "/api/v1/desk", "/api/v1/desk/conversations/{id}"
    app.add_routes(
        [
            web.get("/desk", app_page),
            web.get("/desk/login", login_page),
            web.static("/static", BOT / "static"),
            web.post(f"{root}/session", sign_in),
            web.delete(f"{root}/session", sign_out),
            web.get(f"{root}/me", me),
            web.put(f"{root}/presence", presence),
            web.post(f"{root}/handoffs/{{id}}/decline", decline),
            web.get(f"{root}/handoffs", list_handoffs),
            web.get(f"{root}/handoffs/{{id}}", one_handoff),
            web.post(f"{root}/handoffs/{{id}}/accept", accept),
            web.post(f"{root}/handoffs/{{id}}/release", release),
            web.get(f"{one}/messages", list_messages),
            web.post(f"{one}/messages", post_message),
            web.post(f"{one}/typing", post_typing),
            web.get(f"{root}/live", live),
        ]
    )
    return app


async def serve(port: int) -> None:
    """Serve one fake desk until interrupted, with a customer who writes now and then."""
    desk = FakeDesk()
    runner = web.AppRunner(create_app(desk))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    while True:
        await asyncio.sleep(20)
        await desk.says("c-camille", "customer", "Vous êtes toujours là ?")


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
