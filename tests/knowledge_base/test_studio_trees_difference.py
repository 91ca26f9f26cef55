"""What a version of a tree changed, and what changed since, over HTTP."""

from __future__ import annotations

import copy
from pathlib import Path

from knowledge_base.content import history
from tests.knowledge_base.studio import Client, Json, call
from tests.knowledge_base.trees import LAMP, RENAMED, client, desk, publish, save

__all__ = ["client", "desk"]  # fixtures, found by their names

NOTHING: Json = {"fields": [], "steps": []}
FLICKERS, NO = LAMP["nodes"]["plug"]["choices"][1:]
MAYBE: Json = {"label": {"fr": "Parfois", "en": "At times"}, "next": "clean", "words": {"fr": [], "en": []}}


def mended() -> Json:
    """Texts, words and ways changed; a step and an answer come, others go; what stays stands in another order."""
    form = copy.deepcopy(LAMP)
    form |= {"title": RENAMED["title"], "words": LAMP["words"] | {"en": ["lamp"]}, "start": "bulb"}
    nodes = form["nodes"]
    del nodes["safety"], nodes["danger"]
    yes, no, _ = nodes["bulb"]["choices"]
    yes["label"]["en"] = "Yes, it does"
    nodes["bulb"]["choices"] = [no, yes]
    nodes["bulb_was_dead"]["otherwise"] = None
    # The label and where it leads: by its other language it is the same one still.
    nodes["plug"]["choices"][1] = copy.deepcopy(FLICKERS) | {"next": "workshop"}
    nodes["plug"]["choices"][1]["label"]["fr"] = "Elle vacille"
    nodes["plug"]["choices"].append(MAYBE)
    workshop = nodes["workshop"]
    workshop |= {"end": "human", "diagnosis": None}
    cleaned = {"fr": "Nettoyez le culot.", "en": "Clean the cap."}
    nodes["clean"] = workshop | {"end": "fix", "say": cleaned, "otherwise": "dimmer"}
    return form


def one(field: str, before: object, after: object) -> Json:
    return {"field": field, "before": before, "after": after}


async def published(client: Client, form: Json) -> str:
    _, whole = await call(client, "GET", f"trees/{form['id']}")
    _, told = await save(client, form, base_version=whole["version"])
    status, done = await publish(client, told["draft"])
    assert status == 200, done
    return str(done["commit"])


async def compared(client: Client, commit: str, against: str = "before", status: int = 200) -> Json:
    answer = await call(client, "GET", f"trees/lamp/history/{commit}/difference?against={against}")
    assert answer[0] == status, answer
    return answer[1]


async def test_a_version_says_step_by_step_what_it_changed(client: Client) -> None:
    form = mended()
    commit = await published(client, form)
    told = await compared(client, commit)
    assert (told["before"], told["after"]) == (LAMP, form)
    assert told["fields"] == [
        one("title.fr", LAMP["title"]["fr"], "Ma lampe reste éteinte"),
        one("title.en", LAMP["title"]["en"], "My lamp stays dark"),
        one("words.en", LAMP["words"]["en"], ["lamp"]),
        one("start", "safety", "bulb"),
    ]
    steps = {step["node"]: step for step in told["steps"]}
    assert {name: step["state"] for name, step in steps.items()} == {
        "bulb": "changed",
        "bulb_was_dead": "changed",
        "plug": "changed",
        "workshop": "changed",
        "clean": "added",
        "safety": "removed",
        "danger": "removed",
    }
    bulb, plug = steps["bulb"], steps["plug"]
    assert (bulb["fields"], bulb["reordered"], plug["reordered"]) == ([], True, False)
    assert [(row["before"], row["after"]) for row in bulb["choices"]] == [(0, 1), (2, None)]
    assert bulb["choices"][0]["fields"] == [one("label.en", "Yes, it lights", "Yes, it does")]
    assert one("next", "plug", None) in bulb["choices"][1]["fields"]
    assert steps["bulb_was_dead"]["fields"] == [one("otherwise", "plug", None)]
    assert plug["choices"] == [
        {
            "before": 1,
            "after": 1,
            "fields": [one("label.fr", "Elle clignote", "Elle vacille"), one("next", "dimmer", "workshop")],
        },
        {
            "before": None,
            "after": 3,
            "fields": [
                one("label.fr", None, "Parfois"),
                one("label.en", None, "At times"),
                one("next", None, "clean"),
            ],
        },
    ]
    assert steps["workshop"]["fields"] == [
        one("kind", "repair", "human"),
        one("diagnosis", "no light with another bulb and another socket", None),
    ]
    assert steps["clean"]["fields"] == [
        one("kind", None, "fix"),
        one("text.fr", None, "Nettoyez le culot."),
        one("text.en", None, "Clean the cap."),
        one("otherwise", None, "dimmer"),
    ]
    assert one("kind", "human", None) in steps["danger"]["fields"]


async def test_the_first_version_is_all_new_and_what_changed_nothing_says_so(client: Client) -> None:
    await published(client, RENAMED)
    _, (_, shipped) = await call(client, "GET", "trees/lamp/history")
    told = await compared(client, shipped["commit"])
    assert (told["before"], told["after"]) == (None, LAMP)
    assert [step["node"] for step in told["steps"]] == list(LAMP["nodes"])
    assert {step["state"] for step in told["steps"]} == {"added"}
    for turn in ("archive", "unarchive"):
        _, done = await call(client, "POST", f"trees/lamp/{turn}", {"actor": {"name": "Paul", "email": "p@a.test"}})
        assert (await compared(client, done["commit"])).items() >= NOTHING.items(), turn
        assert (await compared(client, done["commit"], "now")).items() >= NOTHING.items(), turn


async def test_what_changed_since_goes_up_to_the_draft(client: Client) -> None:
    commit = await published(client, RENAMED)
    _, (_, shipped) = await call(client, "GET", "trees/lamp/history")
    for since, title in ((shipped["commit"], LAMP["title"]["fr"]), (commit, None)):
        told = await compared(client, since, "now")
        found = [field["before"] for field in told["fields"] if field["field"] == "title.fr"]
        assert (found, told["steps"]) == ([title] if title else [], [])
    # As far as it is written: an answer that leads nowhere yet.
    draft = copy.deepcopy(RENAMED)
    draft["nodes"]["bulb"]["choices"][1]["next"] = ""
    await save(client, draft)
    told = await compared(client, commit, "now")
    assert (told["before"], told["after"], told["fields"]) == (RENAMED, draft, [])
    assert told["steps"][0]["choices"] == [{"before": 1, "after": 1, "fields": [one("next", "plug", None)]}]
    assert (await compared(client, commit))["after"] == RENAMED


async def test_a_version_that_cannot_be_read_any_more_is_told_as_such(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "trees" / "lamp.yml"
    sound = file.read_text("utf-8")
    file.write_text("id: lamp\nnodes: [", "utf-8")
    broken = history.commit(tmp_path / "trees", ["lamp.yml"], "By hand")
    file.write_text(sound, "utf-8")
    mended = history.commit(tmp_path / "trees", ["lamp.yml"], "By hand again")
    for against in ("before", "now"):
        assert (await compared(client, str(broken), against, 404))["error"]["code"] == "version_unreadable"
    assert (await compared(client, str(mended), "before", 404))["error"]["code"] == "before_unreadable"
    assert (await compared(client, str(mended), "now")).items() >= NOTHING.items()
    status, told = await call(client, "GET", f"trees/lamp/history/{broken}")
    assert (status, told["error"]["code"]) == (404, "version_unreadable")
    assert (await compared(client, "0" * 40, "now", 404))["error"]["code"] == "not_found"
