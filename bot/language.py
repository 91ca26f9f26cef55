"""Which language a message is in, with the conversation's language as prior."""

from __future__ import annotations

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from bot.texts import LOCALES

# Short texts carry little evidence: the other language must lead by this many nats before we leave
# the conversation's own (in a trial, wrong guesses on two or three words led by at most 4).
_LEAD = 6.0
_WORD = re.compile(r"[^\W\d_]+")
# In one to three words these settle it, where letter statistics do not ("ok merci" reads as English).
_TELLING = {
    "fr": frozenset(["bonjour", "bonsoir", "salut", "coucou", "merci", "oui", "svp", "stp", "aide", "au", "revoir"]),
    "en": frozenset(["hello", "hi", "hey", "thanks", "thank", "you", "yes", "please", "help", "bye", "goodbye"]),
}


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=False)
    identifier.set_languages(list(LOCALES))
    return identifier


def detect(text: str, prior: str) -> str:
    """``fr`` or ``en``; ``prior`` when the text says too little to leave it."""
    words = [word.casefold() for word in _WORD.findall(text[:2000])]
    if len(words) <= 3:
        told = [language for language in LOCALES if _TELLING[language].intersection(words)]
        if len(told) == 1:
            return told[0]
    if len(words) < 2:
        return prior
    scores = {language: float(score) for language, score in _identifier().rank(text[:2000])}
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] - scores.get(prior, scores[best]) > _LEAD else prior
