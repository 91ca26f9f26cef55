"""Who misses offers while they serve a customer is at the desk all the same."""

from __future__ import annotations

from tests.bot.conftest import Bot
from tests.bot.test_offers import advisor, asking, id_of, offered_to, sit


async def test_who_wrote_to_a_customer_within_two_minutes_is_not_away(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    await sit(bot, claire)
    customer = await asking(bot)
    row = await offered_to(claire, await id_of(claire))
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    await asking(bot)
    await offered_to(claire, await id_of(claire), 1)
    bot.clock.forward(31)
    await sit(bot, claire)
    await offered_to(claire, None, 1)
    bot.clock.forward(5)
    text = {"client_message_id": "1", "text": "Je regarde."}
    assert (await claire.call("POST", f"conversations/{customer.id}/messages", text))[0] == 202
    bot.clock.forward(61)
    await sit(bot, claire)
    # A first time and a second: more than both offers stood since she wrote, and she reads what she was answered.
    await offered_to(claire, await id_of(claire), 1)
    bot.clock.forward(45)
    await sit(bot, claire)
    await offered_to(claire, None, 1)
    bot.clock.forward(61)
    await sit(bot, claire)
    await offered_to(claire, await id_of(claire), 1)
    _, me = await claire.call("GET", "me")
    assert me["user"]["presence"] == "available"


async def test_who_writes_meanwhile_is_not_away(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    await sit(bot, claire)
    customer = await asking(bot)
    row = await offered_to(claire, await id_of(claire))
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    other = await asking(bot)
    for _ in range(2):
        await offered_to(claire, await id_of(claire), 1)
        bot.clock.forward(31)
        await claire.call("POST", f"conversations/{customer.id}/typing", {"on": True})
        await sit(bot, claire)
        await offered_to(claire, None, 1)
        bot.clock.forward(61)
        await sit(bot, claire)
    await offered_to(claire, await id_of(claire), 1)
    _, me = await claire.call("GET", "me")
    assert me["user"]["presence"] == "available"
    assert (await other.read())["state"]["owner"] == "queue"
