"""Order numbers as people type them."""

from __future__ import annotations

import re

NUMBER = re.compile(r"^(?:MA)?(\d{6})$")
MAX_WORDS_AROUND = 6
LOOSE = re.compile(r"(?<!\d)\d(?:[ .-]?\d){2,8}(?!\d)")


def normalised(typed: object) -> str | None:
    """ "ma104233", "104 233", "n° 104233" → "MA-104233"; None when it is not six digits. A list gives its first."""
    first = typed[0] if isinstance(typed, list) and typed else typed
    digits = re.sub(r"[^0-9A-Z]", "", str(first or "").upper().replace("N°", ""))
    match = NUMBER.match(digits)
    return f"MA-{match[1]}" if match else None


def attempt(text: str) -> str | None:
    """A short message whose point is a number, though not one of ours ("10423"); None when it is something else."""
    match = LOOSE.search(text)
    return match[0] if match and len(text.split()) <= MAX_WORDS_AROUND and "€" not in text and "?" not in text else None
