"""An incident in front of who is in the midst of a task, or begins one."""

from __future__ import annotations

from typing import Any

from tests.bot.conftest import Bot
from tests.bot.neighbours import ARTICLE, default_replies
from tests.bot.preparing_incidents import FORM, studio_of

Json = dict[str, Any]


async def test_a_question_in_the_midst_of_a_task_gets_it_and_each_task_begins_with_the_notice(bot: Bot) -> None:
    studio = await studio_of(bot)
    customer = await bot.customer(locale="fr")
    question = {"text": "Quelle adresse e-mail ?", "custom": {"ask_private": {"field": "email"}}}
    slots = {"task": "track_order", "requested_slot": "task_input"}

    async def hears(text: str, count: int, intent: str, replies: list[Json]) -> list[str]:
        bot.neighbours.slots, bot.neighbours.intent, bot.neighbours.replies = slots, intent, lambda _: replies
        sent = await customer.say(text)
        return [each["text"] for each in await customer.until(count, sent["seq"])]

    notice, answer = FORM["notice"]["fr"], FORM["answer"]["fr"]
    assert await hears("Où est mon colis ?", 1, "track_order", [question]) == [question["text"]]
    await studio.on(await studio.prepare())
    article = {"custom": {"answer": ARTICLE}}
    asked = "Combien de temps prend la livraison ?"
    told = await hears(asked, 3, "ask_question", [article, question])
    assert told == [answer, ARTICLE["answer"], question["text"]], "the chat was open: it comes first, the task stays"
    unsure = {"text": "Lequel ?", "custom": {"unanswered": {"question": "?", "decision": "clarify"}}}
    assert await hears("Y a-t-il une grève chez le transporteur ?", 1, "ask_question", [unsure]) == [answer]
    assert await hears(asked, 2, "ask_question", [article]) == [notice, ARTICLE["answer"]]

    slots = {}
    assert await hears("Laissez", 1, "cancel", [{"text": "Bien."}]) == ["Bien."]
    slots = {"task": "track_order", "requested_slot": "task_input"}
    assert await hears("Où est mon colis ?", 2, "track_order", [question]) == [notice, question["text"]]
    assert await hears("Où est mon colis ?", 1, "track_order", [question]) == [question["text"]]


async def test_who_had_the_notice_beside_a_task_gets_the_answer_when_they_ask(bot: Bot) -> None:
    studio = await studio_of(bot)
    incident = await studio.on(await studio.prepare())
    customer = await bot.customer(locale="fr")
    bot.neighbours.slots, bot.neighbours.intent = {"task": "track_order", "requested_slot": "task_input"}, "track_order"
    bot.neighbours.replies = lambda _: [{"text": "Quel numéro ?"}]
    sent = await customer.say("Où est mon colis ?")
    assert (await customer.until(2, sent["seq"]))[0]["text"] == FORM["notice"]["fr"]
    bot.neighbours.slots, bot.neighbours.intent, bot.neighbours.replies = {}, "ask_question", default_replies
    assert (await customer.ask("Quel est le délai ?"))["text"] == FORM["answer"]["fr"]
    sent = await customer.say("Quel est le délai ?")
    assert (await customer.until(2, sent["seq"]))[0]["kind"] == "notice", "and then its notice"
    assert (await studio.call("GET", f"/{incident['id']}"))[1]["incident"]["run"]["told"]["asked"] == 1
