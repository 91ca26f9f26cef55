"""What customers agree to: in plain words, changed at any time, enforced, exported, erased; and what is not kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import forgetting
from bot.db.channels import ChannelThread, Consent
from bot.db.identity import CustomerLink
from bot.db.models import Base, Conversation, Message
from bot.db.people import Customer as Person
from bot.db.people import SpentToken
from bot.erase import erase_customer
from bot.forgetting import AFTER, forget
from tests.bot.conftest import Bot, Customer
from tests.bot.outside_chat import OutsideChat
from tests.bot.test_deep_links import bot_of, joined, listed, past
from tests.bot.test_feedback import quiet, rows
from tests.bot.test_handoff import identity

Json = dict[str, Any]
PURPOSES = ["answering", "history", "linking", "telling"]
LATER = AFTER + timedelta(minutes=1)


async def consents(customer: Customer) -> dict[str, Json]:
    async with customer.client.get(customer.url("consents"), headers=customer.headers) as response:
        assert response.status == 200
        return {each["purpose"]: each for each in (await response.json())["consents"]}


async def put(customer: Customer, body: object) -> tuple[int, Json]:
    async with customer.client.put(customer.url("consents"), json=body, headers=customer.headers) as response:
        return response.status, await response.json()


async def exported(customer: Customer) -> Json:
    async with customer.client.get(customer.url("export"), headers=customer.headers) as response:
        assert "attachment" in response.headers["Content-Disposition"]
        return await response.json()


async def left(bot: Bot) -> set[str]:
    async with bot.services.db.read() as session:
        tables = Base.metadata.sorted_tables
        counts = {t.name: (await session.execute(select(func.count()).select_from(t))).scalar_one() for t in tables}
    # Which versions of articles gaps were asked of is noted when it comes, and is nobody's.
    return {name for name, count in counts.items() if count} - {"gap_articles"}


async def test_each_purpose_is_said_in_plain_words_and_changed_at_any_time(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    shown = await consents(customer)
    assert list(shown) == PURPOSES
    assert {name: each["granted"] for name, each in shown.items()} == {
        "answering": True,
        "history": True,
        "linking": False,
        "telling": False,
    }
    assert all("decided_at" not in each and each["text"].endswith(".") for each in shown.values())
    status, answer = await put(customer, {"telling": True, "history": False})
    assert status == 200
    assert answer["consents"] == list((await consents(customer)).values())
    decided = (await consents(customer))["telling"]
    assert (decided["granted"], decided["channel"], bool(decided["decided_at"])) == (True, "web", True)
    await put(customer, {"telling": True})
    await put(customer, {"telling": False})
    kept = [(row.purpose, row.granted) for row in sorted(await rows(bot, Consent), key=lambda row: row.at)]
    assert kept[-1] == ("telling", False)
    assert len(kept) == 3, "the same again leaves no second trace"
    english = await bot.customer(locale="en")
    assert (await consents(english))["answering"]["title"] == "Answering your questions"
    for wrong in ({}, {"other": True}, {"history": "no"}, {"history": None}):
        status, answer = await put(customer, wrong)
        assert (status, answer["error"]["code"]) == (422, "bad_consent"), wrong


async def test_who_does_not_want_to_be_answered_is_not_read(bot: Bot) -> None:
    customer = await bot.customer()
    await customer.post("handoff", {})
    await put(customer, {"answering": False})
    assert (await customer.read())["state"]["owner"] == "bot", "nobody is waited for any more"
    before = len(await rows(bot, Message))
    status, body = await customer.post("messages", {"client_message_id": "m", "text": "bonjour"})
    assert (status, body["error"]["code"]) == (403, "consent_answering")
    assert len(await rows(bot, Message)) == before
    await put(customer, {"answering": True})
    assert (await customer.post("messages", {"client_message_id": "m", "text": "bonjour"}))[0] == 202


async def test_without_a_history_conversations_go_after_a_day_and_the_decision_stays(bot: Bot) -> None:
    keeps, refuses = await bot.customer(), await bot.customer(identity=identity(bot))
    for customer in (keeps, refuses):
        await customer.ask("bonjour")
    await put(refuses, {"history": False})
    second = await bot.customer(identity=identity(bot, jti="second"))
    await second.ask("encore")
    assert await past(bot, second) == [], "an advisor is shown no history"
    await quiet(bot)
    assert await forget(bot.services) == 0, "a day to read the answer"
    bot.clock.forward(LATER.total_seconds())
    assert await forget(bot.services) == 1, "an advisor still has the second"
    assert {row.id for row in await rows(bot, Conversation)} == {keeps.id, second.id}
    async with bot.client.get(refuses.url("messages"), headers=refuses.headers) as response:
        assert response.status == 404
    third = await bot.customer(identity=identity(bot, jti="third"))
    assert (await consents(third))["history"]["granted"] is False, "what they decided is not forgotten"
    await put(third, {"history": True})
    await third.ask("encore")
    bot.clock.forward(LATER.total_seconds())
    assert await forget(bot.services) == 0


async def test_those_who_thought_better_of_it_hide_nobody_behind_them(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "_AT_ONCE", 2)
    customers = [await bot.customer() for _ in range(5)]
    for customer in customers:
        await customer.ask("bonjour")
        await put(customer, {"history": False})
    await quiet(bot)
    # They are read in the order of their names: the last one comes behind four that stay.
    again = sorted(customers, key=lambda each: each.id)[:4]
    for customer in again:
        await put(customer, {"history": True})
    bot.clock.forward(LATER.total_seconds())
    assert await forget(bot.services) == 1
    assert {row.id for row in await rows(bot, Conversation)} == {each.id for each in again}


async def test_a_visitor_who_never_writes_leaves_nothing(bot: Bot) -> None:
    before = await left(bot)
    await bot.customer(page={"url": "http://shop.test/", "title": "Accueil"})
    await bot.customer(identity=identity(bot))
    assert await left(bot) - before != set()
    bot.clock.forward(LATER.total_seconds() + 3600)
    assert await forget(bot.services) == 2
    assert await left(bot) - before <= {"audit"}
    assert await rows(bot, SpentToken) == []
    assert await rows(bot, Person) == []


async def test_what_is_owed_or_dealt_with_is_kept(bot: Bot) -> None:
    waits = await bot.customer()
    await waits.post("handoff", {"contact": "call_now", "phone": "0612345678"})
    for customer in (waits, await bot.customer()):
        await put(customer, {"history": False})
    bot.clock.forward(LATER.total_seconds())
    assert await forget(bot.services) == 1
    assert [row.id for row in await rows(bot, Conversation)] == [waits.id]


async def test_links_end_with_the_agreement_to_them_and_outlive_a_conversation(chat: OutsideChat) -> None:
    bot = bot_of(chat)
    web = await bot.customer(identity=identity(bot))
    there = await joined(chat, web)
    assert (await consents(web))["linking"] | {"text": "", "title": ""} == {
        "purpose": "linking",
        "title": "",
        "text": "",
        "granted": True,
        "decided_at": (await consents(web))["linking"]["decided_at"],
        "channel": "webhook",
    }
    await put(web, {"history": False})
    bot.clock.forward(LATER.total_seconds())
    assert await forget(bot.services) == 2, "on both channels"
    assert there not in {row.id for row in await rows(bot, Conversation)}
    assert await rows(bot, ChannelThread) == []
    again = await bot.customer(identity=identity(bot, jti="again"))
    assert [link["channel"] for link in (await listed(again))[0]] == ["webhook"]
    await put(again, {"linking": False})
    assert (await listed(again))[0] == []
    assert [link.status for link in await rows(bot, CustomerLink)] == ["unlinked"]


async def test_everything_is_exported_to_who_it_belongs_to(chat: OutsideChat) -> None:
    bot = bot_of(chat)
    web = await bot.customer(identity=identity(bot), page={"url": "http://shop.test/"})
    await web.ask("bonjour")
    there = await joined(chat, web)
    await put(web, {"telling": True})
    kept = await exported(web)
    assert {each["id"] for each in kept["conversations"]} == {web.id, there}
    assert kept["customer"]["reference"] == "C-1001"
    assert {(each["purpose"], each["granted"]) for each in kept["consents"]} == {("linking", True), ("telling", True)}
    assert [each["channel"] for each in kept["links"]] == ["webhook"]
    mine = next(each for each in kept["conversations"] if each["id"] == web.id)
    assert "bonjour" in [message["text"] for message in mine["messages"]]
    assert mine["pages"][0]["url"] == "http://shop.test/"
    bot.clock.forward(25 * 3600)
    lapsed = await exported(web)
    assert [each["id"] for each in lapsed["conversations"]] == [web.id]
    assert (lapsed["identities"], lapsed["links"]) == ([], []), "the proof was too long ago"
    stranger = await bot.customer()
    alone = await exported(stranger)
    assert ([each["id"] for each in alone["conversations"]], alone["customer"]) == ([stranger.id], None)
    async with bot.services.db.read() as session:
        person = (await session.execute(select(Person.id).where(Person.reference == "C-1001"))).scalar_one()
    await erase_customer(bot.services, person)
    assert await rows(bot, Consent) == []
