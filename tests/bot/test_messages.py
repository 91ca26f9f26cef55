"""Receiving and reading messages, through the public API."""

from __future__ import annotations

import asyncio
import io

import pytest

from tests.bot.conftest import Bot


async def test_a_question_gets_its_article(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    assert [message["author"] for message in customer.messages] == ["bot"]
    answer = await customer.ask("Quel est le délai ?")
    assert answer["kind"] == "answer"
    assert answer["answer"]["article_id"] == "delivery-times"
    assert answer["answer"]["url"].endswith("/aide/delais-de-livraison")
    assert answer["text"] == answer["answer"]["answer"]


async def test_the_same_message_again_is_stored_once(bot: Bot) -> None:
    customer = await bot.customer()
    body = {"client_message_id": "one", "text": "bonjour"}
    first = await customer.post("messages", body)
    again = await customer.post("messages", body)
    assert (first[0], again[0]) == (202, 200)
    assert first[1]["message"]["id"] == again[1]["message"]["id"]
    await customer.until(3)
    together = await asyncio.gather(*(customer.post("messages", body | {"client_message_id": "two"}) for _ in range(5)))
    assert sorted(status for status, _ in together) == [200, 200, 200, 200, 202]
    messages = await customer.until(5)
    assert [message["author"] for message in messages] == ["bot", "customer", "bot", "customer", "bot"]


async def test_messages_are_answered_in_order_and_one_at_a_time(bot: Bot) -> None:
    customer = await bot.customer()
    for number in range(8):
        await customer.say(f"question {number}")
    messages = await customer.until(17)
    assert [message["seq"] for message in messages] == list(range(1, 18))
    said = [message["text"] for message in messages if message["author"] == "bot"][1:]
    assert said == [f"écho : question {number}" for number in range(8)]


async def test_a_button_sends_an_opaque_id_and_the_command_stays_inside(bot: Bot) -> None:
    customer = await bot.customer()
    answer = await customer.ask("Quel délai ?")
    choice = answer["choices"][0]
    assert "/track" not in choice["payload"]
    status, body = await customer.post("messages", {"client_message_id": "b", "choice": choice["payload"]})
    assert status == 202
    assert body["message"]["text"] == "Suivre"
    await customer.until(1, body["message"]["seq"])
    assert bot.neighbours.requests[-1]["command"] == "/track_order"
    stranger = await bot.customer()
    status, body = await stranger.post("messages", {"client_message_id": "b", "choice": choice["payload"]})
    assert (status, body["error"]["code"]) == (422, "unknown_choice")


@pytest.mark.parametrize("text", ["/restart", '/inform{"x":1}', "  /restart"])
async def test_a_slash_typed_by_a_customer_is_text(bot: Bot, text: str) -> None:
    customer = await bot.customer()
    answer = await customer.ask(text)
    request = bot.neighbours.requests[-1]
    assert "command" not in request
    assert not request["text"].startswith("/")
    assert answer["author"] == "bot"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"client_message_id": "x", "text": "   "}, 422, "empty_message"),
        ({"client_message_id": "x", "text": "a" * 100_000}, 413, "message_too_long"),
        ({"client_message_id": "", "text": "a"}, 422, "bad_client_message_id"),
        ({"client_message_id": "desk:1", "text": "a"}, 422, "bad_client_message_id"),
        ({"client_message_id": "x", "text": 7}, 422, "bad_request"),
        ({"client_message_id": "x", "text": "\ud800"}, 400, "bad_encoding"),
        ([], 400, "bad_json"),
    ],
)
async def test_bad_input_gets_a_sentence(bot: Bot, body: object, status: int, code: str) -> None:
    customer = await bot.customer(locale="en")
    got_status, got = await customer.post("messages", body)  # type: ignore[arg-type]
    assert (got_status, got["error"]["code"]) == (status, code)
    assert got["error"]["message"].endswith((".", "?"))
    assert len((await customer.read())["messages"]) == 1


async def test_bytes_that_are_not_text(bot: Bot) -> None:
    customer = await bot.customer()
    headers = {**customer.headers, "Content-Type": "application/json"}
    for raw, code in ((b'{"text": "\xff"}', "bad_encoding"), (b"{", "bad_json"), (b"[" * 100_000, "bad_json")):
        async with bot.client.post(customer.url("messages"), data=raw, headers=headers) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (400, code)
    async with bot.client.post(
        customer.url("messages"), data=io.BytesIO(b" " * 2_000_000), headers=headers
    ) as response:
        assert response.status == 413
        assert (await response.json())["error"]["code"] == "too_large"


async def test_markup_is_kept_as_text(bot: Bot) -> None:
    customer = await bot.customer()
    text = "<script>alert(1)</script>"
    sent = await customer.say(text)
    assert sent["text"] == text


async def test_tokens(bot: Bot) -> None:
    customer, other = await bot.customer(), await bot.customer()
    for token in (other.token, "nonsense", ""):
        async with bot.client.get(customer.url("messages"), headers={"Authorization": f"Bearer {token}"}) as response:
            assert response.status == 401
            assert (await response.json())["error"]["code"] == "bad_token"
    bot.clock.forward(31 * 24 * 3600)
    async with bot.client.get(customer.url("messages"), headers=customer.headers) as response:
        assert (await response.json())["error"]["code"] == "expired_token"
    status, renewed = await customer.post("token", {})
    assert status == 200
    customer.token = renewed["token"]
    assert (await customer.read())["state"]["owner"] == "bot"


async def test_an_unknown_conversation(bot: Bot) -> None:
    from bot.identity.tokens import sign_conversation

    token, _ = sign_conversation(bot.services.settings.relais_secret, "nobody", bot.clock())
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    async with bot.client.get("/api/v1/conversations/nobody/messages", headers=headers) as response:
        assert response.status == 404
        body = await response.json()
    assert body["error"] == {
        "code": "unknown_conversation",
        "message": "This conversation does not exist, or no longer exists.",
    }


async def test_too_many_new_conversations(make_bot: object) -> None:
    bot: Bot = await make_bot(conversations_per_minute=120)  # type: ignore[operator]
    bot.clock.hold()
    statuses = []
    for _ in range(121):
        async with bot.client.post("/api/v1/conversations", json={}) as response:
            statuses.append(response.status)
            last = await response.json()
    assert statuses[:120] == [201] * 120
    assert statuses[120] == 429
    assert last["error"]["code"] == "too_many_requests"


async def test_the_language_follows_the_customer(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    await customer.ask("Where is my parcel please?")
    assert bot.neighbours.requests[-1]["locale"] == "en"
    await customer.ask("MA-104233")
    assert bot.neighbours.requests[-1]["locale"] == "en"


async def test_only_known_sites_may_call(bot: Bot) -> None:
    for origin, status in (("http://shop.test", 201), ("http://evil.test", 403), ("null", 403)):
        async with bot.client.post("/api/v1/conversations", json={}, headers={"Origin": origin}) as response:
            assert response.status == status
            assert response.headers.get("Access-Control-Allow-Origin") == (origin if status == 201 else None)
    async with bot.client.options("/api/v1/conversations", headers={"Origin": "http://shop.test"}) as response:
        assert response.status == 204
        assert "Authorization" in response.headers["Access-Control-Allow-Headers"]


async def test_behind_a_proxy_each_customer_is_counted_alone(make_bot: object) -> None:
    bot: Bot = await make_bot(conversations_per_minute=120, behind_proxy=True)  # type: ignore[operator]
    bot.clock.hold()
    statuses = []
    for number in range(122):
        # What the customer claims stands first, what the proxy saw stands last.
        headers = {"X-Forwarded-For": f"9.9.9.{number}, 10.0.0.{1 if number < 121 else 2}"}
        async with bot.client.post("/api/v1/conversations", json={}, headers=headers) as response:
            statuses.append(response.status)
    assert statuses[119:] == [201, 429, 201]


async def test_who_signs_in_again_finds_the_thread_under_way(bot: Bot) -> None:
    from tests.bot.test_handoff import identity

    first = await bot.customer(identity=identity(bot, jti="1"), resume=True)
    await first.ask("bonjour")
    await first.post("handoff", {})
    again = await bot.customer(identity=identity(bot, jti="2"), resume=True)
    assert again.id == first.id
    assert [message["text"] for message in again.messages][1:3] == ["bonjour", "écho : bonjour"]
    assert (await again.read())["state"]["owner"] == "queue"
    assert (await bot.customer(identity=identity(bot, jti="3"))).id != first.id, "only who asks to resume does"
    other = await bot.customer(identity=identity(bot, jti="4", sub="C-2"), resume=True)
    assert other.id != first.id
    bot.clock.forward(25 * 3600)
    assert (await bot.customer(identity=identity(bot, jti="5"), resume=True)).id == first.id, (
        "a human is still asked for"
    )
