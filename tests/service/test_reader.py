"""service.yml: hours, holidays, skills, and mistakes told in one sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

import service
from service.topics import TOPICS

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(scope="module")
def maison_alder() -> service.Service:
    return service.load("service.yml")


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (datetime(2026, 3, 2, 8, 59, 59, tzinfo=PARIS), False),
        (datetime(2026, 3, 2, 9, 0, tzinfo=PARIS), True),
        (datetime(2026, 3, 2, 19, 0, tzinfo=PARIS), False),
        (datetime(2026, 3, 7, 16, 59, tzinfo=PARIS), True),
        (datetime(2026, 3, 7, 17, 0, tzinfo=PARIS), False),
        (datetime(2026, 3, 8, 12, 0, tzinfo=PARIS), False),
        (datetime(2026, 4, 6, 12, 0, tzinfo=PARIS), False),  # Easter Monday
        (datetime(2026, 7, 14, 12, 0, tzinfo=PARIS), False),
        (datetime(2026, 7, 15, 7, 0, tzinfo=UTC), True),  # 9:00 in Paris, summer time
        (datetime(2026, 1, 15, 7, 0, tzinfo=UTC), False),  # 8:00 in Paris, winter time
    ],
)
def test_open_or_closed(maison_alder: service.Service, at: datetime, is_open: bool) -> None:
    assert maison_alder.is_open(at) is is_open


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (datetime(2026, 3, 2, 10, 0, tzinfo=PARIS), datetime(2026, 3, 2, 10, 0, tzinfo=PARIS)),
        (datetime(2026, 3, 2, 6, 0, tzinfo=PARIS), datetime(2026, 3, 2, 9, 0, tzinfo=PARIS)),
        (datetime(2026, 3, 2, 19, 0, tzinfo=PARIS), datetime(2026, 3, 3, 9, 0, tzinfo=PARIS)),
        # Saturday evening before Easter: Sunday and Monday are off.
        (datetime(2026, 4, 4, 18, 0, tzinfo=PARIS), datetime(2026, 4, 7, 9, 0, tzinfo=PARIS)),
        # The night when summer time begins.
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 3, 30, 7, 0, tzinfo=UTC)),
    ],
)
def test_next_opening(maison_alder: service.Service, at: datetime, opens: datetime) -> None:
    assert maison_alder.next_opening(at) == opens


def test_a_moment_without_zone_is_refused(maison_alder: service.Service) -> None:
    with pytest.raises(ValueError, match="time zone"):
        maison_alder.is_open(datetime(2026, 3, 2, 10, 0))


def test_every_topic_has_its_skill(maison_alder: service.Service) -> None:
    names = {skill.name for skill in maison_alder.skills}
    assert {maison_alder.skill_for(topic) for topic in TOPICS} <= names
    assert maison_alder.skill_for("delivery") == "delivery"
    assert maison_alder.skill_for("no_such_topic") == maison_alder.skill_for(None) == "general"


@pytest.fixture
def data() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(Path("service.yml").read_text(encoding="utf-8"))
    return loaded


def _load(tmp_path: Path, data: object) -> service.Service:
    file = tmp_path / "service.yml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    return service.load(file)


def _changed(data: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    *parents, last = path.split(".")
    part: Any = data
    for key in parents:
        part = part[int(key)] if key.isdigit() else part[key]
    part[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("timezone", "Europe/Pariss", "timezone: 'Europe/Pariss' is not a time zone"),
        ("opening_hours.mon", ["9h-19h"], "opening_hours.mon.0: '9h-19h' is not a span of hours"),
        ("opening_hours.mon", ["19:00-09:00"], "ends before it begins"),
        ("opening_hours.monday", [], "opening_hours.monday"),
        ("holidays.country", "Atlantis", "holidays.country: 'Atlantis' is not a country"),
        ("skills.0.topics", ["contact", "shops", "loyalty"], "no skill takes the topic 'promotions'"),
        ("skills.0.topics", ["contact", "shops", "loyalty", "promotions", "delivery"], "more than one skill takes"),
        ("danger_topics.0.skill", "nobody", "names the skill 'nobody'"),
        ("danger_topics.0.phrases.fr", ["..."], "danger_topics.0.phrases.fr: '...' is not a phrase"),
        ("danger_topics.0.phrases.en", [], "needs phrases in French and in English"),
        ("answers.false_answer_rate", 5, "answers.false_answer_rate"),
        ("brand.nmae", "x", "brand.nmae"),
    ],
)
def test_a_mistake_is_told_with_its_key(
    tmp_path: Path, data: dict[str, Any], path: str, value: object, words: str
) -> None:
    with pytest.raises(service.ServiceError) as caught:
        _load(tmp_path, _changed(data, path, value))
    sentence = str(caught.value)
    assert words in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(("text", "words"), [("a: [", "at line"), ("- 1", "must hold keys"), ("", "must hold keys")])
def test_a_file_that_is_not_service_yml(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "service.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(service.ServiceError, match=words):
        service.load(file)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(service.ServiceError, match="cannot be read"):
        service.load(tmp_path / "none.yml")
