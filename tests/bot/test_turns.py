"""Turns: failure, retry, crash, epoch."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db.engine import Database
from bot.db.models import Message, Turn
from tests.bot.conftest import Bot


async def turns(bot: Bot) -> list[Turn]:
    async with bot.services.db.read() as session:
        return list((await session.execute(select(Turn).order_by(Turn.seq))).scalars())


async def test_a_failing_neighbour_is_tried_again(bot: Bot) -> None:
    customer = await bot.customer()
    bot.neighbours.failures = [503, 500]
    answer = await customer.ask("bonjour")
    assert answer["text"] == "écho : bonjour"
    assert [request["message_id"] for request in bot.neighbours.requests] == [
        bot.neighbours.requests[0]["message_id"]
    ] * 3


async def test_when_nothing_helps_the_customer_is_told(make_bot: Any) -> None:
    bot: Bot = await make_bot(turn_retry_seconds=0)
    customer = await bot.customer()
    bot.neighbours.failures = [503]
    answer = await customer.ask("bonjour")
    assert answer["kind"] == "choices"
    assert answer["choices"][0]["title"] == "Parler à un conseiller"
    assert (await turns(bot))[0].status == "failed"
    after = await customer.ask("bonjour encore")
    assert after["text"] == "écho : bonjour encore"


async def test_an_empty_reply_is_a_failure(make_bot: Any) -> None:
    bot: Bot = await make_bot(turn_retry_seconds=0)
    bot.neighbours.replies = lambda request: []
    answer = await (await bot.customer()).ask("bonjour")
    assert answer["kind"] == "choices"


async def test_a_lost_tracker_is_restored(bot: Bot) -> None:
    customer = await bot.customer()
    await customer.ask("un")
    bot.neighbours.trackers.clear()
    answer = await customer.ask("deux")
    assert answer["text"] == "écho : deux"
    assert len(bot.neighbours.requests[-1]["restore"]["ids"]) == 1


async def test_a_turn_left_behind_is_taken_up_by_another_process(make_bot: Any) -> None:
    dying: Bot = await make_bot()
    customer = await dying.customer()
    dying.neighbours.hold = asyncio.Event()
    sent = await customer.say("bonjour")
    await dying.neighbours.entered.wait()
    await dying.client.close()
    assert await turn_of(dying, sent["id"]) == "pending", "a clean stop gives its turns back at once"
    # A killed process could not: its turn is under a lease that nobody renews.
    await turn_of(
        dying, sent["id"], status="running", lease_owner="dead", lease_until=dying.clock() + timedelta(seconds=9)
    )
    dying.neighbours.hold.set()
    dying.neighbours.hold = None
    # The machine was down for long, and Rasa comes up later than bot: that is no reason to give up at once.
    dying.clock.forward(300)
    dying.neighbours.failures = [503]
    other: Bot = await make_bot(relais_secret=dying.services.settings.relais_secret)
    customer.client = other.client
    replies = await customer.until(1, sent["seq"])
    assert [message["text"] for message in replies] == ["écho : bonjour"]
    await asyncio.sleep(1.2)
    assert len((await customer.read())["messages"]) == 3


async def turn_of(bot: Bot, message_id: str, **values: Any) -> str:
    """The state of a message's turn, before ``values`` are written over it by hand."""
    db = Database(bot.services.settings.database_url)
    async with db.write() as session:
        turn = (await session.execute(select(Turn).where(Turn.message_id == message_id))).scalar_one()
        status = turn.status
        await session.execute(update(Turn).where(Turn.id == turn.id).values(**({"status": status} | values)))
    await db.close()
    return status


@pytest.mark.parametrize("processes", [2])
async def test_two_processes_share_the_work_without_doubling_it(make_bot: Any, processes: int) -> None:
    first: Bot = await make_bot()
    others = [await make_bot(relais_secret=first.services.settings.relais_secret) for _ in range(processes - 1)]
    customers = [await first.customer() for _ in range(4)]
    for customer in customers:
        customer.client = others[0].client
        for number in range(5):
            await customer.say(f"q{number}")
    for customer in customers:
        messages = await customer.until(11)
        assert [m["text"] for m in messages if m["author"] == "bot"][1:] == [f"écho : q{n}" for n in range(5)]


async def test_the_bot_never_speaks_over_an_advisor(bot: Bot) -> None:
    customer = await bot.customer()
    await customer.ask("Quel délai ?")
    bot.neighbours.hold = asyncio.Event()
    bot.neighbours.entered.clear()
    bot.neighbours.replies = lambda request: [
        {"text": "trop tard"},
        {"custom": {"task": {"name": "track_order", "step": "lookup", "outcome": "done", "detail": "MA-104233"}}},
    ]
    await customer.say("où est ma commande")
    await bot.neighbours.entered.wait()
    # The reply is under way; a human is asked for and takes over before it comes.
    await customer.post("handoff", {})
    claire = await bot.desk("claire")
    handoff = (await claire.queue())[0]
    status, _ = await claire.call("POST", f"handoffs/{handoff['handoff_id']}/accept")
    assert status == 200
    bot.neighbours.hold.set()
    async with asyncio.timeout(30):
        while [turn.status for turn in await turns(bot)] != ["done", "superseded"]:
            await asyncio.sleep(0.02)
    assert "trop tard" not in [message["text"] for message in (await customer.read())["messages"]]
    _, seen = await claire.call("GET", f"conversations/{customer.id}/messages?after=0")
    notes = [message for message in seen["messages"] if message.get("internal")]
    assert "trop tard" in notes[0]["text"]
    assert (await turns(bot))[1].tasks[0]["detail"] == "MA-104233"
    _, seen = await claire.call("GET", f"handoffs/{handoff['handoff_id']}")
    assert [task["detail"] for task in seen["context"]["why"]["tasks_tried"]] == ["MA-104233"]


async def test_while_an_advisor_is_there_rasa_is_not_asked_and_told_afterwards(bot: Bot) -> None:
    customer = await bot.customer()
    await customer.ask("bonjour")
    await customer.post("handoff", {})
    claire = await bot.desk("claire")
    handoff = (await claire.queue())[0]["handoff_id"]
    await claire.call("POST", f"handoffs/{handoff}/accept")
    asked = len(bot.neighbours.requests)
    await customer.say("vous êtes là ?")
    await claire.call("POST", f"conversations/{customer.id}/messages", {"client_message_id": "a", "text": "Oui !"})
    assert len(bot.neighbours.requests) == asked
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    await customer.ask("merci")
    told = bot.neighbours.requests[-1]["catch_up"]
    assert told == [{"author": "customer", "text": "vous êtes là ?"}, {"author": "advisor", "text": "Oui !"}]
    await customer.ask("encore")
    assert bot.neighbours.requests[-1]["catch_up"] == []


async def test_while_waiting_articles_are_shown_and_nothing_else(bot: Bot) -> None:
    customer = await bot.customer()
    await customer.ask("je veux un conseiller")
    asked = len(bot.neighbours.requests)
    answer = await customer.ask("Et le délai ?")
    assert answer["kind"] == "answer"
    assert (await customer.read())["state"]["handoff"]["position"] == 1
    bot.neighbours.decision = "abstain"
    added = await customer.ask("mon colis n'est jamais arrivé")
    assert added["text"].startswith("C’est ajouté à votre demande")
    # What is sent on at once stands beneath those words already.
    sent = await customer.say("et en magasin ?")
    async with asyncio.timeout(30):
        while (await turns(bot))[-1].status != "done":
            await asyncio.sleep(0.02)
    assert (await customer.read(sent["seq"]))["messages"] == []
    bot.clock.forward(90)
    assert (await customer.ask("vous êtes là ?"))["text"] == added["text"]
    assert len(bot.neighbours.requests) == asked
    claire = await bot.desk("claire")
    assert len(await claire.queue()) == 1


async def test_who_asks_for_a_person_again_is_told_their_place(bot: Bot) -> None:
    first, customer = await bot.customer(locale="fr"), await bot.customer(locale="fr")
    await first.post("handoff", {})
    await customer.post("handoff", {})
    again = await customer.ask("je veux parler à un humain")
    assert (again["kind"], "n° 2 dans la file" in again["text"]) == ("text", True)
    assert "ce sera votre tour" in (await first.ask("Un conseiller s'il vous plaît"))["text"]
    assert "number 2" in (await customer.ask("I would like to speak to a real person please"))["text"]
    assert len(await (await bot.desk("claire")).queue()) == 2


async def test_nothing_personal_is_kept_in_an_unanswered_question(bot: Bot) -> None:
    from bot.db.models import UnansweredQuestion

    customer = await bot.customer()
    await customer.ask(
        "mystère de camille@exemple.fr, 06 12 34 56 78, commande MA-104233, je m’appelle Camille Laurent"
    )
    async with bot.services.db.read() as session:
        kept = (await session.execute(select(UnansweredQuestion))).scalar_one()
        stored = (await session.execute(select(Message).where(Message.id == kept.message_id))).scalar_one()
    assert "Camille" in stored.text
    for personal in ("camille@", "06 12", "104233", "Laurent"):
        assert personal not in kept.question
    assert "mystère" in kept.question


async def test_a_person_is_offered_once_a_turn(bot: Bot) -> None:
    person = {"title": "Parler à un conseiller", "payload": "/request_human"}
    track = {"title": "Suivre", "payload": "/track_order"}
    customer = await bot.customer()
    bot.neighbours.replies = lambda request: [
        {"text": "un", "buttons": [track, person]}, {"text": "deux", "buttons": [person]},
        {"text": "trois", "buttons": [person, track]},
    ]  # fmt: skip
    sent = await customer.say("quoi ?")
    shown = await customer.until(3, sent["seq"])
    assert [(each["kind"], [choice["title"] for choice in each.get("choices") or []]) for each in shown] == [
        ("choices", ["Suivre"]), ("text", []), ("choices", ["Parler à un conseiller", "Suivre"]),
    ]  # fmt: skip


async def test_buttons_of_before_still_work_while_waiting(bot: Bot) -> None:
    customer = await bot.customer()
    buttons = [
        {"title": "Délais", "payload": '/choose_article{"article_id": "delivery-times"}'},
        {"title": "Suivre", "payload": "/track_order"},
    ]
    bot.neighbours.replies = lambda request: [{"text": "Lequel ?", "buttons": buttons}]
    choices = (await customer.ask("un sujet"))["choices"]
    await customer.post("handoff", {})
    kinds = []
    for number, choice in enumerate(choices):
        _, sent = await customer.post("messages", {"client_message_id": f"b{number}", "choice": choice["payload"]})
        kinds.append((await customer.until(1, sent["message"]["seq"]))[0]["kind"])
    assert kinds == ["answer", "text"]
    assert len(bot.neighbours.requests) == 1


async def test_a_wait_given_up_in_mid_turn_leaves_no_message_unanswered(bot: Bot) -> None:
    customer = await bot.customer()
    bot.neighbours.hold = asyncio.Event()
    sent = await customer.say("bonjour")
    await bot.neighbours.entered.wait()
    await customer.post("handoff", {})
    async with bot.client.delete(customer.url("handoff"), headers=customer.headers) as response:
        assert response.status == 200
    bot.neighbours.hold.set()
    async with asyncio.timeout(30):
        while "écho : bonjour" not in [m["text"] for m in (await customer.read(sent["seq"]))["messages"]]:
            await asyncio.sleep(0.02)


async def test_a_kept_state_that_cannot_be_read_begins_anew(bot: Bot) -> None:
    from bot.db.models import Conversation

    customer = await bot.customer()
    await customer.ask("un")
    bot.neighbours.trackers.clear()
    async with bot.services.db.write() as session:
        (await session.get_one(Conversation, customer.id)).rasa_state = {"unreadable": True}
    assert (await customer.ask("deux"))["text"] == "écho : deux"
