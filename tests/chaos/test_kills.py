"""kill -9 of each process in the middle of a turn and of an advisor's reply: nothing lost, nothing doubled.

A neighbour that is stopped (SIGSTOP) holds the turn where it is; the victim is killed at that moment, not by luck.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import pytest
from redis import Redis

from tests.harness import Stack
from tests.road.api import Visitor, advisor, host_identity, visit

VICTIMS = ("bot", "rasa", "actions", "knowledge_base", "valkey")
QUESTION = "quels sont les délais de livraison ?"
pytestmark = pytest.mark.timeout(240)


@contextmanager
def held(stack: Stack, name: str) -> Iterator[None]:
    """The process stands still while the block lasts, unless it was killed meanwhile."""
    pid = stack.pid(name)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        if stack.pid(name) == pid:
            os.kill(pid, signal.SIGCONT)


async def all_well(stack: Stack) -> None:
    for name in (*VICTIMS, "demo"):
        await asyncio.to_thread(stack.wait_healthy, name)


def texts_of(messages: list[dict[str, Any]], author: str) -> list[str]:
    return [message["text"] for message in messages if message["author"] == author]


async def tracked(stack: Stack, http: aiohttp.ClientSession, number: str) -> int:
    """How many tracking requests the back office has on record for an order."""
    headers = {"Authorization": f"Bearer {stack.secrets['BACK_OFFICE_TOKEN']}"}
    async with http.get(f"{stack.env['BACK_OFFICE_URL']}/admin/tracking-requests", headers=headers) as response:
        body = await response.json()
    return sum(number in str(row) for row in body["tracking_requests"])


@pytest.mark.parametrize("victim", VICTIMS)
async def test_killed_in_the_middle_of_a_turn(stack: Stack, http: aiohttp.ClientSession, victim: str) -> None:
    customer = await visit(http, stack, locale="fr")
    await customer.ask("bonjour")
    with held(stack, "knowledge_base"):
        sent = await customer.say(QUESTION)
        await asyncio.sleep(0.4)
        assert await customer.messages(sent["seq"]) == [], "the turn must be under way when the process is killed"
        await asyncio.to_thread(stack.kill, victim)
    second = await customer.say("et pour la belgique, quel délai de livraison ?")
    await customer.replies_to(sent)
    await customer.replies_to(second)
    await all_well(stack)
    await asyncio.sleep(1.5)
    messages = await customer.messages()
    assert [message["seq"] for message in messages] == list(range(1, len(messages) + 1))
    assert texts_of(messages, "customer") == ["bonjour", QUESTION, "et pour la belgique, quel délai de livraison ?"]
    shown = Counter(message["answer"]["article_id"] for message in messages if "answer" in message)
    assert shown["delivery-times"] == 1, shown
    assert len(texts_of(messages, "bot")) == 4, texts_of(messages, "bot")


@pytest.mark.parametrize("victim", ["bot", "rasa", "actions", "valkey"])
async def test_no_order_is_tracked_twice(stack: Stack, http: aiohttp.ClientSession, victim: str) -> None:
    customer = await visit(http, stack, locale="fr", identity=host_identity(stack))
    await customer.ask("bonjour")
    before = await tracked(stack, http, "104233")
    with held(stack, "demo"):
        sent = await customer.say("je veux suivre ma commande MA-104233")
        await asyncio.sleep(0.6)
        await asyncio.to_thread(stack.kill, victim)
    replies = await customer.replies_to(sent)
    await all_well(stack)
    await asyncio.sleep(1.5)
    assert any("104233" in reply["text"] for reply in replies), replies
    assert await tracked(stack, http, "104233") == before + 1
    assert texts_of(await customer.messages(), "bot").count(replies[0]["text"]) == 1


@pytest.mark.parametrize("victim", VICTIMS)
async def test_killed_while_an_advisor_is_replying(stack: Stack, http: aiohttp.ClientSession, victim: str) -> None:
    customer = await visit(http, stack, locale="fr")
    await customer.say("je veux un conseiller")
    claire = await advisor(http, stack)
    await waiting(customer)
    taken = await claire.take(customer)
    replying = asyncio.create_task(claire.reply(customer, "Je regarde cela tout de suite."))
    writing = asyncio.create_task(customer.say("merci, j’attends"))
    await asyncio.to_thread(stack.kill, victim)
    await asyncio.gather(replying, writing)
    await all_well(stack)
    await claire.reply(customer, "C’est réglé.")
    await claire.release(taken["handoff_id"])
    messages = await customer.messages()
    assert Counter(texts_of(messages, "advisor")) == Counter(["Je regarde cela tout de suite.", "C’est réglé."])
    assert Counter(texts_of(messages, "customer"))["merci, j’attends"] == 1
    assert (await customer.ask("bonjour"))[0]["author"] == "bot"


async def waiting(customer: Visitor) -> None:
    async with asyncio.timeout(60):
        while (await customer.state())["owner"] != "queue":
            await asyncio.sleep(0.05)


async def test_a_wiped_redis_in_the_middle_of_a_form(stack: Stack, http: aiohttp.ClientSession) -> None:
    customer = await visit(http, stack, locale="fr", identity=host_identity(stack))
    asked = await customer.ask("je veux suivre ma commande")
    before = await tracked(stack, http, "104233")
    with Redis.from_url(stack.redis_url) as redis:
        assert redis.dbsize() > 0
        # This Valkey is the test's own, started by it on a free port.
        redis.flushdb()
    replies = await customer.ask("MA-104233")
    assert texts_of(replies, "bot") != texts_of(asked, "bot")
    assert any("104233" in text for text in texts_of(replies, "bot")), "the form goes on where it was"
    assert await tracked(stack, http, "104233") == before + 1
