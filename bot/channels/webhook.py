"""Any chat at all, through an adapter of the company's own: JSON comes in, JSON goes out, both signed."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Annotated, Any, Self

import aiohttp
from aiohttp import web
from pydantic import field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.channels.door import Door
from bot.channels.protocol import Channel, Incoming, Sender, Upload
from bot.errors import Refusal
from bot.settings import as_written, check_webhook
from bot.signing import Envelope, post_signed
from bot.web.middlewares import LOCALE
from bot.web.reading import parsed, signed_body, text_field

_FINAL = frozenset({400, 403, 410, 413, 422})  # this message will never do; after any other answer it is tried again


class WebhookSettings(BaseSettings):
    """Where replies go, and the one or two secrets that sign both ways."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")
    channel_webhook_url: str = ""
    channel_webhook_secret: Annotated[list[str], NoDecode] = []
    _split = field_validator("channel_webhook_secret", mode="before")(as_written)

    @model_validator(mode="after")
    def _check(self) -> Self:
        urls = [self.channel_webhook_url] if self.channel_webhook_url else []
        check_webhook(urls, self.channel_webhook_secret, "CHANNEL_WEBHOOK")
        return self


class WebhookChannel(Channel):
    """``POST /channels/webhook`` takes a message; replies are posted to ``CHANNEL_WEBHOOK_URL``."""

    name = "webhook"
    settings_class = WebhookSettings

    def __init__(self, settings: WebhookSettings) -> None:
        self._url, self._secrets = settings.channel_webhook_url, settings.channel_webhook_secret

    @classmethod
    def configured(cls) -> Self | None:
        """Only with an address to reply to."""
        settings = WebhookSettings()
        return cls(settings) if settings.channel_webhook_url else None

    def routes(self) -> Iterable[web.RouteDef]:
        """Where the adapter posts."""
        return [web.post("/channels/webhook", self._incoming)]

    @asynccontextmanager
    async def running(self, door: Door) -> AsyncIterator[None]:
        """Keeps connections to the adapter."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as self._http, super().running(door):
            yield

    async def _incoming(self, request: web.Request) -> web.Response:
        largest = self.door.services.settings.max_file_bytes * 4 // 3 + 65_536
        body = parsed(await signed_body(request, self._secrets, largest, self.door.services.clock()))
        address = {"reply_to": text_field(body, "reply_to", longest=1000)}
        sender = Sender(text_field(body, "from") or "", address, text_field(body, "locale"))
        request[LOCALE] = self.door.locale(sender)
        if "link" in body:
            return web.json_response({"asked": await self.door.link(sender, text_field(body, "link") or "")})
        key, text, choice = (text_field(body, name) for name in ("id", "text", "choice"))
        received = await self.door.receive(
            sender, Incoming(key or "", text, choice, await self._upload(body.get("file")))
        )
        answer = {"conversation_id": received.conversation.id, "message_id": received.message.id}
        return web.json_response(answer, status=202 if received.is_new else 200)

    async def _upload(self, file: Any) -> Upload | None:
        try:
            content = base64.b64decode(file["content"], validate=True) if file else b""
            return await self.door.upload(str(file["name"]), content) if file else None
        except (TypeError, KeyError, ValueError) as error:
            raise Refusal("bad_request", 422) from error

    async def deliver(self, conversation_id: str, message: dict[str, Any]) -> None:
        """Posts ``{to, reply_to, conversation_id, message, content?}``; ``content``: the message's file, in base64."""
        thread = await self.door.thread(conversation_id)
        sent = {"to": thread.account, **thread.address, "conversation_id": conversation_id, "message": message}
        if "file" in message:
            upload = await self.door.file(conversation_id, message["file"]["url"])
            sent["content"] = base64.b64encode(upload.content).decode()
        envelope = Envelope(self._url, self._secrets, message["id"], seconds=10.0, final=_FINAL)
        await post_signed(self._http, envelope, json.dumps(sent).encode(), self.door.services.clock())
