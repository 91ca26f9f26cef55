"""The live floor: who is there, who waits, what nobody can take, and how the day went."""

from __future__ import annotations

from sqlalchemy import select

from bot.db.people import AuditEntry
from tests.bot.conftest import Bot
from tests.bot.test_handoff import taken
from tests.bot.test_offers import advisor, id_of, sit


async def test_the_floor_tells_who_has_what_and_who_waits(bot: Bot) -> None:
    marc = await bot.desk("marc", "supervisor")
    first = await bot.customer(locale="fr")
    claire, handoff = await taken(bot, first)
    hugo = await advisor(bot, "hugo", ["payment"], ["fr"])
    await hugo.call("PUT", "presence", {"status": "busy"})
    await sit(bot, hugo)
    bot.clock.forward(60)
    second, third = await bot.customer(locale="fr"), await bot.customer(locale="en")
    await second.post("handoff", {})
    bot.clock.forward(10)
    await third.post("handoff", {})
    status, floor = await marc.call("GET", "floor")
    assert status == 200, floor
    people = {one["name"]: one for one in floor["advisors"]}
    assert set(people) == {"Claire", "Hugo"}
    assert (people["Claire"]["load"], people["Claire"]["online"], people["Claire"]["capacity"]) == (1, False, 4)
    assert people["Claire"]["longest_open_seconds"] >= 70
    assert people["Claire"]["conversations"][0]["handoff_id"] == handoff
    assert [row["conversation_id"] for row in floor["waiting"]] == [second.id, third.id], (
        "who waits longest comes first"
    )
    assert floor["longest_wait_seconds"] == floor["waiting"][0]["waiting_seconds"] >= 10
    assert floor["totals"]["waiting"] == 2
    assert floor["totals"]["in_hand"] == 1
    cover = {skill["name"]: skill for skill in floor["skills"]}
    assert not cover["payment"]["covered"], "busy is not there for new ones"
    assert cover["general"]["waiting"] == 2
    assert floor["today"] == {"handled": 0, "median_wait": None, "median_handling": None}
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    _, after = await marc.call("GET", "floor")
    assert after["today"]["handled"] == 1
    assert after["today"]["median_handling"] >= 70


async def test_a_supervisor_says_of_an_advisor_that_they_are_away(bot: Bot) -> None:
    marc = await bot.desk("marc", "supervisor")
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    await sit(bot, claire)
    claire_id = await id_of(claire)
    for _ in range(2):
        status, floor = await marc.call("PUT", f"floor/advisors/{claire_id}/presence", {"status": "away"})
        assert status == 200
    assert {one["name"]: one["presence"] for one in floor["advisors"]} == {"Claire": "away"}
    assert (await claire.call("GET", "me"))[1]["user"]["presence"] == "away"
    assert (await marc.call("PUT", f"floor/advisors/{claire_id}/presence", {"status": "asleep"}))[0] == 422
    assert (await marc.call("PUT", "floor/advisors/nobody/presence", {"status": "away"}))[0] == 404
    async with bot.services.db.read() as session:
        told = (await session.execute(select(AuditEntry).where(AuditEntry.action == "presence_set"))).scalars().all()
    assert [(entry.target, entry.detail) for entry in told] == [(claire_id, "away")], "once"


async def test_a_closed_account_is_no_colleague_and_no_target(bot: Bot) -> None:
    marc = await bot.desk("marc", "supervisor")
    hugo = await advisor(bot, "hugo", ["general"], ["fr"])
    hugo_id = await id_of(hugo)
    await marc.call("PUT", f"users/{hugo_id}", {"capacity": 7})
    _, before = await marc.call("GET", "colleagues")
    assert {one["name"]: one["capacity"] for one in before["colleagues"]} == {"Marc": 4, "Hugo": 7}
    customer = await bot.customer(locale="fr")
    _, handoff = await taken(bot, customer)
    assert (await marc.call("POST", f"users/{hugo_id}/disable"))[0] == 200
    _, after = await marc.call("GET", "colleagues")
    assert "Hugo" not in {one["name"] for one in after["colleagues"]}
    status, body = await marc.call("POST", f"handoffs/{handoff}/assign", {"user_id": hugo_id, "anyway": True})
    assert (status, body["error"]["code"]) == (422, "unknown_colleague")
    assert (await marc.call("PUT", f"floor/advisors/{await id_of(marc)}/presence", {"status": "away"}))[0] == 403
