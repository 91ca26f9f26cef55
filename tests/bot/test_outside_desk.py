"""An outside desk lives on the webhook and the desk API alone, as docs/handoff.md says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.bot.conftest import Bot
from tests.bot.receiver import SECRET, Receiver


@pytest.fixture
async def told(make_bot: Any) -> AsyncIterator[tuple[Bot, Receiver]]:
    receiver = Receiver(lambda: bot.clock().timestamp())
    server = await receiver.start()
    bot: Bot = await make_bot(webhook_url=[str(server.make_url("/hook"))], webhook_secret=[SECRET])
    yield bot, receiver
    await server.close()


async def test_told_taken_answered_and_given_back_from_outside(told: tuple[Bot, Receiver]) -> None:
    bot, receiver = told
    crm = await bot.desk("claire")
    bot.client.session.cookie_jar.clear()  # it knows its token, and no cookie
    customer = await bot.customer(locale="fr")
    await customer.ask("Quel délai ?")
    await customer.post("handoff", {})
    (requested,) = await receiver.until(1)
    assert requested["context"]["why"]["question"] == "Quel délai ?"
    status, mine = await crm.call("POST", f"handoffs/{requested['handoff_id']}/accept")
    assert (status, mine["status"]) == (200, "accepted")
    path = f"conversations/{requested['conversation_id']}/messages"
    seen = (await crm.call("GET", f"{path}?after=0"))[1]["messages"]
    assert "Quel délai ?" in [message["text"] for message in seen]
    answer = {"client_message_id": "crm-1", "text": "Trois jours, je viens de vérifier."}
    assert (await crm.call("POST", path, answer))[0] == 202
    assert (await crm.call("POST", path, answer))[0] == 200
    said = await customer.say("Merci beaucoup")
    after = (await crm.call("GET", f"{path}?after={said['seq'] - 1}"))[1]["messages"]
    assert [message["text"] for message in after] == ["Merci beaucoup"]
    status, _ = await crm.call("POST", f"handoffs/{requested['handoff_id']}/release", {"outcome": "resolved"})
    assert status == 200
    await receiver.until(3)
    assert receiver.types == ["requested", "accepted", "released"]
    shown = (await customer.read())["messages"]
    assert [(m["author_name"], m["text"]) for m in shown if m["author"] == "advisor"] == [("Claire", answer["text"])]
    assert shown[-1]["rating_requested"] is True
