"""What must not be lost, shown or kept: other six digits, telephone numbers, private values, other people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.db.identity import OneTimeCode
from bot.db.models import UnansweredQuestion
from bot.identity.codes import codes_in
from tests.bot.conftest import Bot
from tests.bot.mail_server import MailServer, mail_server
from tests.bot.proving import KNOWN, started
from tests.bot.test_feedback import quiet, rows
from tests.bot.test_handoff import identity, taken
from tests.bot.test_links import press, question, web_then_public
from tests.bot.test_private import ADDRESS, arrives, on_public


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


async def handoff_of(bot: Bot) -> dict[str, Any]:
    """The only context that waits, as the desk shows it."""
    desk = await bot.desk("claire")
    (row,) = await desk.queue()
    _, found = await desk.call("GET", f"handoffs/{row['handoff_id']}")
    context: dict[str, Any] = found["context"]
    return context


@pytest.mark.parametrize("text", ["12.03.26", "104 233 €", "F-104233", "104233€", "FA-104233"])
def test_dates_amounts_and_references_are_no_codes(text: str) -> None:
    assert codes_in(text) == []


async def test_a_number_is_an_orders_again_once_no_code_is_awaited(mails: MailServer, make_bot: Any) -> None:
    bot = await started(mails, make_bot)
    signed, human = await bot.customer(), await bot.customer()
    await signed.ask(KNOWN)
    await signed.post("identity", {"identity": identity(bot)})
    assert (await signed.ask("104233"))["text"] == "écho : 104233"
    await human.ask("someone@maison-alder.test")
    await taken(bot, human)
    assert (await human.say("la facture 552210"))["text"] == "la facture 552210"
    assert sorted((row.status, row.tries) for row in await rows(bot, OneTimeCode)) == [("live", 0), ("replaced", 0)]


async def test_a_telephone_number_is_not_repeated_on_a_public_channel(make_bot: Any) -> None:
    public = await on_public(make_bot, account="tg-7")
    contact = {"mode": "call_at", "phone": "+33612345678", "at": "2026-11-26T15:30:00+01:00"}
    public.bot.neighbours.replies = lambda request: [{"custom": {"handoff": {"contact": contact}}}]
    (notice,) = await public.ask("rappelez-moi")
    assert "au numéro que vous avez donné" in notice
    assert "0612" not in notice
    assert "3361" not in notice


async def test_what_was_typed_on_a_private_page_is_no_question(make_bot: Any) -> None:
    public = await on_public(make_bot, account="tg-7")
    link = await public.link("adresse", 1)
    public.bot.neighbours.replies = lambda request: [
        {"text": "Je ne sais pas."},
        {"custom": {"unanswered": {"question": request["text"], "decision": "abstain"}}},
        {"custom": {"handoff": {"question": request["text"]}}},
    ]
    await public.call("POST", link, value=f"{ADDRESS}, ma lampe a pris feu")
    await quiet(public.bot)
    assert await rows(public.bot, UnansweredQuestion) == []
    found = await handoff_of(public.bot)
    assert (found["why"]["question"], found["why"]["reason"]) == ("adresse", "customer_request")


async def test_a_link_alone_does_not_show_whom_it_leads_to(make_bot: Any) -> None:
    bot, _, public = await web_then_public(make_bot)
    await press(public.customer, await question(public), 0)
    later = await arrives(bot, public.channel, "tg-7")
    await later.customer.post("handoff", {})
    who = (await handoff_of(bot))["who"]
    assert [(row["kind"], row["subject"]) for row in who["identities"]] == [("public", "tg-7")]
    assert (who["display_name"], who["customer_id"] == "C-1001") == (None, False)
