"""Proving an e-mail address with a one-time code: right, wrong, late, too often, and unknown all the same."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.db.identity import Mail, OneTimeCode
from bot.db.people import AuditEntry, Customer, Identity
from bot.identity.codes import MASK
from tests.bot.conftest import Bot
from tests.bot.mail_server import MailServer, mail_server
from tests.bot.proving import (
    KNOWN,
    SENT,
    UNKNOWN,
    Json,
    claims,
    conversation,
    dump,
    press,
    started,
    wrong,
)
from tests.bot.test_feedback import quiet, rows
from tests.bot.test_handoff import identity


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def bot(mails: MailServer, make_bot: Any) -> Bot:
    return await started(mails, make_bot)


async def test_the_right_code_proves_who_it_is_and_is_kept_nowhere(bot: Bot, mails: MailServer) -> None:
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
    async with asyncio.timeout(30):
        while (await rows(bot, Mail))[0].sealed is not None:
            await asyncio.sleep(0.02)
    record = await dump(bot)
    assert code not in record
    assert KNOWN in record, "the dump shows what is there"


async def test_an_address_that_nobody_has_looks_the_same_from_outside(bot: Bot, mails: MailServer) -> None:
    said: dict[str, list[Json]] = {}
    for email in (KNOWN, UNKNOWN):
        visitor = await bot.customer()
        await visitor.ask(email)
        async with asyncio.timeout(30):
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
    bot.clock.hold()
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


async def test_an_order_number_in_a_sentence_is_no_try_and_finds_nothing_out(bot: Bot, mails: MailServer) -> None:
    visitor = await bot.customer()
    await visitor.ask(KNOWN)
    code = await mails.code()
    for number in ("104871", wrong(code), code):
        for words in ("annule la {}", "where is order {}?", "non, la {}", "la facture {} svp", "suivre ma cmd {}"):
            text = words.format(number)
            assert (await visitor.ask(text))["text"] == f"écho : {text}"
    (row,) = await rows(bot, OneTimeCode)
    assert (row.tries, row.status) == (0, "live")
    # Named as a code, or bare, it is one.
    for text in (wrong(code), f"le code pour ma commande c'est {wrong(code, 2)}", f"voilà {wrong(code, 3)} merci"):
        assert "ne correspond pas" in (await visitor.ask(text))["text"]
    assert (await visitor.say(f"le code de la commande : {code}"))["text"] == f"le code de la commande : {MASK}"
    await quiet(bot)
    assert (await conversation(bot, visitor)).assurance == "verified"


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
