"""The studio's door: who may publish what, two writers at once, and what readers get of it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from unittest.mock import AsyncMock

import pytest
from aiohttp import FormData
from sqlalchemy import select

from bot.db.people import AuditEntry
from service import Service
from service.studio import Studio as Rules
from tests.bot.conftest import Bot
from tests.knowledge_base.conftest import Served
from tests.studio.conftest import Json, Studio, form, found, to_come
from tests.studio.heard import HeardRules

# One grey dot.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
DANGER = "Ma lampe a pris feu, que faire ?"


async def at(house: Bot, name: str, role: str = "writer") -> Studio:
    return Studio(await house.desk(name, role))


async def test_a_draft_is_kept_published_and_answered_from(house: Bot) -> None:
    ines = await at(house, "ines")
    draft = await ines.save(form("coussin"))
    assert (draft["state"], draft["author"]["name"]) == ("draft", "Ines")
    status, listed = await ines.call("GET", "articles?q=coussin")
    assert (status, listed["total"], listed["articles"][0]["missing"]) == (200, 1, ["en"])
    status, preview = await ines.call("POST", "preview", {"form": draft["form"]})
    assert (status, preview["answer"]["answer"]) == (200, draft["form"]["answer"])
    assert "<script" not in preview["page"]
    status, refused = await ines.call("POST", "preview", {"form": draft["form"] | {"body": "mot " * 20_000}})
    assert (status, refused["error"]["code"]) == (413, "preview_too_long")
    status, answer = await ines.step("publish", draft)
    assert status == 200, answer
    await found(house, "comment nettoyer mon coussin", "coussin")
    await house.services.library.refresh()
    async with house.client.get("/aide/coussin") as response:
        page = await response.text()
    # What was previewed is what is read, to the letter.
    for part in ("<h1>", '<div class="prose">', '<div class="help-short">'):
        cut = preview["page"].split(part, 1)[1].split("\n", 1)[0]
        assert cut
        assert part + cut in page
    async with house.services.db.read() as session:
        done = (await session.execute(select(AuditEntry.action, AuditEntry.detail))).all()
    assert ("article_published", "Comment laver coussin ?") in [tuple(row) for row in done]


async def test_what_touches_a_danger_is_read_by_two(house: Bot) -> None:
    ines, remi, paul = (
        await at(house, "ines"),
        await at(house, "remi", "reviewer"),
        await at(house, "paul", "publisher"),
    )
    draft = await ines.save(form("lampe", title=DANGER))
    for who in (ines, paul):
        status, refused = await who.step("publish", draft)
        assert (status, refused["error"]["code"]) == (409, "second_person")
    status, read = await ines.call("GET", "articles/lampe")
    assert read["locales"]["fr"]["second"]["reason"] == "danger"
    assert (await ines.step("approve", draft))[0] == 403
    assert (await remi.step("approve", draft))[0] == 200
    # Mended after it was approved: that text was read by nobody else.
    later = await ines.save(draft["form"] | {"answer": "Sortez et appelez le 18."}, draft["revision"])
    assert (await ines.step("publish", later))[0] == 409
    assert (await remi.step("approve", later))[0] == 200
    assert (await ines.step("publish", later))[0] == 200


async def test_a_danger_is_not_taken_out_of_an_article_by_one_alone(house: Bot) -> None:
    ines, remi, paul = (
        await at(house, "ines"),
        await at(house, "remi", "reviewer"),
        await at(house, "paul", "publisher"),
    )
    draft = await ines.save(form("bougeoir", title=DANGER))
    assert (await remi.step("approve", draft))[0] == 200
    assert (await ines.step("publish", draft))[0] == 200
    harmless = await ines.save(form("bougeoir"))
    status, refused = await ines.step("publish", harmless)
    assert (status, refused["error"]["code"]) == (409, "second_person")
    for asked in (("GET", "articles/bougeoir", None), ("POST", "check", {"form": harmless["form"]})):
        _, told = await ines.call(*asked)
        assert (told["locales"]["fr"] if "locales" in told else told)["second"]["reason"] == "danger"
    # The rule looks at the very revision that is published.
    status, refused = await paul.step("publish", harmless | {"revision": harmless["revision"] + 1})
    assert (status, refused["error"]["code"]) == (409, "conflict")
    assert refused["theirs"]["revision"] == harmless["revision"]
    assert (await paul.step("publish", harmless | {"revision": None}))[0] == 422
    for turn in ("archive", "unarchive"):
        status, refused = await ines.call("POST", f"articles/bougeoir/fr/{turn}")
        assert (status, refused["error"]["code"]) == (403, "publisher_needed")
        assert (await paul.call("POST", f"articles/bougeoir/fr/{turn}"))[0] == 200


async def test_customers_turns_do_not_wait_until_a_text_is_read_for_dangers(
    make_bot: Any, library: Served, company: Service
) -> None:
    rules = HeardRules.of(company)
    house: Bot = await make_bot(knowledge_base_url=library.base, rules=rules)
    paul = await at(house, "paul", "publisher")
    draft = await paul.save(form("paravent"))
    calls: list[tuple[str, str, Json | None]] = [
        ("POST", "check", {"form": draft["form"]}),
        ("GET", "articles/paravent", None),
        ("POST", "drafts/paravent/fr/publish", {"revision": draft["revision"]}),
        ("PUT", "drafts/paravent/fr", {"form": form("paravent", body="Autrement."), "revision": None}),
    ]
    for method, tail, body in calls:
        rules.asked.texts.clear()
        status, told = await paul.call(method, tail, body)
        assert status == 200, told
        assert any("paravent" in text for text in rules.asked.texts), tail
    assert len(rules.asked.texts) == 2, "what is typed, and what is online: each of them once"
    assert not rules.asked.at_once


async def test_a_house_may_have_everything_read_by_two(make_bot: Any, library: Served, company: Service) -> None:
    rules = company.model_copy(update={"studio": Rules(review="all", second_person_topics=("guarantee",))})
    house: Bot = await make_bot(knowledge_base_url=library.base, rules=rules)
    ines, paul = await at(house, "ines"), await at(house, "paul", "publisher")
    draft = await ines.save(form("plaid"))
    status, refused = await ines.step("publish", draft)
    assert (status, refused["error"]["code"]) == (409, "second_person")
    assert (await paul.step("publish", draft))[0] == 200
    draft = await ines.save(form("matelas", topic="guarantee"))
    assert (await paul.step("publish", draft))[0] == 409


async def test_the_second_of_two_writers_is_told_what_the_first_wrote(house: Bot) -> None:
    ines, zoe = await at(house, "ines"), await at(house, "zoe")
    first = await ines.save(form("tapis"))
    theirs = await ines.save(first["form"] | {"answer": "À la main."}, first["revision"])
    mine = {"form": first["form"] | {"answer": "À sec."}, "revision": first["revision"]}
    status, told = await zoe.call("PUT", "drafts/tapis/fr", mine)
    assert (status, told["error"]["code"]) == (409, "conflict")
    assert (told["theirs"]["revision"], told["theirs"]["form"]["answer"]) == (theirs["revision"], "À la main.")
    assert told["base"]["answer"] == first["form"]["answer"]


async def send(studio: Studio, content: bytes, name: str) -> tuple[int, Json]:
    sent = FormData()
    sent.add_field("file", content, filename=name, content_type="image/png")
    headers = {"Authorization": f"Bearer {studio.desk.token}"}
    async with studio.desk.client.post("/api/v1/studio/pictures", data=sent, headers=headers) as response:
        return response.status, await response.json()


async def test_a_picture_is_kept_once_and_shown_to_everybody(house: Bot) -> None:
    ines = await at(house, "ines")
    status, kept = await send(ines, PICTURE, "housse.png")
    assert (status, kept["name"]) == (201, "housse.png")
    assert (await send(ines, PICTURE, "again.png"))[1]["url"] == kept["url"]
    body = f"![La housse]({kept['url']}) ![Partie](/pictures/{'0' * 32}.png) ![Autre]({kept['url'][:-3]}jpg)"
    _, told = await ines.call("POST", "check", {"form": form("coussin") | {"body": body}})
    assert [link["ok"] for link in told["links"]] == [True, False, False]
    assert [one["code"] for one in told["problems"] if one["severity"] == "warning"].count("link_broken") == 2
    async with house.client.get(kept["url"]) as response:
        assert (response.status, response.content_type) == (200, "image/png")
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert await response.read() == PICTURE
    assert (await send(ines, b"<svg onload=alert(1)>", "evil.png"))[0] == 415
    status, refused = await send(ines, b"%PDF-1.4", "notice.pdf")
    assert (status, refused["error"]["code"]) == (415, "bad_picture")
    told = form("coussin", body=f"![La housse]({kept['url']})")
    _, preview = await ines.call("POST", "preview", {"form": told})
    assert f'<img src="{kept["url"]}" alt="La housse"' in preview["page"]


async def test_archived_and_discarded_come_back(house: Bot) -> None:
    ines = await at(house, "ines")
    draft = await ines.save(form("vase"))
    for asked, refusal in {"": 422, f"?revision={'9' * 4301}": 422, f"?revision={draft['revision'] + 1}": 409}.items():
        assert (await ines.call("DELETE", f"drafts/vase/fr{asked}"))[0] == refusal, asked
    status, gone = await ines.call("DELETE", f"drafts/vase/fr?revision={draft['revision']}")
    assert (status, gone["draft"]["form"]) == (200, draft["form"])
    assert (await ines.call("GET", "articles/vase"))[0] == 404
    draft = await ines.save(gone["draft"]["form"])
    assert (await ines.step("publish", draft))[0] == 200
    assert (await ines.call("POST", "articles/vase/fr/archive"))[0] == 200
    assert (await ines.call("GET", "articles/vase"))[1]["locales"]["fr"]["published"] is None
    assert (await ines.call("POST", "articles/vase/fr/unarchive"))[0] == 200
    status, told = await ines.call("GET", "articles/vase/fr/history")
    assert [each["action"] for each in told["history"]] == ["published", "archived", "published"]
    assert told["history"][0]["author"]["name"] == "Ines"
    commit = told["history"][-1]["commit"]
    assert (await ines.call("GET", f"articles/vase/fr/history/{commit}"))[1]["form"]["title"] == draft["form"]["title"]
    status, restored = await ines.call("POST", "articles/vase/fr/restore", {"commit": commit, "revision": None})
    assert (status, restored["draft"]["form"]["answer"]) == (200, draft["form"]["answer"])


async def test_a_moment_to_come_is_kept_and_taken_back(house: Bot) -> None:
    ines = await at(house, "ines")
    draft = await ines.save(form("rideau"))
    status, refused = await ines.step("publish", draft, at="2020-01-01T10:00:00+01:00")
    assert (status, refused["error"]["code"]) == (422, "publish_in_past")
    assert (await ines.step("publish", draft, at="tomorrow"))[0] == 422
    at_that_hour = datetime.fromisoformat(to_come(house)).astimezone(timezone(timedelta(hours=1)))
    status, answer = await ines.step("publish", draft, at=at_that_hour.isoformat())
    assert (status, datetime.fromisoformat(answer["draft"]["publish_at"])) == (200, at_that_hour)
    # What went wrong at that hour is told in the reader's language.
    client = house.services.studio
    kept = await client.article("rideau")
    problem = {"code": "second_person", "message": "Somebody else must approve this very text."}
    kept["locales"]["fr"]["draft"]["publish_problem"] = problem
    with pytest.MonkeyPatch.context() as played:
        played.setattr(client, "article", AsyncMock(return_value=kept))
        _, told = await ines.call("GET", "articles/rideau")
    said = told["locales"]["fr"]["draft"]["publish_problem"]["message"]
    assert said == "Une autre personne doit d’abord approuver ce texte."
    status, listed = await ines.call("GET", "articles?scheduled=true&q=rideau")
    assert listed["total"] == 1
    assert (await ines.step("unschedule", draft))[1]["draft"]["publish_at"] is None


async def test_what_nobody_reads_is_found_in_the_list(house: Bot) -> None:
    ines = await at(house, "ines")
    draft = await ines.save(form("rideau"))
    assert (await ines.step("publish", draft))[0] == 200
    # It is more than a week old by then; the knowledge base has the clock on the wall.
    house.clock.set(datetime.now(UTC) + timedelta(days=9))
    lea = await at(house, "lea")
    status, listed = await lea.call("GET", "articles?health=unread&q=rideau")
    assert (status, [row["article_id"] for row in listed["articles"]]) == (200, ["rideau"])
    assert (await lea.call("GET", "articles?health=contradicted"))[1]["total"] == 0
    assert (await lea.call("GET", "articles?health=odd"))[0] == 422
