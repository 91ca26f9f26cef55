"""What should not be asked of a handoff is answered with a sentence, and changes nothing."""

from __future__ import annotations

import io
import json
from typing import Any

from jsonschema import Draft202012Validator
from sqlalchemy import func, select

from bot.db.models import Conversation, Message
from bot.erase import erase_customer
from tests.bot.conftest import Bot
from tests.bot.test_handoff import SCHEMA, identity, taken
from tests.bot.test_offers import advisor, asking, id_of, offered_to, sit, time_goes_by

Json = dict[str, Any]


async def test_a_release_of_somebody_elses_conversation(bot: Bot) -> None:
    customer = await bot.customer()
    _, handoff = await taken(bot, customer)
    hugo = await bot.desk("hugo")
    status, body = await hugo.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    assert (status, body["error"]["code"]) == (403, "not_your_conversation")
    assert body["error"]["message"] == "Cette conversation n’est pas la vôtre."
    assert (await customer.read())["state"]["owner"] == "advisor"


async def test_an_accept_after_the_offer_expired(bot: Bot) -> None:
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    hugo = await bot.desk("hugo")
    await sit(bot, claire)
    handoffs = []
    for _ in range(2):
        customer = await asking(bot)
        row = next(row for row in await hugo.queue() if row["conversation_id"] == customer.id)
        handoffs.append(row["handoff_id"])
    await offered_to(claire, await id_of(claire))
    await time_goes_by(bot)
    # Somebody else has it by now; the other one waits for anybody.
    assert (await hugo.call("POST", f"handoffs/{handoffs[0]}/accept"))[0] == 200
    status, body = await claire.call("POST", f"handoffs/{handoffs[0]}/accept")
    assert (status, body["error"]["code"], body["error"]["name"]) == (409, "already_taken", "Hugo")
    assert "Hugo" in body["error"]["message"]
    assert (await claire.call("POST", f"handoffs/{handoffs[1]}/accept"))[0] == 200


async def test_a_reply_of_two_megabytes(bot: Bot) -> None:
    customer = await bot.customer()
    claire, _ = await taken(bot, customer)
    path = f"conversations/{customer.id}/messages"
    for size, code in ((2 * 1024 * 1024, "too_large"), (5000, "message_too_long")):
        raw = io.BytesIO(json.dumps({"client_message_id": "big", "text": "a" * size}).encode())
        headers = {"Authorization": f"Bearer {claire.token}", "Content-Type": "application/json"}
        async with bot.client.post(f"/api/v1/desk/{path}", data=raw, headers=headers) as response:
            body = await response.json()
        assert (response.status, body["error"]["code"]) == (413, code)
        assert body["error"]["message"].endswith(".")
    assert not [each for each in (await customer.read())["messages"] if each["author"] == "advisor"]


async def test_a_reply_to_somebody_who_had_their_data_erased(bot: Bot) -> None:
    customer = await bot.customer(identity=identity(bot))
    claire, handoff = await taken(bot, customer)
    async with bot.services.db.read() as session:
        person = (await session.get_one(Conversation, customer.id)).customer_id
    await erase_customer(bot.services, person)
    path = f"conversations/{customer.id}/messages"
    status, body = await claire.call("POST", path, {"client_message_id": "late", "text": "Bonjour"})
    assert (status, body["error"]["code"]) == (404, "unknown_conversation")
    assert body["error"]["message"] == "Cette conversation n’existe pas ou n’existe plus."
    status, body = await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    assert (status, body["error"]["code"]) == (404, "unknown_handoff")
    async with bot.services.db.read() as session:
        assert (await session.execute(select(func.count()).select_from(Message))).scalar_one() == 0


async def test_an_order_service_that_is_down(bot: Bot) -> None:
    bot.neighbours.card_away = True
    customer = await bot.customer(identity=identity(bot))
    await customer.ask("où est ma commande ?")
    claire, handoff = await taken(bot, customer)
    _, found = await claire.call("GET", f"handoffs/{handoff}")
    context: Json = found["context"]
    Draft202012Validator(SCHEMA).validate(context)
    assert (context["who"]["orders"], context["who"]["orders_unavailable"]) == ([], True)
    assert context["who"]["display_name"] == "Camille Laurent"
    path = f"conversations/{customer.id}/messages"
    assert (await claire.call("POST", path, {"client_message_id": "a", "text": "Bonjour"}))[0] == 202


async def test_who_waits_hears_their_place_move_on_and_nothing_of_offers(bot: Bot) -> None:
    first, second = await asking(bot), await asking(bot)
    socket = await bot.client.ws_connect(second.url("live"))
    await socket.send_json({"token": second.token, "after": 0})

    async def until_state(position: int | None) -> Json:
        while True:
            frame = await socket.receive_json(timeout=30)
            state: Json = frame.get("state") or {}
            if state and state.get("handoff", {}).get("position") == position:
                return state

    assert (await until_state(2))["handoff"]["status"] == "requested"
    claire = await advisor(bot, "claire", ["general"], ["fr"])
    line = await sit(bot, claire)
    before = len((await second.read())["messages"])
    rows = {row["conversation_id"]: row["handoff_id"] for row in await claire.queue()}
    await claire.call("POST", f"handoffs/{rows[first.id]}/accept")
    assert (await until_state(1))["owner"] == "queue"
    await claire.call("POST", f"handoffs/{rows[second.id]}/decline")
    assert len((await second.read())["messages"]) == before, "an offer that comes and goes is no message"
    await claire.call("POST", f"handoffs/{rows[second.id]}/accept")
    state = await until_state(None)
    assert (state["owner"], state["advisor_name"], state["handoff"]) == ("advisor", "Claire", {"status": "accepted"})
    await socket.close()
    await line.close()
