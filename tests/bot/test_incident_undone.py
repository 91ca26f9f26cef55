"""A wrong click on an incident: what was on its way stays here, and who was told hears that it was an error."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import event, func, select

from bot.db.incidents import IncidentUpdate
from bot.incidents.managing import listed
from bot.incidents.telling import SETTLED, note_told
from tests.bot.conftest import Bot
from tests.bot.preparing_incidents import FORM, past_undo, studio_of

Json = dict[str, Any]
NEWS = {"text": {"fr": "Reprise demain.", "en": "Back tomorrow."}}


async def all_done(bot: Bot) -> None:
    """Waits until nothing is left to send."""
    query = select(func.count()).where(IncidentUpdate.done_at.is_(None))
    async with asyncio.timeout(30):
        while True:
            async with bot.services.db.read() as session:
                if (await session.execute(query)).scalar_one() == 0:
                    return
            await asyncio.sleep(0.02)


async def test_who_was_told_by_mistake_hears_that_once_and_no_news(bot: Bot) -> None:
    studio = await studio_of(bot)
    incident = await studio.prepare()
    asked, silent = await bot.customer(locale="fr"), await bot.customer(locale="fr")
    bot.clock.hold()
    await studio.on(incident)
    told = await asked.ask("Quel est le délai ?")
    assert told["text"] == FORM["answer"]["fr"]
    assert (await studio.call("POST", f"/{incident['id']}/updates", NEWS))[0] == 201
    status, body = await studio.call("POST", f"/{incident['id']}/undo")
    assert (status, body["incident"]["run"]) == (200, None)
    bot.clock.hold(on=False)
    past_undo(bot)
    correction = (await asked.until(1, told["seq"]))[0]
    assert "par erreur" in correction["text"]
    assert "Livraisons retardées par une grève" in correction["text"]
    bot.clock.forward(SETTLED.total_seconds())
    await all_done(bot)
    assert [each["text"] for each in await asked.until(1, told["seq"])] == [correction["text"]]
    assert all("erreur" not in each["text"] for each in (await silent.read())["messages"])


async def test_put_in_front_again_at_once_it_was_no_error(bot: Bot) -> None:
    studio = await studio_of(bot)
    incident = await studio.prepare()
    asked = await bot.customer(locale="fr")
    bot.clock.hold()
    await studio.on(incident)
    told = await asked.ask("Quel est le délai ?")
    await studio.call("POST", f"/{incident['id']}/undo")
    again = await studio.on(incident)
    assert again["run"]["told"] == {"asked": 1, "queued": 0}
    assert (await studio.call("POST", f"/{incident['id']}/updates", NEWS))[0] == 201
    bot.clock.hold(on=False)
    past_undo(bot)
    assert [each["text"] for each in await asked.until(1, told["seq"])] == ["Reprise demain."]
    bot.clock.forward(SETTLED.total_seconds())
    await all_done(bot)
    assert [each["text"] for each in await asked.until(1, told["seq"])] == ["Reprise demain."]


async def test_whom_a_slow_turn_told_just_before_the_news_hears_it_too(bot: Bot) -> None:
    studio = await studio_of(bot)
    incident = await studio.on(await studio.prepare())
    asked, slow = await bot.customer(locale="fr"), await bot.customer(locale="fr")
    told = await asked.ask("Quel est le délai ?")
    began = bot.clock()
    assert (await studio.call("POST", f"/{incident['id']}/updates", NEWS))[0] == 201
    past_undo(bot)
    bot.clock.hold()
    await asked.until(1, told["seq"])
    async with bot.services.db.write() as session:
        await note_told(session, incident["run"]["run_id"], slow.id, "asked", began)
    async with asyncio.timeout(30):
        while (await slow.read())["messages"][-1]["text"] != "Reprise demain.":
            await asyncio.sleep(0.02)
    bot.clock.hold(on=False)
    bot.clock.forward(SETTLED.total_seconds())
    await all_done(bot)


async def test_a_look_at_many_takes_as_many_queries_as_a_look_at_one(bot: Bot) -> None:
    studio = await studio_of(bot)
    bot.clock.hold()
    ended = await studio.on(await studio.prepare())
    await studio.call("POST", f"/{ended['id']}/off", {"tell": True})
    bot.clock.hold(on=False)
    past_undo(bot)
    bot.clock.hold()
    await studio.on(ended)
    assert (await studio.call("POST", f"/{ended['id']}/undo"))[0] == 200
    few = await looked(bot)
    shown = (await listed(bot.services))["incidents"][0]
    assert shown["run"] is None
    assert shown["last_run"]["started_at"] == ended["run"]["started_at"], "what was taken back hides nothing"
    for number in range(3):
        incident = await studio.on(await studio.prepare(name=f"Grève {number}"))
        for _ in range(2):
            assert (await studio.call("POST", f"/{incident['id']}/updates", NEWS))[0] == 201
    assert await looked(bot) == few
    assert [len(each["run"]["updates"]) for each in (await listed(bot.services))["incidents"] if each["run"]] == [
        2,
        2,
        2,
    ]


async def looked(bot: Bot) -> int:
    """How many queries a look at all incidents takes."""
    seen: list[str] = []

    def count(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        if asyncio.current_task() is mine:
            seen.append(statement)

    mine = asyncio.current_task()
    engine = bot.services.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        await listed(bot.services)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(seen)
