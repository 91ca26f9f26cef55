"""Who may read a conversation: signatures of the host, keys that change, tokens that end, and how much one may send."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import jwt
import pytest
from sqlalchemy import select

from bot.db.models import Conversation
from bot.db.people import Customer as Person
from tests.bot.conftest import HOST_SECRET, Bot, Customer
from tests.bot.test_handoff import identity

Json = dict[str, Any]
OLD, NEW = "o" * 40, "n" * 40


def raw_jwt(header: Json, claims: Json, signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def claims(bot: Bot, **changes: Any) -> Json:
    now = int(bot.clock().timestamp())
    made: Json = {"aud": "relais", "sub": "C-1001", "jti": "j", "exp": now + 300} | changes
    return {name: value for name, value in made.items() if value is not None}


async def opened(bot: Bot, token: object, **more: Any) -> tuple[int, Json]:
    async with bot.client.post("/api/v1/conversations", json={"identity": token, **more}) as response:
        return response.status, await response.json()


async def test_signatures_that_are_none_or_of_another_kind(make_bot: Any) -> None:
    bot: Bot = await make_bot(host_keys={"demo": HOST_SECRET, "long": "l" * 64})
    good = claims(bot)
    forged = [
        raw_jwt({"alg": "none", "kid": "demo"}, good),
        raw_jwt({"alg": "None", "kid": "demo"}, good, b"x"),
        raw_jwt({"alg": "HS256", "kid": "demo"}, good),
        raw_jwt({"alg": "RS256", "kid": "demo"}, good, b"x" * 256),
        jwt.encode(good, "l" * 64, algorithm="HS512", headers={"kid": "long"}),
        jwt.encode(good, HOST_SECRET, algorithm="HS256"),
        raw_jwt({"alg": "HS256", "kid": ["demo"]}, good, b"x"),
        raw_jwt({"alg": "HS256", "kid": "demo", "jku": "http://evil.test/keys"}, good, b"x"),
        "a.b.c",
        "x" * 3999,
    ]
    for token in forged:
        status, body = await opened(bot, token)
        assert (status, body["error"]["code"]) == (401, "bad_identity"), token[:60]
    for missing in ("aud", "sub", "jti", "exp"):
        token = jwt.encode(claims(bot, **{missing: None}), HOST_SECRET, algorithm="HS256", headers={"kid": "demo"})
        assert (await opened(bot, token))[0] == 401, missing
    assert (await opened(bot, {"sub": "C-1"}))[0] == 422
    assert (await opened(bot, identity(bot)))[0] == 201


async def test_keys_change_without_anybody_being_signed_out(make_bot: Any) -> None:
    both: Bot = await make_bot(host_keys={"2026-01": OLD, "2026-02": NEW})
    for kid, secret in (("2026-01", OLD), ("2026-02", NEW)):
        assert (await opened(both, identity(both, kid=kid, secret=secret, jti=kid)))[0] == 201
    crossed = identity(both, kid="2026-02", secret=OLD, jti="crossed")
    assert (await opened(both, crossed))[1]["error"]["code"] == "bad_identity"
    after: Bot = await make_bot(host_keys={"2026-02": NEW})
    assert (await opened(after, identity(after, kid="2026-01", secret=OLD, jti="late")))[0] == 401
    assert (await opened(after, identity(after, kid="2026-02", secret=NEW, jti="new")))[0] == 201


async def test_a_signature_that_was_overheard_opens_no_conversation_under_way(bot: Bot) -> None:
    token = identity(bot)
    status, mine = await opened(bot, token, resume=True)
    assert status == 201
    status, body = await opened(bot, token, resume=True)
    assert (status, body["error"]["code"]) == (401, "replayed_identity")
    status, again = await opened(bot, identity(bot, jti="fresh"), resume=True)
    assert (status, again["conversation_id"]) == (201, mine["conversation_id"])


async def test_a_visitor_who_signs_in_keeps_the_conversation(bot: Bot) -> None:
    visitor = await bot.customer()
    await visitor.ask("bonjour")
    assert (await visitor.post("identity", {"identity": identity(bot)}))[0] == 200
    texts = [message["text"] for message in (await visitor.read())["messages"]]
    assert texts[1:] == ["bonjour", "écho : bonjour"]
    async with bot.services.db.read() as session:
        query = select(Person.reference).join(Conversation, Conversation.customer_id == Person.id)
        assert (await session.execute(query.where(Conversation.id == visitor.id))).scalar_one() == "C-1001"


async def sign_out(customer: Customer) -> int:
    async with customer.client.delete(customer.url("token"), headers=customer.headers) as response:
        return response.status


async def test_signing_out_leaves_nothing_that_opens_the_conversation(bot: Bot) -> None:
    customer = await bot.customer(identity=identity(bot))
    await customer.ask("bonjour")
    other_tab = (await customer.post("token", {}))[1]["token"]
    async with bot.client.ws_connect(customer.url("live")) as line:
        await line.send_json({"token": other_tab, "after": 0})
        assert (await line.receive_json())["type"] == "ready"
        assert await sign_out(customer) == 200
        async with asyncio.timeout(30):
            while not (await line.receive()).type.name.startswith("CLOS"):
                pass
        assert line.close_code == 4401
    for token in (customer.token, other_tab):
        headers = {"Authorization": f"Bearer {token}"}
        for method, tail in (("GET", "messages"), ("POST", "token"), ("POST", "messages"), ("DELETE", "token")):
            async with bot.client.request(method, customer.url(tail), json={}, headers=headers) as response:
                assert (response.status, (await response.json())["error"]["code"]) == (401, "signed_out"), tail
        async with bot.client.ws_connect(customer.url("live")) as line:
            await line.send_json({"token": token, "after": 0})
            await line.receive()
            assert line.close_code == 4401
    back = await bot.customer(identity=identity(bot, jti="back"), resume=True)
    assert back.id == customer.id, "who signs in again finds it"
    assert (await back.ask("me revoilà"))["text"] == "écho : me revoilà"


async def test_signing_out_ends_every_conversation_of_that_person(bot: Bot) -> None:
    first = await bot.customer(identity=identity(bot))
    await first.ask("bonjour")
    second = await bot.customer(identity=identity(bot, jti="second"))
    stranger = await bot.customer()
    assert first.id != second.id
    assert await sign_out(second) == 200
    for customer, expected in ((first, 401), (second, 401), (stranger, 200)):
        async with bot.client.get(customer.url("messages"), headers=customer.headers) as response:
            assert response.status == expected


@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.long)])
async def test_a_flood_is_stopped_with_a_friendly_sentence_and_nothing_is_kept_of_it(make_bot: Any, count: int) -> None:
    bot: Bot = await make_bot(messages_in_ten_seconds=20)
    visitor, other = await bot.customer(locale="fr"), await bot.customer()
    bot.clock.hold()
    sent = [visitor.post("messages", {"client_message_id": f"f{number}", "text": "a"}) for number in range(count)]
    answers = await asyncio.gather(*sent)
    refused = [body["error"] for status, body in answers if status == 429]
    assert len(refused) == count - 20, "twenty of each ten seconds pass"
    assert refused[0]["message"].startswith("Vous allez un peu vite")
    assert (await other.post("messages", {"client_message_id": "o", "text": "a"}))[0] == 202
    kept = [each for each in (await visitor.read())["messages"] if each["author"] == "customer"]
    assert len(kept) == count - len(refused)
    bot.clock.hold(on=False)
    bot.clock.forward(10)
    assert (await visitor.post("messages", {"client_message_id": "later", "text": "a"}))[0] == 202


async def test_one_person_is_counted_in_all_their_conversations_and_one_address_for_all(make_bot: Any) -> None:
    bot: Bot = await make_bot(messages_per_minute=10, address_messages_per_minute=15, behind_proxy=True)
    bot.clock.hold()
    mine = [await bot.customer(identity=identity(bot, jti=f"j{number}")) for number in range(2)]
    statuses = [await knock(mine[number % 2], number, "10.0.0.1") for number in range(12)]
    assert statuses == [202] * 10 + [429] * 2
    strangers = [await bot.customer() for _ in range(2)]
    found = [await knock(strangers[number % 2], number, "10.0.0.2") for number in range(16)]
    assert found == [202] * 15 + [429]
    assert await knock(strangers[0], 99, "10.0.0.3") == 202


async def knock(customer: Customer, number: int, address: str) -> int:
    headers = customer.headers | {"X-Forwarded-For": address}
    body = {"client_message_id": f"k{number}", "text": "a"}
    async with customer.client.post(customer.url("messages"), json=body, headers=headers) as response:
        return response.status


@pytest.mark.parametrize("tail", ["links", "messages"])
async def test_only_allowed_sites_reach_a_conversation(bot: Bot, tail: str) -> None:
    customer = await bot.customer()
    for origin, status in (("http://shop.test", 200), ("http://evil.test", 403), ("null", 403)):
        headers = customer.headers | {"Origin": origin}
        async with bot.client.get(customer.url(tail), headers=headers) as response:
            assert response.status == status
    async with bot.client.get(customer.url("live"), headers={"Origin": "http://evil.test"}) as response:
        assert response.status == 403
