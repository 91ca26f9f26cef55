"""One-time codes beside a human, the mail server, what counts as a code, and the rights that follow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.identity import Mail
from bot.db.models import Conversation
from bot.identity.codes import MASK, codes_in, masked, usable_email
from tests.bot.conftest import Bot
from tests.bot.mail_server import MailServer, mail_server
from tests.bot.proving import (
    KNOWN,
    SENT,
    claims,
    dialogue,
    select_all,
    started,
)
from tests.bot.test_feedback import rows
from tests.bot.test_handoff import CARD, identity, taken
from tests.bot.test_turns import turns


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def bot(mails: MailServer, make_bot: Any) -> Bot:
    return await started(mails, make_bot)


@pytest.mark.parametrize("owner", ["queue", "advisor"])
async def test_while_a_human_has_the_conversation_a_code_is_still_read(bot: Bot, mails: MailServer, owner: str) -> None:
    bot.neighbours.card = CARD
    visitor = await bot.customer()
    await visitor.ask(KNOWN)
    code = await mails.code()
    if owner == "queue":
        await visitor.post("handoff", {})
        desk = await bot.desk("claire")
        handoff = (await desk.queue())[0]["handoff_id"]
    else:
        desk, handoff = await taken(bot, visitor)
    _, before = await desk.call("GET", f"handoffs/{handoff}")
    assert before["context"]["who"]["orders"] == []
    notice = await visitor.ask(code)
    assert (notice["author"], notice["kind"]) == ("system", "notice")
    _, after = await desk.call("GET", f"handoffs/{handoff}")
    assert after["context"]["who"]["assurance"] == "verified"
    assert after["context"]["who"]["orders"] == CARD["orders"]
    assert code not in json.dumps(after)
    assert MASK not in json.dumps(after["context"]["why"], ensure_ascii=False), "no question of theirs"
    assert len(bot.neighbours.requests) == 1
    assert (await turns(bot))[-1].command is None


async def test_a_mail_server_that_is_away_delays_and_a_refusal_ends_it(bot: Bot, mails: MailServer) -> None:
    mails.refusals = ["451 later"]
    visitor = await bot.customer()
    await visitor.ask(KNOWN)
    async with asyncio.timeout(30):
        while (await rows(bot, Mail))[0].error != "smtp_451":
            await asyncio.sleep(0.02)
    bot.clock.forward(3)
    assert (await visitor.ask(await mails.code()))["text"] == "écho : /identity_proven"
    mails.refusals = ["550 no such mailbox"]
    await (await bot.customer()).ask(KNOWN)
    async with asyncio.timeout(30):
        while (await rows(bot, Mail))[1].status == "pending":
            await asyncio.sleep(0.02)
    refused = (await rows(bot, Mail))[1]
    assert (refused.status, refused.sealed) == ("failed", None)


async def test_the_mail_server_is_told_the_password(mails: MailServer, make_bot: Any) -> None:
    bot: Bot = await make_bot(smtp_url=mails.url("relais:p%40ss@"), mail_from="aide@maison-alder.test")
    bot.neighbours.replies = dialogue
    await (await bot.customer(locale="en")).ask(KNOWN)
    await mails.until(1)
    assert mails.logins == [("relais", "p@ss")]


def test_what_may_be_a_code() -> None:
    for text in ("123456", "123 456", "12-34-56", "code:123456.", "１２３４５６", "123\u202f456 merci", "1 2 3 4 5 6"):
        assert codes_in(text) == ["123456"], text
        assert not codes_in(masked(text))
    for text in ("MA-123456", "ma 123456", "0612345678", "+33 6 12 34 56", "1234567", "123 456 789", "75011", ""):
        assert codes_in(text) == [], text
    assert usable_email(" Camille@Maison-Alder.test ") == KNOWN
    for no_address in ("a@b", "a b@c.fr", "a@b.fr\nBcc: x@y.fr", "x" * 250 + "@a.fr", None, 7):
        assert usable_email(no_address) is None


async def test_the_card_and_rights_follow_the_assurance_alone(bot: Bot) -> None:
    """A claim gives nothing: neither a reference in the token nor a name or an order on the card."""
    bot.neighbours.card = CARD
    await bot.customer(identity=identity(bot))
    visitor = await bot.customer()
    await visitor.ask(KNOWN)
    assert (await claims(bot))["sub"] == ""
    await visitor.ask("bonjour")
    assert ((await claims(bot))["sub"], (await claims(bot))["assurance"]) == ("", "claimed")
    desk, handoff = await taken(bot, visitor)
    _, found = await desk.call("GET", f"handoffs/{handoff}")
    who = found["context"]["who"]
    assert (who["assurance"], who["display_name"], who["orders"], who["past_conversations"]) == (
        "claimed",
        None,
        [],
        [],
    )
    assert len(await select_all(bot, select(Conversation))) == 2


async def test_one_network_may_not_go_on_asking_for_codes_and_guessing(mails: MailServer, make_bot: Any) -> None:
    bot = await started(mails, make_bot, codes_per_hour=4, wrong_codes_per_hour=6)
    said = []
    for number in range(5):
        visitor = await bot.customer()
        said.append((await visitor.ask(f"someone{number}@maison-alder.test"))["text"])
        if number < 2:
            said += [(await visitor.ask(f"10000{number}"))["text"] for _ in range(4)]
    assert [text for text in said if text.startswith("Trop de codes erronés")] == said[8:10]
    assert "min" in said[9]
    assert said[-2] == SENT
    assert said[-1].startswith("Plusieurs codes ont déjà été demandés")
    bot.clock.forward(3700)
    assert (await visitor.ask(KNOWN))["text"] == SENT
    assert (await visitor.ask(await mails.code()))["text"] == "écho : /identity_proven"


@pytest.mark.parametrize(("method", "hours"), [("email_code", 4), ("host_jwt", 24)])
async def test_a_proof_does_not_last_for_ever(bot: Bot, mails: MailServer, method: str, hours: int) -> None:
    visitor = await bot.customer()
    if method == "email_code":
        await visitor.ask(KNOWN)
        await visitor.ask(await mails.code())
    else:
        await visitor.post("identity", {"identity": identity(bot)})
    bot.clock.forward(hours * 3600 - 60)
    await visitor.ask("bonjour")
    assert ((await claims(bot))["assurance"], (await claims(bot))["sub"]) == ("verified", "C-1001")
    bot.clock.forward(120)
    await visitor.ask("bonjour")
    assert ((await claims(bot))["assurance"], (await claims(bot))["sub"]) == ("claimed", "")
    bot.neighbours.card = CARD
    await visitor.post("handoff", {})
    (row,) = await (await bot.desk("claire")).queue()
    assert row["assurance"] == "claimed"
    await visitor.post("identity", {"identity": identity(bot, jti="again", exp=int(bot.clock().timestamp()) + 60)})
    (row,) = await (await bot.desk("paul")).queue()
    assert row["assurance"] == "verified"
