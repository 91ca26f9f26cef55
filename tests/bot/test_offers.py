"""To whom a request is offered, and what becomes of it when they decline, do not answer or vanish."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import ClientWebSocketResponse
from sqlalchemy import update

from bot.db.people import User
from bot.handoff.offering import Offering
from bot.users import put_user
from tests.bot.conftest import HASH, PASSWORD, Bot, Customer, Desk

Row = dict[str, Any]


async def advisor(bot: Bot, name: str, skills: list[str], locales: list[str]) -> Desk:
    """Somebody with skills; at the desk only once `sit` opened their line."""
    email = f"{name}@maison-alder.test"
    await put_user(bot.services.db, bot.clock, email, name.title(), "advisor", HASH, locales, skills)
    async with bot.client.post("/api/v1/desk/session", json={"email": email, "password": PASSWORD}) as response:
        return Desk(bot.client, (await response.json())["token"], name.title())


async def sit(bot: Bot, desk: Desk) -> ClientWebSocketResponse:
    bot.client.session.cookie_jar.clear()  # of whoever signed in last
    socket = await bot.client.ws_connect("/api/v1/desk/live")
    await socket.send_json({"token": desk.token})
    assert (await socket.receive_json(timeout=30))["type"] == "ready"

    async def online() -> bool:
        _, me = await desk.call("GET", "me")
        return bool(me["user"]["online"])

    await until(online, "online")
    return socket


async def id_of(desk: Desk) -> str:
    _, me = await desk.call("GET", "me")
    return str(me["user"]["id"])


async def until(look: Callable[[], Awaitable[Any]], what: str, seconds: float = 30.0) -> Any:
    """What `look` finds as soon as it finds something."""
    for _ in range(int(seconds / 0.05)):
        if found := await look():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(what)


async def offered_to(desk: Desk, user_id: str | None, place: int = 0) -> Row:
    async def look() -> Row | None:
        row: Row = (await desk.queue())[place]
        return row if row["offered_to"] == user_id else None

    try:
        found: Row = await until(look, "the offer")
    except AssertionError as error:
        error.add_note(f"wanted {user_id}, the queue is {await desk.queue()}")
        raise
    return found


async def time_goes_by(bot: Bot) -> None:
    """Less than a minute, looked at every few seconds, as the process does by itself, however long a look takes."""
    offering = Offering(bot.services)
    bot.clock.hold()
    for _ in range(12):
        bot.clock.forward(4)
        await offering.look()
    bot.clock.hold(on=False)


async def later(bot: Bot, seconds: float, *desks: Desk) -> None:
    """Time passes, and the lines of all of these are alive: nobody looks before each of them was heard."""
    there = [await id_of(desk) for desk in desks]
    async with bot.services.db.write() as session:
        bot.clock.forward(seconds)
        await session.execute(update(User).where(User.id.in_(there)).values(seen_at=bot.clock()))


async def asking(bot: Bot, locale: str = "fr") -> Customer:
    customer = await bot.customer(locale=locale)
    await customer.post("handoff", {})
    return customer


async def test_an_offer_goes_to_the_skilled_then_to_the_next_one_then_round_again(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr", "en"])
    hugo = await advisor(bot, "hugo", ["general"], ["fr"])
    anna = await advisor(bot, "anna", ["general"], ["en"])
    for desk in (claire, hugo, anna):
        await sit(bot, desk)
    await claire.call("PUT", "presence", {"status": "busy"})
    customer = await asking(bot)
    row = await offered_to(hugo, await id_of(hugo))  # claire is busy, and anna does not speak French
    assert (row["status"], row["overflow"]) == ("offered", False)
    assert (await customer.read())["state"]["handoff"]["status"] == "offered"
    await claire.call("PUT", "presence", {"status": "available"})
    path = f"handoffs/{row['handoff_id']}"
    assert (await claire.call("POST", f"{path}/decline"))[0] == 409  # it is not hers to decline
    status, answer = await hugo.call("POST", f"{path}/decline")
    assert (status, answer["status"]) == (200, "requested")
    assert (await hugo.call("POST", f"{path}/decline"))[0] == 200  # again: the same answer
    await offered_to(claire, await id_of(claire))
    assert (await claire.call("POST", f"{path}/decline"))[0] == 200
    await asyncio.sleep(1.2)
    assert (await hugo.queue())[0]["offered_to"] is None  # both declined: nobody is pressed at once
    await later(bot, 61, claire, hugo)
    row = await offered_to(hugo, await id_of(hugo))  # both declined: the first is asked again
    status, taken = await hugo.call("POST", f"{path}/accept")
    assert (status, taken["status"]) == (200, "accepted")
    assert (await hugo.queue())[0]["offered_to"] is None


async def test_an_offer_that_nobody_answers_goes_on(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    hugo = await advisor(bot, "hugo", ["general"], ["fr"])
    await sit(bot, claire)
    await asking(bot)
    await offered_to(claire, await id_of(claire))
    bot.clock.forward(31)
    await sit(bot, claire)  # her line is alive, she just does not look
    await sit(bot, hugo)
    row = await offered_to(hugo, await id_of(hugo))
    # Any advisor may take what was offered to somebody else, or to themselves before.
    status, answer = await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    assert (status, answer["status"]) == (200, "accepted")
    status, error = await hugo.call("POST", f"handoffs/{row['handoff_id']}/accept")
    assert (status, error["error"]["code"], error["error"]["name"]) == (409, "already_taken", "Claire")


async def test_who_has_the_most_room_comes_first_and_nobody_gets_more_than_they_can_take(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    await sit(bot, claire)
    for _ in range(5):
        await asking(bot)

    async def offered() -> list[Row] | None:
        return [row for row in await claire.queue() if row["status"] == "offered"] or None

    for _ in range(bot.services.service.handoff.conversations_at_once):
        (row,) = await until(offered, "an offer, and one at a time")
        assert (await claire.call("POST", f"handoffs/{row['handoff_id']}/accept"))[0] == 200
    left = [row for row in await claire.queue() if row["status"] != "accepted"]
    assert [row["status"] for row in left] == ["requested"]
    hugo = await advisor(bot, "hugo", [], ["fr"])
    await sit(bot, hugo)

    # He has not the skill, and claire, who has it, is there: the customer waits for her, up to a limit.
    await asyncio.sleep(1.5)
    assert [row["offered_to"] for row in await hugo.queue() if row["status"] != "accepted"] == [None]
    bot.clock.forward(60 * bot.services.service.handoff.overflow_after_minutes)
    await sit(bot, claire)
    await sit(bot, hugo)
    place = next(i for i, row in enumerate(await hugo.queue()) if row["status"] != "accepted")
    row = await offered_to(hugo, await id_of(hugo), place)
    assert row["overflow"] is True


async def test_the_queue_is_ordered_by_waiting_with_credit_for_danger(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    first = await asking(bot)
    bot.clock.forward(60)
    second = await bot.customer(locale="fr")
    await second.say("mon meuble a pris feu, un enfant est blessé")
    order = [row["conversation_id"] for row in await until(lambda: _two(claire), "two requests")]
    assert order == [second.id, first.id]
    waiting = (await first.read())["state"]["handoff"]
    assert waiting["position"] == 2
    # After an hour of waiting nobody who comes now, however urgent, goes before them.
    bot.clock.forward(3600)
    third = await bot.customer(locale="fr")
    await third.say("mon meuble a pris feu, un enfant est blessé")

    async def three() -> list[Row] | None:
        rows = await claire.queue()
        return rows if len(rows) == 3 else None

    order = [row["conversation_id"] for row in await until(three, "three requests")]
    assert order == [second.id, first.id, third.id]


async def _two(desk: Desk) -> list[Row] | None:
    rows = await desk.queue()
    return rows if len(rows) == 2 else None


async def test_the_conversations_of_an_advisor_who_vanished_go_back_to_the_head_of_the_queue(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    hugo = await advisor(bot, "hugo", ["general"], ["fr"])
    line = await sit(bot, claire)
    customer = await asking(bot)
    row = await offered_to(claire, await id_of(claire))
    assert (await claire.call("POST", f"handoffs/{row['handoff_id']}/accept"))[0] == 200
    await hugo.call("PUT", "presence", {"status": "away"})
    await asking(bot)  # somebody else waits meanwhile
    bot.clock.forward(2)
    await sit(bot, claire)
    await line.close()
    await bot.client.session.close()  # her laptop is shut: every line of hers is dead
    bot.client._session = type(bot.client.session)(cookie_jar=bot.client.session.cookie_jar)
    await time_goes_by(bot)

    async def back() -> Row | None:
        found: Row = (await hugo.queue())[0]
        return found if found["conversation_id"] == customer.id and found["status"] == "requested" else None

    await until(back, f"back at the head: {await hugo.queue()}")
    body = await customer.read()
    assert body["state"]["owner"] == "queue"
    (sorry,) = [message["text"] for message in body["messages"] if "excuses" in message["text"]]
    assert "Claire" in sorry
    status, _ = await claire.call(
        "POST", f"conversations/{customer.id}/messages", {"client_message_id": "1", "text": "?"}
    )
    assert status == 403
    await hugo.call("PUT", "presence", {"status": "available"})
    await sit(bot, hugo)
    await offered_to(hugo, await id_of(hugo))


async def test_an_outside_desk_without_a_line_keeps_its_conversations(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    customer = await asking(bot)
    row = (await claire.queue())[0]
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    await time_goes_by(bot)
    assert (await customer.read())["state"]["owner"] == "advisor"


async def test_who_leaves_two_offers_unanswered_is_away(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    await sit(bot, claire)
    await asking(bot)
    for _ in range(2):
        await offered_to(claire, await id_of(claire))
        bot.clock.forward(31)
        await sit(bot, claire)
        await offered_to(claire, None)
        bot.clock.forward(61)
        await sit(bot, claire)

    async def away() -> bool:
        _, me = await claire.call("GET", "me")
        return bool(me["user"]["presence"] == "away")

    await until(away, "away")
    assert (await claire.queue())[0]["offered_to"] is None
    await claire.call("PUT", "presence", {"status": "available"})
    await offered_to(claire, await id_of(claire))
    await claire.call("PUT", "presence", {"status": "busy"})  # what stands is taken back at once
    await offered_to(claire, None)


async def test_a_call_for_later_is_offered_at_its_moment_and_holds_nobody_up(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    later = await bot.customer(locale="fr")
    at = bot.clock().replace(hour=14, minute=0, second=0, microsecond=0)
    await later.post("handoff", {"contact": "call_at", "phone": "+33612345678", "at": at.isoformat()})
    now = await asking(bot)
    assert (await now.read())["state"]["handoff"]["position"] == 1
    await sit(bot, claire)
    await offered_to(claire, await id_of(claire), place=1)
    assert (await claire.queue())[0]["status"] == "requested"
    bot.clock.set(at)
    await sit(bot, claire)
    await offered_to(claire, await id_of(claire))


async def test_presence_is_one_of_three_and_for_advisors(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    for bad in ("offline", "", "asleep"):
        status, error = await claire.call("PUT", "presence", {"status": bad})
        assert (status, error["error"]["code"]) == (422, "bad_presence")
    assert await claire.call("PUT", "presence", {"status": "away"}) == (200, {"presence": "away"})
    _, me = await claire.call("GET", "me")
    assert me["user"]["presence"] == "away"
    ines = await bot.desk("ines", "writer")
    assert (await ines.call("PUT", "presence", {"status": "away"}))[0] == 403
    assert (await ines.call("POST", "handoffs/nothing/decline"))[0] == 403
    assert (await claire.call("POST", "handoffs/nothing/decline"))[0] == 404
