"""Rasa, the action server and valkey killed in the middle of a turn: it is done once, or not at all and then again."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.rasa.stack import Chat, Road, custom

pytestmark = pytest.mark.timeout(300)  # each starts a process again


async def answered(chat: Chat, body: dict[str, Any]) -> dict[str, Any]:
    """What bot does: again and again with the same id, with the kept state where the tracker is missing."""
    refusals: list[str] = []
    for _ in range(600):
        try:
            status, answer = await chat.post(body)
        except aiohttp.ClientError as error:
            status, answer = 0, {"error": {"code": type(error).__name__}}
        if status == 200:
            return answer
        refusals.append(answer["error"]["code"])
        if status == 409:
            body = {**body, "restore": chat.state}
        await asyncio.sleep(0.2)
    raise AssertionError(f"no answer in two minutes: {set(refusals)}")


@pytest.mark.parametrize("victim", ["actions", "valkey", "rasa"])
async def test_killed_in_the_middle_of_a_turn(rasa_road: Road, victim: str) -> None:
    chat = rasa_road.chat(customer="C-1001")
    await chat.say("bonjour")
    assert (await chat.say("je veux suivre ma commande"))["active_loop"] == "task_form"
    rasa_road.office.mode = "busy"  # the turn hangs in the back office while its neighbour dies
    before, called = set(rasa_road.office.tracked), len(rasa_road.office.calls)
    body = chat.body("104233")
    under_way = asyncio.create_task(answered(chat, body))
    try:
        async with asyncio.timeout(30):
            while len(rasa_road.office.calls) == called:
                await asyncio.sleep(0.02)
        assert not under_way.done()
        rasa_road.processes.kill(victim)
        rasa_road.office.mode = "ok"
        await asyncio.to_thread(rasa_road.processes.start, victim)
        answer = await under_way
    finally:
        rasa_road.office.mode = "ok"
        under_way.cancel()
    assert custom(answer, "task")["detail"] == "MA-104233: shipped"
    assert set(rasa_road.office.tracked) - before == {body["message_id"]}
    assert (await chat.post(body))[1]["replayed"] is True
    assert (await chat.say("merci"))["active_loop"] is None


async def test_killed_after_the_turn_was_done_it_is_not_done_again(rasa_road: Road) -> None:
    """The tracker is in valkey before the answer is sent, so a dead Rasa remembers a turn that bot never saw."""
    chat = rasa_road.chat(customer="C-1001")
    body = chat.body("où est ma commande MA-104233 ?")
    _, first = await chat.post(body)
    asked = len(rasa_road.office.calls)
    rasa_road.processes.kill("rasa")
    await asyncio.to_thread(rasa_road.processes.start, "rasa")
    status, again = await chat.post({**body, "last_message_id": None})
    assert (status, again["replayed"]) == (200, True)
    assert again["replies"] == first["replies"]
    assert len(rasa_road.office.calls) == asked


async def test_a_hung_valkey_does_not_hang_rasa(rasa_road: Road) -> None:
    chat = rasa_road.chat()
    await chat.say("bonjour")
    with rasa_road.processes.hung("valkey"):
        status, refusal = await chat.post(chat.body("merci"))
    assert (status, refusal["error"]["code"]) == (503, "exception")
    answer = await answered(chat, chat.body("merci"))
    assert answer["intent"]["name"] == "thank"
