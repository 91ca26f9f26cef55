"""Taking personal data out of what writers will read."""

from __future__ import annotations

import re

# What stands in the place of each, in the language of the text; English where there is no other word.
_WORDS = {"fr": {"card": "carte", "order": "commande", "phone": "téléphone", "name": "nom"}}
_RULES = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "e-mail"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}\s?[A-Z0-9]{0,3}\b"), "iban"),
    (re.compile(r"\b(?:\d[ -]?){13,19}\b"), "card"),
    (re.compile(r"\bMA[\s-]?\d{6}\b", re.IGNORECASE), "order"),
    (re.compile(r"(?<!\w)(?:\+|00)?\d(?:[ .-]?\d){8,13}\b"), "phone"),
    (re.compile(r"\b\d{6}\b"), "order"),
)
# "je m'appelle Camille Laurent", "my name is Camille", "Mme Laurent": a capital tells a name, so
# only what introduces it is matched without regard to case.
_NAME = r"[A-ZÀ-Þ][\w’'-]+(?:\s+[A-ZÀ-Þ][\w’'-]+)?"
_INTRODUCED = re.compile(
    r"((?i:je m['’]appelle|mon nom(?: est|:)?|je suis (?:m\.|mme|madame|monsieur)|my name is|i am called|"
    r"\bmme\b|\bmadame\b|\bmonsieur\b|\bm\.|\bmr\b|\bmrs\b|\bms\b)\.?\s+)" + _NAME
)


def mask(text: str, locale: str, names: tuple[str, ...] = ()) -> str:
    """``text``, which is in that language, without e-mails, phone, card and order numbers, IBANs and names.

    The names are those that are introduced as such, and the given ``names``.
    """
    # Before the names: most addresses hold one, and their other half would be left.
    words = _WORDS.get(locale, {})
    for pattern, kind in _RULES:
        text = pattern.sub(f"[{words.get(kind, kind)}]", text)
    named = f"[{words.get('name', 'name')}]"
    for name in names:
        for part in sorted({name, *name.split()}, key=len, reverse=True):
            if len(part) > 2:
                text = re.sub(rf"\b{re.escape(part)}\b", named, text, flags=re.IGNORECASE)
    return _INTRODUCED.sub(rf"\1{named}", text)
