"""The studio's door to decision trees: who may publish what, two writers at once, trying by press and by words."""

from __future__ import annotations

import copy
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from sqlalchemy import select

from bot.db.people import AuditEntry
from knowledge_base.studio import wiring
from knowledge_base.studio.trees.desk import TreeDesk
from knowledge_base.studio.trees.form import TreeForm
from knowledge_base.studio.web import refusals
from service import Service
from service.studio import Studio as Rules
from service.trees import Folder, read
from tests.bot.conftest import Bot, Desk

Json = dict[str, Any]
SHIPPED = Path(__file__).parents[2] / "knowledge_base" / "trees"
LAMP: Json = TreeForm.of(read(SHIPPED / "lamp.yml")).as_json()
DRAWER: Json = {
    "id": "drawer",
    "title": {"fr": "Mon tiroir coince", "en": "My drawer sticks"},
    "words": {"fr": ["tiroir"], "en": ["drawer"]},
    "start": "full",
    "nodes": {
        "full": {
            "question": {"fr": "Le tiroir est-il plein ?", "en": "Is the drawer full?"},
            "choices": [
                {"label": {"fr": "Oui", "en": "Yes"}, "next": "empty_it", "words": {"fr": ["plein"], "en": ["full"]}},
                {"label": {"fr": "Non", "en": "No"}, "next": "workshop"},
                {"label": {"fr": "Il est vide", "en": "It is empty"}, "next": "workshop"},
            ],
        },
        "empty_it": {"end": "fix", "say": {"fr": "Videz-le.", "en": "Empty it."}, "otherwise": "workshop"},
        "workshop": {"end": "repair", "say": {"fr": "L’atelier s’en charge.", "en": "Our workshop will do it."}},
    },
}


class Trees:
    """Somebody at the studio's door to decision trees."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def call(self, method: str, tail: str = "", body: Any = None, language: str = "fr") -> tuple[int, Json]:
        headers = {"Authorization": f"Bearer {self._desk.token}", "Accept-Language": language}
        url = f"/api/v1/studio/trees{tail}"
        async with self._desk.client.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json()

    async def save(self, form: Json, revision: int | None = None) -> Json:
        """The answer; its `draft` was kept."""
        status, told = await self.call("PUT", f"/{form['id']}/draft", {"form": form, "revision": revision})
        assert status == 200, told
        return told

    async def step(self, name: str, draft: Json) -> tuple[int, Json]:
        return await self.call("POST", f"/{draft['form']['id']}/draft/{name}", {"revision": draft["revision"]})

    async def walk(self, form: Json, *steps: Any, locale: str = "fr") -> Json:
        """`steps`: words, or `(next,)` of a button with perhaps its number."""
        sent = [
            {"text": one} if isinstance(one, str) else dict(zip(("choice", "number"), one, strict=False))
            for one in steps
        ]
        status, told = await self.call("POST", "/try", {"form": form, "locale": locale, "steps": sent})
        assert status == 200, told
        return told


@pytest.fixture
async def keeper(tmp_path: Path) -> AsyncIterator[BaseTestServer]:
    """The knowledge base's own part for trees, over a folder of its own."""
    shutil.copytree(SHIPPED, tmp_path / "trees")
    app = web.Application(middlewares=[refusals])
    wiring.add(app, None, trees=TreeDesk(tmp_path / "trees", tmp_path / "trees.db"))
    async with TestServer(app) as server:
        yield server


@pytest.fixture
async def house(make_bot: Any, keeper: BaseTestServer) -> Bot:
    made: Bot = await make_bot(knowledge_base_url=str(keeper.make_url("")).rstrip("/"))
    return made


async def at(house: Bot, name: str, role: str = "writer") -> Trees:
    return Trees(await house.desk(name, role))


async def audit(house: Bot) -> list[tuple[str, str, str | None]]:
    async with house.services.db.read() as session:
        rows = await session.execute(select(AuditEntry.action, AuditEntry.target, AuditEntry.detail))
        return [(row[0], row[1], row[2]) for row in rows if row[0].startswith("tree_")]


async def test_a_tree_is_drafted_published_archived_and_restored(house: Bot, tmp_path: Path) -> None:
    ines, customers = await at(house, "ines"), Folder(tmp_path / "trees")
    told = await ines.save(DRAWER)
    draft = told["draft"]
    assert (told["problems"], told["second"]) == ([], None)
    assert told["may"] == {"approve": False, "publish": True, "put_away": True}
    assert (await ines.step("submit", draft))[1]["draft"]["state"] == "in_review"
    assert (await ines.step("withdraw", draft))[1]["draft"]["state"] == "draft"
    status, done = await ines.step("publish", draft)
    assert (status, "drawer" in customers.look()) == (200, True), done
    for turn, there in (("archive", False), ("unarchive", True)):
        assert (await ines.call("POST", f"/drawer/{turn}"))[0] == 200
        assert ("drawer" in customers.look()) == there
    _, history = await ines.call("GET", "/drawer/history")
    assert [one["author"]["name"] for one in history["history"]] == ["Ines"] * 3
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
    assert (await remi.call("GET", "/lamp"))[1]["may"]["approve"] is True
    assert (await remi.step("approve", draft))[0] == 200
    _, seen = await ines.call("GET", "/lamp", language="en")
    assert (seen["second"]["name"], seen["may"]["publish"]) == ("Fire or a dangerous appliance", True)
    # Mended after it was approved: that text was read by nobody else.
    later = (await ines.save(draft["form"] | {"words": DRAWER["words"]}, draft["revision"]))["draft"]
    assert (await ines.step("publish", later))[0] == 409
    assert (await remi.step("approve", later))[0] == 200
    assert (await ines.step("publish", later))[0] == 200


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
        assert refused["error"]["message"].startswith("Cet arbre de décision demande")
        assert (await paul.call("POST", f"/lamp/{turn}"))[0] == 200


async def test_a_house_may_have_every_tree_read_by_two(make_bot: Any, keeper: BaseTestServer, company: Service) -> None:
    rules = company.model_copy(update={"studio": Rules(review="all")})
    house: Bot = await make_bot(knowledge_base_url=str(keeper.make_url("")).rstrip("/"), rules=rules)
    ines, paul = await at(house, "ines"), await at(house, "paul", "publisher")
    told = await ines.save(DRAWER)
    assert (told["second"]["reason"], told["may"]["publish"]) == ("all", False)
    assert (await ines.step("publish", told["draft"]))[0] == 409
    assert (await paul.step("publish", told["draft"]))[0] == 200


async def test_the_second_of_two_writers_is_told_what_the_first_wrote(house: Bot) -> None:
    ines, zoe = await at(house, "ines"), await at(house, "zoe")
    first = (await ines.save(DRAWER))["draft"]
    hers = DRAWER | {"title": {"fr": "Un tiroir bloqué", "en": "A stuck drawer"}}
    status, refused = await zoe.call("PUT", "/drawer/draft", {"form": hers, "revision": None})
    assert (status, refused["error"]["code"], refused["theirs"]["form"]["title"]) == (409, "conflict", DRAWER["title"])
    assert refused["error"]["message"] == "Quelqu’un a modifié cet arbre de décision entre-temps."
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
    assert "arbre de décision" in refused["error"]["message"]
    now = (await ines.walk(unfinished, ("empty_it",), ("does_not",)))["now"]
    assert (now["node"], now["kind"], now["choices"]) == ("nowhere", "unfinished", [])
    now = (await ines.walk(DRAWER | {"start": "", "nodes": {}}))["now"]
    assert (now["node"], now["kind"]) == ("", "unfinished")
    status, refused = await ines.call("GET", "/nothing")
    assert (status, refused["error"]["message"]) == (404, "Cet arbre de décision n’existe pas ou n’existe plus.")
    assert (await ines.step("publish", {"form": {"id": "nothing"}, "revision": 1}))[0] == 404


async def test_a_tree_is_tried_in_french_and_in_english_by_press_and_by_words(house: Bot) -> None:
    ines = await at(house, "ines")
    begun = await ines.walk(LAMP)
    assert (begun["path"], begun["used"], begun["now"]["understood"]) == ([], 0, True)
    assert begun["now"]["choices"][0] == {"label": "Oui", "next": "danger"}
    walked = await ines.walk(LAMP, ("bulb",), "non, pareil", "elle clignote", "toujours pas", "non")
    assert [one["node"] for one in walked["path"]] == ["safety", "bulb", "plug", "dimmer", "dimmer"]
    assert [one["understood"] for one in walked["path"]] == [True, True, True, False, True], "after a fix: yes or no"
    assert (walked["path"][2]["say"], walked["now"]["kind"]) == (LAMP["nodes"]["plug"]["question"]["fr"], "repair")
    assert walked["path"][0]["said"] == "Non, rien de cela"
    walked = await ines.walk(LAMP, ("bulb",), "still nothing", "it flickers", "no", "more", locale="en")
    now = walked["now"]
    assert (now["node"], now["kind"], now["text"]) == ("workshop", "repair", LAMP["nodes"]["workshop"]["say"]["en"])
    assert walked["used"] == 4, "what comes after an end is left out"
    # A fix that helped, and one with nothing after it that did not.
    now = (await ines.walk(DRAWER, "il est plein", ("works",)))["now"]
    assert (now["node"], now["kind"], now["understood"]) == ("empty_it", "works", True)
    short = copy.deepcopy(DRAWER)
    del short["nodes"]["empty_it"]["otherwise"]
    assert (await ines.walk(short, ("empty_it",), "non"))["now"]["kind"] == "does_not"
    fix = (await ines.walk(DRAWER, ("empty_it",), locale="en"))["now"]
    assert fix["choices"] == [{"label": "Yes", "next": "works"}, {"label": "No", "next": "does_not"}]


async def test_what_is_not_understood_doubted_or_dangerous_is_told(house: Bot) -> None:
    ines = await at(house, "ines")
    now = (await ines.walk(DRAWER, "bonjour"))["now"]
    assert (now["node"], now["understood"]) == ("full", False)
    assert (await ines.walk(DRAWER, ("gone",)))["now"]["understood"] is False
    doubted = await ines.walk(LAMP, "je ne sais pas")
    assert (doubted["now"]["node"], doubted["now"]["kind"], doubted["now"]["doubted"]) == ("danger", "human", True)
    assert (await ines.walk(LAMP, "il y a des étincelles"))["path"][0]["danger"] == "Feu ou appareil dangereux"
    # Two buttons that lead to the same place keep their own words.
    assert (await ines.walk(DRAWER, ("workshop", 2)))["path"][0]["said"] == "Il est vide"


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
