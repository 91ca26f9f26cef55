"""Writing again after an advisor has left: by age and by topic, and never round and round."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.turns.reopening import Ended, where_to
from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.test_handoff import taken
from tests.bot.test_offers import sit

NOW = Ended(timedelta(minutes=5), same_topic=True, is_there=True, times=1, was_offered=False)


@pytest.mark.parametrize(
    ("change", "answered", "where"),
    [
        ({}, False, "advisor"),
        ({"same_topic": False}, False, "advisor"),
        ({"age": timedelta(minutes=31)}, False, "bot"),
        ({"is_there": False}, False, "bot"),
        ({"times": 2}, False, "bot"),
        ({}, True, "queue"),
        ({"age": timedelta(days=6)}, True, "queue"),
        ({"age": timedelta(days=8)}, True, "bot"),
        ({"same_topic": False}, True, "bot"),
        ({"was_offered": True}, True, "bot"),
    ],
)
def test_where_it_goes(change: dict[str, Any], answered: bool, where: str) -> None:
    ended = Ended(**(NOW.__dict__ | change))
    found = where_to(ended, answered=answered, by_itself=timedelta(minutes=30), at_all=timedelta(days=7))
    assert found == where


async def left(bot: Bot) -> tuple[Customer, Desk]:
    """A customer whose question about delivery an advisor has answered; the advisor is at the desk."""
    customer = await bot.customer(locale="fr")
    await customer.ask("quel est le délai ?")
    desk, handoff = await taken(bot, customer)
    await desk.call("PUT", "presence", {"status": "available"})
    status, body = await desk.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    assert status == 200, body
    return customer, desk


async def test_what_is_unanswered_goes_back_to_the_same_advisor_once(bot: Bot) -> None:
    customer, desk = await left(bot)
    line = await sit(bot, desk)
    first = await customer.ask("c'est un mystère")
    assert first["text"].startswith("Je vous remets en relation avec Claire")
    (request,) = await desk.queue()
    _, card = await desk.call("GET", f"handoffs/{request['handoff_id']}")
    assert card["context"]["best_person"]["preferred_advisor_name"] == "Claire"
    assert card["context"]["why"]["question"] == "c'est un mystère"
    assert card["context"]["why"]["reason"] == "no_answer"
    await desk.call("POST", f"handoffs/{request['handoff_id']}/accept")
    await desk.call("POST", f"handoffs/{request['handoff_id']}/release", {"outcome": "resolved"})
    again = await customer.ask("encore un mystère")
    assert again["text"] == "Je ne sais pas."
    assert await desk.queue() == []
    await line.close()


async def test_what_is_asked_back_goes_to_nobody(bot: Bot) -> None:
    customer, desk = await left(bot)
    line = await sit(bot, desk)
    asked = {"question": "une énigme", "decision": "clarify"}
    choices = [{"title": "Livraison", "payload": '/choose_article{"article_id": "delivery-times"}'}]
    bot.neighbours.replies = lambda _: [
        {"custom": {"unanswered": asked}},
        {"text": "Est-ce cela ?", "buttons": choices},
    ]
    assert (await customer.ask("une énigme"))["text"] == "Est-ce cela ?"
    assert await desk.queue() == []
    await line.close()


async def test_what_did_not_help_before_somebody_was_there_is_settled(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    answer = await customer.ask("quel est le délai ?")
    await customer.post("feedback", {"message_id": answer["id"], "helpful": False})
    await customer.ask("bonjour")
    assert bot.neighbours.requests[-1]["metadata"]["feedback"] == {"delivery-times": False}
    desk, handoff = await taken(bot, customer)
    await desk.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    await customer.ask("bonjour encore")
    assert "feedback" not in bot.neighbours.requests[-1]["metadata"]


async def test_nobody_is_asked_who_is_not_there(bot: Bot) -> None:
    customer, desk = await left(bot)
    assert (await customer.ask("c'est un mystère"))["text"] == "Je ne sais pas."
    assert await desk.queue() == []


async def test_an_answer_on_the_same_topic_has_a_way_back_once(bot: Bot) -> None:
    customer, desk = await left(bot)
    line = await sit(bot, desk)
    answer = await customer.ask("et le délai pour Lyon ?")
    titles = [choice["title"] for choice in answer["choices"]]
    assert titles == ["Suivre", "Reprendre avec un conseiller"]
    assert [choice["title"] for choice in (await customer.ask("et ce délai ?"))["choices"]] == ["Suivre"]
    assert await desk.queue() == []
    await customer.post("messages", {"client_message_id": "way-back", "choice": answer["choices"][1]["payload"]})
    await customer.until(3, answer["seq"] + 2)
    assert len(await desk.queue()) == 1
    await line.close()


async def test_thanks_bring_nobody_back(bot: Bot) -> None:
    customer, desk = await left(bot)
    line = await sit(bot, desk)
    assert (await customer.ask("merci beaucoup"))["text"] == "écho : merci beaucoup"
    assert await desk.queue() == []
    await line.close()
