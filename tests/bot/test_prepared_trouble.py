"""A prepared task whose back office refuses, is away or loses its answer: told truly, and done once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import create_async_engine

from bot.db.models import Conversation, Message
from bot.db.prepared import PreparedTask
from bot.erase import erase_customer
from tests.bot.conftest import Bot
from tests.bot.desk_actions import AWAY, DONE, REFUSED, UNKNOWN
from tests.bot.preparing import ORDER, draft, known, offered, press, state, until
from tests.bot.proving import select_all


async def test_a_rule_of_the_company_is_told_and_it_can_be_prepared_again(bot: Bot) -> None:
    customer, claire, handoff = await known(bot)
    bot.neighbours.desk.script = [REFUSED]
    prepared, card = await offered(claire, customer)
    await press(customer, card)
    shown = await until(claire, customer, prepared, "refused")
    assert shown["outcome"]["detail"] == "not_cancellable"
    said = [m["text"] for m in (await customer.read())["messages"][-2:]]
    assert said == [REFUSED["texts"][0]["text"], "Rien n’a été changé."]
    _, found = await claire.call("GET", f"handoffs/{handoff}")
    assert found["context"]["why"]["tasks_tried"][-1]["detail"] == "refused: not_cancellable"
    assert "refusée par une règle" in found["context"]["why"]["summary"]
    await draft(claire, customer, again=prepared)
    assert bot.neighbours.desk.asked[-1][1]["values"] == ORDER


async def test_a_lost_answer_is_told_and_the_same_key_tells(bot: Bot) -> None:
    customer, claire, _ = await known(bot)
    bot.neighbours.desk.script = [500, UNKNOWN]
    prepared, card = await offered(claire, customer)
    await press(customer, card)
    await until(claire, customer, prepared, "done")
    said = [m["text"] for m in (await customer.read())["messages"]]
    assert len([text for text in said if text.startswith("Je ne sais pas encore")]) == 1
    assert said[-1] == DONE["texts"][0]["text"]
    assert bot.neighbours.desk.attempts == [prepared] * 3
    assert list(bot.neighbours.desk.done) == [prepared]


async def test_what_nobody_can_tell_stays_open_for_the_advisor_to_ask_again(bot: Bot) -> None:
    customer, claire, _ = await known(bot)
    prepared, card = await offered(claire, customer)
    bot.neighbours.desk.script = [UNKNOWN, *[AWAY] * 100]
    await press(customer, card)
    async with asyncio.timeout(30):
        while not (await state(claire, customer, prepared))["unsure"]:
            await asyncio.sleep(0.02)
    bot.clock.forward(120)
    shown = await until(claire, customer, prepared, "failed")
    assert shown["unsure"]
    assert (await customer.read())["messages"][-1]["text"].startswith("Je ne sais toujours pas")
    one = f"conversations/{customer.id}/prepared/{prepared}"
    bot.neighbours.desk.script.clear()
    assert (await claire.call("POST", one + "/retry"))[0] == 200
    await until(claire, customer, prepared, "done")
    assert set(bot.neighbours.desk.attempts) == {prepared}
    assert (await claire.call("POST", one + "/retry"))[0] == 409


async def test_a_back_office_that_is_plainly_away_has_changed_nothing(bot: Bot) -> None:
    customer, claire, _ = await known(bot)
    prepared, card = await offered(claire, customer)
    bot.neighbours.desk.script = [AWAY] * 20
    await press(customer, card)
    await asyncio.wait_for(bot.neighbours.desk.entered.wait(), 30)
    bot.clock.forward(10)
    shown = await until(claire, customer, prepared, "failed")
    assert not shown["unsure"]
    assert "rien n’a été changé" in (await customer.read())["messages"][-1]["text"]
    one = f"conversations/{customer.id}/prepared/{prepared}"
    assert (await claire.call("POST", one + "/retry"))[0] == 409  # a new card asks the customer anew


@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_a_process_that_dies_in_the_middle_leaves_it_to_the_next(make_bot: Any, how: str) -> None:
    bot: Bot = await make_bot()
    customer, claire, _ = await known(bot)
    prepared, card = await offered(claire, customer)
    bot.neighbours.desk.hold = asyncio.Event()
    await press(customer, card)
    await asyncio.wait_for(bot.neighbours.desk.entered.wait(), 30)
    await bot.client.close()  # its answer is never heard
    if how == "killed":  # then nothing was given back
        lease = update(PreparedTask).values(lease_owner="dead", lease_until=bot.clock() + timedelta(seconds=30))
        engine = create_async_engine(bot.services.settings.database_url)
        async with engine.begin() as connection:
            await connection.execute(lease)
        await engine.dispose()
        bot.clock.forward(31)
    bot.neighbours.desk.hold.set()
    bot.neighbours.desk.hold = None
    other: Bot = await make_bot(relais_secret="another secret, of more than thirty-two")
    async with asyncio.timeout(30):
        while (await select_all(other, select(PreparedTask.status))) != ["done"]:
            await asyncio.sleep(0.05)
    assert bot.neighbours.desk.attempts == [prepared, prepared]
    assert list(bot.neighbours.desk.done) == [prepared]


async def test_a_customer_who_was_erased_is_asked_nothing(bot: Bot) -> None:
    customer, claire, _ = await known(bot)
    prepared, card = await offered(claire, customer)
    async with bot.services.db.read() as session:
        person = (await session.get_one(Conversation, customer.id)).customer_id
    await erase_customer(bot.services, person)
    assert await select_all(bot, select(PreparedTask)) == []
    one = f"conversations/{customer.id}/prepared/{prepared}"
    assert (await claire.call("POST", one + "/offer"))[0] == 404
    assert (await claire.call("POST", f"conversations/{customer.id}/prepared", {"task": "cancel_order"}))[0] == 404
    status, _ = await customer.post("messages", {"client_message_id": "p", "choice": card["choices"][0]["payload"]})
    assert status in (401, 404)
    assert bot.neighbours.desk.attempts == []


async def test_after_a_death_in_the_middle_nobody_says_that_nothing_was_changed(make_bot: Any) -> None:
    bot: Bot = await make_bot()
    customer, claire, _ = await known(bot)
    _, card = await offered(claire, customer)
    bot.neighbours.desk.hold = asyncio.Event()
    await press(customer, card)
    await asyncio.wait_for(bot.neighbours.desk.entered.wait(), 30)
    await bot.client.close()
    bot.neighbours.desk.hold.set()
    bot.neighbours.desk.hold = None
    bot.neighbours.desk.script = [AWAY] * 50
    bot.clock.forward(120)
    other: Bot = await make_bot()
    async with asyncio.timeout(30):
        while (await select_all(other, select(PreparedTask.status))) != ["failed"]:
            await asyncio.sleep(0.05)
    (row,) = await select_all(other, select(PreparedTask))
    assert row.unsure
    said = (await select_all(other, select(Message.text).order_by(Message.seq)))[-1]
    assert said.startswith("Je ne sais toujours pas")
