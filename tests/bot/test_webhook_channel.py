"""The generic webhook channel over HTTP, with a chat outside: what comes in, what goes out, and what goes wrong."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from bot.channels.registry import default_channels
from bot.channels.webhook import WebhookSettings
from bot.db.channels import ChannelThread
from bot.db.models import Conversation, Message, OutboxItem
from bot.db.people import Identity
from tests.bot.conftest import Desk
from tests.bot.outside_chat import OutsideChat
from tests.bot.test_feedback import rows

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


async def accepted(chat: OutsideChat) -> tuple[Desk, str]:
    """Claire has the conversation that was handed over."""
    assert chat.bot is not None
    claire = await chat.bot.desk("claire")
    async with asyncio.timeout(30):
        while not (queue := await claire.queue()):
            await asyncio.sleep(0.02)
    await claire.call("POST", f"handoffs/{queue[0]['handoff_id']}/accept")
    return claire, queue[0]["conversation_id"]


async def test_a_question_is_answered_and_a_button_pressed(chat: OutsideChat) -> None:
    first = await chat.say("quel délai ?", reply_to="room-9", locale="fr-FR")
    answer = await chat.hears("Comptez 3 à 5 jours")
    assert answer["answer"]["article_id"] == "delivery-times"
    assert "bonjour" in chat.texts[0].lower(), "the greeting of somebody new"
    sent = chat.posted[-1]
    assert (sent["to"], sent["reply_to"], sent["conversation_id"]) == ("u-1", "room-9", first["conversation_id"])
    (track,) = [choice for choice in answer["choices"] if choice["title"] == "Suivre"]
    await chat.press(track)
    await chat.hears("écho : /track_order")
    assert chat.bot is not None
    assert chat.bot.neighbours.requests[-1]["metadata"]["channel"] == "webhook"
    assert chat.bot.neighbours.requests[-1]["metadata"]["confidential"] is False


async def test_two_people_have_two_conversations_and_each_their_own_language(chat: OutsideChat) -> None:
    one, two = await chat.say("bonjour"), await chat.say("hello there", "u-2", locale="en")
    assert one["conversation_id"] != two["conversation_id"]
    again = await chat.say("encore")
    assert again["conversation_id"] == one["conversation_id"]
    assert chat.bot is not None
    assert sorted(row.subject for row in await rows(chat.bot, Identity)) == ["u-1", "u-2"]
    assert {row.locale for row in await rows(chat.bot, Conversation)} == {"fr", "en"}
    status, body = await chat.post({"id": "x", "from": "u-2", "locale": "en", "choice": "nothing"})
    assert (status, body["error"]["code"]) == (422, "unknown_choice")
    assert "choi" not in body["error"]["message"].replace("choice", ""), "said in the sender's language"


async def test_the_same_message_again_is_the_same_message(chat: OutsideChat) -> None:
    body = {"id": "once", "from": "u-1", "text": "une fois"}
    answers = await asyncio.gather(*(chat.post(body) for _ in range(5)))
    assert sorted(status for status, _ in answers) == [200, 200, 200, 200, 202]
    assert len({answer["message_id"] for _, answer in answers}) == 1
    assert chat.bot is not None
    await chat.hears("écho : une fois")
    chat.bot.clock.forward(timedelta(days=2).total_seconds())
    assert (await chat.post(body))[0] == 200, "two days later, when another conversation would begin"
    later = await chat.say("deux jours après")
    assert later["conversation_id"] != answers[0][1]["conversation_id"]
    await chat.hears("écho : deux jours après")
    assert sum("onjour" in text for text in chat.texts) == 1, "who is known is not greeted again"
    assert chat.texts.count("écho : une fois") == 1
    assert len({row.account for row in await rows(chat.bot, ChannelThread)}) == 1


async def test_calls_that_are_not_the_chats_are_refused(chat: OutsideChat) -> None:
    body = {"id": "m", "from": "u-1", "text": "bonjour"}
    assert chat.bot is not None
    now = chat.bot.clock().timestamp()
    for status, answer in (
        await chat.post(body, secret="x" * 32),
        await chat.post(body, at=now - 400),
        await chat.post(body, at=now + 400),
    ):
        assert (status, answer["error"]["code"]) == (401, "bad_signature")
    async with chat.bot.client.post("/channels/webhook", json=body) as response:
        assert response.status == 401
    assert await rows(chat.bot, Conversation) == []
    for wrong in (
        {"from": "", "text": "a", "id": "1"},
        {"from": "u", "text": "a"},
        {"from": "u", "id": "1"},
        {"from": 7},
    ):
        assert (await chat.post(wrong))[0] == 422, wrong
    files: Any = ({"name": "a.png"}, {"name": "a.png", "content": "é"}, {"name": "a.png", "content": 7}, "a.png", [1])
    for file in files:
        assert (await chat.post({"id": "f", "from": "u", "file": file}))[0] == 422, file
    assert (await chat.post(body))[0] == 202


async def test_what_does_not_claim_to_be_signed_is_not_read_nor_what_too_often_was_not(make_bot: Any) -> None:
    chat = OutsideChat()
    server = await chat.start(make_bot, max_file_bytes=50_000)
    bot = chat.bot
    assert bot is not None
    bot.clock.hold()  # within one minute, however slow the machine is
    now = str(int(bot.clock().timestamp()))
    body = {"id": "1", "from": "u-1", "text": "bonjour"}

    async def large(given: str) -> int:
        headers = {"Relais-Timestamp": now, "Relais-Signature": given}
        content = BytesIO(b"x" * 200_000)
        async with bot.client.post("/channels/webhook", data=content, headers=headers) as response:
            return response.status

    # Read, it would be told that it is too large.
    for given in ("", "v1=", "v1=" + "x" * 64):
        assert await large(given) == 401
    assert await large("v1=" + "0" * 64) == 413
    statuses = [(await chat.post(body, secret="x" * 32))[0] for _ in range(31)]
    assert statuses == [401] * 30 + [429]
    assert await large("v1=" + "0" * 64) == 429
    bot.clock.forward(60)
    assert (await chat.post(body))[0] == 202
    await server.close()


async def put_back(chat: OutsideChat, attempts: int) -> None:
    """Waits until a message has been tried so often and the next try has its time."""
    assert chat.bot is not None
    async with asyncio.timeout(30):
        while all(item.attempts < attempts for item in await rows(chat.bot, OutboxItem)):
            await asyncio.sleep(0.02)


async def test_retries_keep_the_order(chat: OutsideChat) -> None:
    chat.answers = [503, 429, 500]
    assert chat.bot is not None
    for text in ("un", "deux", "trois"):
        await chat.say(text)
    for failed in (1, 2, 3):
        await put_back(chat, failed)
        chat.bot.clock.forward(30)
    await chat.until(lambda: len(chat.posted) == 4)
    assert chat.texts[1:] == ["écho : un", "écho : deux", "écho : trois"]
    assert len(chat.tried) == 7
    assert len(set(chat.tried[:4])) == 1, "what comes later waits"


async def test_what_can_never_be_delivered_is_told_to_the_advisor(chat: OutsideChat) -> None:
    await chat.say("je veux un conseiller")
    claire, conversation_id = await accepted(chat)
    await chat.hears("Claire")
    chat.answers = [410]
    await claire.call("POST", f"conversations/{conversation_id}/messages", {"client_message_id": "d1", "text": "Perdu"})
    async with asyncio.timeout(30):
        notes: list[Any] = []
        while not notes:
            _, seen = await claire.call("GET", f"conversations/{conversation_id}/messages")
            notes = [message for message in seen["messages"] if "http_410" in message["text"]]
            await asyncio.sleep(0.05)
    assert notes[0]["internal"] is True
    await claire.call(
        "POST", f"conversations/{conversation_id}/messages", {"client_message_id": "d2", "text": "Encore là ?"}
    )
    assert (await chat.hears("Encore là"))["author_name"] == "Claire"
    assert "Perdu" in chat.tried
    assert "Perdu" not in chat.texts


async def test_files_come_in_by_what_they_are(chat: OutsideChat) -> None:
    status, body = await chat.send_file("photo.exe", PNG)
    assert status == 202
    assert chat.bot is not None
    async with chat.bot.services.db.read() as session:
        kept = await session.get_one(Message, body["message_id"])
    assert kept.data["file"]["type"] == "image/png"
    for content, status in ((b"<svg onload=alert(1)>", 415), (b"PK\x03\x04zip", 415), (PNG + b"\x00" * (9 << 20), 413)):
        found, refused = await chat.send_file("photo.jpg", content)
        assert found == status
        assert refused["error"]["message"]
    assert (await chat.send_file("big.png", PNG + b"\x00" * (2 << 20)))[0] == 202, "larger than other calls may be"


async def test_a_message_for_nobody_is_a_permanent_failure(chat: OutsideChat) -> None:
    """A conversation of the channel without an account: nobody knows where it should go."""
    said = await chat.say("bonjour")
    await chat.hears("écho : bonjour")
    assert chat.bot is not None
    async with chat.bot.services.db.write() as session:
        await session.delete(await session.get_one(ChannelThread, said["conversation_id"]))
    other = await chat.say("encore")
    assert other["conversation_id"] != said["conversation_id"]
    channel = chat.bot.services.channels["webhook"]
    with pytest.raises(Exception, match="no_address") as failure:
        await channel.deliver(said["conversation_id"], {"id": "m", "text": "a"})
    assert getattr(failure.value, "permanent", False) is True


async def test_a_flood_from_one_account_is_stopped_and_others_go_on(make_bot: Any) -> None:
    chat = OutsideChat()
    server = await chat.start(make_bot, messages_per_minute=10)
    assert chat.bot is not None
    chat.bot.clock.hold()
    statuses = [(await chat.post({"id": f"f{number}", "from": "u-1", "text": "a"}))[0] for number in range(12)]
    assert statuses == [202] * 10 + [429] * 2
    assert (await chat.post({"id": "f", "from": "u-2", "text": "a"}))[0] == 202
    await server.close()


def test_it_is_set_up_by_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "webhook" not in default_channels()
    monkeypatch.setenv("CHANNEL_WEBHOOK_URL", "https://chat.example.com/in")
    with pytest.raises(ValidationError, match="CHANNEL_WEBHOOK_SECRET"):
        default_channels()
    monkeypatch.setenv("CHANNEL_WEBHOOK_SECRET", f"{'a' * 32},{'b' * 32}")
    assert default_channels()["webhook"].pushes is True
    monkeypatch.setenv("CHANNEL_WEBHOOK_URL", "http://chat.example.com/in")
    with pytest.raises(ValidationError, match="https"):
        WebhookSettings()


async def test_one_account_writing_at_once_begins_one_conversation(chat: OutsideChat) -> None:
    said = await asyncio.gather(*(chat.say(f"message {number}") for number in range(6)))
    assert len({each["conversation_id"] for each in said}) == 1
    assert chat.bot is not None
    async with chat.bot.services.db.read() as session:
        assert len((await session.execute(select(Conversation.id))).all()) == 1


async def test_a_file_goes_out_with_its_content(chat: OutsideChat) -> None:
    _, body = await chat.send_file("photo.png", PNG)
    assert chat.bot is not None
    async with chat.bot.services.db.read() as session:
        kept = await session.get_one(Message, body["message_id"])
    shown = {"id": "m", "text": "photo.png", "file": kept.data["file"]}
    await chat.bot.services.channels["webhook"].deliver(body["conversation_id"], shown)
    assert base64.b64decode(next(sent["content"] for sent in chat.posted if "content" in sent)) == PNG
