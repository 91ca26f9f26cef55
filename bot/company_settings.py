"""Rules of the company changed on a page: checked as the file is, put on record with what they were, taken back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.company import CHANGED
from bot.db.accounts import CompanySetting
from bot.db.people import AuditEntry, User
from bot.errors import Refusal
from bot.live import DESK
from bot.services import Services
from service import Service
from service.hours import holiday_countries, public_holidays
from service.overrides import SECTIONS, shown, with_section
from service.topics import TOPICS

Json = dict[str, Any]
_HOLIDAYS_SHOWN = timedelta(days=365)
_LARGEST = 20_000
# Fields whose sentence is another than their section's.
_AT_FIELD = {"country": "country", "overflow": "overflow"}
NUMBERS = {
    "offer_deadline_seconds": (10, 600),
    "conversations_at_once": (1, 30),
    "overflow_after_minutes": (1, 240),
    "gone_after_seconds": (10, 600),
    "customer_max_wait_hours": (1, 168),
}


async def read_all(services: Services) -> Json:
    """Every section with its value, the file's, and who changed it last; and what the forms need beside."""
    company = services.company
    async with services.db.read() as session:
        rows = {row.key: row for row in (await session.execute(select(CompanySetting))).scalars()}
        people = {user.id: user.name for user in (await session.execute(select(User))).scalars()}
    sections = {name: _section(company.base, name, rows.get(name), people, company.problems) for name in SECTIONS}
    return {
        "sections": sections,
        "timezone": company.service.timezone,
        "countries": holiday_countries(),
        "public_holidays": _holidays(services),
        "topics": list(TOPICS),
        "numbers": {name: {"least": least, "most": most} for name, (least, most) in NUMBERS.items()},
    }


def _section(
    base: Service, name: str, row: CompanySetting | None, people: dict[str, str], problems: dict[str, str]
) -> Json:
    of_file = shown(base, name)
    changed = row is not None and row.value is not None
    return {
        "value": row.value if row is not None and changed and name not in problems else of_file,
        "file": of_file,
        "changed": changed,
        "problem": name in problems,
        "revision": row.revision if row else 0,
        "may_undo": row is not None and row.previous != row.value,
        "by": people.get(row.updated_by or "") if row else None,
        "at": row.at.isoformat() if row else None,
    }


def _holidays(services: Services) -> list[Json]:
    today = services.clock().astimezone(services.service.zone).date()
    calendar = public_holidays(services.service.holidays.country)
    days = [today + timedelta(days=ahead) for ahead in range(_HOLIDAYS_SHOWN.days)]
    return [{"date": day.isoformat(), "name": calendar.get(day)} for day in days if day in calendar]


async def change(services: Services, user: User, section: str, value: Any, revision: Any) -> None:
    """From now on ``value``. Raises ``Refusal`` (404, 409 when somebody else was quicker, 422 with the field)."""
    checked = _checked(services.company.base, section, value)
    await _write(services, user, section, revision, lambda _row: checked, "settings_changed")


async def reset(services: Services, user: User, section: str, revision: Any) -> None:
    """As the file has it."""
    await _write(services, user, section, revision, lambda _row: None, "settings_reset")


async def undo(services: Services, user: User, section: str, revision: Any) -> None:
    """As it was before the last change; again: as it was after it."""
    await _write(services, user, section, revision, lambda row: row.previous, "settings_undone")


async def _write(
    services: Services,
    user: User,
    section: str,
    revision: Any,
    to: Callable[[CompanySetting], Any],
    action: str,
) -> None:
    if section not in SECTIONS:
        raise Refusal("not_found", 404)
    try:
        async with services.db.write() as session:
            await _put(services, session, user, section, revision, to, action)
    except IntegrityError as error:  # the first change of a section, by two at once
        raise Refusal("settings_moved", 409) from error
    await services.company.refresh(services.db)
    services.live.publish(DESK, {"type": CHANGED})


async def _put(
    services: Services,
    session: AsyncSession,
    user: User,
    section: str,
    revision: Any,
    to: Callable[[CompanySetting], Any],
    action: str,
) -> None:
    now = services.clock()
    row = await session.get(CompanySetting, section, with_for_update=True, populate_existing=True)
    if row is None:
        row = CompanySetting(key=section, value=None, previous=None, revision=0, at=now)
        session.add(row)
    if row.revision != revision:
        raise Refusal("settings_moved", 409)
    before, after = row.value, to(row)
    if before == after:
        return
    row.value, row.previous, row.revision = after, before, row.revision + 1
    row.updated_by, row.at = user.id, now
    detail = json.dumps({"before": before, "after": after}, ensure_ascii=False)
    session.add(AuditEntry(at=now, actor_id=user.id, action=action, target=section, detail=detail))


def _checked(base: Service, section: str, value: Any) -> Any:
    """The value as it will be kept. A sentence at the field where it is wrong."""
    if section not in SECTIONS:
        raise Refusal("not_found", 404)
    if len(json.dumps(value)) > _LARGEST:
        raise Refusal("settings_value", 422, extra={"field": section})
    if section == "skills":
        _check_skills(base, value)
    if section == "handoff":
        _check_numbers(value)
    try:
        return shown(with_section(base, section, value), section)
    except ValidationError as error:
        place = [str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"][1:]]
        code = next((_AT_FIELD[part] for part in place if part in _AT_FIELD), section)
        raise Refusal(f"settings_{code}", 422, extra={"field": ".".join(place) or section}) from error
    except (ValueError, TypeError) as error:
        raise Refusal("settings_value", 422, extra={"field": section}) from error


def _check_numbers(value: Any) -> None:
    if not isinstance(value, dict) or not set(value) <= set(NUMBERS):
        raise Refusal("settings_value", 422, extra={"field": "handoff"})
    for name, (least, most) in NUMBERS.items():
        number = value.get(name, least)
        if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
            raise Refusal("settings_number", 422, extra={"field": name}, least=least, most=most)


def _check_skills(base: Service, value: Any) -> None:
    """Sentences for what only shows when all skills are seen together."""
    rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    given = Counter(topic for row in rows for topic in row.get("topics") or () if isinstance(topic, str))
    for topic in TOPICS:
        if given[topic] != 1:
            code = "settings_topic_twice" if given[topic] else "settings_topic_missing"
            raise Refusal(code, 422, extra={"field": f"topic.{topic}", "topic": topic}, topic=topic)
    names = Counter(row.get("name") for row in rows if isinstance(row.get("name"), str))
    for name, times in names.items():
        if times > 1:
            raise Refusal("settings_skill_twice", 422, extra={"field": "skills"}, skill=name)
    for place, row in enumerate(rows):
        rules = row.get("overflow")
        if isinstance(rules, list) and len({str(rule) for rule in rules}) < len(rules):
            raise Refusal("settings_overflow", 422, extra={"field": f"{place}.overflow"})
    for danger in base.danger_topics:
        if danger.skill not in names:
            raise Refusal("settings_skill_needed", 422, extra={"field": "skills"}, skill=danger.skill)
