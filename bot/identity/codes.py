"""The code itself: making one, recognising it in what people type, comparing it, taking it out of the text."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from bot.identity.seal import keyed

DIGITS = 6
MASK = "•" * DIGITS
# Six digits in a row; or digits with spaces, dots or dashes between them that are six in all ("123 456", "12-34-56").
# Not what follows "MA-" or "F-" (an order, an invoice), no date ("12.03.26"), no amount ("104 233 €").
_CODE = re.compile(
    r"(?<!\d)(?<!\bMA)(?<!\bMA[\s-])(?<!\b[^\W\d_]-)(?<!\b[^\W\d_]{2}-)(?![0-3]\d\.[01]\d\.\d\d(?!\d))"
    r"(?:\d{6}(?!\d)|(?<!\d[\s.,_-])(?<!\+)\d(?:[\s._–-]{0,3}\d){5}(?![\s._–-]{0,3}\d))"
    r"(?!\s?(?:[€$£]|eur(?:os?)?\b))",
    re.IGNORECASE,
)
# Words beside six digits that make them something else ("annule la 104871", "order 104871"), and those that make them
# a code after all ("le code pour ma commande : 123456").
_SOMETHING_ELSE = re.compile(
    r"\b(?:comm?and\w*|cmd\w*|orders?|ordered|colis|parcels?|package|factur\w*|invoices?|ann?ul\w*|cancel\w*|suiv[ir]\w*"
    r"|track\w*|rembours\w*|refund\w*|livr\w+|deliver\w*|retourn\w*|returns?)\b|\bla[\s:]+(?=\d)",
    re.IGNORECASE,
)
_CODE_WORD = re.compile(r"\b(?:codes?|otp|pin|chiffres|digits)\b", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>(),;:\"\\\x00-\x1f]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")
_LONGEST_EMAIL = 200


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def hash_code(secret: str, code_id: str, code: str) -> str:
    """What is kept of a code: nothing that could be tried out without the secret."""
    return hmac.new(keyed(secret, "one-time-code"), f"{code_id}|{code}".encode(), hashlib.sha256).hexdigest()


def matches(secret: str, code_id: str, code_hash: str, code: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(hash_code(secret, code_id, code).encode(), code_hash.encode())


def codes_in(text: str) -> list[str]:
    """What may be a code in a message, as plain digits."""
    found = _CODE.findall(text)
    return ["".join(str(int(character)) for character in each if character.isdecimal()) for each in found]


def about_something_else(text: str) -> bool:
    """Whether the words say that the digits are an order's or an invoice's, and no code."""
    return bool(_SOMETHING_ELSE.search(text)) and not _CODE_WORD.search(text)


def masked(text: str) -> str:
    """The message without what may be a code."""
    return _CODE.sub(MASK, text)


def usable_email(value: object) -> str | None:
    """The address as we keep and compare it; nothing for what is no address."""
    if not isinstance(value, str) or len(value) > _LONGEST_EMAIL or not _EMAIL.fullmatch(value.strip()):
        return None
    return value.strip().lower()
