"""What the fake API says before and beside a conversation: how the chat looks, what to offer, articles, files."""

from __future__ import annotations

from typing import Any

from aiohttp import BodyPartReader, web

from bot.web.widget_files import lean
from tests.widget import fake_words

Json = dict[str, Any]
STATIC = fake_words.STATIC
LOOK: Json = {
    "brand": "Maison Alder",
    "assistant": "Aulne",
    "name": None,
    "palette": {"light": ["#1f6f5c", "#ffffff"], "dark": ["#6fc3ab", "#10241e"]},
    "position": "right",
    "languages": ["fr", "en"],
    "max_message_chars": 4000,
    "max_file_bytes": 8 * 1024 * 1024,
}
START: Json = {
    "suggestions": [
        {"article_id": "return-an-item", "title": "Comment faire un retour\u202f?"},
        {"article_id": "delivery-times", "title": "Quels sont les délais de livraison\u202f?"},
    ],
    "article": None,
    "when_known": [{"title": "Mes commandes", "text": "Où en est ma commande\u202f?"}],
}
LINK = ["a", {"href": "/aide/echanger"}, "l’échange"]
ARTICLE: Json = {
    "article_id": "return-an-item",
    "locale": "fr",
    "title": "Retourner un article",
    "topic": "Retours",
    "answer": fake_words.ANSWER,
    "body": [
        ["p", {}, "Vous pouvez changer d’avis."],
        ["h2", {}, "Combien cela coûte"],
        ["p", {}, f"L’article doit être inutilisé. {fake_words.SENTENCE} Le remboursement part ensuite."],
        ["ul", {}, ["li", {}, "Voir aussi ", LINK], ["li", {}, ["script", {}, "alert(1)"], ["strong", {}, "gras"]]],
        ["table", {}, ["tbody", {}, ["tr", {}, ["th", {}, "Lieu"], ["td", {}, "Prix"]]]],
        ["p", {}, ["a", {"href": "javascript:document.title='hacked'"}, "piège"]],
    ],
    "related": [{"article_id": "delivery-times", "title": "Quels sont les délais de livraison\u202f?"}],
}


async def serve(request: web.Request) -> web.Response:
    """A file of the widget, as bot serves it."""
    path = (STATIC / request.match_info["path"]).resolve()
    if not path.is_file():
        raise web.HTTPNotFound
    types = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
    return web.Response(body=lean(path), content_type=types[path.suffix], charset="utf-8")


class FakeLook:
    """Its levers: change ``look`` and ``start`` before a page is loaded."""

    def __init__(self) -> None:
        self.look = dict(LOOK)
        self.start = dict(START)
        self.asked: list[dict[str, str]] = []
        self.articles: Json = {"return-an-item": ARTICLE}

    def add_routes(self, app: web.Application) -> None:
        """Beside those of the conversations."""
        app.router.add_get("/api/v1/widget", self._look)
        app.router.add_get("/api/v1/widget/start", self._start)
        app.router.add_get("/api/v1/articles/{id}", self._article)
        app.router.add_get("/widget/{path:.+}", serve)

    async def _look(self, request: web.Request) -> web.Response:
        greeting = fake_words.GREETING[request.query.get("locale", "fr")]
        return web.json_response({"greeting": greeting} | self.look)

    async def _start(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        return web.json_response(self.start)

    async def _article(self, request: web.Request) -> web.Response:
        found = self.articles.get(request.match_info["id"])
        if found is None:
            error = {"code": "not_found", "message": "Cet article n’existe plus."}
            return web.json_response({"error": error}, status=404)
        return web.json_response(found | {"url": f"{request.url.origin()}/aide/{found['article_id']}"})


async def uploaded(request: web.Request) -> Json:
    """The form of an upload: ``{client_message_id, name, content, type}``."""
    found: Json = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read())
        if part.name == "file":
            found |= {"name": part.filename, "content": content, "type": part.headers["Content-Type"]}
        else:
            found[str(part.name)] = content.decode()
    return found
