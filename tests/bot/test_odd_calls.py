"""Calls that no page of ours makes: each is refused, and none is a fault of ours."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from yarl import URL

from bot.channels.registry import default_channels
from bot.channels.telegram.channel import SECRET_HEADER, TelegramChannel
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.webhook import WebhookChannel, WebhookSettings
from tests.bot.conftest import Bot


@pytest.fixture
async def reachable(make_bot: Any) -> Bot:
    """A bot with every channel that is called from outside; nobody is at their far sides."""
    nobody = "http://127.0.0.1:9"
    telegram = {"telegram_token": "1:" + "a" * 35, "telegram_secret": "s" * 32, "telegram_api_url": nobody}
    webhook = {"channel_webhook_url": f"{nobody}/chat", "channel_webhook_secret": ["c" * 32]}
    channels = {
        "telegram": TelegramChannel(TelegramSettings.model_validate(telegram)),
        "webhook": WebhookChannel(WebhookSettings.model_validate(webhook)),
    }
    return await make_bot(channels={**default_channels(), **channels})


async def status_of(bot: Bot, path: str, *headers: bytes) -> int:
    """Of a POST with headers that no library would send."""
    reader, writer = await asyncio.open_connection(bot.client.host, bot.client.port)
    head = [f"POST {path} HTTP/1.1".encode(), b"Host: x", b"Content-Length: 2", b"Connection: close", *headers]
    writer.write(b"\r\n".join(head) + b"\r\n\r\n{}")
    line = await reader.readline()
    writer.close()
    return int(line.split()[1])


@pytest.mark.parametrize("url", ["http://[", "http://\u2100.test/", "//]"])
async def test_an_address_that_is_none_is_no_page(bot: Bot, url: str) -> None:
    async with bot.client.get("/api/v1/widget/start", params={"url": url}) as response:
        assert response.status == 200, await response.text()
        assert (await response.json())["article"] is None


async def test_no_file_of_the_chat_has_a_nul_in_its_name(bot: Bot) -> None:
    for path in ("/widget/%00.js", "/widget/a%00/relais.js", "/widget/%2e%2e/desk/main.js"):
        async with bot.client.get(URL(path, encoded=True)) as response:
            assert response.status == 404, path


async def test_a_signature_of_bytes_that_are_no_text_is_a_wrong_one(reachable: Bot) -> None:
    now = str(int(reachable.clock().timestamp())).encode()
    signed = (b"Relais-Timestamp: " + now, b"Relais-Signature: v1=\xff\xfe")
    assert await status_of(reachable, "/channels/webhook", *signed) == 401
    given = SECRET_HEADER.encode() + b": \xff\xfe"
    assert await status_of(reachable, "/channels/telegram/webhook", given) == 403
