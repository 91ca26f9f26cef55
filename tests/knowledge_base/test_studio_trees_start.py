"""The start of the desk of decision trees, whatever it finds: odd files, a damaged history, an older file of drafts."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge_base.content import history
from knowledge_base.studio.database import ADDED
from knowledge_base.studio.trees.desk import TreeDesk
from knowledge_base.studio.trees.form import TreeForm
from tests.knowledge_base.studio import INES, Clock, call
from tests.knowledge_base.trees import RENAMED, desk, publish, save, served

__all__ = ["desk"]  # a fixture, found by its name


async def test_it_starts_whatever_files_were_placed_by_hand(tmp_path: Path, desk: TreeDesk) -> None:
    for number, text in enumerate(("checked: 2024-02-30", "z: 0x_", f"z: {'9' * 5000}")):
        (tmp_path / "trees" / f"odd-{number}.yml").write_text(text, "utf-8")
    async with served(desk) as client:
        _, told = await save(client, RENAMED)
        assert (await publish(client, told["draft"]))[0] == 200
        _, listed = await call(client, "GET", "trees")
        assert [row["tree_id"] for row in listed["trees"]] == ["kitchen-appliance", "lamp"]


@pytest.mark.parametrize("damage", ["empty", "torn"])
async def test_it_starts_whatever_state_the_history_is_in(tmp_path: Path, desk: TreeDesk, damage: str) -> None:
    history.commit(tmp_path / "trees", ["lamp.yml"], "Publish what was shipped")
    git = tmp_path / "trees" / ".git"
    assert history.Published(tmp_path / "trees", ".yml").blobs()
    if damage == "empty":
        shutil.rmtree(git)
        git.mkdir()
    else:
        for file in [one for one in (git / "objects").rglob("*") if one.is_file()]:
            file.chmod(0o600)
            file.write_bytes(b"torn")
    with pytest.raises(Exception, match=r"."):
        desk.start()
    async with served(desk) as client:
        assert (await save(client, RENAMED))[0] == 200


def test_a_file_of_drafts_of_an_earlier_version_is_taken_up(tmp_path: Path) -> None:
    clock = Clock()
    desk = TreeDesk(tmp_path / "trees", tmp_path / "trees.db", now=clock)
    draft = desk.save(TreeForm.model_validate(RENAMED), None, INES)["draft"]
    for table, column, _ in ADDED:
        desk.database.rows(f"ALTER TABLE {table} DROP COLUMN {column}")
    desk.database.close()
    desk = TreeDesk(tmp_path / "trees", tmp_path / "trees.db", now=clock)
    [kept] = desk.drafts.all()
    assert kept.as_json() == draft
    assert desk.drafts.save(kept).revision == kept.revision + 1
    desk.database.rows("DELETE FROM drafts")  # as if it had been published
    clock.now = datetime.now(UTC)
    assert desk.drafts.sweep() == 0
    assert desk.drafts.form_at("lamp", "", draft["revision"]) == kept.form
    clock.pass_by(hours=25)
    assert desk.drafts.sweep() == 2
    desk.database.close()
