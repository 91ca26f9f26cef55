"""What is put into the folder by hand, broken or lying, takes no published article away, after a restart neither."""

from __future__ import annotations

from pathlib import Path

from knowledge_base.content import history
from knowledge_base.content.store import ArticleStore, Contents
from tests.knowledge_base.conftest import GIFT_CARD, PARCEL

FILES = {"fr/carte-cadeau.md": GIFT_CARD, "fr/suivre.md": PARCEL}


def folder_of(tmp_path: Path) -> Path:
    (tmp_path / "fr").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    history.commit(tmp_path, list(FILES), "Publish")
    return tmp_path


def both(folder: Path, *, at: ArticleStore) -> list[Contents]:
    """As the running process sees it, and as one that starts now does."""
    found = [at.scan(), ArticleStore(folder).scan()]
    return [contents for contents in found if contents is not None]


def titles(contents: Contents) -> dict[str, str]:
    return {article.id: article.title for article in contents.articles}


def test_a_file_that_was_damaged_is_answered_from_as_it_was(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    store = ArticleStore(folder)
    first = store.scan()
    assert first is not None
    for damage in (b"\x00\xff" * 999, b"", b"---\nid: [\n---\n", PARCEL.encode()[:40], b"---\nid: &a [*a]\n---\nx"):
        (folder / "fr" / "suivre.md").write_bytes(damage)
        for contents in both(folder, at=store):
            assert contents.articles == first.articles
            assert contents.broken[0].file.endswith("suivre.md")


def test_a_new_file_with_a_name_that_is_taken_takes_nothing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    store = ArticleStore(folder)
    first = store.scan()
    assert first is not None
    (folder / "fr" / "aaa.md").write_text(PARCEL.replace("Comment suivre", "Où trouver"), "utf-8")
    for contents in both(folder, at=store):
        assert titles(contents) == titles(first)
        assert "is that of suivre.md already" in contents.broken[0].message


def test_a_file_that_claims_to_be_another_stays_what_it_was(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    store = ArticleStore(folder)
    first = store.scan()
    assert first is not None
    lie = PARCEL.replace("id: track-my-parcel", "id: gift-card")
    (folder / "fr" / "suivre.md").write_text(lie, "utf-8")
    for contents in both(folder, at=store):
        assert titles(contents) == titles(first)
        assert contents.broken[0].file.endswith("suivre.md")
    (folder / "fr" / "suivre.md").write_text(PARCEL, "utf-8")
    for contents in both(folder, at=store):
        assert titles(contents) == titles(first)
        assert not contents.broken


def test_what_is_deleted_or_renamed_on_purpose_follows(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    store = ArticleStore(folder)
    store.scan()
    (folder / "fr" / "suivre.md").rename(folder / "fr" / "suivi.md")
    (folder / "fr" / "carte-cadeau.md").unlink()
    for contents in both(folder, at=store):
        assert [article.slug for article in contents.articles] == ["suivi"]
        assert not contents.broken
