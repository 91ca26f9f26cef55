"""A small stand-in for the public API, scripted by the customer's words, so that the widget's every state can be seen.

It keeps the contract (ids, seq, idempotency, after=, 401/404/429, live frames) and says what it was asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

from tests.widget import fake_words
from tests.widget.fake_asked import FakeAsked, RefusedError
from tests.widget.fake_talk import Talk

Json = dict[str, Any]
__all__ = ["FakeApi", "RefusedError"]


class FakeApi(FakeAsked):
    """The fake and its levers: what tests read is public, what they pull is a method or a flag."""

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.talks: dict[str, Talk] = {}
        self.posts: list[Json] = []
        """Every body that reached POST messages, also those refused afterwards."""
        self.refusals: list[RefusedError] = []
        """The next POST messages are refused with these, in order."""
        self.flood: list[int] = []
        """The POST messages of these numbers, 1 being the first, are refused as too many; then nothing is answered."""
        self.sockets_open = True
        self.lose_next_answer = False
        """The next POST message is stored, but its answer is lost on the way."""
        self.tasks: set[asyncio.Task[None]] = set()
        self._ids = itertools.count(1)

    @property
    def talk(self) -> Talk:
        """The latest conversation."""
        return list(self.talks.values())[-1]

    def app(self) -> web.Application:
        """The API, and the widget's files."""
        app = web.Application(middlewares=[self._answer_errors])
        base = "/api/v1/conversations"
        app.router.add_post(base, self._create)
        app.router.add_post(f"{base}/{{id}}/messages", self._send)
        app.router.add_get(f"{base}/{{id}}/messages", self._read)
        app.router.add_get(f"{base}/{{id}}/live", self._live)
        posts = {"token": self._renew, "identity": self._identify, "handoff": self._handoff, "feedback": self._feedback}
        for tail, handler in (posts | {"rating": self._rating, "read": self._have_read}).items():
            app.router.add_post(f"{base}/{{id}}/{tail}", handler)
        app.router.add_delete(f"{base}/{{id}}/handoff", self._cancel)
        app.router.add_get(f"{base}/{{id}}/handoff/slip", self._slip)
        app.router.add_put(f"{base}/{{id}}/handoff/slip", self._slip)
        app.router.add_post(f"{base}/{{id}}/files", self._upload)
        app.router.add_get(f"{base}/{{id}}/files/{{file}}", self._download)
        app.router.add_post(f"{base}/{{id}}/next", self._next)
        app.router.add_get(f"{base}/{{id}}/past", self._past)
        app.router.add_get(f"{base}/{{id}}/past/{{other}}", self._past_one)
        self.add_own(app, base)
        self.add_routes(app)
        app.on_response_prepare.append(self._allow)
        app.on_shutdown.append(self._close)
        return app

    # Levers

    async def drop_sockets(self, talk: Talk | None = None) -> None:
        """Cut the live connections, as a lost network does."""
        for socket in [*(talk or self.talk).sockets]:
            await socket.close(code=1011)

    def expire_token(self) -> None:
        """The widget's token is no longer good; it may be renewed."""
        self.talk.token = f"expired-{self.talk.token}"

    def forget(self) -> None:
        """The service lost every conversation."""
        self.talks.clear()

    async def add(self, author: str, text: str, *, kind: str = "text", **extra: Any) -> Json:
        """A message appears in the latest conversation."""
        return await self._append(self.talk, {"author": author, "kind": kind, "text": text, **extra})

    async def set_state(self, **state: Any) -> None:
        """The conversation changes hands."""
        self.talk.state = {"epoch": self.talk.state.get("epoch", 0) + 1, **state}
        state = self.talk.state
        await self._push(self.talk, {"type": "state", "state": state})

    async def advisor_joins(self, name: str = "Claire") -> None:
        """An advisor accepts: a notice, then the conversation is theirs."""
        await self.set_state(owner="advisor", advisor_name=name, handoff={"status": "accepted"})
        await self.add("system", f"{name} a rejoint la conversation.", kind="notice")

    async def advisor_leaves(self) -> None:
        """The advisor gives the conversation back."""
        await self.set_state(owner="bot")
        await self.add("system", fake_words.RELEASED, kind="notice", rating_requested=True)

    async def typing(self, author: str, on: bool) -> None:
        """Somebody writes."""
        await self._push(self.talk, {"type": "typing", "author": author, "on": on})

    # The contract

    async def _create(self, request: web.Request) -> web.Response:
        return await self._open(await request.json())

    async def _open(self, body: Json) -> web.Response:
        number = next(self._ids)
        talk = Talk(f"c{number}", f"token-{number}", body, fake_words.subject_of(body.get("identity")))
        self.talks[talk.id] = talk
        await self._append(
            talk,
            {
                "author": "bot",
                "author_name": "Aulne",
                "kind": "text",
                "text": fake_words.GREETING[body.get("locale", "fr")],
            },
        )
        answer = {"conversation_id": talk.id, "token": talk.token, "expires_at": "2099-01-01T00:00:00+00:00"}
        return web.json_response({**answer, "messages": talk.messages}, status=201)

    async def _send(self, request: web.Request) -> web.Response:
        talk = self._talk_of(request)
        body = await request.json()
        self.posts.append(body)
        if self.refusals:
            raise self.refusals.pop(0)
        known = [m for m in talk.messages if m.get("client_message_id") == body["client_message_id"]]
        if known:
            return web.json_response({"message": known[0]})
        if len(self.posts) in self.flood:
            raise RefusedError(429, "too_many_requests", "Vous allez un peu vite.", retry_after=1)
        talk.received.append(body)
        own = {"author": "customer", "kind": "text", "client_message_id": body["client_message_id"]}
        message = await self._append(talk, {**own, "text": body.get("text") or _title(talk, body["choice"])})
        self._later(self._reply(talk, message["text"]))
        if self.lose_next_answer:
            self.lose_next_answer = False
            raise RefusedError(503, "unavailable", "Le service redémarre.")
        return web.json_response({"message": message}, status=202)

    async def _reply(self, talk: Talk, text: str) -> None:
        if self.flood or talk.state["owner"] == "advisor":
            return
        await self._push(talk, {"type": "typing", "author": "bot", "on": True})
        await asyncio.sleep(0.05)
        await self._append(talk, {"author": "bot", "author_name": "Aulne", **fake_words.reply(text)})

    async def _read(self, request: web.Request) -> web.Response:
        talk = self._talk_of(request)
        after = int(request.query.get("after", "0"))
        return web.json_response({"messages": [m for m in talk.messages if m["seq"] > after], "state": talk.state})

    async def _live(self, request: web.Request) -> web.StreamResponse:
        if not self.sockets_open:
            raise RefusedError(503, "unavailable", "no live connection")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = await socket.receive_json()
        talk = self.talks.get(request.match_info["id"])
        if talk is None or hello["token"] != talk.token:
            await socket.close(code=4401)
            return socket
        told, shown = talk.state, hello["after"]
        await socket.send_json({"type": "ready", "state": told})
        # What comes while this is on its way is told before the socket stands with those that hear all.
        while told is not talk.state or talk.messages[shown:]:
            for message in talk.messages[shown:]:
                await socket.send_json({"type": "message", "message": message})
                shown = message["seq"]
            told = talk.state
            await socket.send_json({"type": "state", "state": told})
        talk.sockets.add(socket)
        async for frame in socket:
            if frame.type == WSMsgType.TEXT and json.loads(frame.data)["type"] == "typing":
                talk.typing_heard.append(json.loads(frame.data)["on"])
        talk.sockets.discard(socket)
        return socket

    async def _renew(self, request: web.Request) -> web.Response:
        talk = self.talks.get(request.match_info["id"])
        if talk is None:
            raise RefusedError(401, "bad_token", "Ce jeton n’est plus valable.")
        talk.token = f"token-{next(self._ids)}"
        return web.json_response({"token": talk.token, "expires_at": "2099-01-01T00:00:00+00:00"})

    async def _identify(self, request: web.Request) -> web.Response:
        talk = self._talk_of(request)
        talk.subject = fake_words.subject_of((await request.json())["identity"])
        return web.json_response({"assurance": "verified"})

    async def _handoff(self, request: web.Request) -> web.Response:
        talk = self._talk_of(request)
        waiting = {"status": "requested", "position": 2, "wait_seconds": 240}
        talk.state = {"owner": "queue", "epoch": talk.state.get("epoch", 0) + 1, "handoff": waiting}
        await self._push(talk, {"type": "state", "state": talk.state})
        await self._append(talk, {"author": "system", "kind": "notice", "text": fake_words.QUEUED})
        return web.json_response({"state": talk.state}, status=202)

    async def _cancel(self, request: web.Request) -> web.Response:
        talk = self._talk_of(request)
        talk.state = {"owner": "bot", "epoch": talk.state.get("epoch", 0) + 1}
        await self._push(talk, {"type": "state", "state": talk.state})
        return web.json_response({"state": talk.state})

    # Inner parts

    def _talk_of(self, request: web.Request) -> Talk:
        talk = self.talks.get(request.match_info["id"])
        if talk is None:
            raise RefusedError(404, "unknown_conversation", "Cette conversation n’existe pas.")
        if request.headers.get("Authorization") != f"Bearer {talk.token}":
            raise RefusedError(401, "bad_token", "Ce jeton n’est plus valable.")
        return talk

    async def _append(self, talk: Talk, message: Json) -> Json:
        seq = len(talk.messages) + 1
        shown = {"id": f"{talk.id}-m{seq}", "seq": seq, "created_at": datetime.now(UTC).isoformat(), **message}
        talk.messages.append(shown)
        await self._push(talk, {"type": "message", "message": shown})
        return shown

    async def _push(self, talk: Talk, frame: Json) -> None:
        for socket in [*talk.sockets]:
            with contextlib.suppress(ConnectionError):
                await socket.send_json(frame)

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    @web.middleware
    async def _answer_errors(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.method == "OPTIONS":
            return web.Response(status=204)
        try:
            answer: web.StreamResponse = await handler(request)
        except RefusedError as error:
            body = {"error": {"code": error.code, "message": error.message}}
            headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
            return web.json_response(body, status=error.status, headers=headers)
        return answer

    async def _allow(self, _request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(fake_words.CORS)

    async def _close(self, _app: web.Application) -> None:
        for talk in self.talks.values():
            await self.drop_sockets(talk)


def _title(talk: Talk, payload: str) -> str:
    title = fake_words.title_of(talk.messages, payload)
    if title is None:
        raise RefusedError(422, "unknown_choice", "Ce bouton n’existe plus.")
    return title
