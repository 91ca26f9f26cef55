"""A request is offered in the moment it is made."""

from __future__ import annotations

from tests.bot.conftest import Bot
from tests.bot.test_offers import advisor, asking, id_of, sit


async def test_at_once_and_first_to_who_served_them_last(bot: Bot) -> None:
    claire, hugo = [await advisor(bot, name, ["general"], ["fr"]) for name in ("claire", "hugo")]
    known, other = await asking(bot), await asking(bot)
    first, second = [row["handoff_id"] for row in await claire.queue()]
    for handoff in (first, second):
        assert (await claire.call("POST", f"handoffs/{handoff}/accept"))[0] == 200
    assert (await claire.call("POST", f"handoffs/{first}/release", {"outcome": "resolved"}))[0] == 200
    for desk in (claire, hugo):
        await sit(bot, desk)
    assert (await other.read())["state"]["owner"] == "advisor"
    # Hugo has more room; nobody looks at the floor between the press and this answer.
    _, answer = await known.post("handoff", {})
    assert answer["state"]["handoff"]["status"] == "offered"
    (row,) = [row for row in await claire.queue() if row["status"] == "offered"]
    assert row["offered_to"] == await id_of(claire)
