"""Telegram answers 429, 500, late or never; processes end: nothing is lost, none doubled, the order kept."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

from sqlalchemy import text as sql

from bot.db.models import OutboxItem
from bot.db.telegram import TelegramUpdate
from tests.telegram.fake_api import FakeTelegram, Fault, broken, flood
from tests.telegram.html import Refused
from tests.telegram.person import Person, push
from tests.telegram.test_talking import rows, said

NUMBERS = [f"n°{number}" for number in range(1, 5)]
ECHOES = [f"écho : {number}" for number in NUMBERS]


async def all_said(person: Person) -> list[str]:
    """Says them all at once; what is read once the last was answered."""
    for text in NUMBERS:
        await person.say(text)
    await person.until_read(NUMBERS[-1])
    return [text for text in person.reads if "n°" in text]


async def test_errors_and_silence_lose_nothing_double_nothing_and_keep_the_order(camille: Person) -> None:
    closed = Fault("sendMessage", Refused(502, "Bad Gateway"))
    camille.telegram.faults += [flood(1), broken(), Fault("sendMessage", hang=1.5), closed]
    assert await all_said(camille) == ECHOES
    assert camille.telegram.faults == []


async def test_a_chat_that_does_not_answer_holds_up_no_other(camille: Person) -> None:
    other = Person(camille.telegram, camille.bot, 99)
    await other.ask("/start")
    silence = Fault("sendMessage", over=asyncio.Event(), chat_id=camille.id)
    camille.telegram.faults.append(silence)
    await camille.say("attend")
    async with asyncio.timeout(30):
        while silence in camille.telegram.faults:
            await asyncio.sleep(0.02)
    await other.ask("n°1")
    assert not [text for text in camille.reads if "attend" in text], "else this proves nothing"
    assert silence.over is not None
    silence.over.set()
    await camille.until_read("attend")


async def test_after_a_429_nothing_goes_to_that_chat_before_its_time(camille: Person) -> None:
    camille.telegram.faults.append(flood(1))
    began = time.monotonic()
    await camille.ask("doucement")
    assert time.monotonic() - began >= 1.0
    assert camille.telegram.faults == []
    assert camille.telegram.too_early == []


async def test_a_lost_answer_has_it_shown_twice_and_never_not_at_all(camille: Person) -> None:
    """The Bot API has no key by which a message is known: this is the one case of a double, and it is meant."""
    camille.telegram.faults.append(Fault("sendMessage", lost=True))
    assert await all_said(camille) == [ECHOES[0], *ECHOES]


async def test_a_part_that_arrived_is_not_sent_again(camille: Person) -> None:
    long = " ".join(f"Phrase numéro {number} d’une longue réponse, qui compte." for number in range(160))
    camille.bot.neighbours.replies = lambda _request: [{"text": long}]
    camille.telegram.faults.append(Fault("sendMessage", Refused(500, "Internal Server Error"), after=1))
    parts = await camille.ask("raconte", 3)
    assert camille.telegram.faults == []
    assert " ".join(part["read"] for part in parts) == long
    assert all(part["read"].endswith("compte.") for part in parts)


async def test_a_process_that_ends_leaves_its_work_to_the_next(camille: Person, on_telegram: Any) -> None:
    camille.bot.neighbours.hold = asyncio.Event()
    await camille.say(NUMBERS[0])
    async with asyncio.timeout(30):
        await camille.bot.neighbours.entered.wait()
    for text in NUMBERS[1:]:
        await camille.say(text)
    await camille.bot.client.close()
    camille.bot.neighbours.hold.set()
    camille.bot = await on_telegram()
    await camille.until_read(NUMBERS[-1])
    assert await said(camille) == NUMBERS
    assert [text for text in camille.reads if "n°" in text] == ECHOES


async def test_a_killed_process_is_followed_when_its_lease_ends(camille: Person) -> None:
    """It had taken an update and died: the row says so, and nobody gives it back."""
    clock = camille.bot.clock
    held = camille.update(message=camille.message(text=NUMBERS[0]))
    row = TelegramUpdate(
        update_id=held["update_id"],
        chat_id=camille.id,
        payload=held,
        attempts=1,
        next_attempt_at=clock(),
        received_at=clock(),
        lease_owner="dead",
        lease_until=clock() + timedelta(seconds=300),
    )
    async with camille.bot.services.db.write() as session:
        session.add(row)
    await camille.say(NUMBERS[1])
    await asyncio.sleep(0.5)
    assert await said(camille) == [], "the later one waits for the earlier one"
    clock.forward(301)
    await camille.until_read(NUMBERS[1])
    assert await said(camille) == NUMBERS[:2]


async def test_a_record_that_is_away_has_telegram_send_again(camille: Person) -> None:
    update = camille.update(message=camille.message(text="tenace"))
    async with camille.bot.services.db.write() as session:
        # SQLite has one writer at a time, which is this; PostgreSQL has as many as it likes.
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(sql("LOCK TABLE telegram_updates"))
        sending = asyncio.create_task(push(camille.bot.client, update))
        await asyncio.sleep(0.3)
        assert not sending.done(), "no thanks before it is stored"
        sending.cancel()
    assert await push(camille.bot.client, update) == 200
    await camille.until_read("tenace")
    assert await said(camille) == ["tenace"]


async def test_who_writes_too_fast_is_handled_as_the_minute_allows(on_telegram: Any, telegram: FakeTelegram) -> None:
    person = Person(telegram, await on_telegram(messages_per_minute=10))
    await person.ask("/start")
    numbers = [f"n°{number}" for number in range(1, 15)]
    person.bot.clock.hold()  # within one minute, however slow the machine is
    for text in numbers:
        await person.say(text)
    await person.until_read("n°10")
    await person.until_read("plus vite que je ne lis")
    assert await said(person) == numbers[:10]
    person.bot.clock.hold(on=False)
    person.bot.clock.forward(60)
    await person.until_read("n°14")
    assert await said(person) == numbers
    assert len([text for text in person.reads if "plus vite que je ne lis" in text]) == 1, "once for them all"


async def test_an_update_that_breaks_us_is_given_up_and_the_person_told(camille: Person) -> None:
    strange = camille.message(text="x") | {"entities": "not a list"}
    await camille.send(camille.update(message=strange))
    await camille.say("ensuite")
    await camille.until_read("ensuite")
    assert "ne m’est pas bien parvenu" in camille.reads[1]
    assert await said(camille) == ["ensuite"]
    await camille.until_handled()
    assert {row.status for row in await rows(camille, TelegramUpdate)} == {"done", "failed"}


async def test_who_blocked_the_bot_is_told_to_the_advisor_in_plain_words(camille: Person) -> None:
    claire = await camille.bot.desk("claire")
    await camille.ask("/conseiller")
    (waiting,) = await claire.queue()
    await claire.call("POST", f"handoffs/{waiting['handoff_id']}/accept")
    await camille.until_read("Claire")
    camille.telegram.blocked_by.add(camille.id)
    tail = f"conversations/{waiting['conversation_id']}/messages"
    for number in (1, 2):
        await claire.call("POST", tail, {"client_message_id": f"a{number}", "text": f"Bonjour {number}"})
    async with asyncio.timeout(30):
        while [item.status for item in await rows(camille, OutboxItem)].count("failed") < 2:
            await asyncio.sleep(0.05)
    await camille.block()
    await camille.block("member")
    await camille.say("me revoilà")
    await camille.until_handled()
    await claire.call("POST", tail, {"client_message_id": "a3", "text": "Contente de vous relire"})
    assert (await camille.until_read("Contente"))["html"] == "<b>Claire</b>\nContente de vous relire"
    _, seen = await claire.call("GET", tail)
    notes = [message["text"] for message in seen["messages"] if message.get("internal")]
    assert len(notes) == 1, "said once"
    assert notes[0].startswith("Le client a bloqué notre compte")


async def test_telegram_away_at_the_start_stops_nothing(on_telegram: Any, telegram: FakeTelegram) -> None:
    telegram.faults.append(broken("setMyCommands"))
    person = Person(telegram, await on_telegram())
    await person.ask("/start")
    async with asyncio.timeout(30):
        while not telegram.webhook:
            await asyncio.sleep(0.05)
    assert telegram.webhook["url"].endswith("/channels/telegram/webhook")
    assert telegram.webhook["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]
    menus = {given.get("language_code"): given["commands"] for given in telegram.of("setMyCommands")}
    assert [each["command"] for each in menus["fr"]] == ["aide", "conseiller", "mesdonnees", "oublier", "langue"]
    assert [each["command"] for each in menus["en"]] == ["help", "advisor", "mydata", "forget", "language"]
    assert menus[None] == menus["fr"]
