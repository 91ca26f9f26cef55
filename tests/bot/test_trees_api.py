"""The studio's door to decision trees: who may publish what, and two writers at once."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from aiohttp.test_utils import BaseTestServer
from sqlalchemy import select

from bot.db.people import AuditEntry
from knowledge_base.content import history
from service import Service
from service.studio import Studio as Rules
from service.trees import Folder
from tests.bot.conftest import Bot
from tests.bot.trees import DRAWER, LAMP, Json, at, house, keeper

__all__ = ["house", "keeper"]  # fixtures, found by their names


async def audit(house: Bot) -> list[tuple[str, str, str | None]]:
    async with house.services.db.read() as session:
        query = select(AuditEntry.action, AuditEntry.target, AuditEntry.detail).order_by(AuditEntry.id)
        rows = await session.execute(query)
        return [(row[0], row[1], row[2]) for row in rows if row[0].startswith("tree_")]


async def test_a_tree_is_drafted_published_archived_and_restored(house: Bot, tmp_path: Path) -> None:
    ines, customers = await at(house, "ines"), Folder(tmp_path / "trees")
    told = await ines.save(DRAWER)
    draft = told["draft"]
    assert (told["problems"], told["second"]) == ([], None)
    assert (await ines.step("submit", draft))[1]["draft"]["state"] == "in_review"
    assert (await ines.step("withdraw", draft))[1]["draft"]["state"] == "draft"
    status, done = await ines.step("publish", draft)
    assert (status, "drawer" in customers.look()) == (200, True), done
    for turn, there in (("archive", False), ("unarchive", True)):
        assert (await ines.call("POST", f"/drawer/{turn}"))[0] == 200
        assert ("drawer" in customers.look()) == there
    _, past = await ines.call("GET", "/drawer/history")
    assert [one["author"]["name"] for one in past["history"]] == ["Ines"] * 3
    _, then = await ines.call("GET", f"/drawer/history/{done['commit']}")
    assert then["form"]["title"] == DRAWER["title"]
    _, restored = await ines.call("POST", "/drawer/restore", {"commit": done["commit"], "revision": None})
    revision = restored["draft"]["revision"]
    assert (await ines.call("DELETE", f"/drawer/draft?revision={revision}"))[1]["draft"]["revision"] == revision
    _, listed = await ines.call("GET")
    row = next(row for row in listed["trees"] if row["tree_id"] == "drawer")
    assert (row["state"], row["has_draft"], row["nodes"]) == ("published", False, 3)
    steps = ["submitted", "withdrawn", "published", "archived", "unarchived", "restored", "draft_discarded"]
    assert await audit(house) == [(f"tree_{step}", "drawer", "Mon tiroir coince") for step in steps]


async def test_the_history_says_what_changed_and_what_changed_since(house: Bot, tmp_path: Path) -> None:
    ines = await at(house, "ines")
    for form in (DRAWER, DRAWER | {"title": {"fr": "Mon tiroir bloque", "en": "My drawer sticks"}}):
        assert (await ines.step("publish", (await ines.save(form))["draft"]))[0] == 200
    _, told = await ines.call("GET", "/drawer/history")
    now, first = [f"/drawer/history/{one['commit']}/difference" for one in told["history"]]
    changed = [{"field": "title.fr", "before": "Mon tiroir coince", "after": "Mon tiroir bloque"}]
    for asked in (now, f"{now}?against=before", f"{first}?against=now"):
        status, told = await ines.call("GET", asked)
        assert (status, told["fields"], told["steps"]) == (200, changed, []), asked
    assert (await ines.call("GET", first))[1]["before"] is None
    assert (await ines.call("GET", f"{now}?against=now"))[1]["fields"] == []
    assert (await ines.call("GET", f"{now}?against=then"))[0] == 422
    assert (await (await at(house, "lea", "advisor")).call("GET", now))[0] == 403
    (tmp_path / "trees" / "drawer.yml").write_text("id: drawer\nnodes: [", "utf-8")
    broken = history.commit(tmp_path / "trees", ["drawer.yml"], "By hand")
    for tail in ("", "/difference", "/difference?against=now"):
        status, refused = await ines.call("GET", f"/drawer/history/{broken}{tail}")
        unreadable = {"code": "version_unreadable", "message": "Cette version ne peut plus être lue."}
        assert (status, refused["error"]) == (404, unreadable), tail


async def test_what_names_a_danger_is_read_by_two(house: Bot) -> None:
    ines, remi, paul = (
        await at(house, "ines"),
        await at(house, "remi", "reviewer"),
        await at(house, "paul", "publisher"),
    )
    told = await ines.save(LAMP | {"title": {"fr": "Ma lampe reste éteinte", "en": "My lamp stays dark"}})
    draft = told["draft"]
    assert told["second"] == {"reason": "danger", "name": "Feu ou appareil dangereux"}
    for who in (ines, paul):
        status, refused = await who.step("publish", draft)
        assert (status, refused["error"]["code"]) == (409, "second_person")
    assert (await ines.step("approve", draft))[0] == 403
    assert (await remi.step("approve", draft))[0] == 200
    _, seen = await ines.call("GET", "/lamp", language="en")
    assert seen["second"]["name"] == "Fire or a dangerous appliance"
    # Mended after it was approved: that text was read by nobody else.
    later = (await ines.save(draft["form"] | {"words": DRAWER["words"]}, draft["revision"]))["draft"]
    assert (await ines.step("publish", later))[0] == 409
    assert (await remi.step("approve", later))[0] == 200
    assert (await ines.step("publish", later))[0] == 200


async def test_a_letter_of_another_one_makes_nobody_the_reader_of_their_own_text(house: Bot) -> None:
    remi, ines = await at(house, "remi", "reviewer"), await at(house, "ines")
    draft = (await remi.save(LAMP | {"title": {"fr": "Ma lampe reste éteinte", "en": "My lamp stays dark"}}))["draft"]
    typed = draft["form"] | {"title": {"fr": "Ma lampe reste éteinte.", "en": "My lamp stays dark"}}
    draft = (await ines.save(typed, draft["revision"]))["draft"]
    assert (await remi.step("approve", draft))[0] == 200
    assert (await remi.step("publish", draft))[0] == 409
    assert (await ines.step("publish", draft))[0] == 200


async def test_a_danger_is_not_taken_out_of_a_tree_by_one_alone(house: Bot) -> None:
    ines, paul = await at(house, "ines"), await at(house, "paul", "publisher")
    harmless = DRAWER | {"id": "lamp"}
    draft = (await ines.save(harmless))["draft"]
    status, refused = await paul.step("publish", draft)
    assert (status, refused["error"]["code"]) == (409, "second_person")
    for asked in (("GET", "/lamp", None), ("POST", "/check", {"form": harmless})):
        assert (await ines.call(*asked))[1]["second"]["reason"] == "danger"
    for turn in ("archive", "unarchive"):
        status, refused = await ines.call("POST", f"/lamp/{turn}")
        assert (status, refused["error"]["code"]) == (403, "publisher_needed")
        assert refused["error"]["message"].startswith("Ce diagnostic doit être relu")
        assert (await paul.call("POST", f"/lamp/{turn}"))[0] == 200


async def test_a_house_may_have_every_tree_read_by_two(make_bot: Any, keeper: BaseTestServer, company: Service) -> None:
    rules = company.model_copy(update={"studio": Rules(review="all")})
    house: Bot = await make_bot(knowledge_base_url=str(keeper.make_url("")).rstrip("/"), rules=rules)
    ines, paul = await at(house, "ines"), await at(house, "paul", "publisher")
    told = await ines.save(DRAWER)
    assert told["second"]["reason"] == "all"
    assert (await ines.step("publish", told["draft"]))[0] == 409
    assert (await paul.step("publish", told["draft"]))[0] == 200


async def test_the_second_of_two_writers_is_told_what_the_first_wrote(house: Bot) -> None:
    ines, zoe = await at(house, "ines"), await at(house, "zoe")
    first = (await ines.save(DRAWER))["draft"]
    hers = DRAWER | {"title": {"fr": "Un tiroir bloqué", "en": "A stuck drawer"}}
    status, refused = await zoe.call("PUT", "/drawer/draft", {"form": hers, "revision": None})
    assert (status, refused["error"]["code"], refused["theirs"]["form"]["title"]) == (409, "conflict", DRAWER["title"])
    assert refused["error"]["message"] == "Quelqu’un a modifié ce diagnostic guidé entre-temps."
    await zoe.save(hers, first["revision"])
    for step in ("publish", "submit"):
        status, refused = await ines.step(step, first)
        assert (status, refused["theirs"]["updated_by"]["name"]) == (409, "Zoe")
    assert (await ines.call("DELETE", f"/drawer/draft?revision={first['revision']}"))[0] == 409


async def test_an_unfinished_tree_is_kept_and_not_published(house: Bot) -> None:
    ines = await at(house, "ines")
    unfinished = copy.deepcopy(DRAWER)
    unfinished["nodes"]["empty_it"]["otherwise"] = "nowhere"
    _, checked = await ines.call("POST", "/check", {"form": unfinished})
    assert [(one["code"], one["node"]) for one in checked["problems"]] == [("leads_nowhere", "empty_it")]
    told = await ines.save(unfinished)
    assert told["problems"] == checked["problems"]
    status, refused = await ines.step("publish", told["draft"])
    assert (status, refused["problems"]) == (422, checked["problems"])
    assert "diagnostic guidé" in refused["error"]["message"]
    now = (await ines.walk(unfinished, ("empty_it",), ("does_not",)))["now"]
    assert (now["node"], now["kind"], now["choices"]) == ("nowhere", "unfinished", [])
    now = (await ines.walk(DRAWER | {"start": "", "nodes": {}}))["now"]
    assert (now["node"], now["kind"]) == ("", "unfinished")
    status, refused = await ines.call("GET", "/nothing")
    assert (status, refused["error"]["message"]) == (404, "Ce diagnostic guidé n’existe pas ou n’existe plus.")
    assert (await ines.step("publish", {"form": {"id": "nothing"}, "revision": 1}))[0] == 404


async def test_what_the_walk_ends_by_names_no_step(house: Bot, tmp_path: Path) -> None:
    ines, customers = await at(house, "ines"), Folder(tmp_path / "trees")
    for name in ("works", "does_not"):
        named = json.loads(json.dumps(DRAWER).replace("empty_it", name))
        told = await ines.save(named | {"id": name.replace("_", "-")})
        assert [(one["code"], one["node"], one["params"]) for one in told["problems"]] == [
            ("node_reserved", name, {"name": name})
        ]
        assert (await ines.step("publish", told["draft"]))[0] == 422
    assert set(customers.look()) == {"lamp", "kitchen-appliance"}


async def test_bad_input_is_refused(house: Bot) -> None:
    ines = await at(house, "ines")
    form: Json = {"form": DRAWER, "locale": "fr"}
    wrong: list[Json] = [{"form": None}, {"form": []}, {"form": {"id": "x"}}, {"form": DRAWER | {"colour": "red"}}]
    wrong += [{"locale": "de"}, {"steps": "a"}, {"steps": [{}]}, {"steps": [{"text": "a", "choice": "b"}]}]
    wrong += [{"steps": [{"text": 1}]}, {"steps": [{"text": "a" * 501}]}, {"steps": [{"text": "a"}] * 61}]
    wrong += [{"steps": [{"choice": "a", "number": True}]}]
    for bad in wrong:
        status, refused = await ines.call("POST", "/try", form | bad)
        assert (status, refused["error"]["code"]) == (422, "bad_request"), bad
    assert (await ines.call("POST", "/check", {"form": {"id": "x"}}))[0] == 422
    large = DRAWER | {"words": {"fr": ["mot " * 100_000], "en": []}}
    for asked in (("POST", "/check"), ("POST", "/try"), ("PUT", "/drawer/draft")):
        status, refused = await ines.call(*asked, {"form": large, "locale": "fr", "revision": None})
        assert (status, refused["error"]["code"]) == (413, "too_large")
    assert (await ines.call("PUT", "/drawer/draft", {"form": DRAWER, "revision": "1"}))[0] == 422
    for tail in ("/drawer/draft", "/drawer/draft?revision=x", "/drawer/draft?revision=-1"):
        assert (await ines.call("DELETE", tail))[0] == 422
    assert (await ines.call("POST", "/drawer/draft/submit", {}))[0] == 422
    assert (await ines.call("POST", "/drawer/restore", {}))[0] == 422
    assert (await ines.call("GET", "/Not-a-tree"))[0] == 404
    assert (await (await at(house, "lea", "advisor")).call("GET"))[0] == 403
    many = {
        f"n{number}": {"question": {}, "choices": [{"label": {}, "next": f"n{number + 1}"}]} for number in range(3000)
    }
    _, checked = await ines.call("POST", "/check", {"form": DRAWER | {"start": "n0", "nodes": many}})
    assert {"many_nodes", "leads_nowhere"} <= {one["code"] for one in checked["problems"]}
    assert await audit(house) == []
