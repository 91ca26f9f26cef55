"""E-mail addresses, phone numbers and postal addresses as people type them."""

from __future__ import annotations

import re

import service
from actions.back_office import Address

EMAIL = re.compile(r"[\w.+'-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
PHONE = re.compile(r"(?:\+|00)?\(?\d(?:[\s.()/-]*\d){7,14}")
# Leading zero dropped, digits of a number in each of the countries we serve.
COUNTRY_CODES = {"33": (9,), "32": (8, 9), "352": (6, 8, 9)}
POSTCODE = re.compile(
    r"(?<![\d-])(?:(?:F|FR)-?)?(?P<fr>\d{2}\s?\d{3})(?!\d)|(?<![\w-])(?P<letter>[BL]-?\s?)?(?P<four>\d{4})(?!\d)",
    re.IGNORECASE,
)
COUNTRIES = {
    "BE": ("belgique", "belgium", "belgie", "bruxelles", "brussels", "liege", "namur", "anvers", "gand", "charleroi"),
    "LU": ("luxembourg", "esch"),
    "FR": ("france",),
}
COUNTRY_WORDS = re.compile(r"[\s,;(-]*\b(france|belgique|belgium|luxembourg)\b[\s.)]*$", re.IGNORECASE)
# An order's number and the words that lead to it: "de la commande MA-104872 :"; no address has six digits in a row.
ORDER = re.compile(
    r"(?<!\w)(?:(?:de|pour|pr|sur|of|for|la|ma|the|my|commande|cmd|order|n°|num[eé]ro|number)\s+)*"
    r"(?:n°\s*)?(?:MA[\s.-]*)?(?<!\d)(?:\d{6}|(?<=[A-Za-z] )\d{3}[ .]\d{3})(?!\d)"
    r"\s*[:;,-]*\s*(?:(?:[aà]|au|to)\b[\s:]*)?",
    re.IGNORECASE,
)
CHANGED_MIND = re.compile(r"^(?:(?:non|nan|no|nope|oui|yes|enfin|euh|sorry|pardon)[\s,.:]+)+", re.IGNORECASE)
LEAD_IN = re.compile(
    r"^(?:\D*?"
    r"\b(?:adresse(?: est| c['’]est)?|address(?: is)?|livr\w+|envoy\w+|deliver(?: it)?|send(?: it)?|plut[oô]t)\b"
    r"[\s:,]*(?:(?:[aà]|au|chez|to|is|c['’]est)\b\s*)?)",
    re.IGNORECASE,
)
# What is left of the request before the house number, however it is spelt.
REQUEST = re.compile(
    r"^[^\d,]*\b(?:chang\w*|modif\w*|corrig\w*|livr\w*|deliver\w*|envo\w*|send|ship\w*|comm?ande|order|cmd|ad+r+es+\w*|adr"
    r"|mettez|put)\b[^\d,]*(?=\d)",
    re.IGNORECASE,
)


def email(text: str) -> str | None:
    """The first e-mail address, without spaces and in small letters."""
    found = EMAIL.search(text)
    if not found:
        return None
    tidy = re.sub(r"\s|\(at\)|\[at\]", lambda m: "" if m[0].isspace() else "@", found[0], flags=re.IGNORECASE)
    return tidy.lower().strip(".'")


def phone(text: str) -> str | None:
    """ "06 12 34 56 78" → "+33612345678"; None for what is no number of a country we serve."""
    found = PHONE.search(text)
    if not found:
        return None
    digits = re.sub(r"\D", "", found[0].replace("(0)", ""))
    abroad = found[0].startswith("+") or digits.startswith("00")
    digits = digits.removeprefix("00") if abroad else digits
    if not abroad:
        return f"+33{digits[1:]}" if digits.startswith("0") and len(digits) == 10 else None
    for code, lengths in COUNTRY_CODES.items():
        rest = digits.removeprefix(code).removeprefix("0")
        if digits.startswith(code) and len(rest) in lengths:
            return f"+{code}{rest}"
    return None


def phone_as_written(number: str) -> str:
    """ "+33612345678" → "+33 6 12 34 56 78", which dials from anywhere; another country’s as it came."""
    digits = number.removeprefix("+33")
    if digits == number or len(digits) != 9:
        return number
    return " ".join(["+33", digits[0], *(digits[at : at + 2] for at in range(1, 9, 2))]).replace(
        " ", "\N{NO-BREAK SPACE}"
    )


def postcode(text: str) -> str | None:
    """The first postcode, without spaces."""
    found = POSTCODE.search(text)
    return re.sub(r"[\s-]", "", found["fr"] or (found["letter"] or "") + found["four"]).upper() if found else None


def address(text: str) -> Address | None:
    """ "12 rue des Lilas, 69003 Lyon" → its parts; None when the street, the postcode or the town is missing."""
    said = " ".join(ORDER.sub("", " ".join(text.replace("\n", ", ").split())).split())
    # The last postcode there is: a house number may look like one.
    found = list(POSTCODE.finditer(said))
    if not found:
        return None
    code = found[-1]
    country = _country(code, said)
    street = LEAD_IN.sub("", LEAD_IN.sub("", CHANGED_MIND.sub("", said[: code.start()]))).strip(" ,;:-")
    street = REQUEST.sub("", street)
    after = said[code.end() :].strip(" ,;:.-")
    town = COUNTRY_WORDS.sub("", after).strip(" ,;:.-") or after
    town = re.split(r"[,;!?]|\s(?:merci|svp|please|thanks|stp)\b", town, flags=re.IGNORECASE)[0].strip()
    if country is None or not _letters(street) or not _letters(town) or not re.search(r"\d", street):
        return None
    lines = [part.strip() for part in street.split(",") if part.strip()]
    numbered = next(place for place, line in enumerate(lines) if re.search(r"\d", line))
    return Address(
        name=", ".join(lines[:numbered]) or None,
        line1=lines[numbered],
        line2=", ".join(lines[numbered + 1 :]) or None,
        postcode=re.sub(r"\s", "", code["fr"] or code["four"]),
        city=town,
        country=country,
    )


def one_line(where: Address, locale: str = "fr") -> str:
    """An address in one line, the country in the customer's language."""
    street = ", ".join(part for part in (where.name, where.line1, where.line2) if part)
    belgium = "Belgium" if locale == "en" else "Belgique"
    country = "" if where.country == "FR" else f" ({belgium if where.country == 'BE' else 'Luxembourg'})"
    return f"{street}, {where.postcode} {where.city}{country}"


def _country(code: re.Match[str], said: str) -> str | None:
    if code["fr"]:
        return "FR"
    letter = (code["letter"] or "")[:1].upper()
    if letter:
        return "BE" if letter == "B" else "LU"
    words = service.fold(said)
    return next((country for country, names in COUNTRIES.items() if any(f" {n} " in words for n in names)), None)


def _letters(text: str) -> bool:
    return sum(letter.isalpha() for letter in text) >= 2
