"""Sections of ``service.yml`` that a page may change while the service runs; the file stays the base."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.model import Service

# What of each section may be changed; None: all of it.
SECTIONS: dict[str, tuple[str, ...] | None] = {
    "opening_hours": None,
    "holidays": ("country", "extra_closed"),
    "skills": None,
    "handoff": (
        "offer_deadline_seconds",
        "conversations_at_once",
        "overflow_after_minutes",
        "gone_after_seconds",
        "customer_max_wait_hours",
    ),
}
# What the self-care tasks look at as well.
FOR_TASKS = ("opening_hours", "holidays")


def shown(company: Service, section: str) -> Any:
    """A section as JSON, written as in the file: ``{"mon": ["09:00-19:00"]}``. Raises ``KeyError``."""
    parts = SECTIONS[section]
    if section == "opening_hours":
        return {day: [f"{start:%H:%M}-{_end(f'{end:%H:%M}')}" for start, end in spans] for day, spans in _week(company)}
    if section == "skills":
        return [skill.model_dump(mode="json") for skill in company.skills]
    dumped: dict[str, Any] = getattr(company, section).model_dump(mode="json")
    return {name: dumped[name] for name in parts} if parts else dumped


def _week(company: Service) -> Any:
    return company.opening_hours.items()


def _end(written: str) -> str:
    return "24:00" if written == "00:00" else written


def with_section(company: Service, section: str, value: Any) -> Service:
    """``company`` with one section of its own. Raises ``ValueError`` (pydantic's) for what the file could not say."""
    parts = SECTIONS[section]
    if parts is not None:
        if not isinstance(value, Mapping):
            raise ValueError(f"{section} must hold keys and values")
        # What the page does not show stays as the file has it.
        value = getattr(company, section).model_dump() | {name: value[name] for name in parts if name in value}
    # The other parts are checked already; the new one is checked with them.
    fields = {name: getattr(company, name) for name in Service.model_fields}
    return Service.model_validate(fields | {section: value})


def with_sections(company: Service, values: Mapping[str, Any]) -> tuple[Service, dict[str, str]]:
    """``company`` with every section that fits, and why the others do not: the file may have changed since."""
    problems: dict[str, str] = {}
    for section, value in values.items():
        try:
            company = with_section(company, section, value)
        except (ValueError, KeyError) as error:
            problems[section] = type(error).__name__
    return company, problems
