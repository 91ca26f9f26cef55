"""One customer, two channels: a one-time link, a question on the other side, one history, undone when they like."""

from __future__ import annotations

from typing import Any

import pytest

from bot.db.channels import Consent, DeepLink
from bot.db.identity import CustomerLink
from tests.bot.conftest import Bot, Customer
from tests.bot.outside_chat import OutsideChat
from tests.bot.test_feedback import rows
from tests.bot.test_handoff import identity

Json = dict[str, Any]


def bot_of(chat: OutsideChat) -> Bot:
    assert chat.bot is not None
    return chat.bot


async def token_from(web: Customer) -> str:
    status, body = await web.post("links", {"channel": "webhook", "agreed": True})
    assert (status, body["url"]) == (201, None), body
    return str(body["token"])


async def listed(web: Customer) -> tuple[list[Json], list[Json]]:
    async with web.client.get(web.url("links"), headers=web.headers) as response:
        body = await response.json()
        return body["links"], body["offered"]


async def says_yes(chat: OutsideChat, number: int = 0, who: str = "u-1") -> None:
    asked = [sent["message"] for sent in chat.posted if "ne rien avoir à répéter" in sent["message"]["text"]][-1]
    await chat.press(asked["choices"][number], who)


async def joined(chat: OutsideChat, web: Customer) -> str:
    """The conversation of the other channel, joined to ``web``."""
    said = await chat.say("où est mon colis ?")
    assert await chat.opens(await token_from(web))
    await chat.hears("ne rien avoir à répéter")
    await says_yes(chat)
    await chat.hears("sont reliés")
    return str(said["conversation_id"])


async def past(bot: Bot, customer: Customer) -> list[str]:
    await customer.post("handoff", {})
    desk = bot.claire = bot.claire or await bot.desk("claire")
    handoff = next(row for row in await desk.queue() if row["conversation_id"] == customer.id)["handoff_id"]
    await desk.call("POST", f"handoffs/{handoff}/accept")
    _, found = await desk.call("GET", f"handoffs/{handoff}")
    return [each["conversation_id"] for each in found["context"]["who"]["past_conversations"]]


@pytest.mark.parametrize("signed_in", [True, False])
async def test_a_link_joins_two_channels_once_the_other_side_says_yes(chat: OutsideChat, signed_in: bool) -> None:
    bot = bot_of(chat)
    web = await bot.customer(**({"identity": identity(bot)} if signed_in else {}))
    assert await listed(web) == ([], []), "a page could not open it"
    there = await joined(chat, web)
    (link,), offered = await listed(web)
    assert (link["channel"], offered) == ("webhook", [])
    assert there in await past(bot, web)
    assert bot.claire is not None
    status, read = await bot.claire.call("GET", f"conversations/{there}")
    assert status == 200, read
    assert any("mon colis" in message["text"] for message in read["messages"])
    (consent,) = await rows(bot, Consent)
    assert (consent.purpose, consent.granted, consent.channel) == ("linking", True, "webhook")


async def test_undone_on_the_web_it_is_undone_everywhere(chat: OutsideChat) -> None:
    bot = bot_of(chat)
    web = await bot.customer()
    there = await joined(chat, web)
    ((link,), _) = await listed(web)
    for _ in range(2):
        async with web.client.delete(web.url(f"links/{link['link_id']}"), headers=web.headers) as response:
            assert (response.status, (await response.json())["status"]) == (200, "unlinked")
    assert (await listed(web))[0] == []
    assert there not in await past(bot, web)
    assert [row.granted for row in await rows(bot, Consent)] == [True, False]
    await says_yes(chat)
    await chat.hears("n’est plus disponible")
    assert (await listed(web))[0] == [], "an old button joins nothing again"


async def test_a_no_on_the_other_side_joins_nothing(chat: OutsideChat) -> None:
    web = await bot_of(chat).customer()
    await chat.say("bonjour")
    await chat.opens(await token_from(web))
    await chat.hears("ne rien avoir à répéter")
    await says_yes(chat, 1)
    await chat.hears("restent séparés")
    assert (await listed(web))[0] == []


async def test_a_link_works_once_for_one_account_and_not_for_long(chat: OutsideChat) -> None:
    bot = bot_of(chat)
    web = await bot.customer()
    first, second = await token_from(web), await token_from(web)
    assert await chat.opens(first) is False, "a newer link voids the one before"
    assert [await chat.opens(second), await chat.opens(second)] == [True, True]
    assert await chat.opens(second, "u-2") is False
    await chat.hears("ne rien avoir à répéter")
    third = await token_from(web)
    bot.clock.forward(901)
    assert await chat.opens(third, "u-2") is False
    for wrong in ("", "x" * 500, "é", first[:-1]):
        assert await chat.opens(wrong, "u-2") is False
    assert len(await rows(bot, CustomerLink)) == 1
    assert sum("ne rien avoir à répéter" in text for text in chat.texts) == 1
    assert all(token not in str(vars(row)) for row in await rows(bot, DeepLink) for token in (second, third))


async def test_signing_in_keeps_what_was_joined(chat: OutsideChat) -> None:
    bot = bot_of(chat)
    web = await bot.customer()
    there = await joined(chat, web)
    status, _ = await web.post("identity", {"identity": identity(bot)})
    assert status == 200
    assert [link["channel"] for link in (await listed(web))[0]] == ["webhook"]
    again = await bot.customer(identity=identity(bot, jti="again"))
    assert [link["channel"] for link in (await listed(again))[0]] == ["webhook"]
    assert there in await past(bot, again)
    assert len({row.customer_id for row in await rows(bot, Consent)}) == 1


async def test_what_is_refused(chat: OutsideChat, make_bot: Any) -> None:
    web, other = await bot_of(chat).customer(), await bot_of(chat).customer()
    for body, status, code in (
        ({"channel": "webhook"}, 422, "link_consent"),
        ({"channel": "webhook", "agreed": "yes"}, 422, "link_consent"),
        ({"channel": "web", "agreed": True}, 404, "unknown_channel"),
        ({"channel": "fax", "agreed": True}, 404, "unknown_channel"),
        ({"channel": 7, "agreed": True}, 422, "bad_request"),
    ):
        found, answer = await web.post("links", body)
        assert (found, answer["error"]["code"]) == (status, code)
    await joined(chat, web)
    ((link,), _) = await listed(web)
    async with web.client.delete(other.url(f"links/{link['link_id']}"), headers=other.headers) as response:
        assert response.status == 404, "somebody else's"
    bot_of(chat).clock.hold()  # they are counted by the minute
    statuses = [(await other.post("links", {"channel": "webhook", "agreed": True}))[0] for _ in range(11)]
    assert statuses[-1] == 429
