"""Invitations and resets by mail: single-use, short-lived, and silent about who has an account."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from sqlalchemy import select

from bot.accounts.clerk import tidy
from bot.accounts.passwords import check
from bot.db.accounts import AccountLink
from bot.db.people import AuditEntry
from bot.errors import Refusal
from tests.bot.accounts import choose, desk_with, link_in, mails, session_of, sign_in, user
from tests.bot.conftest import PASSWORD, Bot, Desk

LEA = {
    "name": "Léa",
    "email": "Lea@Maison-Alder.test",
    "role": "advisor",
    "locales": ["en", "fr"],
    "skills": ["delivery"],
}
HERS = "lea@maison-alder.test"
NEW = "trois chats et un piano"


@pytest.fixture
async def demo(make_bot: Any) -> Bot:
    bot: Bot = await make_bot(relais_demo=True)
    return bot


async def invited(bot: Bot) -> tuple[Desk, str, str]:
    """A supervisor, the link Léa got, and her id."""
    marc = await bot.desk("marc", "supervisor")
    status, body = await marc.call("POST", "users", LEA)
    assert status == 201, body
    return marc, link_in((await mails(bot, HERS))[0]), body["user_id"]


async def test_who_is_invited_chooses_a_password_once_and_signs_in(demo: Bot, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    _, link, user_id = await invited(demo)
    (mail,) = await mails(demo, HERS)
    assert "Marc invites you" in mail["subject"], "in her own language"
    for _ in range(2):  # mail programs open links too
        async with demo.client.get(link) as response:
            page = await response.text()
            assert response.status == 200
            assert "Léa" in page
            assert HERS in page
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Referrer-Policy"] == "no-referrer"
    assert (await sign_in(demo, HERS, ""))[0] == 401
    assert (await choose(demo, link, NEW, "another one"))[0] == 422
    for weak in ("short", "lea-lea-lea", "maison-alder1", "azertyuiop", "motdepasse2026", "1234567890"):
        status, page = await choose(demo, link, weak)
        assert status == 422, weak
        assert 'role="alert"' in page
    assert (await choose(demo, link, NEW))[0] == 200
    assert (await choose(demo, link, "yet another one, later"))[0] == 404
    status, body = await sign_in(demo, HERS, NEW)
    assert (status, body["user"]["role"], body["user"]["id"]) == (200, "advisor", user_id)
    async with demo.services.db.read() as session:
        kept = (await session.execute(select(AccountLink))).scalars().all()
        actions = list((await session.execute(select(AuditEntry.action).where(AuditEntry.target == user_id))).scalars())
    token = link.rpartition("/")[2]
    assert all(token not in str(vars(row)) for row in kept)
    # The server of the tests writes an access log, the product none (bot/__main__.py).
    assert not [record for record in caplog.records if record.name != "aiohttp.access" and token in record.getMessage()]
    assert {"user_invited", "user_joined", "signed_in"} <= set(actions)


async def test_an_invitation_is_sent_again_and_ends(demo: Bot) -> None:
    marc, first, user_id = await invited(demo)
    assert (await marc.call("POST", f"users/{user_id}/invitation"))[0] == 200
    second = link_in((await mails(demo, HERS, 2))[0])
    assert first != second
    assert (await choose(demo, first, NEW))[0] == 404
    demo.clock.forward(7 * 86400 + 1)
    assert (await choose(demo, second, NEW))[0] == 404
    # Nor does an invitation open the page of a reset, or a closed account.
    marc = desk_with(demo, await session_of(demo, "marc@maison-alder.test"))
    await marc.call("POST", f"users/{user_id}/invitation")
    async with asyncio.timeout(30):  # mails of a week ago may be gone by now
        while (third := link_in((await mails(demo, HERS))[0])) in (first, second):
            await asyncio.sleep(0.05)
    assert (await choose(demo, third.replace("welcome", "reset"), NEW))[0] == 404
    await marc.call("POST", f"users/{user_id}/disable")
    assert (await choose(demo, third, NEW))[0] == 404
    demo.clock.forward(60 * 86400)
    await tidy(demo.services)
    async with demo.services.db.read() as session:
        assert (await session.execute(select(AccountLink))).first() is None


async def forgot(bot: Bot, email: str) -> tuple[int, str]:
    async with bot.client.post("/desk/forgot", data={"email": email}) as response:
        return response.status, await response.text()


async def test_a_forgotten_password_is_replaced_by_mail_and_every_session_ends(demo: Bot) -> None:
    claire = await demo.desk("claire")
    known, unknown = await forgot(demo, " Claire@maison-alder.test "), await forgot(demo, "nobody@maison-alder.test")
    assert known == unknown
    assert known[0] == 200
    link = link_in((await mails(demo, "claire@maison-alder.test"))[0])
    assert (await claire.call("GET", "me"))[0] == 200, "asking ends nothing"
    assert (await choose(demo, link, PASSWORD + " 2"))[0] == 200
    assert (await claire.call("GET", "me"))[0] == 401
    assert (await choose(demo, link, PASSWORD + " 3"))[0] == 404
    assert (await sign_in(demo, "claire@maison-alder.test"))[0] == 401
    assert (await sign_in(demo, "claire@maison-alder.test", PASSWORD + " 2"))[0] == 200
    told = await mails(demo, "claire@maison-alder.test", 2)
    assert "a changé" in told[0]["subject"]
    async with demo.client.get("/demo/mailbox.json", params={"to": "nobody@maison-alder.test"}) as response:
        assert (await response.json())["mails"] == []


async def looked_up(bot: Bot) -> list[str]:
    """What became of each link and each asking, once nobody's address is still to be looked up."""
    async with asyncio.timeout(30):
        while True:
            async with bot.services.db.read() as session:
                found = list((await session.execute(select(AccountLink.status))).scalars())
            if "asked" not in found:
                return found
            await asyncio.sleep(0.05)


async def test_a_reset_ends_after_an_hour_and_three_are_sent_in_one(demo: Bot) -> None:
    await demo.desk("claire")
    for _ in range(5):
        assert (await forgot(demo, "claire@maison-alder.test"))[0] == 200
    assert sorted(await looked_up(demo)) == ["live", "replaced", "replaced", *["settled"] * 5]
    sent = await mails(demo, "claire@maison-alder.test", 3)
    statuses = [(await choose(demo, link_in(mail), "x"))[0] for mail in sent]
    assert sorted(statuses) == [404, 404, 422], "only the newest is worth something"
    newest = next(link_in(mail) for mail, status in zip(sent, statuses, strict=True) if status == 422)
    demo.clock.forward(3601)
    assert (await choose(demo, newest, NEW))[0] == 404


async def test_asking_too_often_and_nonsense_are_refused(demo: Bot) -> None:
    demo.clock.hold()  # they are counted by the minute
    assert (await forgot(demo, "no address"))[0] == 422
    statuses = [(await forgot(demo, f"{count}@maison-alder.test"))[0] for count in range(8)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    headers = {"Origin": "https://elsewhere.test"}
    async with demo.client.post("/desk/forgot", data={"email": "a@b.test"}, headers=headers) as response:
        assert response.status == 403


async def test_nobody_who_may_not_sign_in_is_sent_a_reset(demo: Bot) -> None:
    marc, _, user_id = await invited(demo)
    await demo.desk("hugo")
    hugo = (await user(demo, "hugo@maison-alder.test")).id
    await marc.call("POST", f"users/{hugo}/disable")
    await forgot(demo, HERS)
    await forgot(demo, "hugo@maison-alder.test")
    assert sorted(await looked_up(demo)) == ["live", "settled", "settled"]
    async with demo.services.db.read() as session:
        live = (await session.execute(select(AccountLink.user_id).where(AccountLink.status == "live"))).scalars()
        assert list(live) == [user_id]


@pytest.mark.parametrize(
    "password",
    ["trois chats et un piano", "Xk7#pQ9!mZ2v", "correct horse battery staple", "claire-de-lune-en-hiver"],
)
def test_a_good_password_is_taken(password: str) -> None:
    check(password, "claire@maison-alder.test", "Claire Martin")


@pytest.mark.parametrize(
    "password",
    ["Claire2026!", "claire@maison-alder.test", "Azertyuiop", "aaaaaaaaaaaa", "abcabcabcabc", "Password123!"],
)
def test_a_bad_one_is_not(password: str) -> None:
    with pytest.raises(Refusal):
        check(password, "claire@maison-alder.test", "Claire Martin")
