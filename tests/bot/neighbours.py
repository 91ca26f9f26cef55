"""Scripted neighbours over real HTTP, for tests of bot where a real Rasa would only be slow.

What the real Rasa, actions and knowledge_base do together is tested in tests/road.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.bot.desk_actions import IDENTITY_SECRET, DeskActions

Json = dict[str, Any]
__all__ = ["IDENTITY_SECRET"]
ARTICLE: Json = {
    "article_id": "delivery-times",
    "version": "v1",
    "locale": "fr",
    "title": "Quels sont les délais de livraison ?",
    "answer": "Comptez 3 à 5 jours ouvrés.",
    "passage": "Un colis met 3 à 5 jours ouvrés. Le suivi arrive par e-mail.",
    "sentence": "Un colis met 3 à 5 jours ouvrés.",
    "url": "/aide/delais-de-livraison",
    "score": 0.91,
    "topic": "delivery",
}
Reply = Callable[[Json], list[Json]]


def default_replies(request: Json) -> list[Json]:
    """What the scripted Rasa says unless a test says otherwise."""
    text = request.get("text") or request["command"]
    if "conseiller" in text or text.startswith("/request_human"):
        return [{"custom": {"handoff": {"reason": "customer_request"}}}]
    if "rappel" in text or "call" in text:
        contact = {"mode": "call_at", "phone": "+33612345678", "at": "2026-11-26T15:30:00+01:00"}
        return [{"custom": {"handoff": {"reason": "customer_request", "topic": "contact", "contact": contact}}}]
    if "délai" in text:
        return [{"custom": {"answer": ARTICLE}, "buttons": [{"title": "Suivre", "payload": "/track_order"}]}]
    if text.startswith("/did_not_help"):
        told = {"article_id": json.loads(text.removeprefix("/did_not_help"))["article_id"], "question": "?"}
        return [{"custom": {"not_helped": told}}, {"text": "Autre chose ?"}]
    if "mystère" in text:
        return [{"custom": {"unanswered": {"question": text, "decision": "abstain"}}}, {"text": "Je ne sais pas."}]
    return [{"text": f"écho : {text}"}]


def _by_last_word(questions: list[Json], known: list[Json]) -> Json:
    """Questions mean the same here when their last words do; “mystère ????” asks nothing."""
    homes = {group["examples"][0]["text"].split()[-1]: group["id"] for group in known}
    joined: dict[str, list[str]] = {}
    new: dict[str, list[str]] = {}
    for each in questions:
        last = each["text"].split()[-1]
        (joined if last in homes else new).setdefault(homes.get(last, last), []).append(each["id"])
    sets = list(new.values())
    groups = [{"members": members, "typical": members[0]} for members in sets if len(members) > 1]
    alone = [each[0] for each in sets if len(each) == 1]
    wordless = [each["id"] for each in questions if set(each["text"].split()) <= {"mystère", "????"}]
    return {"groups": groups, "alone": alone, "joined": joined, "wordless": wordless}


class Neighbours:
    """Rasa's channel, the action server and knowledge_base on one port; what they are asked is kept."""

    def __init__(self) -> None:
        self.requests: list[Json] = []
        self.replies: Reply = default_replies
        self.failures: list[int] = []
        self.hold: asyncio.Event | None = None
        self.entered = asyncio.Event()
        self.trackers: dict[str, set[str]] = {}
        self.card: Json | None = None
        self.card_away = False  # the order service does not answer
        # Whose account an e-mail address is, for the lookups of one-time codes; None: the back office is away.
        self.accounts: dict[str, str] | None = {"camille@maison-alder.test": "C-1001"}
        self.lookups: list[str] = []
        self.slots: Json = {}
        self.intent = "ask_question"
        self.desk = DeskActions()
        self.decision = "answer"
        self.article = ARTICLE
        self.searches = 0
        self.search_status = 200
        self.gone: set[str] = set()
        # What the knowledge base publishes, and which questions it answers with what, where a test says so.
        self.revision = 1
        self.published: list[Json] = [ARTICLE | {"slug": "delais-de-livraison"}]
        self.changed = "2026-01-05T09:00:00+00:00"
        self.answers: dict[str, str] | None = None
        self.pairs: list[Json] = []  # articles that say the same
        self.grouped: list[Json] = []  # what was to be grouped
        self.groups_questions = False
        self.went_out: list[Json] = []  # published at an hour that was set

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post("/webhooks/relais/webhook", self._turn),
                web.get("/webhooks/relais/healthz", self._ok),
                web.post("/webhook", self._card),
                web.get("/health", self._ok),
                web.get("/healthz", self._ok),
                web.post("/search", self._search),
                web.get("/articles", self._articles),
                web.post("/studio/groups", self._group),
                web.get("/studio/shelf", self._shelf),
                web.get("/studio/scheduled", self._scheduled),
                web.get("/studio/duplicates", self._duplicates),
                web.get("/studio/jobs/{job}", self._job),
                web.get("/articles/{article_id}", self._by_id),
                web.get("/articles/by-slug/{locale}/{slug}", self._article),
            ]
        )
        return app

    async def start(self) -> TestServer:
        server = TestServer(self.app())
        await server.start_server()
        return server

    async def _shelf(self, _request: web.Request) -> web.Response:
        beside: Json = {
            "state": "published",
            "review_by": None,
            "stale": False,
            "missing": [],
            "updated_at": self.changed,
        }
        return web.json_response({"revision": self.revision, "articles": [beside | one for one in self.published]})

    async def _scheduled(self, request: web.Request) -> web.Response:
        since = request.query.get("since", "")
        return web.json_response({"publications": [one for one in self.went_out if one["at"] >= since]})

    async def _duplicates(self, _request: web.Request) -> web.Response:
        return web.json_response({"revision": self.revision, "pairs": self.pairs})

    async def _ok(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _turn(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append(body)
        seen = self.trackers.setdefault(body["conversation_id"], set())
        restore = body.get("restore")
        if restore and "ids" not in restore:
            return web.json_response({"error": {"code": "bad_request", "message": "state"}}, status=400)
        if restore is not None:
            seen.update(restore.get("ids") or [body["last_message_id"]])
        if body["last_message_id"] and body["last_message_id"] not in seen:
            return web.json_response({"error": {"code": "tracker_missing", "message": ""}}, status=409)
        if self.failures:
            return web.json_response({"error": {"code": "action_failed"}}, status=self.failures.pop(0))
        self.entered.set()
        if self.hold is not None:
            await self.hold.wait()
        seen.add(body["message_id"])
        answer = {
            "replies": self.replies(body),
            "intent": {"name": self.intent, "confidence": 0.9},
            "slots": {"locale": body["locale"]} | self.slots,
            "state": {"ids": sorted(seen)},
        }
        return web.json_response(answer)

    async def _card(self, request: web.Request) -> web.Response:
        body = await request.json()
        if "asked" in body["tracker"]["latest_message"]["metadata"]:
            return await self.desk.answer(body)
        if body["next_action"] == "action_lookup_customer":
            return web.json_response({"events": [], "responses": [{"custom": self._lookup(body)}]})
        away = {"customer": None, "error": "back_office_unavailable"}
        custom = away if self.card_away else {"customer": self.card}
        return web.json_response({"events": [], "responses": [{"custom": custom}]})

    def _lookup(self, body: Json) -> Json:
        token = body["tracker"]["latest_message"]["metadata"]["identity_token"]
        options: Any = {"verify_exp": False, "verify_iat": False}
        claims = jwt.decode(token, IDENTITY_SECRET, algorithms=["HS256"], audience="relais-actions", options=options)
        assert claims["purpose"] == "lookup"
        assert claims["cid"] == body["sender_id"]
        assert "assurance" not in claims, "a lookup gives no other right"
        self.lookups.append(claims["email"])
        if self.accounts is None:
            return {"customer": None, "error": "back_office_unavailable"}
        found = self.accounts.get(claims["email"])
        return {"customer": {"customer_id": found, "email": claims["email"]} if found else None}

    async def _search(self, request: web.Request) -> web.Response:
        self.searches += 1
        if self.answers is not None:
            found = self.answers.get((await request.json())["question"])
            results = [self.article | {"article_id": found}] if found else []
            return web.json_response(
                {"decision": "answer" if found else "abstain", "confidence": 0.9, "results": results}
            )
        if self.search_status != 200:
            return web.json_response({"error": {"code": "down", "message": ""}}, status=self.search_status)
        return web.json_response({"decision": self.decision, "confidence": 0.9, "results": [self.article]})

    async def _articles(self, request: web.Request) -> web.Response:
        return web.json_response({"revision": self.revision, "articles": self.published})

    async def _group(self, request: web.Request) -> web.Response:
        if not self.groups_questions:
            return web.json_response({"error": {"code": "starting", "message": ""}}, status=503)
        self.grouped.append(await request.json())
        return web.json_response({"job": str(len(self.grouped))}, status=202)

    async def _job(self, request: web.Request) -> web.Response:
        asked = self.grouped[int(request.match_info["job"]) - 1]
        result = _by_last_word(asked["questions"], asked["known"])
        return web.json_response({"state": "done", "done": 1, "total": 1, "result": result})

    async def _by_id(self, request: web.Request) -> web.Response:
        if request.match_info["article_id"] in self.gone:
            return web.json_response({"error": {"code": "not_found", "message": ""}}, status=404)
        wanted = request.match_info["article_id"]
        known = self.article if wanted == self.article["article_id"] else ARTICLE | {"article_id": wanted}
        return web.json_response(known | {"body": "", "score": None})

    async def _article(self, request: web.Request) -> web.Response:
        if request.match_info["slug"] != "delais-de-livraison":
            return web.json_response({"error": {"code": "not_found", "message": ""}}, status=404)
        body = "## Délais\n\n<script>alert(1)</script>\n\n[ici](javascript:alert(1))"
        return web.json_response(ARTICLE | {"body": body, "related": [], "locales": {"en": "/help/delivery-times"}})
