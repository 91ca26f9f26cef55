"""What ``service.yml`` holds, typed and checked."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, field_validator, model_validator

from service.danger import compile_phrases, fold
from service.hours import Calendar, OpeningSpan, Weekday, public_holidays
from service.levels import PromiseRules, ServiceLevels
from service.part import Locale, LocalText, Text
from service.part import Part as _Part
from service.studio import Studio
from service.tone import shouted
from service.topics import TOPICS, Topic
from service.widget import Widget

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Days = Annotated[int, Field(ge=1)]


class Brand(_Part):
    """Who is speaking."""

    name: Text
    languages: Annotated[tuple[Locale, ...], Field(min_length=1)]
    assistant_name: Text


class Holidays(_Part):
    """Days on which the service is closed although the week says otherwise."""

    country: Text
    extra_closed: tuple[date, ...] = ()

    @field_validator("country")
    @classmethod
    def _known_country(cls, country: str) -> str:
        public_holidays(country)
        return country


# What is done when nobody with the skill can come: a colleague without it answers, a call is offered, a shop is named.
OverflowRule = Literal["another_skill", "call_back", "shop"]


class Skill(_Part):
    """A team of advisors and the topics that it is best placed to answer."""

    name: Name
    label: LocalText
    topics: tuple[Topic, ...] = ()
    # Instead of handoff.overflow, for this skill.
    overflow: tuple[OverflowRule, ...] | None = None


def _check_phrases(phrases: tuple[str, ...]) -> tuple[str, ...]:
    compile_phrases(phrases)
    return phrases


Phrases = Annotated[tuple[str, ...], AfterValidator(_check_phrases)]


class LocalPhrases(_Part):
    """Phrases in both languages; see `service.danger` for their form."""

    fr: Phrases = ()
    en: Phrases = ()

    @property
    def all(self) -> tuple[str, ...]:
        """The phrases of both languages: customers mix them."""
        return self.fr + self.en


class ListenedFor(_Part):
    """Phrases to be found in what customers write."""

    phrases: LocalPhrases
    exceptions: LocalPhrases = LocalPhrases()

    @cached_property
    def _found(self) -> re.Pattern[str] | None:
        return compile_phrases(self.phrases.all)

    @cached_property
    def _harmless(self) -> re.Pattern[str] | None:
        return compile_phrases(self.exceptions.all)

    def matches(self, folded: str) -> bool:
        """Whether a phrase stands in text folded by `service.danger.fold`, exceptions taken out first."""
        if self._harmless is not None:
            folded = self._harmless.sub(" /", folded)
        return self._found is not None and self._found.search(folded) is not None


class DangerTopic(ListenedFor):
    """A subject that a person must take over at once, whatever the assistant could answer."""

    name: Name
    skill: Name
    label: LocalText
    # Said at once, whatever the hour: whom to call, what to do.
    advice: LocalText | None = None

    @model_validator(mode="after")
    def _has_phrases(self) -> Self:
        if not (self.phrases.fr and self.phrases.en):
            raise ValueError(f"danger topic {self.name!r} needs phrases in French and in English")
        return self


class Answers(_Part):
    """How sure an answer must be."""

    false_answer_rate: Annotated[float, Field(gt=0, lt=1)]


class Preference(_Part):
    """What customers of a segment get sooner than others."""

    failed_answers_before_offer: Annotated[int, Field(ge=1)]


class Handoff(_Part):
    """When a human is offered, and how long things may take."""

    failed_answers_before_offer: Annotated[int, Field(ge=1)]
    # By the back office's name of the segment.
    preferred_segments: dict[str, Preference] = Field(default_factory=dict)
    offer_deadline_seconds: Annotated[int, Field(ge=1)]
    conversations_at_once: Annotated[int, Field(ge=1)] = 4
    overflow_after_minutes: Annotated[int, Field(ge=1)] = 5
    overflow: tuple[OverflowRule, ...] = ("another_skill",)
    gone_after_seconds: Annotated[int, Field(ge=10)] = 30
    customer_max_wait_hours: Annotated[int, Field(ge=1)]
    reopen_minutes: Annotated[int, Field(ge=0)] = 30


class Retention(_Part):
    """Days after which data is erased."""

    conversations_days: Days
    files_days: Days
    unanswered_days: Days
    audit_days: Days


class Costs(_Part):
    """Money, for the reports."""

    contact_eur: Annotated[float, Field(ge=0)]


class Service(_Part):
    """The whole of ``service.yml``."""

    brand: Brand
    timezone: str
    opening_hours: dict[Weekday, tuple[OpeningSpan, ...]]
    holidays: Holidays
    skills: Annotated[tuple[Skill, ...], Field(min_length=1)]
    danger_topics: tuple[DangerTopic, ...]
    annoyance: ListenedFor = ListenedFor(phrases=LocalPhrases())
    answers: Answers
    handoff: Handoff
    service_levels: ServiceLevels = ServiceLevels()
    promises: PromiseRules = PromiseRules()
    studio: Studio = Studio()
    widget: Widget = Widget()
    retention: Retention
    costs: Costs
    same_topic_return_days: Days

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{timezone!r} is not a time zone such as Europe/Paris") from error
        return timezone

    @field_validator("skills")
    @classmethod
    def _each_topic_once(cls, skills: tuple[Skill, ...]) -> tuple[Skill, ...]:
        count = Counter(topic for skill in skills for topic in skill.topics)
        if missing := [topic for topic in TOPICS if topic not in count]:
            raise ValueError(f"no skill takes the topic {missing[0]!r}")
        if doubled := [topic for topic, times in count.items() if times > 1]:
            raise ValueError(f"more than one skill takes the topic {doubled[0]!r}")
        if twice := [name for name, times in Counter(skill.name for skill in skills).items() if times > 1]:
            raise ValueError(f"the skill {twice[0]!r} stands twice")
        return skills

    @model_validator(mode="after")
    def _known_skills(self) -> Self:
        names = {skill.name for skill in self.skills}
        for topic in self.danger_topics:
            if topic.skill not in names:
                raise ValueError(f"danger topic {topic.name!r} names the skill {topic.skill!r}, which is not in skills")
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the opening hours."""
        return ZoneInfo(self.timezone)

    @cached_property
    def _calendar(self) -> Calendar:
        closed_on = public_holidays(self.holidays.country)
        return Calendar(self.zone, self.opening_hours, closed_on, self.holidays.extra_closed)

    def is_open(self, at: datetime) -> bool:
        """Whether advisors are there at this (aware) moment."""
        return self._calendar.is_open(at)

    def next_opening(self, at: datetime) -> datetime | None:
        """The first moment from `at` on when advisors are there, in `zone`; None if not within 60 days."""
        return self._calendar.next_opening(at)

    def after_open(self, at: datetime, work: timedelta) -> datetime | None:
        """The moment in UTC at which `work` of opening hours has passed since `at`; None when it never does."""
        return self._calendar.after(at, work)

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """How long advisors are there between two moments."""
        return self._calendar.between(start, end)

    def skill_for(self, topic: str | None) -> str:
        """The name of the skill that takes a topic; an unknown topic (or None) goes where "contact" goes."""
        takes = {topic: skill.name for skill in self.skills for topic in skill.topics}
        return takes.get(topic, takes["contact"])  # type: ignore[call-overload, no-any-return]

    def overflow_for(self, skill: str) -> tuple[OverflowRule, ...]:
        """The rules for when nobody with this skill can come, in the order in which they are tried."""
        found = self.skill(skill)
        return found.overflow if found is not None and found.overflow is not None else self.handoff.overflow

    def skill(self, name: str) -> Skill | None:
        """The skill of that name."""
        return next((skill for skill in self.skills if skill.name == name), None)

    def danger_topic(self, name: str) -> DangerTopic | None:
        """The danger topic of that name."""
        return next((topic for topic in self.danger_topics if topic.name == name), None)

    def match_danger(self, text: str) -> DangerTopic | None:
        """The first danger topic, in the order of the file, one of whose phrases stands in the text."""
        folded = fold(text)
        return next((topic for topic in self.danger_topics if topic.matches(folded)), None)

    def sounds_annoyed(self, text: str) -> bool:
        """Whether anger or despair is heard in the words: by the phrases of the file, by capitals or by "!!!"."""
        return shouted(text) or self.annoyance.matches(fold(text))

    def failures_before_offer(self, segment: str | None) -> int:
        """How many answers in a row may fail before a human is offered; `segment` of a proven customer, or None."""
        preference = self.handoff.preferred_segments.get(segment or "")
        usual = self.handoff.failed_answers_before_offer
        return min(usual, preference.failed_answers_before_offer) if preference else usual
