"""Who waits for an advisor chooses a call, now or later, with one press and a number."""

from __future__ import annotations

from typing import Any

from tests.bot.conftest import SUNDAY, Bot, Customer
from tests.bot.test_feedback import quiet

Json = dict[str, Any]


def titles(message: Json) -> list[str]:
    return [choice["title"] for choice in message.get("choices", [])]


async def press(customer: Customer, message: Json, title: str) -> Json:
    """Presses a button; the next message of ours."""
    payload = next(choice["payload"] for choice in message["choices"] if choice["title"] == title)
    count = len((await customer.read())["messages"])
    status, _ = await customer.post("messages", {"client_message_id": f"press-{count}", "choice": payload})
    assert status == 202
    return (await customer.until(count + 2))[count + 1]


async def waiting(bot: Bot, locale: str = "fr") -> tuple[Customer, Json]:
    customer = await bot.customer(locale=locale)
    await customer.post("handoff", {})
    return customer, (await customer.read())["messages"][-1]


async def contact(bot: Bot) -> Json:
    desk = await bot.desk("claire")
    row = (await desk.queue())[0]
    _, found = await desk.call("GET", f"handoffs/{row['handoff_id']}")
    assert found["context"]["contact"] == row["contact"]
    return dict(row["contact"])


async def test_a_call_now_takes_one_press_and_a_number(bot: Bot) -> None:
    customer, notice = await waiting(bot)
    assert titles(notice) == ["Être appelé maintenant", "Être appelé plus tard"]
    asked = await press(customer, notice, "Être appelé maintenant")
    assert "numéro" in asked["text"]
    assert await contact(bot) == {"mode": "chat"}  # nothing without a number
    wrong = await customer.ask("12 34")
    assert "8 à 15 chiffres" in wrong["text"]
    noted = await customer.ask("au 06 12 34 56 78 svp")
    assert "06 12 34 56 78" in noted["text"]
    given = {"mode": "call_now", "phone": "06 12 34 56 78"}
    assert await contact(bot) == given
    assert (await customer.read())["state"]["owner"] == "queue"  # the place is kept
    # From here on a number is a number again.
    for text in ("c’est pour 2 lampes", "la commande 104871", "ref 0612345678901 sur la boîte", "0698765432"):
        await customer.say(text)
    await customer.ask("Quel délai de livraison ?")
    await quiet(bot)
    assert await contact(bot) == given
    assert not any("chiffres" in message["text"] for message in (await customer.read(noted["seq"]))["messages"])


async def test_a_call_later_offers_moments_when_somebody_is_there(bot: Bot) -> None:
    customer, notice = await waiting(bot, "en")
    asked = await press(customer, notice, "Call me later")
    assert len(titles(asked)) == 4
    bot.neighbours.decision = "abstain"
    again = await customer.ask("hmm, in the evening maybe")
    assert titles(again) == titles(asked)
    when = titles(asked)[1]
    number = await press(customer, asked, when)
    assert "number" in number["text"]
    noted = await customer.ask("+33 6 12 34 56 78")
    assert when in noted["text"]
    found = await contact(bot)
    assert (found["mode"], found["phone"]) == ("call_at", "+33 6 12 34 56 78")
    assert bot.services.service.is_open(bot.services.clock().fromisoformat(found["at"]))


async def test_on_a_sunday_only_a_later_call_is_offered(bot: Bot) -> None:
    bot.clock.set(SUNDAY)
    _, notice = await waiting(bot)
    assert titles(notice) == ["Être appelé plus tard"]


async def test_something_else_in_between_is_no_number(bot: Bot) -> None:
    customer, notice = await waiting(bot)
    await press(customer, notice, "Être appelé maintenant")
    answer = await customer.ask("Quel délai de livraison ?")
    assert answer["kind"] == "answer"
    assert await contact(bot) == {"mode": "chat"}
    await customer.ask("06 12 34 56 78")
    assert (await contact(bot))["mode"] == "call_now"


async def test_an_old_button_asks_for_a_human_again(bot: Bot) -> None:
    customer, notice = await waiting(bot)
    async with customer.client.delete(customer.url("handoff"), headers=customer.headers) as response:
        assert response.status == 200
    await press(customer, notice, "Être appelé maintenant")
    await customer.until(6)
    read = await customer.read()
    assert read["state"]["owner"] == "queue"
    # The question comes last, after the word on the queue: a page shows the field of the last message only.
    assert read["messages"][-1]["input"] == "phone"
    await customer.ask("06 12 34 56 78")
    assert (await contact(bot))["mode"] == "call_now"


async def test_what_cannot_wait_is_said_at_once_at_any_hour(bot: Bot) -> None:
    bot.clock.set(SUNDAY)
    for locale, text in (("fr", "ma lampe a pris feu"), ("en", "my lamp caught fire")):
        customer = await bot.customer(locale=locale)
        advice = await customer.ask(text)
        assert "112" in advice["text"]
        assert advice["author"] == "bot"
        notice = (await customer.until(4))[3]
        assert notice["kind"] == "notice"


async def test_a_number_to_call_is_taken_while_waiting(bot: Bot) -> None:
    customer = await bot.customer()
    await customer.post("handoff", {})
    await customer.post("handoff", {"contact": "call_now", "phone": "0612345678"})
    await customer.post("handoff", {})
    queue = await (await bot.desk("claire")).queue()
    assert [row["contact"] for row in queue] == [{"mode": "call_now", "phone": "0612345678"}]
    assert "0612345678" in (await customer.read())["messages"][-1]["text"]
