"""From the website chat to Telegram by a one-time link: asked there, one history, undone on either side."""

from __future__ import annotations

from typing import Any

from bot.db.models import Message
from tests.bot.conftest import Customer
from tests.bot.test_deep_links import listed, past
from tests.bot.test_feedback import rows
from tests.telegram.fake_api import FakeTelegram, broken
from tests.telegram.person import Person

Json = dict[str, Any]


async def link_of(web: Customer) -> Json:
    status, body = await web.post("links", {"channel": "telegram", "agreed": True})
    assert status == 201, body
    return body


async def test_a_link_opens_telegram_and_a_yes_joins_the_two(camille: Person) -> None:
    web = await camille.bot.customer()
    assert await listed(web) == ([], [{"channel": "telegram", "name": "Telegram"}])
    opened = await link_of(web)
    assert opened["url"] == f"https://t.me/maison_alder_bot?start={opened['token']}"
    assert len(opened["token"]) <= 64
    (asked,) = await camille.ask(f"/start {opened['token']}")
    assert "ne rien avoir à répéter" in asked["read"]
    before = len(camille.shown)
    await camille.press(asked, "Oui, relier")
    assert "sont reliés" in (await camille.until(before + 1))[-1]["read"]
    ((link,), offered) = await listed(web)
    assert (link["name"], offered) == ("Telegram", [])
    (late,) = await camille.ask(f"/start {(await link_of(web))['token']}x")
    assert "n’est plus valable" in late["read"]
    kept = await rows(camille.bot, Message)
    assert kept != []
    assert not any(opened["token"] in message.text for message in kept), "a token is no message"
    assert len(await past(camille.bot, web)) == 1


async def test_while_telegram_is_away_the_chat_says_so(on_telegram: Any, telegram: FakeTelegram) -> None:
    web = await (await on_telegram()).customer(locale="fr")
    telegram.faults += [broken("getMe")] * 3
    status, body = await web.post("links", {"channel": "telegram", "agreed": True})
    assert (status, body["error"]["code"]) == (503, "unavailable")
    telegram.faults.clear()
    assert (await link_of(web))["url"].startswith("https://t.me/")
