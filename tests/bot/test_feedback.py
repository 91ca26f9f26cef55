"""Did this help? A no looks for something better, once, and never over a human; writers read it masked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import Conversation, Feedback, UnansweredQuestion
from tests.bot.conftest import Bot, Customer
from tests.bot.neighbours import ARTICLE
from tests.bot.test_handoff import identity, taken
from tests.bot.test_turns import turns

Json = dict[str, Any]


async def press(customer: Customer, message: Json, helpful: bool) -> None:
    status, _ = await customer.post("feedback", {"message_id": message["id"], "helpful": helpful})
    assert status == 200


async def rows(bot: Bot, table: Any) -> list[Any]:
    async with bot.services.db.read() as session:
        return list((await session.execute(select(table))).scalars())


async def quiet(bot: Bot) -> None:
    """Until no turn is left to do."""
    async with asyncio.timeout(30):
        while any(turn.status in ("pending", "running") for turn in await turns(bot)):
            await asyncio.sleep(0.02)


async def test_a_no_is_said_for_the_customer_and_answered(bot: Bot) -> None:
    customer = await bot.customer()
    shown = await customer.ask("Quel délai ?")
    await press(customer, shown, False)
    said, reply = await customer.until(2, shown["seq"])
    assert (said["author"], said["text"]) == ("customer", "Cela ne m’aide pas")
    assert reply["text"] == "Autre chose ?"
    request = bot.neighbours.requests[-1]
    assert request["command"] == '/did_not_help{"article_id": "delivery-times"}'
    assert request["message_id"] == said["id"]
    assert request["metadata"]["feedback"] == {"delivery-times": False}


async def test_in_english_it_is_said_in_english(bot: Bot) -> None:
    customer = await bot.customer(locale="en")
    shown = await customer.ask("Quel délai ?")
    async with bot.services.db.write() as session:
        (await session.get_one(Conversation, customer.id)).locale = "en"
    await press(customer, shown, False)
    assert (await customer.until(1, shown["seq"]))[0]["text"] == "This doesn’t help me"


async def test_pressing_again_or_at_once_makes_one_turn_and_a_change_of_mind_none(bot: Bot) -> None:
    customer = await bot.customer()
    shown = await customer.ask("Quel délai ?")
    await asyncio.gather(*(press(customer, shown, False) for _ in range(5)))
    await customer.until(2, shown["seq"])
    await press(customer, shown, True)
    await press(customer, shown, False)
    await press(customer, shown, True)
    await quiet(bot)
    assert len(bot.neighbours.requests) == 2
    assert len((await customer.read(shown["seq"]))["messages"]) == 2
    (kept,) = await rows(bot, Feedback)
    assert kept.helpful is True
    assert await rows(bot, UnansweredQuestion) == []
    async with bot.services.db.read() as session:
        assert (await session.get_one(Conversation, customer.id)).outcome == "answered"


async def test_a_yes_is_only_kept_and_told_with_the_next_question(bot: Bot) -> None:
    customer = await bot.customer()
    shown = await customer.ask("Quel délai ?")
    await press(customer, shown, True)
    await quiet(bot)
    assert len(bot.neighbours.requests) == 1
    await customer.ask("autre chose")
    assert bot.neighbours.requests[-1]["metadata"]["feedback"] == {"delivery-times": True}


async def test_a_no_to_an_older_answer_or_beside_a_turn_is_only_kept(bot: Bot) -> None:
    customer = await bot.customer()
    old = await customer.ask("Quel délai ?")
    new = await customer.ask("Et le délai en Belgique ?")
    await press(customer, old, False)
    bot.neighbours.hold = asyncio.Event()
    bot.neighbours.entered.clear()
    await customer.say("bonjour")
    await bot.neighbours.entered.wait()
    await press(customer, new, False)
    bot.neighbours.hold.set()
    await quiet(bot)
    assert len(bot.neighbours.requests) == 3
    assert [row.helpful for row in await rows(bot, Feedback)] == [False, False]


@pytest.mark.parametrize("owner", ["queue", "advisor"])
async def test_a_no_never_makes_the_assistant_speak_over_a_human(bot: Bot, owner: str) -> None:
    customer = await bot.customer()
    shown = await customer.ask("Quel délai ?")
    if owner == "queue":
        await customer.post("handoff", {})
    else:
        await taken(bot, customer)
    before = await customer.read()
    await press(customer, shown, False)
    await quiet(bot)
    assert await customer.read() == before
    assert len(bot.neighbours.requests) == 1
    assert [row.reason for row in await rows(bot, UnansweredQuestion)] == ["not_helped"]


async def test_writers_read_the_question_masked_with_the_article_and_its_version(bot: Bot) -> None:
    answer = ARTICLE | {"question": "Quel délai pour Camille Laurent, MA-104233 ?", "confidence": 0.87}
    bot.neighbours.replies = lambda request: [{"custom": {"answer": answer}}]
    customer = await bot.customer(identity=identity(bot))
    shown = await customer.ask("Quel délai ?")
    assert shown["answer"]["sentence"] in shown["answer"]["passage"]
    assert not {"question", "confidence", "asked"} & {*shown["answer"], *shown}
    bot.neighbours.replies = lambda request: [{"text": "Autre chose ?"}]
    await press(customer, shown, False)
    await quiet(bot)
    (kept,) = await rows(bot, Feedback)
    assert (kept.article_id, kept.version, kept.score, kept.confidence) == ("delivery-times", "v1", 0.91, 0.87)
    (told,) = await rows(bot, UnansweredQuestion)
    assert (told.reason, told.article_id, told.version) == ("not_helped", "delivery-times", "v1")
    assert told.candidates == [{"article_id": "delivery-times", "title": ARTICLE["title"], "score": 0.91}]
    for question in (kept.question, told.question):
        assert question.startswith("Quel délai pour [nom]")
        assert not {"Camille", "Laurent", "104233"} & set(question.replace(",", " ").replace("-", " ").split())


async def test_in_words_it_counts_as_the_button_and_the_button_then_does_nothing(bot: Bot) -> None:
    customer = await bot.customer()
    shown = await customer.ask("Quel délai ?")
    told = {"not_helped": {"article_id": "delivery-times", "question": "Quel délai ?"}}
    bot.neighbours.replies = lambda request: [{"custom": told}, {"text": "Autre chose ?"}]
    await customer.ask("ça ne m’aide pas")
    (kept,) = await rows(bot, Feedback)
    assert (kept.message_id, kept.helpful, kept.question) == (shown["id"], False, "Quel délai ?")
    assert [row.reason for row in await rows(bot, UnansweredQuestion)] == ["not_helped"]
    await press(customer, shown, False)
    await quiet(bot)
    assert len(bot.neighbours.requests) == 2


async def test_an_id_of_ours_cannot_be_taken(bot: Bot) -> None:
    customer = await bot.customer()
    status, body = await customer.post("messages", {"client_message_id": "feedback:x", "text": "…"})
    assert (status, body["error"]["code"]) == (422, "bad_client_message_id")


async def test_while_waiting_an_article_of_the_other_language_is_announced(bot: Bot) -> None:
    customer = await bot.customer()
    await customer.post("handoff", {})
    bot.neighbours.article = ARTICLE | {"locale": "en"}
    sent = await customer.say("Quel délai ?")
    said, shown = await customer.until(2, sent["seq"])
    assert said["text"] == "Cet article n’existe qu’en anglais\u00a0:"
    assert shown["answer"]["locale"] == "en"
