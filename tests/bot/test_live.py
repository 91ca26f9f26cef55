"""Live connections of customers and of the desk, also across processes."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from bot.live import DESK, Live
from bot.missed import Missed
from tests.bot.conftest import Bot, Customer
from tests.bot.test_feedback import quiet


async def frame(socket: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next frame of this kind."""
    async with asyncio.timeout(30):
        while True:
            received = await socket.receive_json()
            if received["type"] == kind:
                return dict(received)


async def connect(bot: Bot, customer: Customer, after: int = 0) -> ClientWebSocketResponse:
    socket = await bot.client.ws_connect(customer.url("live"))
    await socket.send_json({"token": customer.token, "after": after})
    return socket


async def test_messages_typing_and_state_are_pushed(bot: Bot) -> None:
    customer = await bot.customer()
    socket = await connect(bot, customer)
    assert (await frame(socket, "ready"))["state"]["owner"] == "bot"
    assert (await frame(socket, "message"))["message"]["seq"] == 1
    bot.neighbours.hold = asyncio.Event()
    await customer.say("bonjour")
    assert (await frame(socket, "typing"))["on"] is True
    bot.neighbours.hold.set()
    while (await frame(socket, "message"))["message"]["author"] != "bot":
        pass
    await customer.post("handoff", {})
    assert (await frame(socket, "state"))["state"]["owner"] == "queue"
    await socket.close()


async def test_a_reader_that_comes_back_gets_what_it_missed(bot: Bot) -> None:
    customer = await bot.customer()
    await customer.ask("un")
    await customer.ask("deux")
    socket = await connect(bot, customer, after=2)
    await frame(socket, "ready")
    seqs = [(await frame(socket, "message"))["message"]["seq"] for _ in range(3)]
    assert seqs == [3, 4, 5]
    await socket.close()


async def test_a_wrong_token_is_shown_out(bot: Bot) -> None:
    customer = await bot.customer()
    for first in ({"token": "nonsense"}, [1], {}):
        socket = await bot.client.ws_connect(customer.url("live"))
        await socket.send_json(first)
        message = await socket.receive(timeout=30)
        assert message.type is WSMsgType.CLOSE
        assert socket.close_code == 4401


async def both_listen(bot: Bot) -> None:
    """Until two processes hear what is told by Redis: what was told before is lost."""
    redis: Any = bot.services.redis
    async with asyncio.timeout(30):
        while (await redis.pubsub_numsub("relais:live"))[0][1] < 2:
            await asyncio.sleep(0.02)


async def test_the_other_process_hears_it(make_bot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the hint: it does not look by itself."""
    monkeypatch.setattr("bot.missed._EVERY_SECONDS", 3600.0)
    here: Bot = await make_bot()
    there: Bot = await make_bot(relais_secret=here.services.settings.relais_secret)
    customer = await here.customer()
    socket = await connect(there, customer)
    await frame(socket, "ready")
    await both_listen(here)
    await customer.ask("bonjour")
    while (await frame(socket, "message"))["message"]["seq"] < 3:
        pass
    await socket.close()


async def test_the_desk_hears_of_requests_and_messages(bot: Bot) -> None:
    customer, claire = await bot.customer(), await bot.desk("claire")
    socket = await bot.client.ws_connect("/api/v1/desk/live")
    await socket.send_json({"token": claire.token})
    await frame(socket, "ready")
    await customer.post("handoff", {})
    await frame(socket, "handoffs")
    handoff = (await claire.queue())[0]["handoff_id"]
    await claire.call("POST", f"handoffs/{handoff}/accept")
    state = await frame(socket, "state")
    while state["state"]["owner"] != "advisor":
        state = await frame(socket, "state")
    await customer.say("il y a quelqu’un ?")
    heard = await frame(socket, "message")
    while heard["message"]["author"] != "customer":
        heard = await frame(socket, "message")
    assert heard["conversation_id"] == customer.id
    await socket.close()


async def test_each_row_that_moves_is_brought_to_the_desk(bot: Bot) -> None:
    customer, claire = await bot.customer(), await bot.desk("claire")
    socket = await bot.client.ws_connect("/api/v1/desk/live")
    await socket.send_json({"token": claire.token})
    await frame(socket, "ready")
    await customer.post("handoff", {})
    row = (await frame(socket, "state"))["row"]
    while row["status"] != "offered":
        row = (await frame(socket, "state"))["row"]
    listed = (await claire.queue())[0]
    # The list is read a moment later: the wait has grown, and a notice may have followed.
    later = {"waiting_seconds": 0, "last_seq": 0}
    assert row | later == listed | later
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    while row["status"] != "accepted":
        row = (await frame(socket, "state"))["row"]
    assert row["advisor"]["name"] == "Claire"
    await claire.call("POST", f"handoffs/{row['handoff_id']}/release", {"outcome": "resolved"})
    while row is not None:
        row = (await frame(socket, "state"))["row"]
    await socket.close()


async def test_typing_goes_both_ways(bot: Bot) -> None:
    customer, claire = await bot.customer(), await bot.desk("claire")
    await customer.post("handoff", {})
    await claire.call("POST", f"handoffs/{(await claire.queue())[0]['handoff_id']}/accept")
    page = await connect(bot, customer)
    desk = await bot.client.ws_connect("/api/v1/desk/live")
    await desk.send_json({"token": claire.token})
    await frame(desk, "ready")
    await frame(page, "ready")
    await claire.call("POST", f"conversations/{customer.id}/typing", {"on": True})
    assert (await frame(page, "typing"))["author"] == "advisor"
    await page.send_json({"type": "typing", "on": True})
    heard = await frame(desk, "typing")
    while heard["author"] != "customer":
        heard = await frame(desk, "typing")
    assert heard["conversation_id"] == customer.id
    await page.close()
    await desk.close()


async def test_a_line_whose_writer_fails_is_closed(bot: Bot) -> None:
    claire = await bot.desk("claire")
    socket = await bot.client.ws_connect("/api/v1/desk/live")
    await socket.send_json({"token": claire.token})
    await frame(socket, "ready")
    bot.services.live.publish(DESK, {"type": "state"})  # of none: it cannot be told
    # Left open it would look well and say nothing ever again.
    assert (await asyncio.wait_for(socket.receive(), 30)).type is WSMsgType.CLOSE


async def test_the_desk_cookie_counts_on_our_own_pages_only(bot: Bot) -> None:
    claire = await bot.desk("claire")
    cookie = {"Cookie": f"relais_desk={claire.token}"}
    with pytest.raises(WSServerHandshakeError) as refused:
        await bot.client.ws_connect("/api/v1/desk/live", headers={**cookie, "Origin": "http://shop.test"})
    assert refused.value.status == 403
    own = str(bot.client.make_url("")).rstrip("/")
    socket = await bot.client.ws_connect("/api/v1/desk/live", headers={**cookie, "Origin": own})
    await frame(socket, "ready")
    await socket.close()


async def test_the_desk_line_outlives_a_person_who_is_erased(bot: Bot) -> None:
    desk = await bot.desk("claire")
    bot.client.session.cookie_jar.clear()
    socket = await bot.client.ws_connect("/api/v1/desk/live")
    await socket.send_json({"token": desk.token})
    assert (await socket.receive_json(timeout=30))["type"] == "ready"
    bot.services.live.publish(DESK, {"type": "state", "conversation_id": "erased-meanwhile"})
    bot.services.live.publish(DESK, {"type": "handoffs"})
    while (await socket.receive_json(timeout=30))["type"] != "handoffs":
        pass


async def test_a_session_that_has_ended_hears_nothing_more(bot: Bot) -> None:
    claire, customer = await bot.desk("claire"), await bot.customer()
    socket = await bot.client.ws_connect("/api/v1/desk/live")
    await socket.send_json({"token": claire.token})
    await frame(socket, "ready")
    assert (await claire.call("DELETE", "session"))[0] == 200
    await customer.post("handoff", {})
    last = await asyncio.wait_for(socket.receive(), 30)
    assert (last.type, last.data) == (WSMsgType.CLOSE, 4401)


async def test_a_hint_that_was_lost_delays_a_message_and_no_more(make_bot: Any) -> None:
    deaf = {"redis_url": "redis://127.0.0.1:1/0"}
    here: Bot = await make_bot(**deaf)
    there: Bot = await make_bot(**deaf, relais_secret=here.services.settings.relais_secret)
    customer = await here.customer()
    socket = await connect(there, customer)
    assert (await socket.receive_json())["type"] == "ready"
    asked = await customer.say("bonjour")
    async with asyncio.timeout(30):
        while (await socket.receive_json()).get("message", {}).get("seq", 0) <= asked["seq"]:
            pass
    await socket.close()


async def test_what_moved_while_nobody_could_look_is_hinted_at_by_the_next_look(bot: Bot) -> None:
    customer, missed = await bot.customer(), Missed(bot.services)
    await missed.look()
    await customer.ask("bonjour")
    await quiet(bot)
    bot.clock.forward(300)
    with bot.services.live.subscribe(customer.id) as events:
        await missed.look()
        async with asyncio.timeout(30):
            while await events.get() != {"type": "moved"}:
                pass


async def test_many_chats_look_again_a_few_at_a_time_and_each_once() -> None:
    live = Live(None)
    with ExitStack() as listening:
        queues = [listening.enter_context(live.subscribe(f"c-{number}")) for number in range(60)]
        live.hint_all(spread=0.05)
        assert sum(queue.qsize() for queue in queues) == 25, "not all of them read the record in the same moment"
        async with asyncio.timeout(30):
            assert [await queue.get() for queue in queues] == [{"type": "state"}] * 60
        assert all(queue.empty() for queue in queues)
