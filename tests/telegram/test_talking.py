"""Text both ways, buttons, cards: through the webhook and the fake Bot API server."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select

from bot.db.models import Conversation, Message
from bot.db.telegram import TelegramUpdate
from tests.bot.neighbours import ARTICLE
from tests.telegram.fake_api import FakeTelegram
from tests.telegram.person import Person, push, titles, until_titles

Json = dict[str, Any]


async def rows(person: Person, model: Any) -> list[Any]:
    async with person.bot.services.db.read() as session:
        return list((await session.execute(select(model))).scalars())


async def said(person: Person) -> list[str]:
    """What the record holds of the person's own words, in order."""
    messages = sorted(await rows(person, Message), key=lambda message: message.seq)
    return [message.text for message in messages if message.author == "customer"]


async def test_start_greets_and_a_question_is_answered(camille: Person) -> None:
    assert "je suis" in camille.reads[0].lower()
    (reply,) = await camille.ask("bonjour <b>à & vous</b>")
    assert reply["read"] == "écho : bonjour <b>à & vous</b>", "what people write is text and no markup"
    (conversation,) = await rows(camille, Conversation)
    assert (conversation.channel, conversation.assurance, conversation.locale) == ("telegram", "channel", "fr")
    assert await said(camille) == ["bonjour <b>à & vous</b>"]


async def test_an_article_is_a_card_with_its_sentence_its_link_and_buttons(camille: Person) -> None:
    (card,) = await camille.ask("Quel délai ?")
    assert card["html"].startswith(f"<b>{ARTICLE['title']}</b>\n\n")
    assert f"<blockquote>{ARTICLE['sentence']}</blockquote>" in card["html"]
    assert f'<a href="{camille.bot.services.settings.public_url}{ARTICLE["url"]}">Lire l’article</a>' in card["html"]
    assert titles(card) == ["Suivre", "👍 Cela m’aide", "👎 Pas vraiment"]
    await camille.press(card, "👍")
    await until_titles(card, ["Suivre", "✓ Merci de votre avis"])
    await camille.press(card, "Suivre")
    await until_titles(card, ["✓ Suivre", "✓ Merci de votre avis"])
    assert (await camille.until_read("écho : /track_order"))["read"]


async def test_a_no_looks_for_something_better_and_counts_once(camille: Person) -> None:
    (card,) = await camille.ask("Quel délai ?")
    again = camille.press_update(card, "👎")
    for _ in range(2):
        await camille.send(again)
    await camille.send(again | {"update_id": again["update_id"] + 1})
    await camille.until_read("Autre chose ?")
    assert (await said(camille)).count("Cela ne m’aide pas") == 1


async def test_a_button_pressed_twice_counts_once(camille: Person) -> None:
    (card,) = await camille.ask("Quel délai ?")
    first, second = camille.press_update(card, "Suivre"), camille.press_update(card, "Suivre")
    await camille.send(first)
    await camille.send(second)
    await camille.say("encore")
    await camille.until_read("encore")
    assert await said(camille) == ["Quel délai ?", "Suivre", "encore"]
    async with asyncio.timeout(30):  # beside what is said
        while len(camille.telegram.of("answerCallbackQuery")) < 2:
            await asyncio.sleep(0.02)


async def test_each_update_once_and_in_order_whatever_order_they_come_in(camille: Person) -> None:
    updates = [camille.update(message=camille.message(text=f"n°{number}")) for number in range(1, 7)]
    for index in (1, 0, 2, 5, 4, 3, 1, 5):
        await camille.send(updates[index])
    await camille.until_read("n°6")
    assert await said(camille) == [f"n°{number}" for number in range(1, 7)]
    assert [text for text in camille.reads if "n°" in text] == [f"écho : n°{number}" for number in range(1, 7)]
    await camille.until_handled()
    kept = await rows(camille, TelegramUpdate)
    assert {(row.status, row.chat_id, row.payload) for row in kept} == {("done", None, None)}, "only numbers stay"


async def test_two_processes_share_the_updates(camille: Person, on_telegram: Any) -> None:
    other = await on_telegram()
    updates = [camille.update(message=camille.message(text=f"n°{number}")) for number in range(1, 9)]
    for index, update in enumerate(updates):
        for client in (camille.bot.client, other.client) if index % 2 else (other.client, camille.bot.client):
            assert await push(client, update) == 200
    await camille.until_read("n°8")
    assert await said(camille) == [f"n°{number}" for number in range(1, 9)]
    assert [text for text in camille.reads if "n°" in text] == [f"écho : n°{number}" for number in range(1, 9)]


async def test_what_telegram_did_not_send_is_refused(camille: Person) -> None:
    forged = camille.message(text="faux")
    for secret in (None, "", "wrong", "a-secret_that_only_Telegram_and_we_knoW"):
        assert await push(camille.bot.client, {"update_id": 5, "message": forged}, secret) == 403
    for number in (None, "1", True, -1, 2**63):
        assert await push(camille.bot.client, {"update_id": number, "message": forged}) == 422
    await camille.ask("vrai")
    assert await said(camille) == ["vrai"]
    assert len(await rows(camille, TelegramUpdate)) == 2


async def test_updates_of_kinds_we_do_not_know_are_taken_and_change_nothing(camille: Person) -> None:
    strange: list[Json] = [
        {"poll_answer": {"poll_id": "1"}},
        {"message": {"chat": {"id": "x"}}},
        {"message": None},
        {"callback_query": {"id": "1"}},
        {"message": camille.message(pinned_message=camille.message(text="épinglé"))},
    ]
    for kind in strange:
        await camille.send(camille.update(**kind))
    await camille.ask("bonjour")
    assert await said(camille) == ["bonjour"]


async def test_it_answers_in_the_language_of_the_person(on_telegram: Any, telegram: FakeTelegram) -> None:
    bot = await on_telegram()
    john = Person(telegram, bot, 77, "en-GB")
    (greeting,) = await john.ask("/start")
    assert greeting["read"].startswith("Hello")
    anna = Person(telegram, bot, 78, "pl")
    (greeting,) = await anna.ask("/start")
    assert greeting["read"].startswith("Bonjour"), "the company's first language, where we speak none of theirs"
