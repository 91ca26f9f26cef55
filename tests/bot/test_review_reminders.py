"""Reminders of articles to be reviewed: to whom, when, once; whichever process is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from bot.db.identity import Mail
from bot.db.people import User
from bot.db.upkeep import ReviewMorning, ReviewReminder
from bot.studio import reminders
from bot.studio.reminders import remind
from bot.users import put_user
from service import Service
from tests.bot.conftest import HASH, OPEN_HOUR, SUNDAY, Bot
from tests.bot.mail_server import MailServer, mail_server

Json = dict[str, Any]
INES = {"name": "Inès", "email": "ines@maison-alder.test"}


@pytest.fixture(autouse=True)
def only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's own look would come at any moment of the test."""

    async def never(*_: Any) -> None:
        pass

    monkeypatch.setattr(reminders, "every", never)


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


def sending(mails: MailServer) -> Json:
    return {"smtp_url": mails.url(), "mail_from": "Aide <aide@maison-alder.test>"}


async def person(bot: Bot, name: str, role: str, locale: str) -> None:
    email = f"{name}@maison-alder.test"
    await put_user(bot.services.db, bot.clock, email, name.title(), role, HASH, [locale], [])


def article(article_id: str, review_by: str, by: Json | None = None, **more: Any) -> Json:
    row = {"article_id": article_id, "locale": "fr", "title": f"Titre {article_id}", "version": "1", "topic": "orders"}
    row |= {"slug": article_id, "answer": "", "url": f"/aide/{article_id}"}
    return row | {"review_by": review_by, "updated_by": by, "state": "published"} | more


async def before_opening(make_bot: Any, mails: MailServer, **more: Any) -> Bot:
    """A studio of two at six in the morning of a Tuesday, before anything is written."""
    bot: Bot = await make_bot(**sending(mails), **more)
    bot.clock.set(OPEN_HOUR - timedelta(hours=5))
    await person(bot, "ines", "writer", "fr")
    await person(bot, "paula", "publisher", "en")
    return bot


async def count(bot: Bot, table: type) -> int:
    async with bot.services.db.read() as session:
        return int((await session.execute(select(func.count()).select_from(table))).scalar_one())


async def test_each_gets_one_mail_at_opening_in_their_language(make_bot: Any, mails: MailServer) -> None:
    bot = await before_opening(make_bot, mails)
    gone = {"name": "Paul", "email": "paul@maison-alder.test"}
    bot.neighbours.published = [
        article("late", "2026-11-20", INES),
        article("soon", "2026-12-01", INES, title="Délais & <retours>"),
        article("far", "2026-12-02", INES),
        article("away", "2026-11-20", INES, state="archived"),
        article("seeded", "2026-11-24", None, locale="en"),
        article("orphan", "2026-11-25", gone),
    ]
    assert await remind(bot.services) == 0, "the shops are closed"
    bot.clock.set(OPEN_HOUR)
    assert await remind(bot.services) == 2
    sent = {mail["To"]: mail for mail in await mails.until(2)}
    hers, publishers = sent["ines@maison-alder.test"], sent["paula@maison-alder.test"]
    assert hers["Subject"] == "Maison Alder : articles à revoir (2)"
    text = hers.get_content()
    assert text.index("Titre late") < text.index("Délais & <retours>"), "what is late comes first, and is not escaped"
    assert "/studio/articles/late?locale=fr" in text
    assert "vendredi 20 novembre 2026" in text
    assert all(name not in text for name in ("far", "away", "seeded", "orphan"))
    assert "Titre seeded (in English)" in publishers.get_content()
    assert "Wednesday 25 November 2026" in publishers.get_content()
    # Later the same day, and the next morning: nothing that was told already.
    bot.clock.forward(3600)
    assert await remind(bot.services) == 0
    bot.clock.set(OPEN_HOUR + timedelta(days=1))
    assert await remind(bot.services) == 2, "hers that is near by now, and theirs whose date has come"
    bot.clock.set(OPEN_HOUR + timedelta(days=2))
    bot.neighbours.published = [article("late", "2026-11-20", INES), article("soon", "2026-11-30", INES)]
    assert await remind(bot.services) == 1, "another date is another reminder"
    assert all("Titre late" not in mail.get_content() for mail in (await mails.until(5))[2:])


async def test_two_processes_write_once_and_a_restart_nothing_more(make_bot: Any, mails: MailServer) -> None:
    first = await before_opening(make_bot, mails)
    second: Bot = await make_bot(**sending(mails))
    first.neighbours.published = [article("late", "2026-11-20", INES)]
    first.clock.set(OPEN_HOUR)
    assert sum(await asyncio.gather(remind(first.services), remind(second.services))) == 1
    third: Bot = await make_bot(**sending(mails))
    assert await remind(third.services) == 0
    assert (await count(first, Mail), await count(first, ReviewReminder)) == (1, 1)


async def test_nothing_on_a_day_off_without_a_server_or_with_nobody_to_tell(
    make_bot: Any, mails: MailServer, company: Service
) -> None:
    bot = await before_opening(make_bot, mails)
    bot.neighbours.published = [article("late", "2026-11-20", INES)]
    bot.clock.set(SUNDAY)
    assert await remind(bot.services) == 0
    bot.clock.set(OPEN_HOUR)
    async with bot.services.db.write() as session:
        await session.execute(delete(User))
    assert await remind(bot.services) == 0
    assert await count(bot, ReviewReminder) == 0, "nobody was told: it is told once there is somebody"
    off = company.model_copy(update={"studio": company.studio.model_copy(update={"remind_days_before": 0})})
    for wordless in (await make_bot(**sending(mails), rules=off), await make_bot()):
        wordless.clock.forward(86_400)
        assert await remind(wordless.services) == 0
        assert await count(wordless, ReviewMorning) == 1, "of the day before"
