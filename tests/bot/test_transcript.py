"""A copy of the conversation by e-mail: what is in it, to whom it goes, how often, and what the log says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from bot.conversations.messages import Draft, append, lock_conversation
from bot.db.identity import Mail
from bot.db.people import AuditEntry
from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.mail_server import MailServer, mail_server
from tests.bot.test_handoff import identity


async def mailing(make_bot: Any, mails: MailServer) -> Bot:
    bot: Bot = await make_bot(smtp_url=mails.url(), mail_from="Aide <aide@maison-alder.test>")
    return bot


async def with_claire(bot: Bot, customer: Customer) -> Desk:
    await customer.post("handoff", {})
    claire = await bot.desk("claire")
    row = next(each for each in await claire.queue() if each["conversation_id"] == customer.id)
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    return claire


async def test_the_copy_says_what_the_customer_read(make_bot: Any, capfd: pytest.CaptureFixture[str]) -> None:
    async with mail_server() as mails:
        bot = await mailing(make_bot, mails)
        customer = await bot.customer(locale="fr", identity=identity(bot, name="Camille", email="camille@a.test"))
        await customer.ask("Quel délai ?")
        claire = await with_claire(bot, customer)
        await claire.call("POST", f"conversations/{customer.id}/messages", {"client_message_id": "1", "text": "Voici."})
        async with bot.services.db.write() as session:
            conversation = await lock_conversation(session, customer.id)
            private = f"Ici : {bot.services.settings.public_url}/p/abc.def"
            for draft in (Draft("system", "note secrète", internal=True), Draft("bot", private)):
                await append(session, bot.services.channels, conversation, draft, bot.clock())
        for _ in range(2):
            assert await customer.post("transcript", {}) == (202, {"sent_to": "c•••@a.test"})
        (mail,) = await mails.until(1)
        assert (mail["To"], mail["Subject"]) == ("camille@a.test", "Votre conversation avec Maison Alder")
        text = mail.get_content().replace("\r\n", "\n")
        for part in (
            "--- mardi 24 novembre ---",
            "Claire\n    Voici.",
            "celles de Paris",
        ):
            assert part in text, part
        assert re.search(r"11:0\d  Vous\n    Quel délai \?", text)
        assert "/aide/delais-de-livraison" in text
        assert "[Page privée]" in text
        assert "/p/abc" not in text
        assert "secrète" not in text
        async with bot.services.db.read() as session:
            kept = (await session.execute(select(Mail))).scalar_one()
            entry = (
                await session.execute(select(AuditEntry).where(AuditEntry.action == "transcript_asked"))
            ).scalar_one()
        assert "délai" not in str(kept.sealed)
        assert (entry.target, entry.detail) == (customer.id, "proven")
        assert "camille@a.test" not in "".join(capfd.readouterr())


async def test_a_visitor_gives_an_address_and_an_advisor_may_send_it(make_bot: Any) -> None:
    async with mail_server() as mails:
        bot = await mailing(make_bot, mails)
        customer = await bot.customer(locale="en")
        assert (await customer.post("transcript", {"email": "me@a.test"}))[1]["error"]["code"] == "transcript_empty"
        await customer.ask("Hello there")
        assert (await customer.post("transcript", {}))[1]["error"]["code"] == "transcript_needs_email"
        assert (await customer.post("transcript", {"email": "me@"}))[1]["error"]["code"] == "bad_email"
        claire, hugo = await with_claire(bot, customer), await bot.desk("hugo")
        tail = f"conversations/{customer.id}/transcript"
        assert (await hugo.call("POST", tail, {"email": "me@a.test"}))[0] == 403
        assert (await claire.call("POST", tail, {"email": "Me@A.test"}))[0] == 202
        said = (await customer.read())["messages"][-1]
        assert (said["kind"], "m•••@a.test" in said["text"]) == ("notice", True)
        (mail,) = await mails.until(1)
        assert mail["Subject"] == "Your conversation with Maison Alder"
        assert (await claire.call("POST", tail, {"email": "me@a.test"}))[0] == 202
        assert (await customer.read())["messages"][-1]["id"] == said["id"], "the very same again sends nothing"


async def test_nobody_fills_a_mail_box(make_bot: Any) -> None:
    async with mail_server() as mails:
        bot = await mailing(make_bot, mails)
        first, second = await bot.customer(), await bot.customer()
        for customer in (first, second, first):
            await customer.ask("bonjour")
            assert (await customer.post("transcript", {"email": "me@a.test"}))[0] == 202
        for customer in (first, second):
            await customer.ask("encore")
            status, answer = await customer.post("transcript", {"email": "me@a.test"})
            assert (status, answer["error"]["code"]) == (429, "transcript_too_many")
        assert (await second.post("transcript", {"email": "other@a.test"}))[0] == 202
        bot.clock.forward(3700)
        assert (await second.post("transcript", {"email": "me@a.test"}))[0] == 202


async def test_without_a_mail_server_it_is_said_at_once(bot: Bot) -> None:
    customer = await bot.customer()
    await customer.ask("bonjour")
    status, answer = await customer.post("transcript", {"email": "me@a.test"})
    assert (status, answer["error"]["code"]) == (503, "mail_off")
