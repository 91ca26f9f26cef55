"""What is put off leaves the advisor's load, comes back by itself, and belongs to nobody else meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.bot.conftest import Bot, Desk
from tests.bot.test_handoff import taken
from tests.bot.test_offers import advisor, asking, id_of, offered_to, sit, time_goes_by, until


async def put_off(bot: Bot, desk: Desk, handoff: str, hours: float = 2, **more: Any) -> tuple[int, Any]:
    at = (bot.clock() + timedelta(hours=hours)).isoformat()
    return await desk.call("POST", f"handoffs/{handoff}/snooze", {"until": at, **more})


async def test_it_leaves_the_load_and_comes_back_at_its_moment(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    await sit(bot, claire)
    rows: list[str] = []
    for _ in range(bot.services.service.handoff.conversations_at_once):
        await asking(bot)
        row = await offered_to(claire, await id_of(claire), place=len(rows))
        await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
        rows.append(row["handoff_id"])
    await asking(bot)
    assert (await claire.queue())[-1]["offered_to"] is None  # she has all that she takes
    status, answer = await put_off(bot, claire, rows[0], reason="  attend\n le colis ")
    assert (status, answer["reason"]) == (200, "attend le colis")
    assert (await put_off(bot, claire, rows[0], reason="attend le colis"))[0] == 200  # again: the moment moves
    await offered_to(claire, await id_of(claire), place=len(rows))  # there is room for one more
    asleep = next(row for row in await claire.queue() if row["handoff_id"] == rows[0])
    assert (asleep["status"], asleep["snooze_reason"], asleep["woken_by"]) == ("accepted", "attend le colis", None)
    bot.clock.forward(2 * 3600 + 1)
    await sit(bot, claire)

    async def back() -> Any:
        row = next(row for row in await claire.queue() if row["handoff_id"] == rows[0])
        return row if row["woken_by"] else None

    row = await until(back, "back by itself")
    assert (row["snoozed_until"], row["woken_by"]) == (None, "time")
    await claire.call("GET", f"handoffs/{rows[0]}")
    assert (await until(lambda: _row(claire, rows[0]), "the row"))["woken_by"] is None  # she has seen it


async def _row(desk: Desk, handoff: str) -> Any:
    return next(row for row in await desk.queue() if row["handoff_id"] == handoff)


async def test_the_customer_wakes_it_and_so_does_a_press(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, handoff = await taken(bot, customer)
    hugo = await bot.desk("hugo")
    assert (await put_off(bot, hugo, handoff))[0] == 403
    for bad in ({"until": "demain"}, {"until": "2026-11-24T12:00:00"}, {}, {"until": bot.clock().isoformat()}):
        assert (await claire.call("POST", f"handoffs/{handoff}/snooze", bad))[0] == 422
    assert (await put_off(bot, claire, handoff, hours=24 * 61))[0] == 422
    assert (await put_off(bot, claire, handoff))[0] == 200
    await customer.say("le colis est là !")
    assert (await _row(claire, handoff))["woken_by"] == "customer"
    await claire.call("POST", f"conversations/{customer.id}/messages", {"client_message_id": "1", "text": "parfait"})
    assert (await _row(claire, handoff))["woken_by"] is None
    await put_off(bot, claire, handoff)
    for _ in range(2):
        assert (await claire.call("POST", f"handoffs/{handoff}/unsnooze"))[0] == 200
    assert (await _row(claire, handoff))["snoozed_until"] is None
    await put_off(bot, claire, handoff)
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    assert (await put_off(bot, claire, handoff))[0] == 409


async def test_who_goes_home_keeps_it_until_it_wakes(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    await sit(bot, claire)
    customer = await asking(bot)
    handoff = (await offered_to(claire, await id_of(claire)))["handoff_id"]
    await claire.call("POST", f"handoffs/{handoff}/accept")
    await put_off(bot, claire, handoff, hours=15)
    bot.clock.forward(2)
    await sit(bot, claire)
    await bot.client.session.close()  # she shuts her laptop for the night
    bot.client._session = type(bot.client.session)(cookie_jar=bot.client.session.cookie_jar)
    await time_goes_by(bot)
    assert (await customer.read())["state"]["owner"] == "advisor"
    await customer.say("toujours rien ?")
    await time_goes_by(bot)
    read = await customer.read()
    assert read["state"]["owner"] == "queue"
    # Once a minute has passed and nobody else is there, a call is proposed too.
    assert any("Claire n’est pas là pour le moment" in message["text"] for message in read["messages"])
