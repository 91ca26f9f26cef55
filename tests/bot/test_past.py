"""One person's other conversations: begun beside, read again, and nobody else's."""

from __future__ import annotations

from typing import Any

from tests.bot.conftest import Bot, Customer
from tests.bot.test_handoff import identity


async def another(bot: Bot, customer: Customer) -> Customer:
    status, body = await customer.post("next", {})
    assert status == 201, body
    return Customer(bot.client, body["conversation_id"], body["token"], body["messages"], bot._ids)


async def past(customer: Customer, tail: str = "past") -> tuple[int, Any]:
    async with customer.client.get(customer.url(tail), headers=customer.headers) as response:
        return response.status, await response.json()


async def test_another_begins_and_the_old_one_is_read_again(bot: Bot) -> None:
    first = await bot.customer(locale="fr")
    await first.ask("bonjour toi")
    second = await another(bot, first)
    assert second.id != first.id
    assert second.messages[0]["author"] == "bot"
    # Pressed twice, or still without a word: it is the same one.
    assert (await another(bot, first)).id == second.id
    assert (await another(bot, second)).id == second.id
    await second.ask("et ceci ?")
    status, body = await past(second)
    assert status == 200
    assert [(one["id"], one["title"]) for one in body["conversations"]] == [(first.id, "bonjour toi")]
    _, body = await past(second, f"past/{first.id}")
    assert [message["text"] for message in body["messages"]][1:] == ["bonjour toi", "écho : bonjour toi"]
    _, body = await past(first)
    assert [one["id"] for one in body["conversations"]] == [second.id]


async def test_nobody_else_s_are_read(bot: Bot) -> None:
    mine, other = await bot.customer(), await bot.customer()
    await other.ask("secret")
    assert (await past(mine))[1] == {"conversations": []}
    assert (await past(mine, f"past/{other.id}"))[0] == 404
    async with bot.client.get(other.url("past"), headers=mine.headers) as response:
        assert response.status == 401


async def test_whoever_is_proven_finds_what_they_said_elsewhere(bot: Bot) -> None:
    phone = await bot.customer(identity=identity(bot, jti="one"))
    await phone.ask("depuis mon téléphone")
    laptop = await bot.customer(identity=identity(bot, jti="two"))
    _, body = await past(laptop)
    assert [one["title"] for one in body["conversations"]] == ["depuis mon téléphone"]
    # A proof of long ago shows what is said here alone.
    bot.clock.forward(25 * 3600)
    assert (await past(laptop))[1] == {"conversations": []}
    assert (await past(laptop, f"past/{phone.id}"))[0] == 404
    stranger = await bot.customer()
    assert (await past(stranger))[1] == {"conversations": []}


async def test_nobody_is_left_standing_in_the_queue(bot: Bot) -> None:
    customer = await bot.customer()
    await customer.post("handoff", {})
    status, body = await customer.post("next", {})
    assert (status, body["error"]["code"]) == (409, "under_way")


async def test_a_question_says_which_field_it_wants(bot: Bot) -> None:
    customer = await bot.customer()
    bot.neighbours.slots = {"requested_slot": "task_input", "task_step": "order"}
    asked = await customer.ask("où est mon colis")
    assert asked["input"] == "order_number"
    bot.neighbours.slots = {"requested_slot": None, "task_step": "order"}
    assert "input" not in await customer.ask("merci")
    bot.neighbours.slots = {}
    bot.neighbours.replies = lambda _: [
        {"text": "À quelle adresse ?"},
        {"custom": {"ask_private": {"field": "email"}}},
    ]
    assert (await customer.ask("changer mon adresse"))["input"] == "email"


async def test_an_advisor_who_looks_has_read(bot: Bot) -> None:
    customer = await bot.customer()
    claire, hugo = await bot.desk("claire"), await bot.desk("hugo")
    await customer.post("handoff", {})
    (request,) = await claire.queue()
    await claire.call("POST", f"handoffs/{request['handoff_id']}/accept")
    said = await customer.say("vous me lisez ?")
    assert (await customer.read())["state"]["read_seq"] == 0
    await hugo.call("POST", f"conversations/{customer.id}/here", {"doing": "looking"})
    assert (await customer.read())["state"]["read_seq"] == 0
    await claire.call("POST", f"conversations/{customer.id}/here", {"doing": "looking"})
    assert (await customer.read())["state"]["read_seq"] >= said["seq"]
    await claire.call("POST", f"handoffs/{request['handoff_id']}/release", {"outcome": "resolved"})
    state = (await customer.read())["state"]
    assert (state["owner"], state["read_seq"] >= said["seq"]) == ("bot", True), "what was read stays read"


async def test_another_is_never_surer_of_who_it_is_than_the_one_before(bot: Bot) -> None:
    first = await bot.customer(identity=identity(bot, jti="one"))
    await first.ask("bonjour")
    # The proof was long ago, and the same person proves it again elsewhere, without a word yet.
    bot.clock.forward(25 * 3600)
    fresh = await bot.customer(identity=identity(bot, jti="two"))
    begun = await another(bot, first)
    assert begun.id != fresh.id
    assert (await past(begun))[1] == {"conversations": []}
