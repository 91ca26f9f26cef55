"""Parsing, linting, seeding, importing: what writers meet when something is wrong, and when all is well."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from dulwich.repo import Repo

from knowledge_base.content.lint import lint, sentences
from knowledge_base.content.parsing import parse_article
from knowledge_base.content.seed import seed
from tests.knowledge_base.conftest import GIFT_CARD, PARCEL, SHIPPED

Run = Callable[..., subprocess.CompletedProcess[str]]


def problems_of(text: str) -> list[tuple[int, str]]:
    article, problems = parse_article(text, locale="fr", slug="suivre", path=Path("fr/suivre.md"))
    assert (article is None) == bool(problems)
    return [(problem.line, problem.message) for problem in problems]


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("---\nid", "id"), 1, "must begin with"),
        (("topic: delivery\n---\n", "topic: delivery\n"), 1, "no end"),
        (("title: Comment suivre", "title: Comment : suivre: quoi"), 3, "quotes"),
        (("title:", "titel:"), 3, 'Did you mean "title"'),
        (('answer: "Le lien de suivi est dans l’e-mail d’expédition."', "answer:"), 7, '"answer" is missing'),
        (("id: track-my-parcel", "id: suivre mon colis"), 2, "the id"),
        (('  - "où est mon colis"', "  - {a: b}"), 5, "entry of"),
        (
            ('questions:\n  - "où est mon colis"\n  - "je veux suivre ma livraison"', "questions: oui"),
            4,
            "must be a list",
        ),
        (("topic: delivery", "topic: delivery\ntopic: orders"), 9, "twice"),
        (("topic: delivery", "topic: delivery\nreview_by: bientôt"), 9, "date"),
    ],
)
def test_a_fault_is_told_with_its_line_and_what_to_do(change: tuple[str, str], line: int, says: str) -> None:
    assert problems_of(PARCEL) == []
    text = PARCEL.replace(*change)
    assert text != PARCEL
    found = problems_of(text)
    assert any(at == line and says in message for at, message in found), found


def test_a_file_that_is_not_utf8_is_told(run: Run, folder: Path) -> None:
    (folder / "fr" / "latin.md").write_bytes(PARCEL.encode("latin-1", "replace"))
    done = run("lint", folder)
    assert done.returncode == 1
    assert "latin.md:5: error: is not UTF-8" in done.stdout


def test_the_shipped_articles_have_no_error(run: Run) -> None:
    done = run("lint", SHIPPED)
    assert done.returncode == 0, done.stdout
    assert len(list(SHIPPED.glob("fr/*.md"))) >= 70


@pytest.mark.parametrize(
    ("name", "text", "severity", "says"),
    [
        ("fr/deux.md", PARCEL.replace("track-my-parcel", "other"), "error", "is there already"),
        ("fr/deux.md", PARCEL, "error", "is that of"),
        ("fr/deux.md", GIFT_CARD.replace("payment", "cuisine"), "error", "unknown topic"),
        ("fr/deux.md", GIFT_CARD.replace("topic:", "related: [nulle-part]\ntopic:"), "error", "does not exist"),
        ("fr/deux.md", GIFT_CARD.replace("Deux ans.", "Un. Deux ans. Trois. Quatre."), "error", "4 sentences"),
        ("fr/deux.md", GIFT_CARD, "warning", "1 questions"),
        ("fr/deux.md", GIFT_CARD, "warning", 'does not exist in "en"'),
    ],
)
def test_lint_sees_what_an_editor_would(folder: Path, name: str, text: str, severity: str, says: str) -> None:
    (folder / "fr" / "carte-cadeau.md").unlink()
    before = {str(problem) for problem in lint(folder)}
    (folder / name).write_text(text, "utf-8")
    new = [problem for problem in lint(folder) if str(problem) not in before]
    assert any(problem.severity == severity and says in problem.message for problem in new), new


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Oui.", 1),
        ("C’est 4.90 € en tout. Offert dès 49 € !", 2),
        ("Un point. Une question ? Une fin…", 3),
        ("Visit maison-alder.test for help", 1),
        ("Sans point final", 1),
        ("", 0),
    ],
)
def test_sentences_are_counted(text: str, count: int) -> None:
    assert sentences(text) == count


def test_seeding_follows_the_shipped_articles_and_keeps_what_writers_changed(folder: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    assert len(seed(folder, published).added) == 3
    assert seed(folder, published).added == []
    (folder / "fr" / "suivre.md").write_text(PARCEL.replace("chaque étape", "chaque pas"), "utf-8")
    (folder / "fr" / "carte-cadeau.md").write_text(GIFT_CARD.replace("Deux ans", "Trois ans"), "utf-8")
    (published / "fr" / "carte-cadeau.md").write_text(GIFT_CARD.replace("Deux ans", "Deux années"), "utf-8")
    (published / "en" / "track.md").unlink()
    again = seed(folder, published)
    assert again.updated == ["fr/suivre.md"]
    assert sorted(again.kept) == ["en/track.md", "fr/carte-cadeau.md"]
    assert "chaque pas" in (published / "fr" / "suivre.md").read_text("utf-8")
    assert "Deux années" in (published / "fr" / "carte-cadeau.md").read_text("utf-8")
    assert not (published / "en" / "track.md").exists()
    with Repo(str(published)) as repository:
        messages = [entry.commit.message for entry in repository.get_walker()]
    assert messages == [b"Publish what was shipped"] * 2
