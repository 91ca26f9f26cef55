"""What our mails say, and how they are kept until they leave."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from bot.texts import say


@dataclass(frozen=True)
class Letter:
    """Subject and plain text."""

    subject: str
    text: str


def code_letter(locale: str, brand: str, code: str, minutes: int) -> str:
    """The mail with a one-time code, as kept. The subject does not show it: a locked screen would."""
    values = {"brand": brand, "code": code, "minutes": minutes}
    letter = Letter(say(locale, "mail_code_subject", **values), say(locale, "mail_code_text", **values))
    return json.dumps(asdict(letter))


def read_letter(kept: str) -> Letter:
    """The letter again."""
    return Letter(**json.loads(kept))
