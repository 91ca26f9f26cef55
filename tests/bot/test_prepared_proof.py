"""Who has not proved who they are does so before they confirm, while the advisor keeps the conversation."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import update

from bot.db.models import Conversation
from bot.identity.codes import MASK
from tests.bot.conftest import Bot, Customer
from tests.bot.mail_server import MailServer, mail_server
from tests.bot.preparing import draft, offered, press, state, until
from tests.bot.proving import KNOWN, conversation, started, wrong
from tests.bot.test_handoff import identity, taken
from tests.bot.test_private import LINK, Public, on_public

Json = dict[str, Any]


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def bot(mails: MailServer, make_bot: Any) -> Bot:
    return await started(mails, make_bot)


async def last(customer: Customer) -> Json:
    found: Json = (await customer.read())["messages"][-1]
    return found


async def test_a_code_by_mail_and_then_one_press(bot: Bot, mails: MailServer) -> None:
    customer = await bot.customer(locale="fr")
    claire, handoff = await taken(bot, customer)
    prepared, card = await offered(claire, customer)
    assert (await state(claire, customer, prepared))["proof"] == "needed"
    await press(customer, card)
    assert "montrez-nous que c’est bien vous" in (await last(customer))["text"]
    assert (await state(claire, customer, prepared))["proof"] == "asked"
    await customer.say(f"c’est {KNOWN}")
    sent = await last(customer)
    assert sent["text"].startswith("Si un compte existe à cette adresse")
    code = await mails.code()
    mistyped = await customer.say(wrong(code))
    assert mistyped["text"] == MASK
    assert (await last(customer))["text"].startswith("Ce code ne correspond pas.")
    await press(customer, sent, "Recevoir un autre code")
    code = await mails.code(2)
    assert (await customer.say(code))["text"] == MASK
    messages = (await customer.read())["messages"]
    assert messages[-2]["text"] == "Merci, votre identité est vérifiée."
    again = messages[-1]
    assert (again["kind"], again["prepared"]["id"]) == ("choices", prepared)
    assert bot.neighbours.desk.attempts == [], "a proof is no confirmation"
    assert (await conversation(bot, customer)).owner == "advisor"
    await press(customer, again)
    await until(claire, customer, prepared, "done")
    assert bot.neighbours.requests == []
    _, found = await claire.call("GET", f"handoffs/{handoff}")
    assert found["context"]["who"]["assurance"] == "verified"
    texts = [line["text"] for line in found["context"]["transcript"]]
    assert code not in " ".join(texts)


async def test_signing_in_on_the_site_is_as_good(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, _ = await taken(bot, customer)
    prepared, card = await offered(claire, customer)
    await press(customer, card)
    status, _ = await customer.post("identity", {"identity": identity(bot)})
    assert status == 200
    again = await last(customer)
    assert again["prepared"]["id"] == prepared
    await press(customer, again)
    await until(claire, customer, prepared, "done")


async def test_a_proof_that_ended_is_given_once_more(bot: Bot) -> None:
    customer = await bot.customer(locale="fr", identity=identity(bot))
    claire, _ = await taken(bot, customer)
    prepared, card = await offered(claire, customer)
    ended = (
        update(Conversation).where(Conversation.id == customer.id).values(verified_at=bot.clock().replace(year=2020))
    )
    async with bot.services.db.write() as session:
        await session.execute(ended)
    await press(customer, card)
    assert (await state(claire, customer, prepared))["status"] == "offered"
    assert "montrez-nous" in (await last(customer))["text"]
    assert bot.neighbours.desk.attempts == []


async def test_the_advisor_may_ask_for_the_proof_first(bot: Bot, mails: MailServer) -> None:
    customer = await bot.customer(locale="fr")
    claire, _ = await taken(bot, customer)
    prepared = await draft(claire, customer)
    one = f"conversations/{customer.id}/prepared/{prepared}"
    for _ in range(2):
        _, body = await claire.call("POST", one + "/proof")
        assert body["prepared"]["proof"] == "asked"
    said = [m["text"] for m in (await customer.read())["messages"] if "a besoin de savoir" in m["text"]]
    assert len(said) == 1
    await customer.say(KNOWN)
    await customer.say(await mails.code())
    _, body = await claire.call("GET", one)
    assert body["prepared"]["proof"] == "verified"
    assert (await last(customer))["text"] == "Merci, votre identité est vérifiée."


async def test_an_address_said_otherwise_sends_no_code(bot: Bot, mails: MailServer) -> None:
    customer = await bot.customer(locale="fr")
    claire, _ = await taken(bot, customer)
    await offered(claire, customer)
    said = await customer.say(f"mon adresse est {KNOWN}")
    assert (await last(customer))["id"] == said["id"]
    await asyncio.sleep(0.2)
    assert mails.mails == []


async def test_on_a_public_channel_the_card_stands_on_a_page_of_its_own(make_bot: Any, mails: MailServer) -> None:
    public: Public = await on_public(make_bot, smtp_url=mails.url(), mail_from="Maison Alder <aide@maison-alder.test>")
    bot, customer = public.bot, public.customer
    claire, _ = await taken(bot, customer)
    prepared, card = await offered(claire, customer)
    assert "MA-104871" not in str(card)
    (path,) = LINK.findall(card["text"])
    assert "MA-104871" in (await public.call("POST", path))[1]
    await press(customer, card)
    (path,) = LINK.findall((await last(customer))["text"])
    status, _ = await public.call("POST", path, value=KNOWN)
    assert status == 200
    (path,) = re.findall(r"http://\S+(/p/\S+)", (await last(customer))["text"])
    await public.call("POST", path, value=await mails.code())
    again = await last(customer)
    assert again["prepared"]["id"] == prepared
    await press(customer, again)
    await until(claire, customer, prepared, "done")
    assert KNOWN not in str((await customer.read())["messages"])
