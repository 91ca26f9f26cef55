"""Channels that must be pushed to: order, retries, permanent errors."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select, update

from bot.channels.protocol import Channel
from bot.channels.registry import default_channels
from bot.db.models import Conversation, OutboxItem
from bot.errors import NeighbourError
from tests.bot.conftest import Bot


class PushedChannel(Channel):
    """A channel whose far side fails as told."""

    name = "pushed"
    confidential = True

    def __init__(self) -> None:
        self.delivered: list[str] = []
        self.failures: list[Exception] = []

    async def deliver(self, conversation_id: str, message: dict[str, Any]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.delivered.append(message["text"])


async def started(make_bot: Any) -> tuple[Bot, PushedChannel, Any]:
    channel = PushedChannel()
    bot: Bot = await make_bot(channels={**default_channels(), "pushed": channel})
    customer = await bot.customer()
    async with bot.services.db.write() as session:
        await session.execute(update(Conversation).values(channel="pushed"))
    return bot, channel, customer


async def settled(bot: Bot, count: int) -> list[str]:
    query = select(OutboxItem.status).order_by(OutboxItem.seq)
    async with asyncio.timeout(30):
        while True:
            async with bot.services.db.read() as session:
                statuses = list((await session.execute(query)).scalars())
            if len(statuses) >= count and "pending" not in statuses:
                return statuses
            await asyncio.sleep(0.05)


async def test_a_passing_fault_delays_and_keeps_the_order(make_bot: Any) -> None:
    bot, channel, customer = await started(make_bot)
    channel.failures = [NeighbourError("flood", "", retry_after=0.2), NeighbourError("timeout", "", retry_after=0.2)]
    for text in ("un", "deux", "trois"):
        await customer.say(text)
    assert await settled(bot, 3) == ["delivered"] * 3
    assert channel.delivered == ["écho : un", "écho : deux", "écho : trois"]


async def test_a_broken_channel_is_tried_again_and_two_processes_deliver_once(make_bot: Any) -> None:
    bot, channel, customer = await started(make_bot)
    await make_bot(channels={**default_channels(), "pushed": channel})
    channel.failures = [ValueError("a bug in the channel")]
    for text in ("un", "deux", "trois"):
        await customer.say(text)
    bot.clock.forward(5)
    assert await settled(bot, 3) == ["delivered"] * 3
    assert channel.delivered == ["écho : un", "écho : deux", "écho : trois"]


async def test_a_permanent_error_is_shown_to_the_advisor(make_bot: Any) -> None:
    bot, channel, customer = await started(make_bot)
    channel.failures = [NeighbourError("blocked_by_user", "", permanent=True)]
    await customer.say("un")
    assert await settled(bot, 1) == ["failed"]
    await customer.post("handoff", {})
    claire = await bot.desk("claire")
    async with asyncio.timeout(30):
        notes: list[dict[str, Any]] = []
        while not notes:
            _, seen = await claire.call("GET", f"conversations/{customer.id}/messages")
            notes = [message for message in seen["messages"] if message.get("internal")]
    assert "blocked_by_user" in notes[0]["text"]
    assert not [message for message in (await customer.read())["messages"] if message.get("internal")]
