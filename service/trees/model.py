"""The form of a tree. Every text may be missing: a draft is kept as it is typed, `checks` says what is wrong."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from service.danger import fold

LANGUAGES = ("fr", "en")
ENDS = ("fix", "repair", "human")
MOST_CHOICES = 6


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Part):
    """The same words in each language."""

    fr: str = ""
    en: str = ""

    def to(self, locale: str) -> str:
        """In the customer's language."""
        return self.en if locale == "en" else self.fr


class Words(_Part):
    """What customers write in each language."""

    fr: list[str] = []
    en: list[str] = []

    def found_in(self, folded: str) -> bool:
        """Whether one of them is in a text that went through `service.fold`."""
        return any(phrase.strip() and phrase in folded for phrase in map(fold, [*self.fr, *self.en]))


class TreeChoice(_Part):
    """One answer to a question, and where it leads."""

    label: Said
    next: str = ""
    words: Words = Words()


class Node(_Part):
    """A question with its choices, or an end."""

    question: Said | None = None
    choices: list[TreeChoice] = []
    end: str | None = None
    say: Said | None = None
    # After a fix: where to go on when it did not help.
    otherwise: str | None = None
    # What the advisor and the workshop read.
    diagnosis: str | None = None

    @property
    def leads_to(self) -> list[str]:
        """The nodes that may come next, also those that do not exist."""
        return [choice.next for choice in self.choices] + ([self.otherwise] if self.otherwise else [])


class Tree(_Part):
    """One guided diagnosis."""

    id: str
    title: Said
    words: Words
    start: str
    nodes: dict[str, Node]

    def texts(self) -> list[str]:
        """Everything that customers read or are understood by."""
        said = [self.title, *(part for node in self.nodes.values() for part in (node.question, node.say) if part)]
        choices = [choice for node in self.nodes.values() for choice in node.choices]
        heard = [self.words, *(choice.words for choice in choices)]
        texts = [text for part in [*said, *(choice.label for choice in choices)] for text in (part.fr, part.en)]
        return [text for text in [*texts, *(word for words in heard for word in (*words.fr, *words.en))] if text]
