"""Who may make, change and close whose account."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import WSMsgType
from sqlalchemy import select

from bot.db.models import Conversation, Handoff
from bot.db.people import AuditEntry
from bot.handoff.floor import read_floor
from tests.bot.accounts import desk_with, session_of, user
from tests.bot.conftest import Bot
from tests.bot.test_handoff import taken
from tests.bot.test_offers import sit

NEW = {"name": "Léa", "email": "lea@maison-alder.test", "role": "advisor", "locales": ["fr"], "skills": []}


async def id_of(bot: Bot, name: str) -> str:
    return (await user(bot, f"{name}@maison-alder.test")).id


async def test_a_supervisor_never_makes_or_touches_what_is_above(bot: Bot) -> None:
    marc, ada = await bot.desk("marc", "supervisor"), await bot.desk("ada", "admin")
    await bot.desk("mona", "supervisor")
    for role, status in (("advisor", 201), ("writer", 201), ("supervisor", 403), ("admin", 403)):
        made = await marc.call("POST", "users", NEW | {"role": role, "email": f"{role}@maison-alder.test"})
        assert made[0] == status, role
    above, beside, below = await id_of(bot, "ada"), await id_of(bot, "mona"), await id_of(bot, "advisor")
    for user_id in (above, beside):
        for method, tail, body in (
            ("PUT", "", {"name": "X"}),
            ("POST", "/disable", None),
            ("POST", "/enable", None),
            ("POST", "/invitation", None),
        ):
            status, answer = await marc.call(method, f"users/{user_id}{tail}", body)
            assert (status, answer["error"]["code"]) == (403, "user_rank")
    for role in ("supervisor", "admin"):
        assert (await marc.call("PUT", f"users/{below}", {"role": role}))[0] == 403
    assert (await marc.call("PUT", f"users/{below}", {"role": "writer"}))[0] == 200
    assert (await ada.call("PUT", f"users/{below}", {"role": "supervisor"}))[0] == 200
    assert (await marc.call("PUT", f"users/{below}", {"role": "advisor"}))[0] == 403
    _, listed = await marc.call("GET", "users")
    assert listed["roles"] == ["advisor", "writer", "reviewer", "publisher"]
    assert {row["name"]: row["may_change"] for row in listed["users"]}["Ada"] is False


async def test_nobody_changes_their_own_role_and_an_admin_stays(bot: Bot) -> None:
    ada, eve = await bot.desk("ada", "admin"), await bot.desk("eve", "admin")
    ada_id, eve_id = await id_of(bot, "ada"), await id_of(bot, "eve")
    assert (await ada.call("PUT", f"users/{ada_id}", {"role": "advisor"}))[1]["error"]["code"] == "user_self"
    assert (await ada.call("POST", f"users/{ada_id}/disable"))[1]["error"]["code"] == "user_self"
    results = await asyncio.gather(
        ada.call("POST", f"users/{eve_id}/disable"), eve.call("PUT", f"users/{ada_id}", {"role": "advisor"})
    )
    assert sorted(status for status, _ in results) in ([200, 401], [200, 403], [200, 409]), "one of them is still there"
    admins = [name for name in ("ada", "eve") if (await user(bot, f"{name}@maison-alder.test")).role == "admin"]
    assert [one for one in admins if (await user(bot, f"{one}@maison-alder.test")).status == "active"]


async def held(bot: Bot, conversation_id: str) -> tuple[str, str, str | None]:
    async with bot.services.db.read() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        handoff = (
            await session.execute(select(Handoff).where(Handoff.conversation_id == conversation_id))
        ).scalar_one()
        return conversation.owner, handoff.status, handoff.advisor_id


async def test_a_closed_account_ends_its_sessions_and_gives_back_its_conversations(bot: Bot) -> None:
    marc = await bot.desk("marc", "supervisor")
    customer = await bot.customer(locale="fr")
    claire, _ = await taken(bot, customer)
    socket = await sit(bot, claire)
    claire_id = await id_of(bot, "claire")
    before = await customer.read()
    for _ in range(2):  # the same call again does nothing twice
        status, body = await marc.call("POST", f"users/{claire_id}/disable")
        assert status == 200
    assert {row["id"]: row["status"] for row in body["users"]}[claire_id] == "disabled"
    while (message := await socket.receive(timeout=30)).type is WSMsgType.TEXT:
        pass
    assert message.data == 4401
    assert (await claire.call("GET", "me"))[0] == 401
    assert await held(bot, customer.id) == ("queue", "requested", None)
    said = (await customer.read(before["messages"][-1]["seq"]))["messages"]
    assert [one["kind"] for one in said] == ["notice"]
    assert "Claire" in said[0]["text"]
    async with bot.services.db.read() as session:
        assert [one.id for one in await read_floor(bot.services, session)] == []
    # A session made beside us is worth nothing, until the account is open again.
    token = await session_of(bot, "claire@maison-alder.test")
    assert (await desk_with(bot, token).call("GET", "me"))[0] == 401
    assert (await marc.call("POST", f"users/{claire_id}/enable"))[0] == 200
    assert (await desk_with(bot, token).call("GET", "me"))[0] == 200
    async with bot.services.db.read() as session:
        query = select(AuditEntry.action).where(AuditEntry.target == claire_id, AuditEntry.action.like("user_%"))
        assert list((await session.execute(query)).scalars()) == ["user_disabled", "user_enabled"]


async def test_who_becomes_a_writer_gives_back_what_they_have(bot: Bot) -> None:
    marc = await bot.desk("marc", "supervisor")
    customer = await bot.customer(locale="fr")
    claire, _ = await taken(bot, customer)
    assert (await marc.call("PUT", f"users/{await id_of(bot, 'claire')}", {"role": "writer"}))[0] == 200
    assert (await held(bot, customer.id))[0] == "queue"
    assert (await claire.call("GET", "handoffs"))[0] == 403


async def test_capacity_and_skills_reach_the_routing(bot: Bot) -> None:
    marc, claire = await bot.desk("marc", "supervisor"), await bot.desk("claire")
    await sit(bot, claire)
    claire_id = await id_of(bot, "claire")
    changes: dict[str, Any] = {"capacity": 2, "skills": ["delivery", "payment"], "locales": ["fr", "en"]}
    status, body = await marc.call("PUT", f"users/{claire_id}", changes)
    assert status == 200, body
    async with bot.services.db.read() as session:
        (advisor,) = await read_floor(bot.services, session)
    assert (advisor.capacity, sorted(advisor.skills)) == (2, ["delivery", "payment"])
    assert sorted(advisor.locales) == ["en", "fr"]
    await marc.call("PUT", f"users/{claire_id}", {"capacity": None})
    async with bot.services.db.read() as session:
        (advisor,) = await read_floor(bot.services, session)
    assert advisor.capacity == bot.services.service.handoff.conversations_at_once


BAD: list[tuple[str, Any]] = [
    ("name", ""),
    ("name", 5),
    ("name", "n" * 61),
    ("email", "no address"),
    ("email", "a@b.test\nBcc: c@d.test"),
    ("role", "owner"),
    ("locales", []),
    ("locales", ["de"]),
    ("skills", ["magic"]),
    ("skills", "delivery"),
    ("skills", [["delivery"]]),
    ("capacity", 0),
    ("capacity", 31),
    ("capacity", True),
]


async def test_a_bad_value_is_a_sentence_at_its_field(bot: Bot) -> None:
    marc = await bot.desk("marc", "supervisor")
    for field, value in BAD:
        status, body = await marc.call("POST", "users", NEW | {field: value})
        assert (status, body["error"]["field"]) == (422, field), value
        assert body["error"]["message"].endswith(".")


async def test_an_address_is_one_account(bot: Bot) -> None:
    marc = await bot.desk("marc", "supervisor")
    assert (await marc.call("POST", "users", NEW))[0] == 201
    status, body = await marc.call("POST", "users", NEW | {"email": " LEA@maison-alder.test"})
    assert (status, body["error"]["code"], body["error"]["field"]) == (409, "user_exists", "email")
    assert (await marc.call("PUT", "users/unknown", {"name": "X"}))[0] == 404
