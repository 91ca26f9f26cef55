"""Asking for a human, taking the conversation, answering, giving it back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from jsonschema import Draft202012Validator

from tests.bot.conftest import HOST_SECRET, SUNDAY, Bot, Customer, Desk

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "handoff.schema.json").read_text("utf-8"))
NEVER = ("9999-12-31T23:59:59Z", "2026-11-23T15:00:00Z", "2026-11-29T03:00:00Z")
CARD = {
    "customer_id": "C-1001",
    "name": "Camille Laurent",
    "segment": "or",
    "customer_since": "2021-03-04",
    "orders": [{"number": "MA-104233", "status": "shipped", "returns": [], "refunds": []}],
}


def identity(bot: Bot, **changes: Any) -> str:
    now = int(bot.clock().timestamp())
    claims = {"aud": "relais", "sub": "C-1001", "jti": uuid4().hex, "exp": now + 300, "name": "Camille Laurent"}
    kid, secret = changes.pop("kid", "demo"), changes.pop("secret", HOST_SECRET)
    return jwt.encode(claims | changes, secret, algorithm="HS256", headers={"kid": kid})


async def taken(bot: Bot, customer: Customer, name: str = "claire") -> tuple[Desk, str]:
    await customer.post("handoff", {})
    desk = await bot.desk(name)
    handoff = (await desk.queue())[0]["handoff_id"]
    status, _ = await desk.call("POST", f"handoffs/{handoff}/accept")
    assert status == 200
    return desk, handoff


async def test_the_context_fits_the_published_schema_in_every_field(bot: Bot) -> None:
    bot.neighbours.card = CARD
    page = {"url": "http://shop.test/produit/lampe", "title": "Lampe"}
    customer = await bot.customer(locale="fr", identity=identity(bot), page=page)
    shown = await customer.ask("Quel délai ?")
    await customer.post("feedback", {"message_id": shown["id"], "helpful": False})
    await customer.until(2, shown["seq"])
    bot.neighbours.replies = lambda request: [
        {"text": "Je regarde."},
        {"custom": {"task": {"name": "track_order", "step": "lookup", "outcome": "failed", "detail": "back_office"}}},
    ]
    await customer.ask("où est ma commande ?")
    status, body = await customer.post("handoff", {"contact": "call_now", "phone": "+33 6 12 34 56 78"})
    assert status == 202
    assert body["state"]["handoff"] == {"status": "requested", "position": 1, "wait_seconds": 300}
    claire = await bot.desk("claire")
    row = (await claire.queue())[0]
    _, found = await claire.call("GET", f"handoffs/{row['handoff_id']}")
    context = found["context"]
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(context)
    assert context["who"]["display_name"] == "Camille Laurent"
    assert (context["who"]["assurance"], context["who"]["method"]) == ("verified", "host_jwt")
    assert context["who"]["orders"][0]["number"] == "MA-104233"
    assert context["why"]["question"] == "où est ma commande ?"
    assert context["why"]["articles_shown"][0]["helpful"] is False
    assert context["why"]["tasks_tried"][0]["outcome"] == "failed"
    assert context["why"]["page"] == page
    assert context["why"]["topic"] == "delivery"
    assert context["why"]["questions_asked"] == ["Quel délai ?", "où est ma commande ?"]
    assert len(context["why"]["summary"].splitlines()) == 3
    assert context["best_person"] == {"skill": "delivery", "locale": "fr", "priority": 10}
    assert context["contact"] == {"mode": "call_now", "phone": "+33 6 12 34 56 78"}
    assert [line["author"] for line in context["transcript"]][:3] == ["bot", "customer", "bot"]
    assert context["suggestions"][0]["article_id"] == "delivery-times"


async def test_the_card_of_someone_unverified_is_not_asked_for(bot: Bot) -> None:
    bot.neighbours.card = CARD
    customer = await bot.customer()
    await customer.ask("je veux un conseiller")
    claire = await bot.desk("claire")
    row = (await claire.queue())[0]
    _, found = await claire.call("GET", f"handoffs/{row['handoff_id']}")
    Draft202012Validator(SCHEMA).validate(found["context"])
    assert found["context"]["who"]["orders"] == []
    assert found["context"]["who"]["segment"] is None


async def test_the_whole_road(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    notice = await customer.ask("je voudrais un conseiller s’il vous plaît")
    assert (notice["author"], notice["kind"], "n°" in notice["text"]) == ("system", "notice", False)
    claire, handoff = await taken(bot, customer)
    state = (await customer.read())["state"]
    assert (state["owner"], state["advisor_name"]) == ("advisor", "Claire")
    body = {"client_message_id": "a1", "text": "Bonjour, je regarde."}
    first = await claire.call("POST", f"conversations/{customer.id}/messages", body)
    again = await claire.call("POST", f"conversations/{customer.id}/messages", body)
    assert (first[0], again[0]) == (202, 200)
    assert first[1]["message"] == again[1]["message"]
    assert first[1]["message"]["client_message_id"] == "a1"
    status, _ = await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    assert status == 200
    messages = (await customer.read())["messages"]
    assert [m["text"] for m in messages if m["author"] == "system"][1] == "Claire a rejoint la conversation."
    assert messages[-1]["rating_requested"] is True
    assert (await customer.post("rating", {"score": 5, "comment": "parfait"}))[0] == 200
    assert (await customer.ask("merci"))["author"] == "bot"
    assert await claire.queue() == []
    _, released = await claire.call("GET", "handoffs?status=released")
    assert released["handoffs"][0]["handoff_id"] == handoff


async def test_two_advisors_accept_at_once_and_one_wins(bot: Bot) -> None:
    customer = await bot.customer()
    await customer.post("handoff", {})
    claire, hugo = await bot.desk("claire"), await bot.desk("hugo")
    handoff = (await claire.queue())[0]["handoff_id"]
    results = await asyncio.gather(*(desk.call("POST", f"handoffs/{handoff}/accept") for desk in (claire, hugo)))
    assert sorted(status for status, _ in results) == [200, 409]
    refused = next(body for status, body in results if status == 409)["error"]
    assert refused["code"] == "already_taken"
    assert refused["name"] in ("Claire", "Hugo")
    assert refused["name"] in refused["message"]
    joined = [m for m in (await customer.read())["messages"] if "rejoint" in m["text"]]
    assert len(joined) == 1


async def test_rights_at_the_desk(bot: Bot) -> None:
    customer = await bot.customer()
    _, handoff = await taken(bot, customer)
    hugo, ines = await bot.desk("hugo"), await bot.desk("ines", "writer")
    path = f"conversations/{customer.id}/messages"
    status, body = await hugo.call("POST", path, {"client_message_id": "x", "text": "coucou"})
    assert (status, body["error"]["code"]) == (403, "not_your_conversation")
    # An id that Claire has used tells Hugo nothing, and does not pass for a message of his.
    claire = await bot.desk("claire")
    assert (await claire.call("POST", path, {"client_message_id": "y", "text": "bonjour"}))[0] == 202
    assert (await hugo.call("POST", path, {"client_message_id": "y", "text": "coucou"}))[0] == 403
    assert (await hugo.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"}))[0] == 403
    stranger = Desk(bot.client, "nonsense", "")
    for method, tail in (
        ("GET", "handoffs"),
        ("GET", f"handoffs/{handoff}"),
        ("POST", f"handoffs/{handoff}/accept"),
        ("POST", f"handoffs/{handoff}/release"),
        ("GET", path),
        ("POST", path),
        ("POST", f"conversations/{customer.id}/typing"),
    ):
        assert (await ines.call(method, tail))[0] == 403
        assert (await stranger.call(method, tail))[0] == 401
    unpassed = await bot.customer()
    assert (await hugo.call("GET", f"conversations/{unpassed.id}/messages"))[0] == 404


async def test_a_second_request_changes_nothing(bot: Bot) -> None:
    customer = await bot.customer()
    await asyncio.gather(*(customer.post("handoff", {}) for _ in range(4)))
    claire = await bot.desk("claire")
    assert len(await claire.queue()) == 1
    assert len((await customer.read())["messages"]) == 2


async def test_the_customer_stops_waiting(bot: Bot) -> None:
    customer = await bot.customer()
    await customer.post("handoff", {})
    async with bot.client.delete(customer.url("handoff"), headers=customer.headers) as response:
        assert (await response.json())["state"]["owner"] == "bot"
    assert (await customer.ask("bonjour"))["text"] == "écho : bonjour"
    assert await (await bot.desk("claire")).queue() == []


async def test_out_of_hours_the_customer_is_told_when_the_service_opens(bot: Bot) -> None:
    bot.clock.set(SUNDAY)
    customer = await bot.customer(locale="fr")
    await customer.post("handoff", {})
    notice = (await customer.read())["messages"][-1]
    assert "lundi 30 novembre à 9\N{NO-BREAK SPACE}h" in notice["text"]
    state = (await customer.read())["state"]
    opening = "2026-11-30T09:00:00+01:00"
    assert state["handoff"] == {"status": "requested", "position": 1, "wait_seconds": None, "opens_at": opening}
    english = await bot.customer(locale="en")
    await english.post("handoff", {})
    assert "Monday 30 November at 9 am" in (await english.read())["messages"][-1]["text"]
    # The request waits in the queue, and an advisor who is there all the same may take it.
    claire = await bot.desk("claire")
    handoff = (await claire.queue())[0]["handoff_id"]
    assert (await claire.call("POST", f"handoffs/{handoff}/accept"))[0] == 200


async def test_a_danger_topic_goes_to_a_human_at_once(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    assert "112" in (await customer.ask("Ma lampe a pris feu et je suis blessé"))["text"]
    assert (await customer.until(4))[3]["kind"] == "notice"
    assert bot.neighbours.requests == []
    row = (await (await bot.desk("claire")).queue())[0]
    assert row["reason"] == "sensitive_topic"
    assert row["priority"] == 100


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": "x" * 40}, "bad_identity"),
        ({"kid": "other"}, "bad_identity"),
        ({"aud": "elsewhere"}, "bad_identity"),
        ({"sub": ""}, "bad_identity"),
        ({"sub": "x" * 121}, "bad_identity"),
        ({"jti": ""}, "bad_identity"),
        ({"exp": 1}, "expired_identity"),
        ({"exp": 9_999_999_999}, "expired_identity"),
    ],
)
async def test_forged_identities(bot: Bot, changes: dict[str, Any], code: str) -> None:
    async with bot.client.post("/api/v1/conversations", json={"identity": identity(bot, **changes)}) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (401, code)


async def test_an_identity_serves_one_conversation(bot: Bot) -> None:
    token = identity(bot)
    customer = await bot.customer()
    assert (await customer.post("identity", {"identity": token}))[0] == 200
    assert (await customer.post("identity", {"identity": token}))[0] == 200
    async with bot.client.post("/api/v1/conversations", json={"identity": token}) as response:
        assert (await response.json())["error"]["code"] == "replayed_identity"
    status, body = await customer.post("identity", {"identity": identity(bot, sub="C-2", jti="other")})
    assert (status, body["error"]["code"]) == (409, "other_customer")


@pytest.mark.parametrize(
    "body",
    [
        {"contact": "fax"},
        {"contact": "call_now"},
        {"contact": "call_at", "phone": "0612345678"},
        *({"contact": "call_at", "phone": "0612345678", "at": at} for at in NEVER),
    ],
)
async def test_contact_needs_what_it_takes(bot: Bot, body: dict[str, str]) -> None:
    customer = await bot.customer()
    status, answer = await customer.post("handoff", body)
    assert (status, answer["error"]["code"]) == (422, "bad_contact")


async def test_a_danger_said_while_waiting_comes_first(bot: Bot) -> None:
    first, second = await bot.customer(locale="fr"), await bot.customer(locale="fr")
    await first.post("handoff", {})
    await second.post("handoff", {})
    assert "112" in (await second.ask("Ma lampe a pris feu"))["text"]
    assert (await second.until(5))[4]["kind"] == "notice"
    queue = await (await bot.desk("claire")).queue()
    assert [row["conversation_id"] for row in queue] == [second.id, first.id]
    assert queue[0]["reason"] == "sensitive_topic"


@pytest.mark.parametrize(
    ("locale", "asked", "moment"),
    [
        ("fr", "rappelez-moi jeudi", "jeudi 26 novembre à 15\u00a0h\u00a030"),
        ("en", "please call me back on Thursday", "Thursday 26 November at 3:30 pm"),
    ],
)
async def test_a_call_at_a_time_asked_of_the_assistant_reaches_the_desk(
    bot: Bot, locale: str, asked: str, moment: str
) -> None:
    customer = await bot.customer(locale=locale)
    notice = await customer.ask(asked)
    queue = await (await bot.desk("claire")).queue()
    contact = {"mode": "call_at", "phone": "+33612345678", "at": "2026-11-26T15:30:00+01:00"}
    assert [row["contact"] for row in queue] == [contact]
    assert moment in notice["text"]
    assert "+33612345678" in notice["text"]


async def test_signing_in_while_waiting_shows_who_it_is(bot: Bot) -> None:
    bot.neighbours.card = CARD
    customer = await bot.customer()
    await customer.ask("Quel délai ?")
    await customer.post("handoff", {})
    await customer.post("identity", {"identity": identity(bot)})
    claire = await bot.desk("claire")
    _, found = await claire.call("GET", f"handoffs/{(await claire.queue())[0]['handoff_id']}")
    Draft202012Validator(SCHEMA).validate(found["context"])
    assert found["context"]["who"]["assurance"] == "verified"
    assert found["context"]["who"]["orders"][0]["number"] == "MA-104233"
    assert found["context"]["why"]["question"] == "Quel délai ?"
