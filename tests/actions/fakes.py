"""The two neighbours of the action server, truly outside: HTTP servers that answer as their contracts say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from aiohttp import web

OFFICE_TOKEN = "office-token"
ANSWERS = {
    "livraison": ("delivery-times", "delivery", "fr", "Comptez 3 à 5 jours ouvrés."),
    "livr": ("delivery-times", "delivery", "fr", "Comptez 3 à 5 jours ouvrés."),
    "deliver": ("delivery-times", "delivery", "en", "Allow 3 to 5 working days."),
    "suivre": ("track-an-order", "delivery", "fr", "Le lien de suivi arrive par e-mail."),
    "retour": ("returns", "returns", "fr", "Vous avez 30 jours pour changer d’avis."),
    "return": ("returns", "returns", "en", "You have 30 days to change your mind."),
}


def _article(article_id: str, topic: str, locale: str, answer: str) -> dict[str, Any]:
    prefix = "help" if locale == "en" else "aide"
    passage = f"Bon à savoir. {answer} Le reste est dans l’article."
    return {
        "article_id": article_id, "version": 3, "locale": locale, "title": article_id.replace("-", " "),
        "answer": answer, "passage": passage, "sentence": answer, "url": f"/{prefix}/{article_id}", "score": 0.9,
        "topic": topic,
    }  # fmt: skip


def _again(question: str, locale: str, history: list[dict[str, Any]]) -> dict[str, Any]:
    """What is found once an article did not help: the others ("unique" has none), that article last."""
    failed = {line["article_id"] for line in history if line["helped"] is False}
    rows = {row[0]: row for row in ANSWERS.values() if row[2] == locale}
    order = sorted(rows.values(), key=lambda row: row[0] in failed)
    decision = "abstain" if "unique" in question else "answer"
    return {"decision": decision, "confidence": 0.5, "results": [_article(*row) for row in order], "follow_up": False}


class FakeKnowledgeBase:
    """Answers by a word of the question, asks back on "hésite"/"unsure", abstains on all else.

    "et …"/"and …" is understood with the question before it; an English word finds an English article for anybody.
    """

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.down = False
        self.knows_history = True

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/search", self._search)
        app.router.add_get("/articles/{article_id}", self._article)
        return app

    async def _search(self, request: web.Request) -> web.Response:
        if self.down:
            return web.json_response({"error": {"code": "down", "message": "down"}}, status=503)
        body = await request.json()
        self.asked.append(body)
        if "history" in body and not self.knows_history:
            return web.json_response({"error": {"code": "bad_request", "message": "history: Extra inputs"}}, status=400)
        words, history = body["question"].lower(), body.get("history", [])
        if any(line["helped"] is False for line in history if line["question"] == body["question"]):
            return web.json_response(_again(words, body["locale"], history))
        follow_up = words.startswith(("et ", "and ")) and bool(history)
        if follow_up:
            words = f"{history[-1]['question']} {words}".lower()
        if "hésite" in words or "unsure" in words:
            results = [_article(*ANSWERS["livraison"]), _article(*ANSWERS["retour"])]
            return web.json_response({"decision": "clarify", "confidence": 0.4, "results": results})
        found = next((_article(*row) for word, row in ANSWERS.items() if word in words), None)
        if found is None:
            return web.json_response({"decision": "abstain", "confidence": 0.1, "results": [], "follow_up": follow_up})
        decided = {"decision": "answer", "confidence": 0.93, "results": [found], "follow_up": follow_up}
        return web.json_response(decided)

    async def _article(self, request: web.Request) -> web.Response:
        wanted, locale = request.match_info["article_id"], request.query["locale"]
        for row in ANSWERS.values():
            if row[0] == wanted and row[2] == locale:
                extra = {"body": "# …", "related": [], "locales": {}, "slug": wanted}
                return web.json_response({**_article(*row), **extra})
        return web.json_response({"error": {"code": "not_found", "message": "no"}}, status=404)


def order(number: str, customer_id: str, status: str, **delivery: Any) -> dict[str, Any]:
    """An order as the back office gives it."""
    return {
        "number": number, "customer_id": customer_id, "status": status, "placed_at": "2026-11-16T10:00:00+01:00",
        "total_eur": 89.0, "lines": [{"sku": "AT-1", "title": "Lampe Atelier", "quantity": 1, "price_eur": 89.0}],
        "delivery": {"mode": "home", "address_city": "Lyon", **delivery}, "returns": [], "refunds": [], "late": False,
    }  # fmt: skip


class FakeBackOffice:
    """C-1001 has one order on its way and one in preparation, C-2002 one of their own; C-3003 is Gold."""

    def __init__(self) -> None:
        self.mode = "ok"
        self.tracked: dict[str, str] = {}
        self.cancelled: dict[str, str] = {}
        self.calls: list[str] = []
        self.customers = {
            key: {"customer_id": key, "name": name, "email": f"{key}@maison-alder.test", "segment": segment,
                  "customer_since": "2021-03-01", "language": "fr"}
            for key, name, segment in (
                ("C-1001", "Camille Roche", "standard"), ("C-2002", "Noé Petit", "standard"), ("C-3003", "Ava", "or"),
            )
        }  # fmt: skip
        shipped = {"carrier": "Colis Express", "tracking_url": "https://suivi.test/1", "expected_on": "2026-11-24"}
        orders = [
            order("MA-104233", "C-1001", "shipped", **shipped),
            order("MA-104871", "C-1001", "in_preparation"),
            order("MA-104512", "C-1001", "delivered", delivered_at="2026-11-01T12:00:00+01:00"),
            order("MA-105002", "C-2002", "shipped", **shipped),
        ]
        self.orders = {each["number"]: each for each in orders}

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._mode])
        app.router.add_get("/back-office/v1/customers/{id}", self._customer)
        app.router.add_get("/back-office/v1/customers/{id}/orders", self._orders)
        app.router.add_get("/back-office/v1/orders/{number}", self._order)
        app.router.add_post("/back-office/v1/orders/{number}/tracking-requests", self._track)
        app.router.add_post("/back-office/v1/orders/{number}/cancellation", self._cancel)
        return app

    @web.middleware
    async def _mode(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.calls.append(request.path)
        if request.headers.get("Authorization") != f"Bearer {OFFICE_TOKEN}":
            return _missing(401)
        if self.mode == "down":
            return web.Response(status=503, text="down")
        if self.mode == "nonsense":
            return web.Response(text="<html>hello</html>")
        # "slow" outlasts our patience by far; "busy" lasts as long as a test takes to kill somebody.
        await asyncio.sleep({"slow": 20.0}.get(self.mode, 0.0))
        while self.mode == "busy":
            await asyncio.sleep(0.02)
        response: web.StreamResponse = await handler(request)
        return response

    async def _customer(self, request: web.Request) -> web.Response:
        found = self.customers.get(request.match_info["id"])
        return web.json_response(found) if found else _missing()

    async def _orders(self, request: web.Request) -> web.Response:
        mine = [each for each in self.orders.values() if each["customer_id"] == request.match_info["id"]]
        return web.json_response({"orders": mine})

    async def _order(self, request: web.Request) -> web.Response:
        found = self.orders.get(request.match_info["number"])
        return web.json_response(found) if found else _missing()

    async def _track(self, request: web.Request) -> web.Response:
        number, key = request.match_info["number"], _message_of(request)
        if not key or number not in self.orders:
            return _missing(404 if key else 400)
        self.tracked.setdefault(key, number)
        delivery = self.orders[number]["delivery"]
        tracking = {
            "status": "in_transit", "label_fr": "colis au centre de tri", "label_en": "parcel at the sorting centre",
            "carrier": delivery.get("carrier"), "tracking_url": delivery.get("tracking_url"), "last_event": "sorted",
            "last_event_at": "2026-11-21T08:00:00+01:00", "expected_on": delivery.get("expected_on"),
        }  # fmt: skip
        return web.json_response({"tracking": tracking})

    async def _cancel(self, request: web.Request) -> web.Response:
        self.cancelled.setdefault(_message_of(request), request.match_info["number"])
        return web.json_response({"cancellation": {"status": "cancelled", "refund_eur": 0, "refunded_by": None}})


def _message_of(request: web.Request) -> str:
    """The id of the customer's message, with which the key of each change begins."""
    return request.headers.get("Idempotency-Key", "").partition(":")[0]


def _missing(status: int = 404) -> web.Response:
    return web.json_response({"error": {"code": "error", "message": "no"}}, status=status)


@asynccontextmanager
async def served(app: web.Application, port: int) -> AsyncIterator[None]:
    """The app on 127.0.0.1:port for the length of the block."""
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()


def identity_token(
    secret: str,
    conversation_id: str,
    *,
    sub: str = "C-1001",
    assurance: str = "verified",
    minutes: float = 10,
    **claims: Any,
) -> str:
    """What bot signs into a message's metadata."""
    now = datetime.now(UTC)
    payload = {
        "iss": "relais-bot", "aud": "relais-actions", "sub": sub, "cid": conversation_id, "assurance": assurance,
        "iat": now, "exp": now + timedelta(minutes=minutes), **claims,
    }  # fmt: skip
    return jwt.encode(payload, secret, algorithm="HS256")
