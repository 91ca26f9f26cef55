"""Short words that mean the same at every step, read without the classifier: it never saw them in their place."""

from __future__ import annotations

import re
from typing import Literal

from actions.tasks.context import Context
from service import short_words
from service.short_words import AFTER, BEFORE, YES, YES_SIGNS, bare, drawn_out

Command = Literal["cancel", "go_back", "begin_again", "repeat"]
MAX_COMMAND_WORDS = 5

COMMANDS: dict[Command, tuple[str, ...]] = {
    "cancel": (
        "annuler", "annule", "annulez", "stop", "arrete", "arretez", "quitter", "sortir", "laisse tomber",
        "laissez tomber", "tant pis", "abandonner", "cancel", "quit", "exit", "never mind", "nevermind", "forget it",
        "leave it", "cancel it", "cancel that", "cancel this",
    ),
    "go_back": (
        "retour", "revenir", "precedent", "precedente", "en arriere", "revenir en arriere", "etape precedente", "back",
        "go back", "previous", "previous step", "step back",
    ),
    "begin_again": (
        "recommencer", "recommence", "recommencez", "recommencons", "depuis le debut", "a zero", "restart",
        "start over", "start again", "begin again",
    ),
    "repeat": (
        "repeter", "repete", "repetez", "vous pouvez repeter", "pardon", "quelle etait la question", "repeat",
        "say that again", "repeat please", "repeat that", "can you repeat",
    ),
}  # fmt: skip
# Heard beside a yes, these leave it open what is wanted; where something changes, it is asked once more.
AGAINST = re.compile(
    r" (?:mais|but|sauf|except|enfin|non|nan|no|not|pas|jamais|never|stop|arret\w*|annul\w*|cancel\w*|wait|hold"
    r"|attend\w*|laisse\w*|forget|plutot|instead|rather|finalement|only|seulement|sinon|unless|if|si|don|t|tard"
    r"|later|autre|other|another) "
)
CANCELLING = re.compile(r" (?:annul\w*|cancel\w*)(?= )")
NO_TROUBLE = ("pas de probleme", "pas de souci", "pas de soucis", "no problem", "no worries")
_ALL_YES = re.compile(
    r"(?: (?:"
    + "|".join(sorted((*YES, *NO_TROUBLE, *(word.strip() for word in BEFORE), *AFTER, "merci beaucoup"), key=len)[::-1])
    + r")(?= ))+ "
)


def command(ctx: Context) -> Command | None:
    """What the customer wants of the task itself, in words that mean nothing else."""
    said = bare(ctx.words)
    return next((name for name, phrases in COMMANDS.items() if said in phrases), None)


def likely_command(ctx: Context, *, long: bool) -> Command | None:
    """What Rasa took for one: a step may know better ("j'ai changé d'avis" is a reason to return something).

    `long`: at any length, where the words are not what the step asks for.
    """
    fits = long or len(bare(ctx.words).split()) <= MAX_COMMAND_WORDS
    return next((name for name in COMMANDS if ctx.intent == name and fits and not ctx.number), None)


def does_not_know(ctx: Context) -> bool:
    """ "je sais pas", "no idea", and nothing besides."""
    return short_words.does_not_know(ctx.text)


def yes_or_no(ctx: Context) -> bool | None:
    """Yes, no, or neither."""
    return short_words.yes_or_no(ctx.text, ctx.intent)


def surely_yes(ctx: Context) -> bool:
    """A yes and nothing else, as a change needs it: "oui enfin non", "ok mais..." and "sure about that?" are none."""
    if not ctx.text or "?" in ctx.text:
        return False
    said = bare(ctx.words)
    if said in YES or said.replace(" ", "") in YES or YES_SIGNS.fullmatch(ctx.text.strip()):
        return True
    if any(letter.isdigit() for letter in said):
        return False
    plain = "".join(f" {_yes_of(word)}" for word in ctx.words.split()) + " "
    if _begins_with_yes(said) and _ALL_YES.fullmatch(plain):
        return True
    asked_anew = _begins_with_yes(said) and ctx.intent in ctx.task.starters  # "oui, annulez-la"
    heard = CANCELLING.sub(" ", ctx.words) if asked_anew and "cancel" in ctx.task.name else ctx.words
    return (ctx.intent == "affirm" or asked_anew) and not AGAINST.search(heard)


def half_yes(ctx: Context) -> bool:
    """It begins with a yes and goes on: worth asking whether it was one."""
    return "?" not in ctx.text and _begins_with_yes(bare(ctx.words))


def _begins_with_yes(said: str) -> bool:
    first = said.split(maxsplit=1)[0] if said else ""
    return first in YES or drawn_out(first) in ("oui", "yes") or any(said.startswith(f"{yes} ") for yes in YES)


def _yes_of(word: str) -> str:
    return drawn_out(word) if drawn_out(word) in ("oui", "yes") else word
