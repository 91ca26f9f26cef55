"""How people name the columns of a table of articles and the languages in it, in French and in English."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge_base.retrieval.text import fold

_NAMES = {
    "id": ("id", "identifiant", "identifier"),
    "slug": ("slug", "adresse", "address"),
    "title": ("title", "titre", "intitule"),
    "questions": ("questions", "formulations", "autres questions", "other questions"),
    "answer": ("answer", "reponse", "reponse courte", "short answer"),
    "body": ("body", "texte", "text", "texte complet", "full text", "contenu", "content", "corps"),
    "topic": ("topic", "sujet", "theme", "categorie", "category", "rubrique"),
    "locale": ("locale", "langue", "language", "lang"),
    "audience": ("audience", "public"),
    "review_by": ("review by", "a revoir le", "a relire le", "relire avant le"),
    "related": ("related", "lies", "articles lies", "related articles"),
}
_COLUMNS = {name: column for column, names in _NAMES.items() for name in names}
_LANGUAGES = {"francais": "fr", "french": "fr", "anglais": "en", "english": "en"}
_ALONE = "question"  # one question of a row: its title, unless there is a title


def columns(header: Sequence[str]) -> list[str]:
    """The first line as our own names; a column that is unknown, or a second one of a name, keeps its own."""
    found: list[str] = []
    meant = [_COLUMNS.get(folded(name), name) for name in header]
    wanted = "questions" if "title" in meant else "title"
    for name, column in zip(header, meant, strict=True):
        better = wanted if folded(name) == _ALONE else column
        found.append(name if better in found else better)
    return found


def language(name: str) -> str:
    """Its two letters; what is unknown stays as it is."""
    return _LANGUAGES.get(folded(name), name.strip().lower() if len(name.strip()) == 2 else name)


def folded(name: str) -> str:
    """Without case, accents and doubled blanks."""
    return " ".join(fold(name).replace("_", " ").split())
