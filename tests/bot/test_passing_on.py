"""Transfers, invitations, supervisors who listen, join and assign."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from jsonschema import Draft202012Validator
from sqlalchemy import select

from bot.db.people import AuditEntry
from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.test_handoff import SCHEMA, taken
from tests.bot.test_offers import advisor, asking, id_of, offered_to, sit, until


async def with_claire(bot: Bot) -> tuple[Customer, Desk, Desk, str]:
    """Claire and Hugo at the desk, and a customer whom she has."""
    claire, hugo = await advisor(bot, "claire", ["general"], ["fr"]), await advisor(bot, "hugo", ["payment"], ["fr"])
    await sit(bot, claire)
    customer = await asking(bot)
    row = await offered_to(claire, await id_of(claire))
    assert (await claire.call("POST", f"handoffs/{row['handoff_id']}/accept"))[0] == 200
    await sit(bot, hugo)
    return customer, claire, hugo, row["handoff_id"]


async def word_of(socket: Any, word: str) -> Any:
    async with asyncio.timeout(30):
        while (frame := await socket.receive_json()).get("word") != word:
            pass
    return frame


async def test_a_colleague_is_offered_it_first_and_knows_everything(bot: Bot) -> None:
    customer, claire, hugo, handoff = await with_claire(bot)
    somebody = await asking(bot)  # who waits already does not come before
    body = {"to_user": await id_of(hugo), "note": "remboursement à vérifier, @Hugo"}
    status, answer = await claire.call("POST", f"handoffs/{handoff}/transfer", body)
    assert (status, answer["status"], answer["offered_to"]) == (200, "offered", await id_of(hugo))
    assert await claire.call("POST", f"handoffs/{handoff}/transfer", body) == (200, answer)  # again: the same
    read = await customer.read()
    assert read["state"]["owner"] == "queue"
    assert read["messages"][-1]["text"] == "Claire vous passe à Hugo, qui a tout le dossier."
    assert (await hugo.queue())[0]["handoff_id"] == handoff
    late = {"client_message_id": "late", "text": "une dernière chose"}
    assert (await claire.call("POST", f"conversations/{customer.id}/messages", late))[0] == 403  # the epoch moved
    status, taken_by = await hugo.call("POST", f"handoffs/{handoff}/accept")
    assert status == 200
    Draft202012Validator(SCHEMA).validate(taken_by["context"])

    async def settled() -> Any:
        _, found = await hugo.call("GET", f"handoffs/{handoff}")
        (one,) = found["context"]["best_person"]["transfers"]
        return one if one["came_to"] else None

    one = await until(settled, "the transfer's end")
    assert (one["from"], one["to"], one["came_to"], one["kind"]) == ("Claire", "Hugo", "taken", "transfer")
    assert "remboursement" not in json.dumps(taken_by["context"])
    _, thread = await hugo.call("GET", f"conversations/{customer.id}/messages")
    assert [m["text"] for m in thread["messages"] if m.get("note") == "transfer"] == ["remboursement à vérifier, @Hugo"]
    async with bot.services.db.read() as session:
        entry = (
            await session.execute(select(AuditEntry).where(AuditEntry.action == "handoff_transferred"))
        ).scalar_one()
    assert (entry.target, entry.detail) == (handoff, f"user:{await id_of(hugo)}")
    assert (await somebody.read())["state"]["owner"] == "queue"


async def test_declined_it_comes_back_with_a_word(bot: Bot) -> None:
    customer, claire, hugo, handoff = await with_claire(bot)
    line = await sit(bot, claire)
    await claire.call("POST", f"handoffs/{handoff}/transfer", {"to_user": await id_of(hugo)})
    await hugo.call("POST", f"handoffs/{handoff}/decline")
    assert (await word_of(line, "transfer_declined"))["by"] == "Hugo"
    row = await offered_to(claire, await id_of(claire))
    assert row["handoff_id"] == handoff
    _, thread = await claire.call("GET", f"conversations/{customer.id}/messages")
    assert thread["messages"][-1]["text"] == "Hugo n’a pas pris la conversation."
    assert thread["messages"][-1]["internal"] is True
    assert (await claire.call("POST", f"handoffs/{handoff}/accept"))[0] == 200


async def test_what_a_supervisor_passed_on_and_is_declined_goes_to_the_head_of_the_queue(bot: Bot) -> None:
    _, _, hugo, handoff = await with_claire(bot)
    marc, anna = await bot.desk("marc", "supervisor"), await advisor(bot, "anna", ["general"], ["fr"])
    line = await sit(bot, marc)
    status, _ = await marc.call("POST", f"handoffs/{handoff}/transfer", {"to_user": await id_of(hugo)})
    assert status == 200
    await hugo.call("POST", f"handoffs/{handoff}/decline")
    assert (await word_of(line, "transfer_declined"))["by"] == "Hugo"
    assert (await hugo.queue())[0]["offered_to"] is None
    await sit(bot, anna)
    await offered_to(anna, await id_of(anna))


async def test_unanswered_it_goes_to_others_with_a_word(bot: Bot) -> None:
    customer, claire, hugo, handoff = await with_claire(bot)
    anna = await advisor(bot, "anna", ["general"], ["fr"])
    await sit(bot, anna)
    await claire.call("POST", f"handoffs/{handoff}/transfer", {"to_user": await id_of(hugo)})
    line = await sit(bot, claire)
    bot.clock.forward(31)
    for desk in (hugo, anna):
        await sit(bot, desk)
    assert (await word_of(line, "transfer_unanswered"))["by"] == "Hugo"
    await offered_to(anna, await id_of(anna))
    assert (await customer.read())["state"]["owner"] == "queue"


async def test_to_a_team_and_to_who_is_not_there(bot: Bot) -> None:
    customer, claire, hugo, handoff = await with_claire(bot)
    away = await advisor(bot, "zoe", ["payment"], ["fr"])
    url = f"handoffs/{handoff}/transfer"
    status, error = await claire.call("POST", url, {"to_user": await id_of(away)})
    assert (status, error["error"]["code"], error["error"]["presence"]) == (409, "not_there", "offline")
    for bad in ({}, {"to_user": "nobody"}, {"to_skill": "magic"}, {"to_user": "a", "to_skill": "payment"}):
        assert (await claire.call("POST", url, bad))[0] == 422
    assert (await claire.call("POST", url, {"to_user": await id_of(claire)}))[0] == 422
    assert (await hugo.call("POST", url, {"to_skill": "payment"}))[0] == 403
    assert (await customer.read())["state"]["owner"] == "advisor"
    status, answer = await claire.call("POST", url, {"to_skill": "payment"})
    assert (status, answer["status"]) == (200, "requested")
    assert "équipe" in (await customer.read())["messages"][-1]["text"]
    await offered_to(hugo, await id_of(hugo))  # he has the skill, claire has not
    await hugo.call("POST", f"handoffs/{handoff}/accept")
    status, answer = await hugo.call("POST", url, {"to_user": await id_of(away), "anyway": True})
    assert (status, answer["status"]) == (200, "requested")
    assert "aura tout le dossier" in (await customer.read())["messages"][-1]["text"]


async def test_a_guest_looks_on_and_leaves(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, handoff = await taken(bot, customer)
    hugo = await bot.desk("hugo")
    line = await sit(bot, hugo)
    url, guest = f"handoffs/{handoff}/invite", {"user_id": await id_of(hugo)}
    assert (await hugo.call("POST", url, guest))[0] == 403  # not his to open
    status, answer = await claire.call("POST", url, guest)
    assert (status, [one["name"] for one in answer["people"]]) == (200, ["Hugo"])
    assert await claire.call("POST", url, guest) == (200, answer)
    assert (await word_of(line, "invited"))["by"] == "Claire"
    assert (await claire.call("POST", url, {"user_id": await id_of(claire)}))[0] == 422
    assert (await hugo.call("POST", f"handoffs/{handoff}/listen"))[0] == 403
    assert (await hugo.call("POST", f"handoffs/{handoff}/leave"))[0] == 200
    assert (await hugo.call("POST", f"handoffs/{handoff}/leave"))[0] == 200
    assert (await claire.queue())[0]["people"] == []


async def test_a_supervisor_listens_in_the_open_joins_and_leaves(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, handoff = await taken(bot, customer)
    marc = await bot.desk("marc", "supervisor")
    line = await sit(bot, claire)
    before = len((await customer.read())["messages"])
    assert (await marc.call("POST", f"handoffs/{handoff}/listen"))[0] == 200
    assert (await word_of(line, "listening"))["by"] == "Marc"
    assert [one["role"] for one in (await claire.queue())[0]["people"]] == ["listening"]
    assert len((await customer.read())["messages"]) == before
    reply = {"client_message_id": "1", "text": "Bonjour, Marc, responsable."}
    assert (await marc.call("POST", f"conversations/{customer.id}/messages", reply))[0] == 403
    assert (await marc.call("POST", f"handoffs/{handoff}/join"))[0] == 200
    assert (await marc.call("POST", f"handoffs/{handoff}/listen"))[0] == 200  # joining is more
    assert (await marc.call("POST", f"conversations/{customer.id}/messages", reply))[0] == 202
    said = [(m["author"], m.get("author_name")) for m in (await customer.read())["messages"]][-2:]
    assert said == [("system", "Marc"), ("advisor", "Marc")]
    assert (await marc.call("POST", f"handoffs/{handoff}/leave"))[0] == 200
    again = reply | {"client_message_id": "2"}
    assert (await marc.call("POST", f"conversations/{customer.id}/messages", again))[0] == 403
    assert "Marc a quitté" in (await customer.read())["messages"][-1]["text"]
    async with bot.services.db.read() as session:
        actions = list((await session.execute(select(AuditEntry.action).order_by(AuditEntry.id))).scalars())
    assert [one for one in actions if one.startswith("conversation_")] == [
        "conversation_listening",
        "conversation_joined",
        "conversation_left",
    ]


async def test_a_supervisor_assigns_what_waits_and_what_is_taken(bot: Bot) -> None:
    customer, claire, hugo, handoff = await with_claire(bot)
    marc = await bot.desk("marc", "supervisor")
    his, hers = await sit(bot, hugo), await sit(bot, claire)
    url, to_hugo = f"handoffs/{handoff}/assign", {"user_id": await id_of(hugo), "note": "il connaît le dossier"}
    assert (await claire.call("POST", url, to_hugo))[0] == 403
    status, answer = await marc.call("POST", url, to_hugo)
    assert (status, answer["status"]) == (200, "accepted")
    assert await marc.call("POST", url, to_hugo) == (200, answer)
    assert (await word_of(his, "assigned"))["by"] == "Marc"
    assert (await word_of(hers, "reassigned"))["by"] == "Marc"
    read = await customer.read()
    assert read["state"]["advisor_name"] == "Hugo"
    assert [m["text"] for m in read["messages"] if "prend la suite" in m["text"]] == [
        "Hugo prend la suite de Claire et a tout le dossier."
    ]
    waiting = await asking(bot)
    row = next(row for row in await marc.queue() if row["conversation_id"] == waiting.id)
    status, answer = await marc.call("POST", f"handoffs/{row['handoff_id']}/assign", {"user_id": await id_of(hugo)})
    assert (status, answer["status"]) == (200, "accepted")
    zoe = await advisor(bot, "zoe", [], ["fr"])
    absent = {"user_id": await id_of(zoe)}
    assert (await marc.call("POST", url, absent))[0] == 409
    status, answer = await marc.call("POST", url, absent | {"anyway": True})
    assert (status, answer["status"]) == (200, "requested")  # who is not there keeps nobody waiting
    assert (await customer.read())["state"]["owner"] == "queue"
