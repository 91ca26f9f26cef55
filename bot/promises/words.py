"""What a customer reads about a promise, in their language."""

from __future__ import annotations

from datetime import datetime

from bot.conversations.messages import Draft
from bot.db.models import Conversation
from bot.db.people import Promise
from bot.services import Services
from bot.texts import LOCALES, say
from bot.when import day_and_hour


def notice(
    services: Services, conversation: Conversation, promise: Promise, key: str, name: str = "", **values: object
) -> Draft:
    """A notice ``promise_<key>`` with what was promised, until when, and by whom."""
    locale = conversation.locale
    text = say(
        locale,
        f"promise_{key}",
        what=_what(locale, promise),
        when=moment(services, locale, promise.due_at),
        name=name or say(locale, "promise_team"),
        **values,
    )
    return Draft("system", text, kind="notice")


def moment(services: Services, locale: str, at: datetime) -> str:
    """A moment in words, in the company's zone."""
    return day_and_hour(locale, at.astimezone(services.service.zone))


def _what(locale: str, promise: Promise) -> str:
    # What the assistant notes is in the desk's language: only an advisor's own words are shown to the customer.
    is_theirs = promise.made_by is not None and promise.text not in [
        say(language, "promise_callback") for language in LOCALES
    ]
    said = promise.text.strip() if is_theirs else ""
    if promise.kind == "other":
        return say(locale, "promise_what_other", text=said or say(locale, "promise_what_something"))
    what = say(locale, f"promise_what_{promise.kind}")
    return say(locale, "promise_about", what=what, text=said) if said else what
