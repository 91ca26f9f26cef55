"""Decision trees over HTTP: written, published into the folder that customers are led from, taken away, restored."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from knowledge_base.content.seed import seed
from knowledge_base.studio.trees.desk import TreeDesk
from knowledge_base.studio.trees.form import TreeForm
from service.trees import LARGEST, Folder, TreeError, read
from tests.knowledge_base.studio import INES, PAUL, Client, Clock, Json, call
from tests.knowledge_base.test_studio_crashes import in_a_child
from tests.knowledge_base.trees import LAMP, RENAMED, SHIPPED, client, desk, publish, save

__all__ = ["client", "desk"]  # fixtures, found by their names


async def test_a_tree_is_changed_published_archived_and_restored(client: Client, tmp_path: Path) -> None:
    customers = Folder(tmp_path / "trees")
    assert set(customers.look()) == {"lamp", "kitchen-appliance"}
    _, told = await save(client, RENAMED)
    assert [one for one in told["problems"] if one["severity"] == "error"] == []
    status, done = await publish(client, told["draft"])
    assert (status, customers.look()["lamp"].title.fr) == (200, "Ma lampe reste éteinte")
    _, whole = await call(client, "GET", "trees/lamp")
    assert (whole["published"], whole["version"], whole["draft"]) == (RENAMED, done["version"], None)
    _, listed = await call(client, "GET", "trees")
    assert [(row["tree_id"], row["state"]) for row in listed["trees"]] == [
        ("kitchen-appliance", "published"),
        ("lamp", "published"),
    ]
    assert (await call(client, "POST", "trees/lamp/archive", {"actor": PAUL}))[0] == 200
    assert set(customers.look()) == {"kitchen-appliance"}
    _, history = await call(client, "GET", "trees/lamp/history")
    assert [(one["author"] and one["author"]["name"], one["action"]) for one in history] == [
        ("Paul Roy", "archived"),
        ("Inès Moreau", "published"),
        (None, "published"),  # what was there before the studio
    ]
    status, restored = await call(
        client, "POST", "trees/lamp/restore", {"actor": INES, "commit": history[-1]["commit"]}
    )
    assert (status, restored["draft"]["form"]) == (200, LAMP)
    assert (await call(client, "POST", "trees/lamp/unarchive", {"actor": PAUL}))[0] == 200
    assert customers.look()["lamp"].title.fr == "Ma lampe reste éteinte"


async def test_the_comment_at_the_head_of_a_file_stays_and_an_archived_file_comes_back_as_it_was(
    client: Client, tmp_path: Path
) -> None:
    file = tmp_path / "trees" / "lamp.yml"
    text = file.read_text("utf-8").replace("  danger:\n", "  # Ask the workshop before this changes.\n  danger:\n")
    head = "".join(line for line in text.splitlines(keepends=True)[:4] if line.startswith("#"))
    assert head.count("\n") > 2
    assert text.count("#") > head.count("#")
    file.write_text(text, "utf-8")
    for turn in ("archive", "unarchive"):
        assert (await call(client, "POST", f"trees/lamp/{turn}", {"actor": PAUL}))[0] == 200
    assert file.read_text("utf-8") == text
    _, told = await save(client, RENAMED)
    assert (await publish(client, told["draft"]))[0] == 200
    published = file.read_text("utf-8")
    assert published.startswith(f"{head}id: lamp\n")
    assert published.count("#") == head.count("#"), "the others would come to stand beside another step"
    assert TreeForm.of(read(file)).as_json() == RENAMED
    # A draft of a tree that was taken away keeps it too.
    assert (await call(client, "POST", "trees/lamp/archive", {"actor": PAUL}))[0] == 200
    _, told = await save(client, LAMP)
    assert (await publish(client, told["draft"]))[0] == 200
    assert file.read_text("utf-8").startswith(f"{head}id: lamp\n")


async def test_the_comment_alone_and_one_that_is_too_long(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "trees" / "lamp.yml"
    file.write_text("# The workshop’s own.", "utf-8")  # no end of a line
    _, told = await save(client, RENAMED)
    assert (await publish(client, told["draft"]))[0] == 200
    assert file.read_text("utf-8").startswith("# The workshop’s own.\nid: lamp\n")
    assert TreeForm.of(read(file)).as_json() == RENAMED
    text = f"#{'.' * (LARGEST - file.stat().st_size - 2)}\n{file.read_text('utf-8')}"
    file.write_text(text, "utf-8")
    assert file.stat().st_size == LARGEST
    assert read(file).title.fr == RENAMED["title"]["fr"]
    longer = RENAMED | {"title": {"fr": "Ma lampe reste tout à fait éteinte", "en": "My lamp stays dark"}}
    _, told = await save(client, longer)
    status, refused = await publish(client, told["draft"])
    assert (status, refused["error"]["code"]) == (413, "too_large")
    assert file.read_text("utf-8") == text
    file.write_text(f"{text}\n", "utf-8")
    with pytest.raises(TreeError, match=r"^lamp.yml: it is larger than 400 kB\.$"):
        read(file)


async def test_an_unfinished_tree_is_kept_and_not_published(client: Client) -> None:
    form = {"id": "fan", "title": {"fr": "Mon ventilateur", "en": ""}, "words": {"fr": [], "en": []}, "start": "a"}
    nodes = {"a": {"question": {"fr": "Tourne-t-il ?", "en": ""}, "choices": [{"label": {"fr": "Oui"}, "next": "b"}]}}
    status, told = await save(client, form | {"nodes": nodes})
    found = {(one["code"], one["field"]) for one in told["problems"]}
    assert status == 200
    assert found >= {
        ("text_missing", "title.en"),
        ("words_missing", "words"),
        ("choice_count", "nodes.a.choices"),
        ("leads_nowhere", "nodes.a.choices.0.next"),
    }
    status, refused = await publish(client, told["draft"])
    assert (status, refused["error"]["code"]) == (422, "problems")
    status, refused = await save(client, form | {"nodes": nodes}, 99)
    assert status == 200  # sent again, saved once
    status, refused = await save(client, form | {"nodes": {}}, 99)
    assert (status, refused["error"]["code"], refused["theirs"]["updated_by"]) == (409, "conflict", INES)
    status, refused = await save(client, form | {"nodes": {"a": {"end": "fix", "sey": {}}}})
    assert (status, refused["error"]["code"]) == (400, "bad_request")
    revision = told["draft"]["revision"]
    status, gone = await call(client, "DELETE", f"trees/fan/draft?revision={revision}")
    assert (status, gone["draft"]["revision"]) == (200, revision)
    assert (await call(client, "GET", "trees/fan"))[0] == 404


async def test_a_second_person_and_what_changed_by_other_means(client: Client, tmp_path: Path) -> None:
    _, told = await save(client, RENAMED)
    status, refused = await publish(client, told["draft"], second_person=True)
    assert (status, refused["error"]["code"]) == (409, "second_person")
    step = {"actor": PAUL, "revision": told["draft"]["revision"]}
    assert (await call(client, "POST", "trees/lamp/draft/approve", step | {"actor": INES}))[0] == 409
    _, approved = await call(client, "POST", "trees/lamp/draft/approve", step)
    assert approved["draft"]["approved_by"] == PAUL
    file = tmp_path / "trees" / "lamp.yml"
    file.write_text(file.read_text("utf-8").replace("Ma lampe ne s’allume plus", "Ma lampe ?"), "utf-8")
    status, refused = await publish(client, approved["draft"], second_person=True)
    assert (status, refused["published"]["form"]["title"]["fr"]) == (409, "Ma lampe ?")
    file.write_text("nodes", "utf-8")  # a broken file: what it held before goes on
    _, whole = await call(client, "GET", "trees/lamp")
    assert (whole["published"]["title"]["fr"], len(whole["broken"])) == ("Ma lampe ?", 1)


async def test_a_draft_begun_from_what_is_online_no_more_meets_what_is(client: Client) -> None:
    _, whole = await call(client, "GET", "trees/lamp")
    _, told = await save(client, RENAMED, actor=PAUL)
    assert (await publish(client, told["draft"]))[0] == 200
    late = LAMP | {"words": {"fr": ["lampe"], "en": ["lamp"]}}
    status, told = await save(client, late, base_version=whole["version"])
    assert (status, told["draft"]["base_version"]) == (200, whole["version"])
    _, again = await save(client, late, base_version=whole["version"])
    assert again["draft"]["revision"] == told["draft"]["revision"], "sent again, saved once"
    status, refused = await publish(client, told["draft"])
    assert (status, refused["base"], refused["published"]["form"]) == (409, LAMP, RENAMED)
    # Once it is merged with that, it goes out.
    merged = {"revision": told["draft"]["revision"], "base_version": refused["published"]["version"]}
    _, told = await save(client, late | {"title": RENAMED["title"]}, **merged)
    assert (await publish(client, told["draft"]))[0] == 200


async def test_whoever_is_still_typing_when_a_tree_is_published_can_merge_for_a_day(
    client: Client, clock: Clock, desk: TreeDesk
) -> None:
    _, told = await save(client, RENAMED)
    began = told["draft"]["revision"]
    clock.pass_by(hours=30)  # it was read before
    assert (await publish(client, told["draft"]))[0] == 200
    late = RENAMED | {"title": {"fr": "Ma lampe", "en": "My lamp"}}
    for hours, base in ((0, RENAMED), (22, RENAMED), (3, None)):
        clock.pass_by(hours=hours)
        desk.settle()
        status, refused = await save(client, late, began)
        assert (status, refused["theirs"], refused["base"]) == (409, None, base), hours


@pytest.mark.parametrize("form", [RENAMED, RENAMED | {"id": "new-lamp"}], ids=["changed", "new"])
async def test_a_draft_that_somebody_discarded_and_put_back_is_still_its_writers(client: Client, form: Json) -> None:
    draft = f"trees/{form['id']}/draft"
    _, told = await save(client, form, actor=INES)
    await call(
        client, "POST", f"{draft}/submit", {"actor": INES, "revision": told["draft"]["revision"], "note": "Lue ?"}
    )
    _, gone = await call(client, "DELETE", f"{draft}?revision={told['draft']['revision']}")
    kept = gone["draft"]
    # As the page's “Undo” says it.
    back = {"form": kept["form"], "revision": None, "actor": PAUL}
    back |= {"base_version": kept["base_version"]} if kept["base_version"] else {}
    _, told = await call(client, "PUT", draft, back)
    same = {name: told["draft"][name] for name in ("author", "updated_by", "state", "note", "base_version")}
    assert same == {"author": INES, "updated_by": INES, "state": "in_review", "note": "Lue ?"} | {
        "base_version": kept["base_version"]
    }
    own = {"actor": INES, "revision": told["draft"]["revision"]}
    status, refused = await call(client, "POST", f"{draft}/approve", own)
    assert (status, refused["error"]["code"]) == (409, "own_text")


@pytest.mark.parametrize("step", ["staged", "noted", "committed", "placed"])
def test_killed_while_it_publishes(tmp_path: Path, step: str) -> None:
    folder, file = tmp_path / "trees", tmp_path / "trees.db"
    seed(SHIPPED, folder, "*.yml")
    form = TreeForm.model_validate(RENAMED)

    def kill(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        desk = TreeDesk(folder, file, step=kill)
        desk.start()
        desk.publish("lamp", desk.save(form, None, INES)["draft"]["revision"], INES, second_person=False)

    assert in_a_child(work) == -signal.SIGKILL
    desk = TreeDesk(folder, file)
    desk.start()
    is_new = step in ("committed", "placed")
    assert read(folder / "lamp.yml").title.fr == (RENAMED if is_new else LAMP)["title"]["fr"]
    assert (desk.drafts.get("lamp", "") is None) == is_new
    assert list(folder.glob(".*.partial")) == []
    desk.database.close()
