"""What our mails say, and how they are kept until they leave."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path

import jinja2

from bot.texts import say


@dataclass(frozen=True)
class Letter:
    """Subject and plain text."""

    subject: str
    text: str


def code_letter(locale: str, brand: str, code: str, minutes: int) -> str:
    """The mail with a one-time code, as kept. The subject does not show it: a locked screen would."""
    return letter(locale, "mail_code", brand=brand, code=code, minutes=minutes)


def letter(locale: str, key: str, **values: object) -> str:
    """The mail whose sentences are ``<key>_subject`` and ``<key>_text``, as kept."""
    # One line: a name that somebody chose must not begin another header.
    subject = " ".join(say(locale, f"{key}_subject", **values).split())
    return json.dumps(asdict(Letter(subject, say(locale, f"{key}_text", **values))))


def templated(locale: str, key: str, **values: object) -> str:
    """The mail whose text is the template ``mail/<key>.txt``, which says its sentences in ``locale``; as kept."""
    subject = " ".join(say(locale, f"{key}_subject", **values).split())
    text = _templates().get_template(f"{key}.txt").render(say=partial(say, locale), **values)
    return json.dumps(asdict(Letter(subject, text)))


@cache
def _templates() -> jinja2.Environment:
    # Plain text: nothing in it is escaped.
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates" / "mail")
    return jinja2.Environment(loader=loader, trim_blocks=True, undefined=jinja2.StrictUndefined)  # noqa: S701


def read_letter(kept: str) -> Letter:
    """The letter again."""
    return Letter(**json.loads(kept))
