"""The mail to whoever can mend it: the question, how often, in which words, at what cost; no name of a customer's."""

from __future__ import annotations

from datetime import datetime

from bot.db.people import User
from bot.letters import letter
from bot.services import Services
from bot.studio.sent_case import Case
from bot.texts import say
from bot.when import day_in_words
from service.studio import Owner

_LONGEST_SUBJECT = 90


def letter_of(services: Services, owner: Owner, user: User, case: Case, title: str, note: str) -> str:
    """The mail as it is kept; ``title`` of the article that did not help, if it is about one."""
    locale, about = owner.language, case.typical or title
    words = [f"– {_times(one['text'], one['count'])}" for one in case.wordings]
    figures = case.figures | {"cost_eur": _euros(locale, case.figures["cost_eur"])}
    return letter(
        locale,
        "mail_sent_on",
        brand=services.service.brand.name,
        owner=owner.name.in_locale(locale),
        about=about,
        short=about if len(about) <= _LONGEST_SUBJECT else about[: _LONGEST_SUBJECT - 1].rstrip() + "…",
        article=say(locale, "mail_sent_on_article", title=title) if title else "",
        note=note or say(locale, "mail_sent_on_no_note"),
        sender=user.name,
        email=user.email,
        weeks=", ".join(str(count) for count in case.weeks),
        wordings="\n".join(words) or "–",
        **figures,
    )


def mistake_of(services: Services, owner: Owner, user: User, about: str, sent_at: datetime) -> str:
    """The mail that says that an earlier one was sent by mistake; ``about`` is empty once its questions were erased."""
    locale = owner.language
    return letter(
        locale,
        "mail_sent_mistake",
        brand=services.service.brand.name,
        owner=owner.name.in_locale(locale),
        about=say(locale, "mail_sent_mistake_about", about=about) if about else "",
        day=day_in_words(locale, sent_at.astimezone(services.service.zone)),
        sender=user.name,
        email=user.email,
    )


def _times(text: str, count: int) -> str:
    one_line = " ".join(text.split())
    return f"{one_line} (× {count})" if count > 1 else one_line


def _euros(locale: str, amount: float) -> str:
    return f"{amount:.2f}".replace(".", ",") + "\N{NO-BREAK SPACE}€" if locale == "fr" else f"€{amount:.2f}"
