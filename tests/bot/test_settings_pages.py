"""Rules changed on a page: checked like the file, in force everywhere, undone, taken back."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from bot.company import Company
from bot.db.accounts import CompanySetting
from bot.db.people import AuditEntry
from service import Service
from tests.bot.conftest import Bot, Desk

WEEK = {day: ["09:00-12:30", "14:00-18:00"] for day in ("mon", "wed", "thu", "fri")} | {"tue": [], "sat": [], "sun": []}
TUESDAY, WEDNESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC), datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


async def put(desk: Desk, section: str, value: Any, revision: int = 0) -> tuple[int, dict[str, Any]]:
    return await desk.call("PUT", f"settings/{section}", {"value": value, "revision": revision})


async def test_hours_are_changed_for_every_process_and_taken_back(make_bot: Any) -> None:
    first: Bot = await make_bot()
    second: Bot = await make_bot()
    marc = await first.desk("marc", "supervisor")
    _, before = await marc.call("GET", "settings")
    assert before["sections"]["opening_hours"]["value"]["mon"] == ["09:00-19:00"]
    assert any(day["date"] == "2026-12-25" for day in before["public_holidays"])
    assert first.services.service.is_open(TUESDAY)
    status, after = await put(marc, "opening_hours", WEEK)
    assert status == 200, after
    section = after["sections"]["opening_hours"]
    assert (section["value"]["mon"], section["changed"], section["revision"], section["by"]) == (
        ["09:00-12:30", "14:00-18:00"],
        True,
        1,
        "Marc",
    )
    assert not first.services.service.is_open(TUESDAY)
    async with asyncio.timeout(30):
        while second.services.service.is_open(TUESDAY):
            await asyncio.sleep(0.05)
    assert second.services.service.is_open(WEDNESDAY)
    # Whoever saves what they read before somebody else's change is told so.
    assert (await put(marc, "opening_hours", WEEK, 0))[1]["error"]["code"] == "settings_moved"
    assert (await marc.call("POST", "settings/opening_hours/undo", {"revision": 1}))[0] == 200
    assert first.services.service.is_open(TUESDAY)
    assert (await marc.call("POST", "settings/opening_hours/undo", {"revision": 2}))[0] == 200
    assert not first.services.service.is_open(TUESDAY), "undone again"
    _, reset = await marc.call("POST", "settings/opening_hours/reset", {"revision": 3})
    assert reset["sections"]["opening_hours"]["changed"] is False
    assert first.services.service == first.services.company.base
    async with first.services.db.read() as session:
        query = select(AuditEntry).where(AuditEntry.target == "opening_hours").order_by(AuditEntry.id)
        entries = list((await session.execute(query)).scalars())
    assert [entry.action for entry in entries] == [
        "settings_changed",
        "settings_undone",
        "settings_undone",
        "settings_reset",
    ]
    told = json.loads(entries[0].detail or "")
    assert (told["before"], told["after"]["tue"]) == (None, [])


async def test_a_call_cannot_be_booked_at_an_hour_closed_on_the_page(bot: Bot) -> None:
    marc = await bot.desk("marc", "supervisor")
    customer = await bot.customer(locale="fr")
    await customer.ask("bonjour")
    assert "company" not in bot.neighbours.requests[-1]["metadata"], "nothing is sent while nothing was changed"
    moment = {"contact": "call_at", "phone": "06 12 34 56 78", "at": "2026-12-01T11:00:00+01:00"}
    assert (await put(marc, "opening_hours", WEEK))[0] == 200
    assert (await put(marc, "holidays", {"extra_closed": ["2026-12-02"]}))[0] == 200
    status, body = await customer.post("handoff", moment)
    assert (status, body["error"]["code"]) == (422, "bad_contact")
    for at in ("2026-12-02T11:00:00+01:00", "2026-12-03T13:00:00+01:00"):
        assert (await customer.post("handoff", moment | {"at": at}))[0] == 422
    assert (await customer.post("handoff", moment | {"at": "2026-12-03T11:00:00+01:00"}))[0] == 202
    other = await bot.customer(locale="fr")
    await other.ask("bonjour")
    sent = bot.neighbours.requests[-1]["metadata"]["company"]
    assert (sent["opening_hours"]["tue"], sent["holidays"]) == ([], {"country": "FR", "extra_closed": ["2026-12-02"]})


async def test_the_country_of_the_public_holidays(bot: Bot) -> None:
    marc = await bot.desk("marc", "supervisor")
    status, after = await put(marc, "holidays", {"country": "BE"})
    assert status == 200, after
    assert {"BE", "FR", "LU"} <= set(after["countries"])
    days = {day["date"] for day in after["public_holidays"]}
    assert "2027-07-21" in days  # the Belgian one
    assert "2027-07-14" not in days
    assert not bot.services.service.is_open(datetime(2027, 7, 21, 10, 0, tzinfo=UTC))


async def test_skills_and_thresholds(bot: Bot, company: Service) -> None:
    marc = await bot.desk("marc", "supervisor")
    _, read = await marc.call("GET", "settings")
    skills = read["sections"]["skills"]["value"]
    moved = [skill | {"topics": [topic for topic in skill["topics"] if topic != "orders"]} for skill in skills]
    next(skill for skill in moved if skill["name"] == "payment")["topics"].append("orders")
    assert (await put(marc, "skills", moved))[0] == 200
    assert bot.services.service.skill_for("orders") == "payment"
    assert company.skill_for("orders") == "delivery"
    status, answer = await put(marc, "handoff", {"offer_deadline_seconds": 45, "conversations_at_once": 2})
    assert status == 200, answer
    assert bot.services.service.handoff.offer_deadline_seconds == 45
    assert bot.services.service.handoff.failed_answers_before_offer == company.handoff.failed_answers_before_offer


async def test_bad_values_are_sentences_at_their_fields(bot: Bot) -> None:
    marc = await bot.desk("marc", "supervisor")
    _, read = await marc.call("GET", "settings")
    skills = read["sections"]["skills"]["value"]
    bad: list[tuple[str, Any, str]] = [
        ("opening_hours", {"mon": ["18:00-09:00"]}, "mon.0"),
        ("opening_hours", {"mon": ["nine to five"]}, "mon.0"),
        ("opening_hours", {"monday": []}, "monday.[key]"),
        ("opening_hours", {"mon": "09:00-18:00"}, "mon"),
        ("opening_hours", [], "opening_hours"),
        ("holidays", {"extra_closed": ["15 mai"]}, "extra_closed.0"),
        ("holidays", [], "holidays"),
        ("holidays", {"country": "ZZ"}, "country"),
        ("skills", [skill | {"overflow": ["prayer"]} for skill in skills], "0.overflow.0"),
        ("skills", [skill | {"overflow": ["shop", "shop"]} for skill in skills], "0.overflow"),
        ("skills", skills[1:], "topic.loyalty"),
        ("skills", [skill | {"topics": skill["topics"] + ["delivery"]} for skill in skills], "topic.delivery"),
        ("skills", [skill for skill in skills if skill["name"] != "sensitive"], "skills"),
        ("skills", [*skills, {"name": "payment", "label": {"fr": "X", "en": "X"}, "topics": []}], "skills"),
        ("skills", [*skills, {"name": "Big Name", "label": {"fr": "X", "en": "X"}, "topics": []}], "7.name"),
        ("skills", [*skills, {"name": "new", "label": {"fr": "X", "en": ""}, "topics": []}], "7.label.en"),
        ("skills", None, "topic.delivery"),
        ("handoff", {"offer_deadline_seconds": 1}, "offer_deadline_seconds"),
        ("handoff", {"offer_deadline_seconds": "many"}, "offer_deadline_seconds"),
        ("handoff", {"failed_answers_before_offer": 9}, "handoff"),
        ("handoff", "x" * 30_000, "handoff"),
    ]
    for section, value, field in bad:
        status, body = await put(marc, section, value)
        assert (status, body["error"].get("field")) == (422, field), (section, value, body)
        assert body["error"]["message"].endswith(".")
    assert (await put(marc, "brand", {"name": "X"}))[0] == 404
    assert bot.services.service == bot.services.company.base


async def test_a_change_that_no_longer_fits_the_file_is_left_aside(bot: Bot, company: Service) -> None:
    async with bot.services.db.write() as session:
        row = CompanySetting(key="skills", value=[], previous=None, revision=1, at=bot.clock())
        hours = CompanySetting(key="opening_hours", value=WEEK, previous=None, revision=1, at=bot.clock())
        session.add_all([row, hours])
    fresh = Company(company)
    await fresh.refresh(bot.services.db)
    assert list(fresh.problems) == ["skills"]
    assert fresh.service.skills == company.skills
    assert not fresh.service.is_open(TUESDAY), "the others count"
    marc = await bot.desk("marc", "supervisor")
    await bot.services.company.refresh(bot.services.db)
    _, read = await marc.call("GET", "settings")
    assert read["sections"]["skills"]["problem"] is True
