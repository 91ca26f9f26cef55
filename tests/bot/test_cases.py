"""The same question on two linked channels within the hour: one case, one place, one advisor, both threads."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import Conversation, Handoff
from bot.db.people import User
from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.outside_chat import OutsideChat
from tests.bot.test_deep_links import bot_of, joined
from tests.bot.test_feedback import quiet

Json = dict[str, Any]


async def at_desk(bot: Bot, name: str) -> Desk:
    desk = await bot.desk(name)
    async with bot.services.db.write() as session:
        await session.execute(update(User).values(seen_at=bot.clock()))
    return desk


async def accepts(desk: Desk, conversation_id: str) -> Json:
    row = next(row for row in await desk.queue() if row["conversation_id"] == conversation_id)
    status, body = await desk.call("POST", f"handoffs/{row['handoff_id']}/accept")
    assert status == 200, body
    return body


async def card(desk: Desk, conversation_id: str) -> Json:
    row = next(row for row in await desk.queue() if row["conversation_id"] == conversation_id)
    return (await desk.call("GET", f"handoffs/{row['handoff_id']}"))[1]["context"]


async def owners(bot: Bot) -> dict[str, str | None]:
    async with bot.services.db.read() as session:
        rows = (await session.execute(select(Handoff).order_by(Handoff.requested_at))).scalars().all()
        return {row.conversation_id: row.advisor_id for row in rows}


async def both_ask(chat: OutsideChat, here: str, there: str) -> tuple[Customer, str]:
    """One person asks on the web, then on the other channel, and wants a human on both."""
    bot = bot_of(chat)
    web = await bot.customer()
    other = await joined(chat, web)
    bot.clock.forward(2 * 3600)
    await web.ask(here)
    await web.post("handoff", {})
    bot.clock.forward(600)
    await chat.say(there)
    await quiet(bot)
    await chat.say("je veux un conseiller")
    await quiet(bot)
    return web, other


async def test_one_case_waits_once_and_is_taken_by_one(chat: OutsideChat) -> None:
    bot = bot_of(chat)
    stranger = await bot.customer()
    web, other = await both_ask(chat, "où est ma commande de lampe ?", "Ou est ma commande de lampe")
    bot.clock.forward(-300)
    await stranger.post("handoff", {})
    bot.clock.forward(300)
    claire = await at_desk(bot, "claire")
    order = [row["conversation_id"] for row in await claire.queue()]
    assert order.index(other) < order.index(stranger.id), "asked later there, with the place it had here"
    context = (await accepts(claire, web.id))["context"]
    (same,) = context["why"]["same_case"]
    assert (same["conversation_id"], same["channel"]) == (other, "webhook")
    assert same["status"] in ("requested", "offered"), "nobody has it yet"
    assert same["question"] == "Ou est ma commande de lampe"
    found = await owners(bot)
    assert found[web.id] == found[other] is not None
    assert found[stranger.id] is None
    (seen,) = (await card(claire, other))["why"]["same_case"]
    assert (seen["conversation_id"], seen["channel"], seen["status"]) == (web.id, "web", "accepted")
    status, read = await claire.call("GET", f"conversations/{web.id}")
    assert status == 200
    assert read["channel"] == "web"


async def test_who_has_the_case_gets_the_other_thread_at_once_and_one_rating_is_asked(chat: OutsideChat) -> None:
    bot = bot_of(chat)
    web = await bot.customer()
    other = await joined(chat, web)
    await web.ask("où est ma commande de lampe ?")
    await web.post("handoff", {})
    claire = await at_desk(bot, "claire")
    await accepts(claire, web.id)
    await chat.say("où est ma commande de lampe ?")
    await quiet(bot)
    await chat.say("un conseiller svp")
    await chat.hears("Claire")
    found = await owners(bot)
    assert found[other] == found[web.id]
    row = next(row for row in await claire.queue() if row["conversation_id"] == web.id)
    await claire.call("POST", f"handoffs/{row['handoff_id']}/release", {"outcome": "resolved"})
    assert (await web.read())["messages"][-1]["rating_requested"] is True
    last = await chat.hears("de nouveau à votre écoute")
    assert "rating_requested" not in last


async def test_whoever_makes_offers_has_their_turn_before_their_requests_are_held(
    chat: OutsideChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They lock requests in their turn: one who held a request and waited for the turn would wait for ever."""
    bot = bot_of(chat)
    web = await bot.customer()
    await joined(chat, web)
    await chat.say("je veux un conseiller")
    await quiet(bot)
    steps: list[str] = []
    database = bot.services.db
    turn = database.one_at_a_time

    async def taken(session: AsyncSession, work: int) -> None:
        steps.append("turn")
        await turn(session, work)

    def ran(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE handoffs"):
            steps.append("held")

    async with database.write():  # nobody is in the middle of it
        monkeypatch.setattr(database, "one_at_a_time", taken)
        event.listen(database.engine.sync_engine, "before_cursor_execute", ran)
    status, _ = await web.post("handoff", {"contact": "call_now", "phone": "+33612345678"})
    assert status == 202
    assert "held" in steps, "they are one case"
    assert steps[0] == "turn"


async def test_another_question_is_another_case(chat: OutsideChat) -> None:
    bot = bot_of(chat)
    web, other = await both_ask(chat, "où est ma commande de lampe ?", "vos chaises existent-elles en chêne clair ?")
    claire = await at_desk(bot, "claire")
    assert (await accepts(claire, web.id))["context"]["why"]["same_case"] == []
    assert (await owners(bot))[other] is None


async def test_what_the_assistant_answered_elsewhere_is_seen_too_and_later_it_is_another_case(
    chat: OutsideChat,
) -> None:
    bot = bot_of(chat)
    web = await bot.customer()
    other = await joined(chat, web)
    await chat.say("Quel délai pour une lampe ?")
    await chat.hears("Comptez 3 à 5 jours")
    await web.ask("quel délai pour une lampe")
    await web.post("handoff", {})
    claire = await at_desk(bot, "claire")
    (same,) = (await card(claire, web.id))["why"]["same_case"]
    assert (same["conversation_id"], same["handoff_id"]) == (other, None)
    async with bot.services.db.read() as session:
        earlier = await session.get_one(Conversation, other)
    assert earlier.returned_within_days is None, "the same case is no return"
    async with web.client.get(web.url("handoff/slip"), headers=web.headers) as response:
        (past,) = [line for line in (await response.json())["lines"] if line["kind"] == "history"]
    struck = {"lines": [{"id": past["id"], "struck": True}]}
    async with web.client.put(web.url("handoff/slip"), json=struck, headers=web.headers) as response:
        assert response.status == 200
    assert (await card(claire, web.id))["why"]["same_case"] == [], (
        "what the customer struck out is not seen that way either"
    )
    await web.client.delete(web.url("handoff"), headers=web.headers)
    bot.clock.forward(3 * 3600)
    await web.ask("quel délai pour une lampe")
    await web.post("handoff", {})
    assert (await card(claire, web.id))["why"]["same_case"] == []
