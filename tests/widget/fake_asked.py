"""What a customer may ask of the fake API beside talking."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from aiohttp import web

from tests.widget import fake_words
from tests.widget.fake_look import FakeLook, uploaded
from tests.widget.fake_talk import Talk

Json = dict[str, Any]


class RefusedError(Exception):
    """An error of the contract."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


class FakeAsked(FakeLook):
    """Files, earlier conversations, the slip, feedback, ratings."""

    talks: dict[str, Talk]
    refusals: list[RefusedError]

    @abstractmethod
    def _talk_of(self, request: web.Request) -> Talk: ...

    @abstractmethod
    async def _append(self, talk: Talk, message: Json) -> Json: ...

    @abstractmethod
    async def _open(self, body: Json) -> web.Response: ...

    @abstractmethod
    def _later(self, work: Any) -> None: ...

    @abstractmethod
    async def _reply(self, talk: Talk, text: str) -> None: ...

    async def _next(self, request: web.Request) -> web.Response:
        return await self._open(self._talk_of(request).created_with | await request.json())

    async def _past(self, request: web.Request) -> web.Response:
        here = self._talk_of(request)
        found = [talk for talk in reversed(self.talks.values()) if talk is not here and talk.received]
        shown = [
            {
                "id": talk.id,
                "title": talk.received[0]["text"],
                "started_at": talk.messages[0]["created_at"],
                "topic": "Retours",
            }
            for talk in found
        ]
        return web.json_response({"conversations": shown})

    async def _past_one(self, request: web.Request) -> web.Response:
        self._talk_of(request)
        return web.json_response({"messages": self.talks[request.match_info["other"]].messages})

    async def _upload(self, request: web.Request) -> web.Response:
        talk, form = self._talk_of(request), await uploaded(request)
        if self.refusals:
            raise self.refusals.pop(0)
        again = [m for m in talk.messages if m.get("client_message_id") == form["client_message_id"]]
        if again:
            return web.json_response({"message": again[0]})
        talk.files["f1"] = form
        shown = {"name": form["name"], "type": form["type"], "size": len(form["content"])}
        shown["url"] = f"/api/v1/conversations/{talk.id}/files/f1"
        own = {"author": "customer", "kind": "file", "text": form["name"], "file": shown}
        message = await self._append(talk, {**own, "client_message_id": form["client_message_id"]})
        return web.json_response({"message": message}, status=202)

    async def _download(self, request: web.Request) -> web.Response:
        file = self._talk_of(request).files.get(request.match_info["file"])
        if file is None:
            raise RefusedError(404, "file_erased", "Ce fichier a été effacé.")
        return web.Response(body=file["content"], content_type=file["type"])

    async def _slip(self, request: web.Request) -> web.Response:
        talk = self._talk_of(request)
        if talk.state["owner"] != "queue":
            raise RefusedError(409, "slip_closed", "Un conseiller a déjà cette demande sous les yeux.")
        if request.method == "PUT" and self.refusals:
            raise self.refusals.pop(0)
        talk.slip = talk.slip or fake_words.slip()
        fake_words.revise(talk.slip, (await request.json())["lines"] if request.method == "PUT" else [])
        return web.json_response({"lines": talk.slip, "open": True})

    async def _feedback(self, request: web.Request) -> web.Response:
        talk, body = self._talk_of(request), await request.json()
        talk.feedback.append(body)
        if not body["helpful"]:
            await self._append(talk, fake_words.no_help(body["message_id"]))
            self._later(self._reply(talk, fake_words.NO_HELP))
        return web.json_response({})

    async def _rating(self, request: web.Request) -> web.Response:
        self._talk_of(request).ratings.append(await request.json())
        return web.json_response({})

    async def _have_read(self, request: web.Request) -> web.Response:
        self._talk_of(request).read = (await request.json())["seq"]
        return web.json_response({})

    def add_own(self, app: web.Application, base: str) -> None:
        """What one decides about what is kept."""
        app.router.add_get(f"{base}/{{id}}/consents", self._consents)
        app.router.add_put(f"{base}/{{id}}/consents", self._consents)
        app.router.add_get(f"{base}/{{id}}/links", self._links)
        app.router.add_post(f"{base}/{{id}}/links", self._link)
        app.router.add_delete(f"{base}/{{id}}/links/{{link}}", self._unlink)
        app.router.add_get(f"{base}/{{id}}/export", self._export)
        app.router.add_delete(f"{base}/{{id}}/token", self._sign_out)

    async def _consents(self, request: web.Request) -> web.Response:
        talk = self._talk_of(request)
        if request.method == "PUT":
            if self.refusals:
                raise self.refusals.pop(0)
            talk.consents |= await request.json()
        titles = {"history": "Garder vos échanges", "telling": "Vous prévenir quand une réponse existe"}
        shown = [
            {"purpose": key, "title": titles[key], "text": "En clair.", "granted": granted}
            for key, granted in talk.consents.items()
        ]
        return web.json_response({"consents": shown})

    async def _links(self, request: web.Request) -> web.Response:
        one = {"link_id": "l1", "channel": "telegram", "name": "Telegram"}
        linked = self._talk_of(request).linked
        return web.json_response({"links": [one] if linked else [], "offered": [] if linked else [one]})

    async def _link(self, request: web.Request) -> web.Response:
        assert (await request.json()) == {"channel": "telegram", "agreed": True}
        self._talk_of(request).linked = True
        return web.json_response({"url": "https://t.me/relais_bot?start=once"}, status=201)

    async def _unlink(self, request: web.Request) -> web.Response:
        self._talk_of(request).linked = False
        return web.json_response({})

    async def _export(self, request: web.Request) -> web.Response:
        return web.json_response({"conversations": self._talk_of(request).messages})

    async def _sign_out(self, request: web.Request) -> web.Response:
        self._talk_of(request).signed_out = True
        return web.json_response({"signed_out": True})
