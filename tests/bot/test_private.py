"""A public channel carries nothing personal: it is shown, and typed, on pages that open once."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from sqlalchemy import update

from bot.channels.registry import default_channels
from bot.conversations.opening import Opening, open_conversation
from bot.db.identity import Mail, OneTimeCode, PrivatePage
from bot.db.models import Conversation, Message
from bot.identity.codes import MASK
from bot.identity.tokens import sign_conversation
from bot.mail import forget_expired
from tests.bot.conftest import Bot, Customer
from tests.bot.proving import KNOWN, SENT
from tests.bot.test_feedback import quiet, rows
from tests.bot.test_outbox import PushedChannel

Json = dict[str, Any]
LINK = re.compile(r"http://\S+(/p/\S+)")
ADDRESS = "12 rue des Aulnes, 75011 Paris"
INVOICE = "Facture F-104233 : 49,90 €, livrée 12 rue des Aulnes <b> https://shop.test/f?a=1&b=2"


class PublicChannel(PushedChannel):
    """A chat whose history others keep."""

    name = "public"
    confidential = False


def dialogue(request: Json) -> list[Json]:
    text = request.get("text") or request["command"]
    if text == "facture":
        shown = {"confidential": True, "title": "Votre facture"}
        return [{"text": INVOICE, "custom": shown, "buttons": [{"title": "Merci", "payload": "/thank"}]}]
    if text == "adresse":
        return [{"text": "Où faut-il livrer ?"}, {"custom": {"ask_private": {"field": "address"}}}]
    if text == "e-mail":
        return [{"text": "Quelle adresse ?", "custom": {"ask_private": {"field": "email"}}}]
    if "@" in text:
        return [{"custom": {"identify": {"email": text, "task": "get_invoice"}}}, {"text": SENT}]
    return [{"text": f"écho : {len(text)}"}]


class Public:
    """A person on the public channel, read through the record's API, as the channel shows it."""

    def __init__(self, bot: Bot, channel: PublicChannel, customer: Customer) -> None:
        self.bot, self.channel, self.customer = bot, channel, customer

    async def ask(self, text: str, count: int = 1) -> list[str]:
        sent = await self.customer.say(text)
        return [message["text"] for message in await self.customer.until(count, sent["seq"])]

    async def link(self, text: str, count: int = 1) -> str:
        (path,) = LINK.findall("\n".join(await self.ask(text, count)))
        return str(path)

    async def call(self, method: str, path: str, **form: str) -> tuple[int, str]:
        async with self.bot.client.request(method, path, data=form or None) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert response.headers["Cache-Control"] == "no-store"
            assert "noindex" in response.headers["X-Robots-Tag"]
            return response.status, await response.text()


async def on_public(make_bot: Any, account: str | None = None, **settings: Any) -> Public:
    channel = PublicChannel()
    bot: Bot = await make_bot(channels={**default_channels(), "public": channel}, relais_demo=True, **settings)
    bot.neighbours.replies = dialogue
    return await arrives(bot, channel, account)


async def arrives(bot: Bot, channel: PublicChannel, account: str | None) -> Public:
    conversation, _ = await open_conversation(bot.services, Opening("public", "fr", account=account))
    token, _ = sign_conversation(bot.services.settings.relais_secret, conversation.id, bot.clock())
    return Public(bot, channel, Customer(bot.client, conversation.id, token, [], bot._ids))


async def code_mailed(bot: Bot, count: int = 1) -> str:
    """The code in the newest mail of the demo's mailbox."""
    async with asyncio.timeout(30):
        while True:
            async with bot.client.get("/demo/mailbox.json") as response:
                mails = (await response.json())["mails"]
            if len(mails) >= count:
                return re.findall(r"\b\d{6}\b", mails[0]["text"])[0]
            await asyncio.sleep(0.02)


async def test_what_is_personal_is_shown_once_on_a_page_of_its_own(make_bot: Any) -> None:
    public = await on_public(make_bot)
    path = await public.link("facture")
    for _ in range(2):
        status, page = await public.call("GET", path)
        assert status == 200, "opening the link, as previews do, uses nothing up"
        assert "Votre facture" in page
        assert "49,90" not in page
    results = await asyncio.gather(*(public.call("POST", path) for _ in range(4)))
    assert sorted(status for status, _ in results) == [200, 410, 410, 410]
    (shown,) = [page for status, page in results if status == 200]
    assert "Facture F-104233 : 49,90 €, livrée 12 rue des Aulnes &lt;b&gt;" in shown
    assert 'href="https://shop.test/f?a=1&amp;b=2"' in shown
    assert (await public.call("GET", path))[0] == 410
    async with asyncio.timeout(30):
        while len(public.channel.delivered) < 2:
            await asyncio.sleep(0.02)
    seen = json.dumps(public.channel.delivered, ensure_ascii=False)
    assert "Votre facture" in seen
    assert "49,90" not in seen + json.dumps(await public.customer.read(), ensure_ascii=False)
    assert (await public.customer.read())["messages"][-1]["choices"][0]["title"] == "Merci"
    (page_row,) = await rows(public.bot, PrivatePage)
    assert page_row.sealed is None


async def test_links_that_are_not_ours_or_too_old(make_bot: Any) -> None:
    public = await on_public(make_bot)
    path = await public.link("facture")
    other = await public.link("facture")
    forged = path.rpartition(".")[0] + "." + other.rpartition(".")[2]
    for bad in ("/p/nothing", forged, path + "x", "/p/%00.é"):
        assert (await public.call("POST", bad))[0] == 404, bad
    public.bot.clock.forward(15 * 60 + 1)
    status, page = await public.call("GET", path)
    assert (status, "Votre facture" in page) == (410, False)
    assert (await public.call("POST", path))[0] == 410
    await forget_expired(public.bot.services, public.bot.clock())
    assert {page.sealed for page in await rows(public.bot, PrivatePage)} == {None}
    await public.ask(KNOWN, 2)
    await code_mailed(public.bot)
    public.bot.clock.forward(8 * 24 * 3600)
    await forget_expired(public.bot.services, public.bot.clock())
    for table in (PrivatePage, Mail, OneTimeCode):
        assert await rows(public.bot, table) == []


async def test_what_is_asked_is_typed_on_a_page_and_enters_the_conversation_masked(make_bot: Any) -> None:
    public = await on_public(make_bot)
    said = await public.ask("adresse")
    assert said[0].startswith("Où faut-il livrer ?\n\nPour votre confidentialité")
    (path,) = LINK.findall(said[0])
    status, page = await public.call("GET", path)
    assert (status, 'autocomplete="street-address"' in page) == (200, True)
    status, page = await public.call("POST", path, value="  ")
    assert (status, 'role="alert"' in page) == (422, True)
    before = (await public.customer.read())["messages"][-1]["seq"]
    status, page = await public.call("POST", path, value=f"{ADDRESS}\n")
    assert (status, "c’est transmis" in page) == (200, True)
    masked, answer = await public.customer.until(2, before)
    assert (masked["author"], masked["text"]) == ("customer", MASK)
    assert answer["text"] == f"écho : {len(ADDRESS)}", "Rasa is told what was typed"
    assert public.bot.neighbours.requests[-1]["text"] == ADDRESS
    assert (await public.call("POST", path, value="encore"))[0] == 410
    await quiet(public.bot)
    assert {page.sealed for page in await rows(public.bot, PrivatePage)} == {None}
    assert ADDRESS not in "".join(message.text for message in await rows(public.bot, Message))
    assert public.bot.neighbours.requests[-1]["metadata"]["confidential"] is False


async def test_an_address_and_its_code_never_pass_the_public_channel(make_bot: Any) -> None:
    public = await on_public(make_bot)
    bot = public.bot
    path = await public.link("e-mail")
    assert (await public.call("POST", path, value="pas une adresse"))[0] == 422
    before = (await public.customer.read())["messages"][-1]["seq"]
    assert (await public.call("POST", path, value=KNOWN))[0] == 200
    _, sent, where = await public.customer.until(3, before)
    assert sent["text"] == SENT
    code = await code_mailed(bot)
    (page,) = LINK.findall(where["text"])
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert (await public.call("POST", page, value="12345"))[0] == 422
    assert (await public.call("POST", page, value=wrong))[0] == 200
    _, again = await public.customer.until(2, where["seq"])
    assert "il vous reste 4 essais" in again["text"]
    (page,) = LINK.findall(again["text"])
    assert (await public.call("POST", page, value=code))[0] == 200
    assert (await public.customer.until(2, again["seq"]))[1]["text"] == f"écho : {len('/identity_proven')}"
    heard = json.dumps([public.channel.delivered, await public.customer.read()], ensure_ascii=False)
    assert MASK in heard
    for personal in (KNOWN, code, wrong):
        assert personal not in heard
    assert code not in json.dumps(bot.neighbours.requests)


async def test_a_page_asks_for_nothing_once_a_human_was_asked_for(make_bot: Any) -> None:
    public = await on_public(make_bot)
    path = await public.link("adresse")
    await public.customer.post("handoff", {})
    assert (await public.call("POST", path, value=ADDRESS))[0] == 410


async def test_on_the_web_everything_is_said_as_it_is(make_bot: Any) -> None:
    bot: Bot = await make_bot()
    bot.neighbours.replies = dialogue
    customer = await bot.customer()
    assert (await customer.ask("facture"))["text"] == INVOICE
    assert (await customer.ask("adresse"))["text"] == "Où faut-il livrer ?"
    assert bot.neighbours.requests[-1]["metadata"]["confidential"] is True
    assert await rows(bot, PrivatePage) == []
    async with bot.services.db.write() as session:
        await session.execute(update(Conversation).values(channel="gone"))
    assert LINK.findall((await customer.ask("facture"))["text"]), "a channel that we do not know may carry nothing"


async def test_the_demo_shows_its_mailbox_and_nothing_else_does(make_bot: Any) -> None:
    bot: Bot = await make_bot(relais_demo=True)
    bot.neighbours.replies = dialogue
    async with bot.client.get("/demo/mailbox", headers={"Accept-Language": "en"}) as response:
        assert "No e-mail yet." in await response.text()
    await (await bot.customer()).ask(KNOWN)
    code = await code_mailed(bot)
    async with bot.client.get("/demo/mailbox?to=" + KNOWN) as response:
        page = await response.text()
        assert response.headers["Cache-Control"] == "no-store"
    assert code in page
    assert KNOWN in page
    async with bot.client.get("/demo/mailbox?to=other@maison-alder.test") as response:
        assert code not in await response.text()
    real: Bot = await make_bot()
    for path in ("/demo/mailbox", "/demo/mailbox.json"):
        async with real.client.get(path) as response:
            assert response.status == 404


@pytest.mark.parametrize(
    ("url", "sender", "sentence"),
    [
        ("http://mail", "a@b.fr", "SMTP_URL"),
        ("smtp://", "a@b.fr", "SMTP_URL"),
        ("smtp://mail:port", "a@b.fr", "SMTP_URL"),
        ("smtp://mail", "", "MAIL_FROM"),
    ],
)
def test_mail_settings_that_cannot_work_stop_the_start(url: str, sender: str, sentence: str) -> None:
    from bot.settings import BotSettings

    with pytest.raises(ValueError, match=sentence):
        BotSettings(relais_secret="r" * 32, identity_secret="i" * 32, smtp_url=url, mail_from=sender)
