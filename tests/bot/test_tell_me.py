"""“Tell me when you know”: offered where nothing answers, agreed to for one question, undone, told once."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from bot.conversations.messages import messages_after
from bot.db.channels import Consent
from bot.erase import erase_customer
from bot.forgetting import forget
from bot.handoff.questions import latest_questions
from bot.studio.gap_answers import review
from bot.texts import say
from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.neighbours import default_replies
from tests.bot.outside_chat import OutsideChat
from tests.bot.test_consents import LATER, consents, exported, put
from tests.bot.test_deep_links import bot_of
from tests.bot.test_gap_telling import TEXT, published, said, settled, tellings
from tests.bot.test_gaps import gaps, grouped, groups, writer
from tests.bot.test_handoff import identity
from tests.bot.test_links import press as chosen
from tests.bot.test_links import proves, question
from tests.bot.test_private import on_public

__all__ = ["writer"]  # a fixture, found by its name
Json = dict[str, Any]
LAMP = "mystère de la lampe"
OFFER = [{"title": "Oui", "payload": "/affirm"}, {"title": "Non", "payload": "/deny"}]


def button(message: Json, key: str = "tell_me", locale: str = "fr") -> str | None:
    found = [each["payload"] for each in message.get("choices", []) if each["title"] == say(locale, key)]
    return found[0] if found else None


async def press(customer: Customer, payload: str | None, key: str) -> Json:
    assert payload is not None
    seq = (await customer.read())["messages"][-1]["seq"]
    status, _ = await customer.post("messages", {"client_message_id": key, "choice": payload})
    assert status == 202
    return (await customer.until(2, seq))[1]


async def test_pressed_it_holds_for_that_question_and_the_answer_comes_once(bot: Bot, writer: Desk) -> None:
    customer, silent = await bot.customer(locale="fr"), await bot.customer(locale="fr")
    await silent.ask("un mystère de lampe")
    offered = await customer.ask(LAMP)
    turns = len(bot.neighbours.requests)
    noted = await press(customer, button(offered), "yes")
    assert noted["text"] == say("fr", "tell_me_this_browser", days=30)
    assert len(bot.neighbours.requests) == turns, "Rasa is not asked"
    async with bot.services.db.read() as session:
        messages = await messages_after(session, customer.id, 0)
    assert latest_questions(messages, []) == [LAMP], "a press asks nothing: the advisor's card does not quote it"
    telling = (await consents(customer))["telling"]
    assert telling["granted"]
    assert LAMP in telling["text"]
    assert telling["questions"] == [LAMP]
    taken = await exported(customer)
    (kept,) = taken["conversations"][0]["unanswered_questions"]
    assert [(each["purpose"], each["granted"], each["question_id"]) for each in taken["consents"]] == [
        ("telling", True, kept["id"])
    ]
    assert button(await customer.ask("Mystère de la lampe")) is None, "agreed to already"
    assert button(await customer.ask("mystère du tapis")) is not None, "another question is another"
    await grouped(bot, writer)
    await published(bot, writer)
    assert await settled(bot) == ["told"]
    assert said((await customer.read())["messages"]) == [TEXT]
    assert said((await silent.read())["messages"]) == []
    assert (await consents(customer))["telling"]["questions"] == []


async def test_it_is_undone_at_once_or_among_my_data(bot: Bot, writer: Desk) -> None:
    undoes, decides = await bot.customer(locale="fr"), await bot.customer(locale="fr")
    noted = await press(undoes, button(await undoes.ask(LAMP)), "yes")
    undone = await press(undoes, button(noted, "tell_me_undo"), "no")
    assert undone["text"] == say("fr", "tell_me_undone")
    assert button(await undoes.ask(LAMP)) is not None
    english = await bot.customer(locale="en")
    offered = await english.ask("what is the mystère of this please")
    noted = await press(english, button(offered, locale="en"), "yes")
    assert button(noted, "tell_me_undo", "en") is not None
    await press(decides, button(await decides.ask(LAMP)), "yes")
    assert (await put(decides, {"telling": False}))[0] == 200
    await grouped(bot, writer)
    await published(bot, writer)
    assert await tellings(bot) == []
    async with bot.services.db.read() as session:
        assert len((await session.execute(select(Consent).where(Consent.question_id.is_not(None)))).all()) == 5


async def test_it_is_offered_where_nothing_helped_and_no_advisor_is_wanted(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    await put(customer, {"history": False})

    def replies(request: Json) -> list[Json]:
        command = request.get("command") or ""
        if command.startswith("/did_not_help"):
            told = json.loads(command.removeprefix("/did_not_help"))
            return [{"custom": {"not_helped": told | {"question": "?"}}}, {"text": "Un conseiller ?", "buttons": OFFER}]
        if command == "/deny":
            return [{"text": "Comme vous voudrez."}]
        return default(request)

    default, bot.neighbours.replies = bot.neighbours.replies, replies
    answer = await customer.ask("Quel délai ?")
    assert button(answer) is None
    bot.neighbours.slots = {"human_offered": True, "offer_reason": "not_helpful"}
    await customer.post("feedback", {"message_id": answer["id"], "helpful": False})
    asks = (await customer.until(2, answer["seq"]))[1]
    assert [each["title"] for each in asks["choices"]] == ["Oui", "Non", say("fr", "tell_me")]
    bot.neighbours.slots = {}
    declined = await press(customer, asks["choices"][1]["payload"], "deny")
    assert declined["text"] == "Comme vous voudrez."
    noted = await press(customer, button(declined), "yes")
    assert noted["text"] == say("fr", "tell_me_a_day"), "the chat is not kept for longer, and it is said"
    # A change of mind takes the question back, and an old button says so.
    await customer.post("feedback", {"message_id": answer["id"], "helpful": True})
    assert (await press(customer, button(asks), "late"))["text"] == say("fr", "tell_me_gone")


async def test_it_goes_with_the_conversation_and_with_the_person(bot: Bot) -> None:
    known = await bot.customer(locale="fr", identity=identity(bot, sub="C-1001", jti="1"))
    noted = await press(known, button(await known.ask(LAMP)), "yes")
    assert noted["text"] == say("fr", "tell_me_here")
    stranger = await bot.customer(locale="fr")
    await press(stranger, button(await stranger.ask(LAMP)), "yes")
    await put(stranger, {"history": False})
    bot.clock.forward(LATER.total_seconds())
    assert await forget(bot.services) == 1
    async with bot.services.db.read() as session:
        (mine,) = (await session.execute(select(Consent))).scalars()
    await erase_customer(bot.services, mine.customer_id)
    async with bot.services.db.read() as session:
        assert (await session.execute(select(Consent))).first() is None


async def test_on_another_channel_it_is_written_there(chat: OutsideChat) -> None:
    bot = bot_of(chat)
    await groups(bot)
    desk = await bot.desk("ines", "writer")
    await chat.say(LAMP)
    heard = await chat.hears("Je ne sais pas.")
    await chat.press({"payload": button(heard)})
    await chat.hears(say("fr", "tell_me_written"))
    await grouped(bot, desk)
    await published(bot, desk)
    await chat.hears(TEXT)
    assert await settled(bot) == ["told"]


async def answered_by(bot: Bot, desk: Desk, article_id: str, *texts: str) -> None:
    """That article answers these, and their gap has been looked at."""
    bot.neighbours.answers = dict.fromkeys(texts, article_id)
    (gap,) = (await gaps(desk)).values()
    await review(bot.services, gap["gap_id"], article_id, "fr:v1")


async def test_a_question_that_was_told_is_not_told_by_another_article(bot: Bot, writer: Desk) -> None:
    customer = await bot.customer(locale="fr")
    await press(customer, button(await customer.ask("un mystère de lampe")), "before")
    await press(customer, button(await customer.ask(LAMP)), "yes")
    await grouped(bot, writer)
    await answered_by(bot, writer, "lamp", LAMP)
    assert await settled(bot) == ["told"]
    await answered_by(bot, writer, "other", LAMP, "un mystère de lampe")
    assert await settled(bot) == ["told"], "nor is what they asked there in other words before"
    since = "encore un mystère de lampe"
    await press(customer, button(await customer.ask(since)), "since")
    assert (await consents(customer))["telling"]["questions"] == [since]
    await grouped(bot, writer)
    await answered_by(bot, writer, "other", LAMP, since)
    assert await settled(bot) == ["told", "told"]


async def test_who_was_told_of_one_gap_is_still_told_of_the_others(bot: Bot, writer: Desk) -> None:
    customer, others = await bot.customer(locale="fr"), ("mystère du tapis", "mystère du vase")
    for text in (LAMP, *others):
        await press(customer, button(await customer.ask(text)), text)
    found = await grouped(bot, writer)
    assert set(found) == {LAMP, *others}, "a gap each"
    bot.neighbours.answers = {text: text[-5:] for text in found}
    await review(bot.services, found[LAMP]["gap_id"], LAMP[-5:], "fr:v1")
    assert await settled(bot) == ["told"]
    assert set((await consents(customer))["telling"]["questions"]) == set(others)
    assert button(await customer.ask(others[0])) is None, "agreed to already"
    for text in others:
        await review(bot.services, found[text]["gap_id"], text[-5:], "fr:v1")
    assert await settled(bot) == ["told", "told", "told"], "nor does the one that is told drop the other that is due"
    assert (await consents(customer))["telling"]["questions"] == []


async def test_two_articles_that_are_owed_for_one_question_are_told_as_one(bot: Bot, writer: Desk) -> None:
    claire = await bot.desk("claire")
    customer = await bot.customer(locale="fr")
    await press(customer, button(await customer.ask(LAMP)), "yes")
    await customer.post("handoff", {})
    (row,) = await claire.queue()
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    await grouped(bot, writer)
    for article_id in ("lamp", "other"):
        await answered_by(bot, writer, article_id, LAMP)
    assert [each.status for each in await tellings(bot)] == ["due", "due"]
    await claire.call("POST", f"handoffs/{row['handoff_id']}/release", {"outcome": "resolved"})
    assert sorted(await settled(bot)) == ["dropped", "told"]


async def test_off_is_off_also_for_what_they_were_told_of(bot: Bot, writer: Desk) -> None:
    customer = await bot.customer(locale="fr")
    await press(customer, button(await customer.ask(LAMP)), "yes")
    await grouped(bot, writer)
    await answered_by(bot, writer, "lamp", LAMP)
    assert await settled(bot) == ["told"]
    assert (await put(customer, {"telling": False}))[0] == 200
    said_of_it = [each["granted"] for each in (await exported(customer))["consents"] if each["question_id"]]
    assert said_of_it == [True, False]


async def test_off_is_off_also_for_what_they_named_before_they_were_known(make_bot: Any) -> None:
    """On a channel whose account they did not agree to link with the person they proved to be."""
    public = await on_public(make_bot, account="tg-7")
    bot, customer = public.bot, public.customer
    await groups(bot)
    desk = await bot.desk("ines", "writer")
    await bot.customer(identity=identity(bot))
    proving, bot.neighbours.replies = bot.neighbours.replies, default_replies
    await press(customer, button(await customer.ask(LAMP)), "yes")
    bot.neighbours.replies = proving
    await proves(public)
    await chosen(customer, await question(public), 1)
    telling = (await consents(customer))["telling"]
    assert (telling["granted"], telling["questions"]) == (True, [LAMP])
    assert (await put(customer, {"telling": False}))[0] == 200
    assert (await consents(customer))["telling"]["granted"] is False
    await grouped(bot, desk)
    await answered_by(bot, desk, "lamp", LAMP)
    assert await tellings(bot) == []
