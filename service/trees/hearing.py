"""What customers write in the place of a button: which choice it means, and where two are meant."""

from __future__ import annotations

from collections.abc import Iterator

from service.danger import fold
from service.trees.model import LANGUAGES, Node

LONGEST_PHRASE = 12  # words; nobody answers a question with a longer phrase word for word
_LABELS: dict[bool, tuple[str, str]] = {True: ("oui", "yes"), False: ("non", "no")}


def chosen(node: Node, words: str, locale: str, *, yes: bool | None) -> str | None:
    """Where the choice leads that these words (through `service.fold`) mean: its label, its words, a yes or a no."""
    found = [each.next for each in node.choices if words.strip() and fold(each.label.to(locale)) == words]
    if not found:
        found = [each.next for each in node.choices if each.words.found_in(words)]
    if not found and yes is not None:
        found = [each.next for each in node.choices if _first_word(each.label.to(locale)) in _LABELS[yes]]
    return found[0] if len(set(found)) == 1 else None


def _first_word(label: str) -> str:
    return (label.lower().split(",")[0].split() or [""])[0]


def same_words(node: Node) -> Iterator[tuple[int, str, str]]:
    """`(number of the choice, locale, word)` of words that pick none: they hold those of a choice that leads elsewhere.

    Words of both languages are heard in either.
    """
    stand_for: dict[str, set[str]] = {}
    told: list[tuple[int, str, str, str]] = []
    for number, choice in enumerate(node.choices):
        for locale in LANGUAGES:
            for word in choice.words.en if locale == "en" else choice.words.fr:
                folded = fold(word).strip()
                if folded and len(folded.split()) <= LONGEST_PHRASE:
                    stand_for.setdefault(folded, set()).add(choice.next)
                    told.append((number, locale, word, folded))
    for number, locale, word, folded in told:
        meant = {target for part in _parts(folded) for target in stand_for.get(part, ())}
        if len(meant) > 1:
            yield number, locale, word


def _parts(phrase: str) -> Iterator[str]:
    """The phrases within a phrase, itself among them."""
    words = phrase.split()
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield " ".join(words[start:end])
