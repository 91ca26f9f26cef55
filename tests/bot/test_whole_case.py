"""One case on two channels is passed on, declined, released and taken up again as one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.db.models import Conversation, Handoff
from bot.db.people import Promise
from tests.bot.conftest import Customer, Desk
from tests.bot.outside_chat import OutsideChat
from tests.bot.test_cases import accepts, at_desk, both_ask, card, owners
from tests.bot.test_deep_links import bot_of, joined, listed
from tests.bot.test_feedback import quiet

Json = dict[str, Any]
ASKED = "où est ma commande de lampe ?"


async def requests(chat: OutsideChat) -> dict[str, Handoff]:
    async with bot_of(chat).services.db.read() as session:
        rows = (await session.execute(select(Handoff).order_by(Handoff.requested_at))).scalars().all()
        return {row.conversation_id: row for row in rows}


async def one_case(chat: OutsideChat) -> tuple[Customer, str, Desk]:
    """A case of two threads, which Claire has."""
    web, other = await both_ask(chat, ASKED, ASKED)
    claire = await at_desk(bot_of(chat), "claire")
    await accepts(claire, web.id)
    rows = await requests(chat)
    assert rows[web.id].case_id == rows[other].case_id is not None
    return web, other, claire


async def test_both_are_passed_on_and_come_back_together(chat: OutsideChat) -> None:
    bot = bot_of(chat)
    web, other, claire = await one_case(chat)
    hugo = await at_desk(bot, "hugo")
    hugo_id = (await hugo.call("GET", "me"))[1]["user"]["id"]
    rows = await requests(chat)
    body = {"to_user": hugo_id, "anyway": True, "note": "remboursement à vérifier"}
    assert (await claire.call("POST", f"handoffs/{rows[other].id}/transfer", body))[0] == 200
    rows = await requests(chat)
    assert {rows[one].advisor_id for one in (web.id, other)} == {None}
    assert {rows[one].preferred_id for one in (web.id, other)} == {hugo_id}
    await accepts(hugo, other)
    found = await owners(bot)
    assert found[web.id] == found[other] == hugo_id
    thread = (await hugo.call("GET", f"conversations/{web.id}/messages"))[1]["messages"]
    assert not any(message.get("note") == "transfer" for message in thread), "the note is written once"


async def test_both_are_released_once_rated_and_taken_up_again(chat: OutsideChat) -> None:
    web, other, claire = await one_case(chat)
    rows = await requests(chat)
    status, body = await claire.call("POST", f"handoffs/{rows[web.id].id}/release", {"outcome": "resolved"})
    assert (status, body["status"]) == (200, "released")
    rows = await requests(chat)
    assert [(rows[one].status, rows[one].outcome) for one in (web.id, other)] == [("released", "resolved")] * 2
    await chat.hears("de nouveau à votre écoute")
    assert (await claire.call("POST", f"handoffs/{rows[web.id].id}/reopen"))[0] == 200
    rows = await requests(chat)
    assert [rows[one].status for one in (web.id, other)] == ["accepted"] * 2


async def test_one_call_back_is_promised_for_a_case(chat: OutsideChat) -> None:
    web, other, claire = await one_case(chat)
    rows = await requests(chat)
    await claire.call("POST", f"handoffs/{rows[web.id].id}/release", {"outcome": "callback"})
    rows = await requests(chat)
    assert [rows[one].outcome for one in (web.id, other)] == ["callback", "unresolved"]
    async with bot_of(chat).services.db.read() as session:
        (promise,) = (await session.execute(select(Promise))).scalars()
    assert promise.handoff_id == rows[web.id].id


async def test_who_asked_there_to_be_called_waits_for_their_call(chat: OutsideChat) -> None:
    bot = bot_of(chat)
    web = await bot.customer()
    other = await joined(chat, web)
    bot.clock.forward(2 * 3600)
    await chat.say(ASKED)
    await quiet(bot)
    await chat.say("je veux un conseiller")
    await quiet(bot)
    await web.ask(ASKED)
    at = bot.clock().replace(hour=15, minute=0, second=0, microsecond=0).isoformat()
    status, body = await web.post("handoff", {"contact": "call_at", "phone": "+33612345678", "at": at})
    assert status == 202, body
    claire = await at_desk(bot, "claire")
    await accepts(claire, other)
    rows = await requests(chat)
    assert rows[web.id].case_id == rows[other].case_id is not None
    assert rows[other].status == "accepted"
    assert rows[web.id].status in ("requested", "offered")


async def test_unlinked_they_are_two_cases_again(chat: OutsideChat) -> None:
    web, other, claire = await one_case(chat)
    ((link,), _) = await listed(web)
    async with web.client.delete(web.url(f"links/{link['link_id']}"), headers=web.headers) as response:
        assert response.status == 200
    rows = await requests(chat)
    assert [rows[one].case_id for one in (web.id, other)] == [None, None]
    assert (await card(claire, web.id))["why"]["same_case"] == []
    await claire.call("POST", f"handoffs/{rows[web.id].id}/release", {"outcome": "resolved"})
    assert (await requests(chat))[other].status == "accepted"
    async with bot_of(chat).services.db.read() as session:
        assert (await session.get_one(Conversation, other)).owner == "advisor"
