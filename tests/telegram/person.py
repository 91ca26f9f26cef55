"""Somebody with Telegram on their phone: what they do becomes updates, with the payloads of the documentation."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot.channels.telegram.channel import SECRET_HEADER
from bot.channels.telegram.inbox import PENDING
from bot.channels.telegram.registering import PATH
from bot.db.telegram import TelegramUpdate
from tests.telegram.fake_api import FakeTelegram

Json = dict[str, Any]
SECRET = "a-secret_that_only_Telegram_and_we_know"


async def push(client: Any, update: Json, secret: str | None = SECRET) -> int:
    """An update as Telegram sends it to a webhook; the status that it gets."""
    headers = {SECRET_HEADER: secret} if secret is not None else {}
    async with client.post(PATH, json=update, headers=headers) as response:
        await response.read()
        return response.status


@dataclass
class Person:
    """A private chat, seen from the phone."""

    telegram: FakeTelegram
    bot: Any  # a Bot, or whatever has a client that reaches one
    id: int = 4_242_420_242  # no other number in the record holds it by chance
    language: str = "fr"

    @property
    def user(self) -> Json:
        return {"id": self.id, "is_bot": False, "first_name": "Camille", "language_code": self.language}

    @property
    def chat(self) -> Json:
        return {"id": self.id, "first_name": "Camille", "type": "private"}

    @property
    def shown(self) -> list[Json]:
        """What the assistant's side of the chat shows."""
        return self.telegram.chats[self.id]

    @property
    def reads(self) -> list[str]:
        return [message["read"] for message in self.shown]

    def message(self, **content: Any) -> Json:
        """A message of theirs, not sent yet."""
        message = {"message_id": next(self.telegram.ids), "from": self.user, "chat": self.chat, "date": 1_790_000_000}
        if str(content.get("text", "")).startswith("/"):
            length = len(content["text"].split()[0])
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return message | content

    def update(self, **kind: Json) -> Json:
        return {"update_id": next(self.telegram.update_ids), **kind}

    async def send(self, update: Json) -> Json:
        assert await push(self.bot.client, update) == 200
        return update

    async def say(self, text: str) -> Json:
        return await self.send(self.update(message=self.message(text=text)))

    async def ask(self, text: str, count: int = 1) -> list[Json]:
        """Says something and waits for so many messages in reply."""
        before = len(self.shown)
        await self.say(text)
        return (await self.until(before + count))[before:]

    async def photo(self, content: bytes, caption: str | None = None) -> Json:
        file_id = f"photo{next(self.telegram.ids)}"
        self.telegram.files[f"documents/{file_id}"] = content
        small = {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 60, "file_size": 900}
        large = {"file_id": file_id, "file_unique_id": "l", "width": 900, "height": 600, "file_size": len(content)}
        said = {"caption": caption} if caption else {}
        return await self.send(self.update(message=self.message(photo=[small, large], **said)))

    async def document(self, name: str, content: bytes, size: int | None = None) -> Json:
        file_id = f"document{next(self.telegram.ids)}"
        self.telegram.files[f"documents/{file_id}"] = content
        document = {"file_id": file_id, "file_unique_id": "d", "file_name": name, "file_size": size or len(content)}
        return await self.send(self.update(message=self.message(document=document)))

    async def edit(self, message: Json, text: str) -> Json:
        return await self.send(self.update(edited_message=message | {"text": text, "edit_date": 1_790_000_060}))

    def press_update(self, message: Json, title: str) -> Json:
        rows = message["reply_markup"]["inline_keyboard"]
        (data,) = [button["callback_data"] for row in rows for button in row if title in button["text"]]
        under = {key: message[key] for key in ("message_id", "from", "chat", "date", "reply_markup")}
        query = {"id": str(next(self.telegram.ids)), "from": self.user, "chat_instance": "1", "data": data}
        return self.update(callback_query=query | {"message": under | {"text": message["read"]}})

    async def press(self, message: Json, title: str) -> Json:
        return await self.send(self.press_update(message, title))

    async def block(self, status: str = "kicked") -> Json:
        """Blocks the bot (``kicked``), or lets it write again (``member``)."""
        (self.telegram.blocked_by.add if status == "kicked" else self.telegram.blocked_by.discard)(self.id)
        bot_user = {"id": 123456789, "is_bot": True, "first_name": "Maison Alder"}
        before = "member" if status == "kicked" else "kicked"
        change = {
            "chat": self.chat,
            "from": self.user,
            "date": 1_790_000_000,
            "old_chat_member": {"user": bot_user, "status": before, "until_date": 0},
            "new_chat_member": {"user": bot_user, "status": status, "until_date": 0},
        }
        return await self.send(self.update(my_chat_member=change))

    async def until(self, count: int, seconds: float = 30.0) -> list[Json]:
        """What is shown, once there are so many messages."""
        async with asyncio.timeout(seconds):
            while len(self.shown) < count:
                await asyncio.sleep(0.02)
        return self.shown

    async def until_handled(self) -> None:
        """Waits until nothing of what was sent is left to do: what is read may be there a moment before."""
        waiting = select(TelegramUpdate.update_id).where(TelegramUpdate.status == PENDING)
        async with asyncio.timeout(30):
            while True:
                async with self.bot.services.db.read() as session:
                    if (await session.execute(waiting)).first() is None:
                        return
                await asyncio.sleep(0.02)

    async def until_read(self, part: str, seconds: float = 30.0) -> Json:
        """The latest message that holds these words."""
        async with asyncio.timeout(seconds):
            while True:
                for message in reversed(self.shown):
                    if part in message["read"]:
                        return message
                await asyncio.sleep(0.02)


def titles(message: Json) -> list[str]:
    """What its buttons say."""
    markup = message.get("reply_markup") or {"inline_keyboard": []}
    return [button["text"] for row in markup["inline_keyboard"] for button in row]


async def until_titles(message: Json, wanted: list[str], seconds: float = 30.0) -> None:
    """Waits until its buttons say this."""
    async with asyncio.timeout(seconds):
        while titles(message) != wanted:
            await asyncio.sleep(0.02)
