"""Yes, no and "I do not know", read without a classifier, for customers as for writers who try."""

from __future__ import annotations

import re

from service.danger import fold

MOST_WORDS = 5  # of an answer that begins with a yes and is one
YES = (
    "oui", "ouais", "ouai", "ui", "wi", "yep", "yes", "yeah", "yup", "ye", "y", "ok", "okay", "oki", "d accord",
    "daccord", "dac", "dacc", "c est bon", "c est ca", "cest ca", "cest bon", "je confirme", "confirme", "je valide",
    "valide", "validez", "exact", "exactement", "correct", "tout a fait", "bien sur", "volontiers", "absolument",
    "parfait", "vas y", "allez y", "go", "sure", "of course", "that s right", "thats right", "right", "confirm",
    "i confirm", "please do", "go ahead", "do it", "affirmatif", "carrement", "1", "si", "mais oui", "mais si",
)  # fmt: skip
NO = (
    "non", "nan", "nn", "nop", "nope", "no", "nah", "n", "surtout pas", "pas du tout", "jamais", "never", "negatif",
    "non merci", "no thanks", "no thank you", "certainement pas", "not at all", "absolument pas", "pas question",
    "je ne veux pas", "je veux pas", "don t", "do not", "i don t want",
)  # fmt: skip
DONT_KNOW = re.compile(
    r" (?:(?:je |j )?(?:ne |n )?(?:sai[st]?|suis) (?:vraiment |trop )?pas(?: (?:trop|du tout|sur|sure|certaine?))?"
    r"|(?:chais|chai|jsais|jsai) pas|jsp|aucune idee|pas sure?|(?:i )?(?:really )?(?:don t|dont|do not) know"
    r"|(?:i m |im )?not (?:really )?sure|(?:i have )?no idea|(?:i have )?no clue|idk|dunno|i dunno) "
)
# A thumb, a tick or a cross and nothing else, whatever the colour of the skin.
YES_SIGNS = re.compile("(?:[\U0001f44d\U0001f44c\U0001f197\u2705\u2714\u2611][\U0001f3fb-\U0001f3ff\ufe0f]*\\s*)+")
NO_SIGNS = re.compile("(?:[\U0001f44e\U0001f6ab\u274c\u2716\u274e][\U0001f3fb-\U0001f3ff\ufe0f]*\\s*)+")
BEFORE = ("euh ", "bah ", "ben ", "bon ", "ah ", "oh ", "alors ", "well ", "um ", "er ")
AFTER = ("merci", "svp", "stp", "s il vous plait", "s il te plait", "please", "thanks", "thank you", "va", "la")


def yes_or_no(text: str, intent: str = "") -> bool | None:
    """Yes, no, or neither; `intent` is what a classifier took it for, if there is one."""
    said = bare(fold(text))
    if said in YES or said.replace(" ", "") in YES or YES_SIGNS.fullmatch(text.strip()):
        return True
    if said in NO or NO_SIGNS.fullmatch(text.strip()):
        return False
    if intent == "request_human" or does_not_know(text):  # "non, passez-moi quelqu'un"
        return None
    first = said.split()[0] if said else ""
    if intent == "deny" or (first in NO and intent != "affirm"):
        return False
    if intent == "affirm" or (first in YES and len(said.split()) <= MOST_WORDS):
        return True
    return True if drawn_out(first) in ("oui", "yes") else False if drawn_out(first) in ("non", "no") else None


def does_not_know(text: str) -> bool:
    """ "je sais pas", "no idea", and nothing besides."""
    return bool(DONT_KNOW.fullmatch(f" {bare(fold(text))} "))


def bare(words: str) -> str:
    """Without the little words around it: "euh oui svp" is "oui"."""
    said = words.strip()
    for start in BEFORE:
        said = said.removeprefix(start)
    for end in AFTER:
        said = said.removesuffix(" " + end)
    return said


def drawn_out(word: str) -> str:
    """ "ouiiii" → "oui"."""
    return "".join(letter for place, letter in enumerate(word) if not place or letter != word[place - 1])
