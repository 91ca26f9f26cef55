"""Tags, the closing note, the way back from a wrong release; what was read; who is there; earlier conversations."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.db.people import AuditEntry, Promise
from bot.errors import NeighbourError
from bot.handoff import listing
from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.test_handoff import identity, taken
from tests.bot.test_offers import until
from tests.bot.test_outbox import started


async def released(bot: Bot, **more: Any) -> tuple[Customer, Desk, str]:
    customer = await bot.customer(locale="fr")
    claire, handoff = await taken(bot, customer)
    status, _ = await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "callback", **more})
    assert status == 200
    return customer, claire, handoff


async def test_tags_are_kept_in_one_spelling_and_suggested(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, handoff = await taken(bot, customer)
    hugo = await bot.desk("hugo")
    tags = {"tags": ["  Colis\tPERDU ", "#colis perdu", "geste", ""]}
    assert (await hugo.call("PUT", f"handoffs/{handoff}/tags", tags))[0] == 403
    status, answer = await claire.call("PUT", f"handoffs/{handoff}/tags", tags)
    assert (status, answer["tags"]) == (200, ["colis perdu", "geste"])
    assert (await claire.queue())[0]["tags"] == ["colis perdu", "geste"]
    for bad in (["x" * 41], [str(n) for n in range(11)], "colis", [1]):
        assert (await claire.call("PUT", f"handoffs/{handoff}/tags", {"tags": bad}))[0] == 422
    _, found = await hugo.call("GET", "tags?q=COL")
    assert found["tags"] == [{"tag": "colis perdu", "uses": 1}]
    assert (await hugo.call("GET", "tags?q=%25"))[1]["tags"] == []  # a sign, no pattern
    release = {"outcome": "resolved", "tags": ["échange"], "note": "colis renvoyé"}
    assert (await claire.call("POST", f"handoffs/{handoff}/release", release | {"tags": "x"}))[0] == 422
    assert (await claire.call("POST", f"handoffs/{handoff}/release", release))[0] == 200
    assert [one["tag"] for one in (await claire.call("GET", "tags"))[1]["tags"]] == ["échange"]
    _, thread = await claire.call("GET", f"conversations/{customer.id}/messages")
    assert [m["text"] for m in thread["messages"] if m.get("note") == "closing"] == ["colis renvoyé"]


async def test_a_wrong_release_is_undone_while_nothing_has_gone_on(bot: Bot) -> None:
    customer, claire, handoff = await released(bot)
    hugo = await bot.desk("hugo")
    assert (await hugo.call("POST", f"handoffs/{handoff}/reopen"))[0] == 403
    for _ in range(2):
        assert await claire.call("POST", f"handoffs/{handoff}/reopen") == (
            200,
            {"handoff_id": handoff, "status": "accepted"},
        )
    read = await customer.read()
    assert (read["state"]["owner"], read["state"]["advisor_name"]) == ("advisor", "Claire")
    assert not any(message.get("rating_requested") for message in read["messages"])
    async with bot.services.db.read() as session:
        promise = (await session.execute(select(Promise))).scalar_one()
    assert promise.status == "cancelled", "the call-back is not owed any more"
    await customer.say("encore une chose")
    assert bot.neighbours.requests == []  # she has it, not the assistant
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    await customer.ask("bonjour ?")
    status, error = await claire.call("POST", f"handoffs/{handoff}/reopen")
    assert (status, error["error"]["code"]) == (409, "gone_on")


async def test_what_is_over_is_listed_newest_first_and_in_pages(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_ROWS", 2)
    ended: list[str] = []
    for name in ("anna", "hugo", "claire"):
        claire, handoff = await taken(bot, await bot.customer(locale="fr"), name)
        await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
        bot.clock.forward(1)
        ended.insert(0, handoff)

    async def page(tail: str = "") -> list[str]:
        _, answer = await claire.call("GET", "handoffs?status=released" + tail)
        return [row["handoff_id"] for row in answer["handoffs"]]

    assert await page() == ended[:2]
    assert await page(f"&before={ended[1]}") == ended[2:]
    assert await page(f"&before={ended[2]}") == []
    for bad in ("?status=released&before=nothing", f"?status=accepted&before={ended[0]}", "?before=x"):
        assert (await claire.call("GET", "handoffs" + bad))[0] == 422


async def test_after_a_minute_a_release_stands(bot: Bot) -> None:
    _, claire, handoff = await released(bot)
    bot.clock.forward(61)
    status, error = await claire.call("POST", f"handoffs/{handoff}/reopen")
    assert (status, error["error"]["code"]) == (409, "too_late_to_reopen")


async def reading(desk: Desk, customer: Customer) -> Any:
    return (await desk.call("GET", f"conversations/{customer.id}/messages"))[1]["reading"]


async def test_what_was_received_and_read_never_goes_back(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, _ = await taken(bot, customer)
    assert (await reading(claire, customer))["read_at"] is None
    async with bot.client.ws_connect(customer.url("live")) as page:
        await page.send_json({"token": customer.token, "after": 0})
        await page.receive_json(timeout=30)
        _, sent = await claire.call(
            "POST", f"conversations/{customer.id}/messages", {"client_message_id": "1", "text": "bonjour"}
        )
        seq = sent["message"]["seq"]

        async def received() -> bool:
            return bool((await reading(claire, customer))["delivered_seq"] == seq)

        await until(received, "received by the page")
    assert (await reading(claire, customer))["read_seq"] == 0
    assert await customer.post("read", {"seq": seq}) == (200, {"seq": seq})
    at = (await reading(claire, customer))["read_at"]
    assert at is not None
    assert await customer.post("read", {"seq": 1}) == (200, {"seq": seq})
    assert await customer.post("read", {"seq": 10**9}) == (200, {"seq": seq})  # nobody reads what was not said
    assert (await reading(claire, customer))["read_at"] == at
    for bad in ({"seq": -1}, {"seq": True}, {"seq": "1"}, {}):
        assert (await customer.post("read", bad))[0] == 422


async def test_a_delivery_that_failed_is_told_with_its_cause_and_tried_again(make_bot: Any) -> None:
    bot, channel, customer = await started(make_bot)
    claire, _ = await taken(bot, customer)
    channel.failures = [NeighbourError("flood", "", retry_after=500)]
    _, sent = await claire.call(
        "POST", f"conversations/{customer.id}/messages", {"client_message_id": "1", "text": "bonjour"}
    )
    message = sent["message"]["id"]

    async def standing(cause: str | None, status: str) -> Any:
        found = [one for one in (await reading(claire, customer))["deliveries"] if one["message_id"] == message]
        return [one for one in found if (one["cause"], one["status"]) == (cause, status)]

    # Whichever message met the fault first, the conversation's order holds the rest back.
    (held,) = await until(lambda: _flooded(claire, customer), "the cause is told")
    url = f"conversations/{customer.id}/messages/{held['message_id']}/retry"
    assert (await claire.call("POST", url))[0] == 200
    await until(lambda: standing(None, "delivered"), "delivered without waiting")
    assert (await claire.call("POST", f"conversations/{customer.id}/messages/none/retry"))[0] == 404
    channel.failures = [NeighbourError("blocked_by_user", "", permanent=True)]
    _, sent = await claire.call(
        "POST", f"conversations/{customer.id}/messages", {"client_message_id": "2", "text": "?"}
    )
    message = sent["message"]["id"]
    await until(lambda: standing("blocked_by_user", "failed"), "failed for good")
    url = f"conversations/{customer.id}/messages/{message}/retry"
    assert (await claire.call("POST", url))[0] == 409


async def _flooded(desk: Desk, customer: Customer) -> Any:
    return [one for one in (await reading(desk, customer))["deliveries"] if one["cause"] == "flood"]


async def test_who_is_there_and_writes(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, _ = await taken(bot, customer)
    hugo, url = await bot.desk("hugo"), f"conversations/{customer.id}/here"
    await claire.call("POST", url, {})
    _, seen = await hugo.call("POST", url, {"doing": "writing_note"})
    assert [(one["name"], one["doing"]) for one in seen["people"]] == [("Claire", "looking"), ("Hugo", "writing_note")]
    _, seen = await claire.call("POST", url, {"doing": "writing_reply"})
    assert len(seen["people"]) == 2
    _, seen = await hugo.call("POST", url, {"doing": "gone"})
    assert [one["name"] for one in seen["people"]] == ["Claire"]
    bot.clock.forward(31)  # her page vanished
    _, seen = await hugo.call("POST", url, {"doing": "looking"})
    assert [one["name"] for one in seen["people"]] == ["Hugo"]
    assert (await hugo.call("POST", url, {"doing": "spying"}))[0] == 422
    assert (await hugo.call("POST", "conversations/nothing/here", {}))[0] == 404


async def test_an_earlier_conversation_is_for_whoever_serves_this_person_now(bot: Bot) -> None:
    earlier = await bot.customer(locale="fr", identity=identity(bot, jti="a"))
    await earlier.ask("Quel délai ?")
    stranger = await bot.customer(locale="fr")
    await stranger.ask("une autre personne")
    customer = await bot.customer(locale="fr", identity=identity(bot, jti="b"))
    claire, handoff = await taken(bot, customer)
    hugo, marc = await bot.desk("hugo"), await bot.desk("marc", "supervisor")
    _, found = await claire.call("GET", f"handoffs/{handoff}")
    listed = [one["conversation_id"] for one in found["context"]["who"]["past_conversations"]]
    assert listed == [earlier.id]
    status, thread = await claire.call("GET", f"conversations/{earlier.id}")
    assert (status, thread["conversation_id"]) == (200, earlier.id)
    assert "Quel délai ?" in [message["text"] for message in thread["messages"]]
    assert (await claire.call("GET", f"conversations/{stranger.id}"))[0] == 403
    assert (await hugo.call("GET", f"conversations/{earlier.id}"))[0] == 403  # he does not serve her
    assert (await marc.call("GET", f"conversations/{stranger.id}"))[0] == 200
    assert (await marc.call("GET", "conversations/nothing"))[0] == 404
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    assert (await claire.call("GET", f"conversations/{earlier.id}"))[0] == 403
    async with bot.services.db.read() as session:
        read = select(AuditEntry.target).where(AuditEntry.action == "conversation_read").order_by(AuditEntry.id)
        assert list((await session.execute(read)).scalars()) == [earlier.id, stranger.id]
