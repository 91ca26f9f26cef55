"""Steps that read an e-mail address, a phone number, a postal address, a place, or a moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from actions.tasks import moments, typed, words
from actions.tasks.context import Context, Values
from actions.tasks.steps import NEVER_AN_ANSWER, Asked, wrong_if_meant
from actions.tasks.task import Outcome, Reading, Taken, Task, Wrong

MOST_WORDS_OF_A_PLACE = 4
# What is no name of a town: "acheté sur le site", "in a shop".
_NO_PLACE = (
    r"(?:l[ea]s? |l')?(?:site|boutique|maga[sz]in|internet|application|appli)|(?:en )?ligne\b|"
    r"l[ea]s? plus\b|(?:an?|the|my|your|this|une?|mon|ma|mes|votre|vos|ce|cette|store|shop|online|which|what)\b|"
    r"quel(?:le)?s?\b|quelqu['’]|(?:person|private|bient[oô]t|est|sont|is|are|ouvr\w*|ouverte?s?|ferm(?:e|ent|[ée]e?s?)"
    r"|open\w*|closed?|closing)\b"
)
_NAME = r"\s*(?P<place>(?!moi|chez|près|pres|me\b|home|c[oô]t|" + _NO_PLACE + r")\w[\w' -]{1,39})"
PLACES = (
    re.compile(
        r"(?:pr[eè]s d[eu']|proche d[eu']|autour d[eu']|[àa] c[oô]t[ée] d[eu']|à\b|\bsur\b|\bvers\b|\bin\b"
        r"|\bnear(?: to)?\b|\baround\b|\bclose to\b|\bat\b)" + _NAME,
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:boutique|maga[sz]in|shop|store)s?\b(?: d[eu]\b| d'| of\b| a\b)?" + _NAME, re.IGNORECASE),
)
FILLER = re.compile(r"\s*(?:svp|stp|s'il vous pla[iî]t|please|merci|thanks|[?!.])+\s*$", re.IGNORECASE)


class EmailStep(Asked):
    """An e-mail address."""

    kind = "email"

    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:
        """On a public channel it is typed on a private page."""
        await super().ask(ctx, task, again=again)
        ctx.ask_private("email")

    async def read(self, ctx: Context) -> Reading:
        """The first one in the message."""
        found = typed.email(ctx.text)
        if found:
            return Taken({self.name: found})
        wrong = Wrong("utter_email_invalid")
        return wrong if "@" in ctx.text else wrong_if_meant(ctx, wrong)

    async def correct(self, ctx: Context) -> Reading:
        """Any address can only be meant for this."""
        found = typed.email(ctx.text)
        return Taken({self.name: found}) if found else None


class PhoneStep(Asked):
    """A phone number of France, Belgium or Luxembourg."""

    kind = "phone"

    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:
        """On a public channel it is typed on a private page."""
        await super().ask(ctx, task, again=again)
        ctx.ask_private("phone")

    async def read(self, ctx: Context) -> Reading:
        """Kept as +33612345678."""
        found = typed.phone(ctx.text)
        if found:
            return Taken({self.name: found})
        digits = sum(letter.isdigit() for letter in ctx.text)
        wrong = Wrong("utter_phone_invalid")
        return wrong if digits >= 4 else wrong_if_meant(ctx, wrong)

    async def correct(self, ctx: Context) -> Reading:
        """Any number of a phone can only be meant for this."""
        found = typed.phone(ctx.text)
        return Taken({self.name: found}) if found else None


# "14 bis rue", "8 high street"
STREET = re.compile(
    r" \d{1,4} (?:bis |ter )?(?:rue|avenue|av|boulevard|bd|place|impasse|allee|chemin|quai|route|cours|square) "
    r"| \d{1,4} \w+ (?:street|road|lane|avenue|square) "
)


class AddressStep(Asked):
    """Street, postcode and town in one message."""

    kind = "address"

    async def ask(self, ctx: Context, task: Task, *, again: bool) -> None:
        """On a public channel it is typed on a private page."""
        await super().ask(ctx, task, again=again)
        ctx.ask_private("address")

    async def read(self, ctx: Context) -> Reading:
        """Its parts; what lacks one is told which."""
        found = typed.address(ctx.text)
        if found:
            return Taken({self.name: found.model_dump(exclude_none=True)})
        wrong = Wrong("utter_address_incomplete")
        meant = any(letter.isdigit() for letter in ctx.text) and "?" not in ctx.text
        return wrong if meant else wrong_if_meant(ctx, wrong)

    async def correct(self, ctx: Context) -> Reading:
        """A whole address; of one that lacks its town that is told."""
        found = typed.address(ctx.text)
        if found:
            return Taken({self.name: found.model_dump(exclude_none=True)})
        return Wrong("utter_address_incomplete") if STREET.search(ctx.words) else None


class PlaceStep(Asked):
    """A postcode or a town."""

    kind = "place"

    async def read(self, ctx: Context) -> Reading:
        """A few words are a place; a whole question that names one may be about something else."""
        said = len(ctx.words.split())
        question = ctx.intent == "ask_question" and said > MOST_WORDS_OF_A_PLACE * 2 and not typed.postcode(ctx.text)
        found = None if question else place_in(ctx.text)
        if found:
            return Taken({self.name: found})
        few = "?" not in ctx.text and 0 < said <= MOST_WORDS_OF_A_PLACE
        # A town has no intent of its own, and Nice is one.
        other = ctx.intent in NEVER_AN_ANSWER or words.yes_or_no(ctx) is not None
        return Taken({self.name: ctx.text.strip()}) if few and (not other or ctx.words == " nice ") else None

    async def correct(self, ctx: Context) -> Reading:
        """A postcode."""
        found = typed.postcode(ctx.text)
        return Taken({self.name: found}) if found else None


class MomentStep(Asked):
    """A day and an hour within the service's hours; kept as ISO 8601."""

    kind = "moment"

    def __init__(self, name: str, *, when: Callable[[Values], bool] | None = None) -> None:
        super().__init__(name, when=when)

    def is_open(self, ctx: Context) -> bool:
        """Also once the moment has gone by, as when the confirmation is answered a day later."""
        return super().is_open(ctx) or self._is_past(ctx)

    async def arrive(self, ctx: Context) -> Outcome | None:
        """What has gone by is asked anew, and confirmed anew."""
        if self._is_past(ctx):
            ctx.say("utter_call_moment_past")
            forget(ctx, self.name, "confirm")
        return None

    def _is_past(self, ctx: Context) -> bool:
        at = ctx.values.get(self.name) if self._when is None or self._when(ctx.values) else None
        return at is not None and datetime.fromisoformat(at) <= ctx.now

    def ask_values(self, ctx: Context) -> Values:
        """When advisors are there next."""
        opening = ctx.tools.company.next_opening(ctx.now)
        return {"opening": ctx.moment(opening) if opening else ""}

    async def read(self, ctx: Context) -> Reading:
        """The next such moment at which somebody is there."""
        at = moments.moment(ctx.text, ctx.now, bare_hour=True)
        if at is None:
            wrong = Wrong("utter_when_unclear")
            return wrong if moments.day_named(ctx.text, ctx.now) else wrong_if_meant(ctx, wrong)
        return self._within_hours(ctx, at)

    async def correct(self, ctx: Context) -> Reading:
        """A day and an hour, where there is one to correct."""
        at = moments.moment(ctx.text, ctx.now) if self._when is None or self._when(ctx.values) else None
        return self._within_hours(ctx, at) if at else None

    def _within_hours(self, ctx: Context, at: datetime) -> Reading:
        return within_hours(ctx, self.name, at)


def forget(ctx: Context, *names: str) -> None:
    """Ask these again."""
    for name in names:
        ctx.values.pop(name, None)


def within_hours(ctx: Context, name: str, at: datetime) -> Reading:
    """The moment, unless nobody is there then."""
    if at > ctx.now and ctx.tools.company.is_open(at):
        return Taken({name: at.isoformat()})
    opening = ctx.tools.company.next_opening(max(at, ctx.now))
    return Wrong("utter_call_outside_hours", {"opening": ctx.moment(opening) if opening else ""})


def place_in(text: str) -> str | None:
    """A postcode, or the town after "à", "près de", "in", "near"."""
    code = typed.postcode(text)
    if code:
        return code
    said = FILLER.sub("", text.replace("’", "'"))
    found = next((match for pattern in PLACES if (match := pattern.search(said))), None)
    return FILLER.sub("", found["place"]).strip(" '-") or None if found else None
