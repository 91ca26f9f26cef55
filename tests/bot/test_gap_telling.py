"""The answer comes back: once, to who agreed, on their channel, never over an advisor, also after a crash."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.gaps import Gap, GapTelling
from bot.db.models import Conversation
from bot.identity.consents import TELLING, note
from bot.studio import gap_telling
from bot.studio.gap_telling import tell_due
from bot.texts import say
from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.neighbours import ARTICLE
from tests.bot.outside_chat import OutsideChat
from tests.bot.test_consents import put
from tests.bot.test_deep_links import bot_of
from tests.bot.test_gaps import gaps, grouped, groups, publish, until, writer
from tests.bot.test_handoff import identity

__all__ = ["writer"]  # a fixture, found by its name
Json = dict[str, Any]
TEXT = ARTICLE["answer"]


async def asked(bot: Bot, text: str = "mystère de la lampe", *, telling: bool = True, **more: Any) -> Customer:
    customer = await bot.customer(locale="fr", **more)
    await customer.ask(text)
    if telling:
        assert (await put(customer, {"telling": True}))[0] == 200
    return customer


async def tellings(bot: Bot) -> list[GapTelling]:
    async with bot.services.db.read() as session:
        return list((await session.execute(select(GapTelling).order_by(GapTelling.created_at))).scalars())


async def published(bot: Bot, writer: Desk, version: str = "v2") -> None:
    """The article that answers everything is out, and the gap has been looked at."""
    bot.neighbours.answers = dict.fromkeys(("mystère de la lampe", "un mystère de lampe"), "lamp")
    publish(bot, "lamp", version)

    async def closed() -> bool:
        return any(gap["article_id"] == "lamp" for gap in (await gaps(writer)).values())

    await until(closed)


async def settled(bot: Bot) -> list[str]:
    """What became of each, once nothing is due."""

    async def none_due() -> list[str]:
        await tell_due(bot.services)
        found = [each.status for each in await tellings(bot)]
        return found if "due" not in found else []

    return list(await until(none_due))


def said(messages: list[Json]) -> list[str]:
    return [message["text"] for message in messages if message["author"] == "bot" and message["text"] == TEXT]


async def test_who_agreed_reads_the_answer_once_and_nobody_else_does(bot: Bot, writer: Desk) -> None:
    told, silent = await asked(bot), await asked(bot, "un mystère de lampe", telling=False)
    quiet = (await silent.read())["messages"]
    await grouped(bot, writer)
    before = (await told.read())["messages"]
    await published(bot, writer)
    assert await settled(bot) == ["told"]
    why, answer = await told.until(2, before[-1]["seq"])
    assert why["text"] == say("fr", "gap_told", question="mystère de la lampe")
    assert (answer["kind"], answer["text"], answer["answer"]["article_id"]) == ("answer", TEXT, "lamp")
    # Published once more, looked at once more: whoever was told is told nothing again.
    publish(bot, "lamp", "v3")

    async def looked_at() -> bool:
        async with bot.services.db.read() as session:
            return (await session.execute(select(Gap.checked_version))).scalar_one() == "fr:v3"

    await until(looked_at)
    await tell_due(bot.services)
    assert (await told.read())["messages"][-1]["id"] == answer["id"]
    assert (await silent.read())["messages"] == quiet
    status, _ = await told.post("feedback", {"message_id": answer["id"], "helpful": True})
    assert status == 200, "it is judged as any answer is"
    (gap,) = (await gaps(writer)).values()
    async with writer.client.get(
        f"/api/v1/studio/gaps/{gap['gap_id']}", headers={"Authorization": f"Bearer {writer.token}"}
    ) as response:
        assert (await response.json())["telling"] == {"due": 0, "told": 1}


async def test_who_was_told_is_told_again_for_what_they_asked_since(bot: Bot, writer: Desk) -> None:
    customer = await asked(bot)
    await grouped(bot, writer)
    await published(bot, writer)
    assert await settled(bot) == ["told"]
    # The next answer of that article fits another question of theirs, which nothing answered either.
    await customer.ask("un mystère de lampe")
    await grouped(bot, writer)
    publish(bot, "lamp", "v3")

    async def noted() -> bool:
        return len(await tellings(bot)) == 2

    await until(noted)
    assert await settled(bot) == ["told", "told"]
    read = [message["text"] for message in (await customer.read())["messages"]]
    assert say("fr", "gap_told", question="un mystère de lampe") in read


async def test_a_person_who_asked_in_two_conversations_is_told_in_the_last(bot: Bot, writer: Desk) -> None:
    first = await asked(bot, identity=identity(bot, sub="C-1001", jti="1"))
    second = await asked(bot, "un mystère de lampe", identity=identity(bot, sub="C-1001", jti="2"))
    await grouped(bot, writer)
    await published(bot, writer)
    assert await settled(bot) == ["told"]
    assert said((await first.read())["messages"]) == []
    assert said((await second.read())["messages"]) == [TEXT]


async def test_nothing_is_said_over_an_advisor_nor_after_a_change_of_mind(bot: Bot, writer: Desk) -> None:
    claire = await bot.desk("claire")
    busy, thinks_again = await asked(bot), await asked(bot, "un mystère de lampe")
    await busy.post("handoff", {})
    (row,) = await claire.queue()
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    await grouped(bot, writer)
    await put(thinks_again, {"telling": False})
    await published(bot, writer)
    assert await tell_due(bot.services) == 0
    assert said((await busy.read())["messages"]) == []
    assert [each.status for each in await tellings(bot)] == ["due"], "only who still agrees is noted"
    await claire.call("POST", f"handoffs/{row['handoff_id']}/release", {"outcome": "resolved"})
    assert await settled(bot) == ["told"]
    assert said((await busy.read())["messages"]) == [TEXT]
    assert said((await thinks_again.read())["messages"]) == []


async def test_what_was_noted_is_dropped_when_it_is_too_late_or_unwanted(bot: Bot, writer: Desk) -> None:
    claire = await bot.desk("claire")
    customer = await asked(bot)
    await customer.post("handoff", {})
    (row,) = await claire.queue()
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    await grouped(bot, writer)
    await published(bot, writer)
    await put(customer, {"telling": False})
    await claire.call("POST", f"handoffs/{row['handoff_id']}/release", {"outcome": "resolved"})
    assert await settled(bot) == ["dropped"]
    assert said((await customer.read())["messages"]) == []


async def test_a_process_that_dies_while_telling_tells_once(
    bot: Bot, writer: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends between writing the message and noting that it was said: neither is kept, and it is said again."""
    customer = await asked(bot)
    await grouped(bot, writer)
    deaths: list[int] = []

    class DiedError(Exception):
        pass

    def dies(**_values: Any) -> None:
        deaths.append(1)
        raise DiedError

    monkeypatch.setattr(gap_telling, "AuditEntry", dies)
    await published(bot, writer)
    async with asyncio.timeout(30):
        while not deaths:
            await asyncio.sleep(0.05)
    assert [each.status for each in await tellings(bot)] == ["due"]
    assert said((await customer.read())["messages"]) == []
    monkeypatch.undo()
    assert await settled(bot) == ["told"]
    await tell_due(bot.services)
    assert said((await customer.read())["messages"]) == [TEXT]


async def test_two_processes_tell_once(bot: Bot, writer: Desk) -> None:
    customers = [await asked(bot, "un mystère de lampe") for _ in range(5)]
    await grouped(bot, writer)
    await published(bot, writer)
    await asyncio.gather(*(tell_due(bot.services) for _ in range(4)))
    assert await settled(bot) == ["told"] * 5
    for customer in customers:
        assert said((await customer.read())["messages"]) == [TEXT]


async def test_on_another_channel_it_goes_by_the_outbox(chat: OutsideChat) -> None:
    bot = bot_of(chat)
    await groups(bot)
    desk = await bot.desk("ines", "writer")
    await chat.say("mystère de la lampe")
    await chat.hears("Je ne sais pas.")
    async with bot.services.db.write() as session:
        conversation = (await session.execute(select(Conversation))).scalar_one()
        await note(session, conversation, TELLING, granted=True, now=bot.clock() + timedelta(seconds=1))
    await grouped(bot, desk)
    await published(bot, desk)
    await chat.hears(TEXT)
    assert await settled(bot) == ["told"]
    assert chat.texts.count(TEXT) == 1
