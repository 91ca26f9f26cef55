"""Events of handoffs: each step once and in order, signed, tried again, dead letters seen and sent again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import func, select

from bot.db.models import Conversation
from bot.db.people import AuditEntry
from bot.db.webhooks import HandoffEvent, WebhookDelivery
from bot.erase import erase_customer
from bot.handoff.offering import Offering
from bot.settings import BotSettings
from bot.signing import _asked_to_wait, signature
from bot.webhooks import back_off
from tests.bot.conftest import OPEN_HOUR, Bot
from tests.bot.receiver import SECRET, Receiver, example
from tests.bot.test_handoff import SCHEMA, identity, taken
from tests.bot.test_offers import advisor, id_of, offered_to, sit, until

Json = dict[str, Any]


@pytest.fixture
async def outside(make_bot: Any) -> AsyncIterator[tuple[Receiver, str, Any]]:
    """The receiver, its address, and ``start(**settings)`` for a bot that tells it."""
    clock: list[Any] = []
    receiver = Receiver(lambda: clock[0]().timestamp())
    server = await receiver.start()
    url = str(server.make_url("/hook"))

    async def start(**settings: Any) -> Bot:
        values = {"webhook_url": [url], "webhook_secret": [SECRET]} | settings
        bot: Bot = await make_bot(**values)
        clock.append(bot.clock)
        return bot

    yield receiver, url, start
    await server.close()


async def deliveries(bot: Bot) -> list[WebhookDelivery]:
    async with bot.services.db.read() as session:
        return list((await session.execute(select(WebhookDelivery).order_by(WebhookDelivery.id))).scalars())


async def until_failed(bot: Bot, attempts: int, place: int = 0, cause: str | None = None) -> WebhookDelivery:
    """The first delivery, once so many attempts have failed (the last for this cause) and the next one has its time."""

    async def look() -> WebhookDelivery | None:
        row = (await deliveries(bot))[place]
        # While an attempt is on its way the cause of the one before still stands.
        settled = row.status != "pending" or (row.error is not None and cause in (None, row.error))
        return row if row.attempts == attempts and settled else None

    found: WebhookDelivery = await until(look, f"{attempts} attempts")
    return found


async def test_every_step_is_told_once_in_order_and_signed(outside: Any) -> None:
    receiver, _, start = outside
    bot = await start(webhook_secret=["n" * 32, SECRET])  # a secret that is being changed: the old one still serves
    customer = await bot.customer()
    claire, handoff = await taken(bot, customer)
    await claire.call("POST", f"handoffs/{handoff}/accept")  # once more changes nothing, and is no event
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    await customer.post("handoff", {})
    await customer.post("identity", {"identity": identity(bot)})
    async with bot.client.delete(customer.url("handoff"), headers=customer.headers):
        pass
    events = await receiver.until(6)
    first = [event for event in events if event["handoff_id"] == handoff]
    second = [event for event in events if event["handoff_id"] != handoff]
    assert [event["type"] for event in first] == ["handoff.requested", "handoff.accepted", "handoff.released"]
    assert [event["type"] for event in second] == ["handoff.requested", "handoff.context_changed", "handoff.cancelled"]
    assert [event["number"] for event in first + second] == [1, 2, 3, 1, 2, 3]
    assert [event["status"] for event in first] == ["requested", "accepted", "released"]
    assert first[1]["advisor"] == {"id": await id_of(claire), "name": "Claire"}
    assert first[2]["details"] == {"outcome": "resolved"}
    for event in events:
        assert ("context" in event) == (event["type"].split(".")[1] in ("requested", "accepted", "context_changed"))
        if "context" in event:
            Draft202012Validator(SCHEMA).validate(event["context"])
            assert event["context"]["conversation_id"] == customer.id
    headers, body = receiver.requests[0]
    assert headers["Relais-Signature"].count("v1=") == 2
    assert example()(headers, body, "n" * 32, bot.clock().timestamp())
    assert not example()(headers, body + b" ", SECRET, bot.clock().timestamp())
    assert not example()(headers, body, SECRET, bot.clock().timestamp() + 600)


async def test_offers_and_what_becomes_of_them_are_told(outside: Any) -> None:
    receiver, _, start = outside
    bot = await start()
    claire, hugo = await advisor(bot, "claire", ["general"], ["fr"]), await advisor(bot, "hugo", ["general"], ["fr"])
    lines = [await sit(bot, claire), await sit(bot, hugo)]
    people = {await id_of(claire): claire, await id_of(hugo): hugo}
    customer = await bot.customer()
    await customer.post("handoff", {})
    row = await until(lambda: _offered(claire), "the offer")
    asked = row["offered_to"]
    await people[asked].call("POST", f"handoffs/{row['handoff_id']}/decline")
    other = next(user for user in people if user != asked)
    await offered_to(claire, other)
    await people[other].call("PUT", "presence", {"status": "busy"})
    await Offering(bot.services).look()
    events = await receiver.until(5)
    assert receiver.types[:5] == ["requested", "offered", "declined", "offered", "withdrawn"]
    assert [event.get("advisor", {}).get("id") for event in events[:5]] == [None, asked, asked, other, other]
    for line in lines:
        await line.close()


async def _offered(desk: Any) -> Json | None:
    row: Json = (await desk.queue())[0]
    return row if row["offered_to"] else None


async def test_what_fails_is_tried_again_later_and_the_next_step_waits_for_it(outside: Any) -> None:
    receiver, _, start = outside
    bot = await start()
    bot.clock.hold()  # no attempt comes by itself, however slow the machine is
    receiver.answers = [(500, {}), (503, {"Retry-After": "600"}), (302, {"Location": "/elsewhere"})]
    customer = await bot.customer()
    await taken(bot, customer)
    for attempt, (cause, least) in enumerate([("http_500", 2.5), ("http_503", 600.0), ("http_302", 10.0)], 1):
        row = await until_failed(bot, attempt, cause=cause)
        wait = (row.next_attempt_at - bot.clock()).total_seconds()
        assert (row.status, row.error) == ("pending", cause)
        assert least <= wait <= 600, (attempt, wait)
        assert receiver.events == [], "the acceptance waits for the request"
        bot.clock.forward(wait + 1)
        await receiver.until_asked(attempt + 1)
    assert [event["type"] for event in await receiver.until(2)] == ["handoff.requested", "handoff.accepted"]
    assert receiver.elsewhere == 0, "no redirect is followed"
    assert len({headers["Relais-Event"] for headers, _ in receiver.requests[:4]}) == 1


async def test_a_dead_letter_is_seen_by_administrators_and_sent_again_once(outside: Any) -> None:
    receiver, _, start = outside
    bot = await start(webhook_attempts=1)
    receiver.answers = [(500, {}), (410, {})]
    customer = await bot.customer()
    await customer.post("handoff", {})
    row = await until_failed(bot, 1)
    assert row.status == "dead"
    async with bot.client.delete(customer.url("handoff"), headers=customer.headers):
        pass
    assert (await until_failed(bot, 1, 1)).error == "http_410"
    admin, marc = await bot.desk("root", "admin"), await bot.desk("marc", "supervisor")
    assert (await marc.call("GET", "webhooks"))[0] == 403
    assert (await marc.call("POST", f"webhooks/{row.id}/replay"))[0] == 403
    status, seen = await admin.call("GET", "webhooks?status=dead")
    assert (status, seen["counts"]) == (200, {"dead": 2, "pending": 0, "delivered": 0})
    assert [(one["type"], one["error"], one["attempts"]) for one in seen["webhooks"]] == [
        ("handoff.cancelled", "http_410", 1),
        ("handoff.requested", "http_500", 1),
    ]
    status, again = await admin.call("POST", f"webhooks/{row.id}/replay")
    assert (status, again["status"], again["attempts"]) == (200, "pending", 0)
    await receiver.until(1)
    await until(lambda: _counts(admin, "delivered", 1), "delivered")
    assert (await admin.call("POST", f"webhooks/{row.id}/replay"))[1]["status"] == "delivered", "pressed twice"
    assert (await admin.call("POST", "webhooks/replay"))[1] == {"replayed": 1}
    await receiver.until(2)
    assert receiver.types == ["requested", "cancelled"]
    assert (await admin.call("POST", "webhooks/999/replay"))[0] == 404
    assert (await admin.call("GET", "webhooks?status=lost"))[0] == 422
    async with bot.services.db.read() as session:
        actions = (await session.execute(select(AuditEntry.action).where(AuditEntry.action.like("webhook%")))).scalars()
        assert list(actions) == ["webhook_replayed", "webhooks_replayed"]


async def _counts(admin: Any, status: str, count: int) -> bool:
    return bool((await admin.call("GET", "webhooks"))[1]["counts"][status] == count)


async def test_two_processes_tell_each_step_once_to_each_address(outside: Any) -> None:
    receiver, url, start = outside
    first = await start(webhook_url=[url, f"{url}?second=1"])
    await start(webhook_url=[url, f"{url}?second=1"])
    for _ in range(3):
        customer = await first.customer()
        await customer.post("handoff", {})
    await receiver.until(6)
    await asyncio.sleep(1.2)
    assert len(receiver.events) == 6
    assert len({event["id"] for event in receiver.events}) == 3


async def test_what_was_not_committed_is_not_told_and_who_is_erased_is_not_told_of(outside: Any) -> None:
    receiver, _, start = outside
    bot = await start()
    bot.clock.hold()
    receiver.answers = [(500, {})]
    customer = await bot.customer(identity=identity(bot))
    claire, handoff = await taken(bot, customer)
    hugo = await bot.desk("hugo")
    assert (await hugo.call("POST", f"handoffs/{handoff}/accept"))[0] == 409
    await until_failed(bot, 1)
    async with bot.services.db.read() as session:
        assert (await session.execute(select(func.count()).select_from(HandoffEvent))).scalar_one() == 2
        person = (await session.get_one(Conversation, customer.id)).customer_id
    await erase_customer(bot.services, person)
    assert await deliveries(bot) == []
    bot.clock.forward(60)
    await asyncio.sleep(1.2)
    assert receiver.events == []
    status, body = await claire.call(
        "POST", f"conversations/{customer.id}/messages", {"client_message_id": "x", "text": "Bonjour"}
    )
    assert (status, body["error"]["code"]) == (404, "unknown_conversation")


def test_waiting_grows_is_spread_and_heeds_what_was_asked() -> None:
    assert all(2.5 <= back_off(1) <= 5 for _ in range(50))
    assert all(1800 <= back_off(40) <= 3600 for _ in range(50))
    assert len({back_off(5) for _ in range(20)}) > 1
    assert _asked_to_wait("120", OPEN_HOUR) == 120
    assert _asked_to_wait("Tue, 24 Nov 2026 10:01:00 GMT", OPEN_HOUR) == 60
    assert _asked_to_wait("soon", OPEN_HOUR) is None
    assert _asked_to_wait(None, OPEN_HOUR + timedelta(days=1)) is None
    assert signature(["a", "b"], "1", b"x").startswith("v1=")


@pytest.mark.parametrize(
    "settings",
    [
        {"webhook_url": "https://crm.test/hook"},
        {"webhook_url": "https://crm.test/hook", "webhook_secret": "short"},
        {"webhook_url": "http://crm.test/hook", "webhook_secret": SECRET},
        {"webhook_url": "https://me:secret@crm.test/", "webhook_secret": SECRET},
        {"webhook_url": "ftp://crm.test/hook", "webhook_secret": SECRET},
        {"webhook_url": "https://crm.test/hook", "webhook_secret": f"{SECRET},{SECRET},{SECRET}"},
    ],
)
def test_what_cannot_be_signed_or_kept_private_stops_the_start(settings: dict[str, str]) -> None:
    keys = {"relais_secret": "r" * 32, "identity_secret": "i" * 32}
    BotSettings(**keys, webhook_url="https://crm.test/hook/,http://127.0.0.1:1/", webhook_secret=SECRET)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="WEBHOOK_"):
        BotSettings(**keys, **settings)  # type: ignore[arg-type]
