"""Whether an import landed: all of it or nothing, whatever stops it, and who began it is told which."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.studio.database import Database
from knowledge_base.studio.form import Form
from knowledge_base.studio.imports import Held, Imports, Upload, Wish
from knowledge_base.studio.studio import Studio
from tests.knowledge_base.studio import FORM, INES, Client, Clock, call, opened
from tests.knowledge_base.test_imports import applied, dry_run, lines, row
from tests.knowledge_base.test_studio_crashes import in_a_child


async def test_whether_an_import_landed_is_told_by_its_name(client: Client) -> None:
    async def state(landing: str) -> Any:
        return (await call(client, "GET", f"landings/{landing}"))[1]

    dry = await dry_run(client, "faq.jsonl", lines(row(1), row(2), row(3, title="")))
    assert (await applied(client, dry, landing="refused"))["state"] == "failed"
    assert await state("refused") == {"state": "none"}
    await applied(client, dry, landing="first", with_refused=True, review=[["a2", "fr"]])
    told = {"state": "landed", "at": "2026-11-23T09:00:00+00:00", "new": 1, "changed": 0, "review": 1}
    assert await state("first") == told
    assert await state("firs") == {"state": "none"}
    _, past = await call(client, "GET", "articles/a1/fr/history")
    assert past[0]["message"] == "Import 1 articles from “faq.jsonl”"
    dry = await dry_run(client, "faq.jsonl", lines(row(4)))
    await applied(client, dry, landing="drafts", review=[["a4", "fr"]])
    assert await state("drafts") == told | {"new": 0}


@pytest.mark.parametrize(("at", "landed"), [("staged", 0), ("noted", 0), ("committed", 18), ("half", 18)])
def test_an_import_that_is_killed_leaves_all_or_nothing(tmp_path: Path, at: str, landed: int) -> None:
    def work() -> None:
        studio = opened(tmp_path, Clock(), lambda step: os.kill(os.getpid(), signal.SIGKILL) if step == at else None)
        imports = Imports(studio)
        upload = Upload("faq.jsonl", lines(*(row(n) for n in range(20))), "fr", "shops")
        dry = imports.dry_run(upload, lambda *_: None)  # type: ignore[arg-type]
        if at == "half":
            killed_at_the(10)
        wish = Wish(False, False, frozenset({("a0", "fr"), ("a1", "fr")}), "mine")
        imports.apply(imports.get(dry["import"]), wish, INES, lambda *_: None)  # type: ignore[arg-type]

    assert in_a_child(work) == -signal.SIGKILL
    studio = opened(tmp_path, Clock())
    assert len(list((tmp_path / "articles").glob("fr/*.md"))) == landed
    assert list((tmp_path / "articles").glob("fr/.*")) == []
    assert len(studio.articles()) == landed
    # What somebody else must read came with the rest, or not at all.
    assert [draft.state for draft in studio.drafts.all()] == (["in_review"] * 2 if landed else [])
    told = Imports(studio).landings.state("mine")
    assert (told["state"], told.get("new")) == (("landed", landed) if landed else ("none", None))
    studio.close()


def dry_rows(studio: Studio, count: int) -> tuple[Imports, Held]:
    imports = Imports(studio)
    upload = Upload("faq.jsonl", lines(*(row(n) for n in range(count))), "fr", "shops")
    return imports, imports.get(imports.dry_run(upload, lambda *_: None)["import"])  # type: ignore[arg-type]


@pytest.mark.parametrize("beside", [0, 1], ids=["drafts alone", "beside what was put there meanwhile"])
@pytest.mark.parametrize("fault", ["killed", "full"])
def test_an_import_without_a_commit_says_that_it_landed_with_its_drafts(
    tmp_path: Path, beside: int, fault: str
) -> None:
    wish = Wish(False, True, frozenset({("a0", "fr")}), "mine")
    studio = opened(tmp_path, Clock())
    for form in [Form.model_validate(FORM).at("a1", "fr")][:beside]:
        studio.publish("a1", "fr", studio.save(form, None, INES)["draft"]["revision"], INES, second_person=False)
    known = studio.contents()
    imports, held = dry_rows(studio, 1 + beside)
    if beside:  # by other means, word for word, and not read yet
        studio.contents = lambda: known
        form = next(one.form for one in held.rows if one.form and one.state == "changed")
        (tmp_path / "articles" / form.locale / f"{form.slug}.md").write_text(form.markdown(), "utf-8")
    refusing = "BEFORE INSERT ON meta WHEN NEW.key GLOB 'landed:*' BEGIN SELECT RAISE(ABORT, 'disk full'); END"

    def work() -> None:
        if fault == "killed":
            Database.keep = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]
        else:
            studio.database.rows(f"CREATE TRIGGER full {refusing}")
        imports.apply(held, wish, INES, lambda *_: None)  # type: ignore[arg-type]

    assert in_a_child(work) == (-signal.SIGKILL if fault == "killed" else 3)
    again = opened(tmp_path, Clock())
    again.database.rows("DROP TRIGGER IF EXISTS full")
    assert (again.drafts.all(), Imports(again).landings.state("mine")) == ([], {"state": "none"})
    again.close()
    assert imports.apply(held, wish, INES, lambda *_: None)["commit"] is None  # type: ignore[arg-type]
    studio.close()
    again = opened(tmp_path, Clock())
    told = Imports(again).landings.state("mine")
    assert (told["state"], told["review"], [one.form.article_id for one in again.drafts.all()]) == ("landed", 1, ["a0"])
    again.close()


def killed_at_the(number: int) -> None:
    """Dies when so many files have been put into their place."""
    replace: Callable[[Path, Path], Path] = Path.replace
    placed: list[Path] = []

    def counted(self: Path, target: Path) -> Path:
        placed.append(target)
        if len(placed) > number:
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(self, target)

    Path.replace = counted  # type: ignore[method-assign, assignment]
