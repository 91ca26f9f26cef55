"""Proving an e-mail address with a one-time code: right, wrong, late, too often, and unknown all the same."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from sqlalchemy import select

from bot.db.identity import Mail, OneTimeCode
from bot.db.models import Conversation
from bot.db.people import AuditEntry, Customer, Identity
from bot.identity.codes import MASK, codes_in, masked, usable_email
from tests.bot.conftest import Bot
from tests.bot.conftest import Customer as Visitor
from tests.bot.mail_server import MailServer, mail_server
from tests.bot.neighbours import IDENTITY_SECRET
from tests.bot.test_feedback import quiet, rows
from tests.bot.test_handoff import CARD, identity, taken
from tests.bot.test_turns import turns

Json = dict[str, Any]
KNOWN, UNKNOWN = "camille@maison-alder.test", "nobody@maison-alder.test"
SENT = "Si un compte existe à cette adresse, un code à 6 chiffres vient d’y être envoyé."


def dialogue(request: Json) -> list[Json]:
    """Rasa's side: an address asks for a code; what comes otherwise is told back."""
    text = request.get("text") or request["command"]
    if "@" in text:
        return [{"custom": {"identify": {"email": text, "task": "cancel_order"}}}, {"text": SENT}]
    if text == "/resend_code":
        return [{"custom": {"identify": {"email": KNOWN, "task": "cancel_order"}}}, {"text": SENT}]
    return [{"text": f"écho : {text}"}]


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def bot(mails: MailServer, make_bot: Any) -> Bot:
    started: Bot = await make_bot(smtp_url=mails.url(), mail_from="Maison Alder <aide@maison-alder.test>")
    started.neighbours.replies = dialogue
    return started


async def claims(bot: Bot) -> Json:
    token = bot.neighbours.requests[-1]["metadata"]["identity_token"]
    options: Any = {"verify_exp": False, "verify_iat": False}
    return jwt.decode(token, IDENTITY_SECRET, algorithms=["HS256"], audience="relais-actions", options=options)


async def conversation(bot: Bot, visitor: Visitor) -> Conversation:
    async with bot.services.db.read() as session:
        return await session.get_one(Conversation, visitor.id)


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06}"


async def press(visitor: Visitor, message: Json, title: str) -> Json:
    choice = next(each["payload"] for each in message["choices"] if each["title"] == title)
    _, body = await visitor.post("messages", {"client_message_id": f"p{choice}", "choice": choice})
    return body["message"]


async def test_the_right_code_proves_who_it_is_and_is_kept_nowhere(bot: Bot, mails: MailServer, tmp_path: Path) -> None:
    visitor = await bot.customer()
    assert (await visitor.ask(KNOWN.upper()))["text"] == SENT
    assert (await conversation(bot, visitor)).assurance == "claimed"
    code = await mails.code()
    (mail,) = mails.mails
    assert (mail["To"], mail["From"]) == (KNOWN, "Maison Alder <aide@maison-alder.test>")
    assert code not in mail["Subject"], "a locked screen shows it"
    typed = await visitor.say(f"voici\u00a0: {code[:3]} {code[3:]}", "typed")
    assert typed["text"] == f"voici\u00a0: {MASK}"
    assert (await visitor.until(1, typed["seq"]))[0]["text"] == "écho : /identity_proven"
    assert (await visitor.say(f"{code}", "typed"))["id"] == typed["id"], "the same message again is the first one"
    request = bot.neighbours.requests[-1]
    assert (request["command"], request["message_id"], request["catch_up"]) == ("/identity_proven", typed["id"], [])
    proven = await claims(bot)
    assert (proven["assurance"], proven["sub"]) == ("verified", "C-1001")
    known = await conversation(bot, visitor)
    assert (known.assurance, known.method) == ("verified", "email_code")
    (row,) = await rows(bot, Identity)
    assert (row.kind, row.subject, row.assurance) == ("email", KNOWN, "verified")
    assert [entry.action for entry in await rows(bot, AuditEntry)] == ["identity_proven"]
    assert code not in json.dumps(bot.neighbours.requests)
    async with asyncio.timeout(5):
        while (await rows(bot, Mail))[0].sealed is not None:
            await asyncio.sleep(0.02)
    record = sqlite3.connect(tmp_path / "relais.db")
    assert code not in "\n".join(record.iterdump())
    assert KNOWN in "\n".join(record.iterdump()), "the dump shows what is there"
    record.close()


async def test_an_address_that_nobody_has_looks_the_same_from_outside(bot: Bot, mails: MailServer) -> None:
    said: dict[str, list[Json]] = {}
    for email in (KNOWN, UNKNOWN):
        visitor = await bot.customer()
        await visitor.ask(email)
        async with asyncio.timeout(5):
            while "pending" in [mail.status for mail in await rows(bot, Mail)]:
                await asyncio.sleep(0.02)
        right = await mails.code()
        for number in range(6):
            await visitor.say(wrong(right, number + 1))
        await quiet(bot)
        said[email] = [
            {key: message[key] for key in ("author", "kind", "text")} for message in (await visitor.read(2))["messages"]
        ]
    assert said[KNOWN] == said[UNKNOWN]
    assert len(said[KNOWN]) == 13
    assert bot.neighbours.lookups == [KNOWN, UNKNOWN]
    assert [mail.status for mail in await rows(bot, Mail)] == ["sent", "unknown"]
    assert len(mails.mails) == 1


async def test_the_lookup_waits_for_nobody(bot: Bot) -> None:
    """The answer to the customer is there before anybody has looked whose address it is."""
    bot.neighbours.accounts = None
    visitor = await bot.customer()
    assert (await visitor.ask(KNOWN))["text"] == SENT
    (code,) = await rows(bot, OneTimeCode)
    assert code.reference is None
    assert (await visitor.ask("et sinon ?"))["text"] == "écho : et sinon ?"


async def test_nobody_proves_an_address_that_has_no_account(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.identity.challenge.new_code", lambda: "123456")
    visitor = await bot.customer()
    await visitor.ask(UNKNOWN)
    answer = await visitor.ask("123456")
    assert answer["text"].startswith("Ce code ne correspond pas")
    assert (await conversation(bot, visitor)).assurance == "claimed"


async def test_five_tries_then_another_code_or_a_human(bot: Bot, mails: MailServer) -> None:
    visitor = await bot.customer()
    await visitor.ask(KNOWN)
    code = await mails.code()
    answers = [await visitor.ask(wrong(code, number)) for number in range(1, 6)]
    left = [re.findall(r"il vous reste (\w+)", answer["text"]) for answer in answers]
    assert left == [["4"], ["3"], ["2"], ["un"], []]
    assert [choice["title"] for choice in answers[-1]["choices"]] == [
        "Recevoir un autre code",
        "Parler à un conseiller",
    ]
    asked = len(bot.neighbours.requests)
    assert asked == 1, "no wrong code is told to Rasa either"
    late = await visitor.ask(code)
    assert late["text"].startswith("Ce code n’est plus valable")
    assert (await conversation(bot, visitor)).assurance == "claimed"
    pressed = await press(visitor, answers[-1], "Recevoir un autre code")
    assert (await visitor.until(1, pressed["seq"]))[0]["text"] == SENT
    assert bot.neighbours.requests[-1]["catch_up"] == [], "masked tries would make Rasa leave its form"
    second = await mails.code(2)
    assert (await visitor.ask(second))["text"] == "écho : /identity_proven"


async def test_several_numbers_in_one_message_are_as_many_tries(bot: Bot, mails: MailServer) -> None:
    visitor = await bot.customer()
    await visitor.ask(KNOWN)
    code = await mails.code()
    guesses = " ".join([f"{wrong(code, number)}," for number in range(1, 6)] + [code])
    answer = await visitor.ask(guesses)
    assert "plus valable" in answer["text"]
    assert (await conversation(bot, visitor)).assurance == "claimed"


async def test_a_code_lives_ten_minutes(bot: Bot, mails: MailServer) -> None:
    visitor = await bot.customer()
    await visitor.ask(KNOWN)
    code = await mails.code()
    bot.clock.forward(601)
    late = await visitor.say(code)
    assert late["text"] == MASK
    answer = (await visitor.until(1, late["seq"]))[0]
    assert answer["text"].startswith("Ce code n’est plus valable")
    assert len(answer["choices"]) == 2
    assert len(bot.neighbours.requests) == 1


async def test_a_newer_code_replaces_the_one_before(bot: Bot, mails: MailServer) -> None:
    visitor = await bot.customer()
    await visitor.ask(KNOWN)
    first = await mails.code()
    await visitor.ask(KNOWN)
    second = await mails.code(2)
    if first != second:
        assert (await visitor.ask(first))["text"].startswith("Ce code ne correspond pas")
    assert (await visitor.ask(second))["text"] == "écho : /identity_proven"
    assert [code.status for code in await rows(bot, OneTimeCode)] == ["replaced", "proven"]


@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
async def test_three_codes_an_hour_for_an_address_wherever_they_are_asked_for(bot: Bot, email: str) -> None:
    first, other = await bot.customer(), await bot.customer()
    for visitor in (first, first, other):
        await visitor.ask(email)
    refused = await other.ask(email)
    assert refused["author"] == "bot"
    assert "attendez 60 min" in refused["text"]
    assert refused["choices"][-1]["title"] == "Parler à un conseiller"
    assert len(await rows(bot, OneTimeCode)) == 3
    bot.clock.forward(3601)
    await other.ask(email)
    assert len(await rows(bot, OneTimeCode)) == 4


async def test_three_codes_an_hour_in_a_conversation_whatever_the_address(bot: Bot) -> None:
    visitor = await bot.customer()
    for number in range(3):
        await visitor.ask(f"somebody{number}@maison-alder.test")
    await visitor.ask(KNOWN)
    await quiet(bot)
    assert KNOWN not in [code.email for code in await rows(bot, OneTimeCode)]


async def test_what_is_no_code_goes_on_to_rasa(bot: Bot, mails: MailServer) -> None:
    visitor = await bot.customer()
    assert (await visitor.ask("104233"))["text"] == "écho : 104233", "no code is awaited"
    await visitor.ask(KNOWN)
    await mails.code()
    for text in ("MA-104233", "06 12 34 56 78", "75011", "je n’ai rien reçu"):
        assert (await visitor.ask(text))["text"] == f"écho : {text}"
    (code,) = await rows(bot, OneTimeCode)
    assert (code.tries, code.status) == (0, "live")


async def test_a_second_press_of_the_right_code_is_masked_too(bot: Bot, mails: MailServer) -> None:
    visitor = await bot.customer()
    await visitor.ask(KNOWN)
    code = await mails.code()
    await visitor.ask(code)
    again = await visitor.say(code)
    assert again["text"] == MASK
    assert (await visitor.until(1, again["seq"]))[0]["text"].startswith("Ce code a déjà servi")
    assert code not in json.dumps(bot.neighbours.requests)
    assert (await visitor.ask(wrong(code)))["text"] == f"écho : {wrong(code)}", "an order number, perhaps"


async def test_a_conversation_proven_once_takes_no_second_person(bot: Bot, mails: MailServer) -> None:
    bot.neighbours.accounts = {KNOWN: "C-1001", "hugo@maison-alder.test": "C-1002"}
    visitor = await bot.customer(identity=identity(bot))
    await visitor.ask("hugo@maison-alder.test")
    assert (await conversation(bot, visitor)).assurance == "verified", "a claim undoes no proof"
    answer = await visitor.ask(await mails.code())
    assert "un autre compte" in answer["text"]
    await visitor.ask("bonjour")
    assert (await claims(bot))["sub"] == "C-1001"


async def test_who_signs_in_on_the_site_later_is_the_same_person(bot: Bot, mails: MailServer) -> None:
    visitor = await bot.customer()
    await visitor.ask(KNOWN)
    await visitor.ask(await mails.code())
    status, _ = await visitor.post("identity", {"identity": identity(bot, sub="C-9")})
    assert status == 409
    status, _ = await visitor.post("identity", {"identity": identity(bot, jti="mine")})
    assert status == 200
    (person,) = [row for row in await rows(bot, Customer) if row.reference]
    assert (person.reference, person.display_name, person.email) == ("C-1001", "Camille Laurent", KNOWN)


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
    async with asyncio.timeout(5):
        while (await rows(bot, Mail))[0].error != "smtp_451":
            await asyncio.sleep(0.02)
    bot.clock.forward(3)
    assert (await visitor.ask(await mails.code()))["text"] == "écho : /identity_proven"
    mails.refusals = ["550 no such mailbox"]
    await (await bot.customer()).ask(KNOWN)
    async with asyncio.timeout(5):
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


async def select_all(bot: Bot, query: Any) -> list[Any]:
    async with bot.services.db.read() as session:
        return list((await session.execute(query)).scalars())


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
