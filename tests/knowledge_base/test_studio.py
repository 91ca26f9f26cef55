"""Drafts and publishing over HTTP: what writers do, and what they are told."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from knowledge_base.content import history
from tests.knowledge_base.studio import FORM, INES, PAUL, REMI, Client, Clock, app_of, call, opened, published, saved


async def test_an_article_is_written_published_changed_archived_and_brought_back(
    client: Client, tmp_path: Path
) -> None:
    done = await published(client, "shop-hours")
    assert done["searchable"] is True
    assert done["url"] == "/aide/horaires-des-boutiques"
    file = tmp_path / "articles" / "fr" / "horaires-des-boutiques.md"
    assert "id: shop-hours" in file.read_text("utf-8")
    _, whole = await call(client, "GET", "articles/shop-hours")
    here = whole["locales"]["fr"]
    assert here["published"] == FORM | {"article_id": "shop-hours", "locale": "fr"}
    assert (here["version"], here["draft"], here["updated_by"]) == (done["version"], None, INES)
    form = FORM | {"answer": "De 9 h à 20 h.", "slug": "heures-des-boutiques"}
    status, told = await call(client, "PUT", "drafts/shop-hours/fr", {"form": form, "revision": None, "actor": PAUL})
    assert (status, told["draft"]["base_version"]) == (200, done["version"])
    body = {"actor": PAUL, "revision": told["draft"]["revision"]}
    status, second = await call(client, "POST", "drafts/shop-hours/fr/publish", body)
    assert status == 200
    assert not file.exists()
    assert (tmp_path / "articles" / "fr" / "heures-des-boutiques.md").is_file()
    status, gone = await call(client, "POST", "articles/shop-hours/fr/archive", {"actor": INES})
    assert (status, gone["version"]) == (200, None)
    _, listed = await call(client, "GET", "articles?state=archived")
    assert [row["title"] for row in listed["articles"]] == [FORM["title"]]
    status, again = await call(client, "POST", "articles/shop-hours/fr/unarchive", {"actor": INES})
    assert (status, again["version"]) == (200, second["version"])
    _, past = await call(client, "GET", "articles/shop-hours/fr/history")
    assert [(one["author"]["name"], one["action"]) for one in past] == [
        ("Inès Moreau", "published"),
        ("Inès Moreau", "archived"),
        ("Paul Roy", "published"),
        ("Inès Moreau", "published"),
    ]
    _, first = await call(client, "GET", f"articles/shop-hours/fr/history/{done['commit']}")
    assert first["answer"] == FORM["answer"]
    body = {"actor": INES, "commit": done["commit"]}
    status, restored = await call(client, "POST", "articles/shop-hours/fr/restore", body)
    assert (status, restored["draft"]["form"]["answer"]) == (200, FORM["answer"])


async def test_a_version_that_cannot_be_read_any_more_is_told_as_such(client: Client, tmp_path: Path) -> None:
    await published(client, "shop-hours")
    file = tmp_path / "articles" / "fr" / "horaires-des-boutiques.md"
    file.write_text("---\nid: shop-hours\ntitle: [\n---\n", "utf-8")
    broken = history.commit(tmp_path / "articles", ["fr/horaires-des-boutiques.md"], "By hand")
    await published(client, "parcel", slug="colis")  # then the history is read again
    _, past = await call(client, "GET", "articles/shop-hours/fr/history")
    assert past[0]["commit"] == broken
    for commit, code in ((broken, "version_unreadable"), ("0" * 40, "not_found")):
        status, refused = await call(client, "GET", f"articles/shop-hours/fr/history/{commit}")
        assert (status, refused["error"]["code"]) == (404, code)
        body = {"actor": INES, "commit": commit}
        status, refused = await call(client, "POST", "articles/shop-hours/fr/restore", body)
        assert (status, refused["error"]["code"]) == (404, code)


async def test_the_second_writer_gets_what_the_first_one_saved_and_where_both_began(client: Client) -> None:
    began = await saved(client, "shop-hours")
    form = FORM | {"answer": "De 9 h à 19 h."}
    _, first = await call(client, "PUT", "drafts/shop-hours/fr", {"form": form, "revision": began, "actor": INES})
    other = {"form": FORM | {"title": "Nos horaires"}, "revision": began, "actor": PAUL}
    status, refused = await call(client, "PUT", "drafts/shop-hours/fr", other)
    assert (status, refused["error"]["code"]) == (409, "conflict")
    assert refused["theirs"]["form"]["answer"] == "De 9 h à 19 h."
    assert refused["theirs"]["updated_by"] == INES
    assert refused["base"]["answer"] == FORM["answer"]
    body = {"form": form, "revision": began, "actor": INES}
    status, same = await call(client, "PUT", "drafts/shop-hours/fr", body)
    assert (status, same["draft"]["revision"]) == (200, first["draft"]["revision"])  # sent again, saved once
    status, _ = await call(client, "PUT", "drafts/shop-hours/fr", other | {"revision": first["draft"]["revision"]})
    assert status == 200


async def test_what_was_published_meanwhile_is_not_written_over(client: Client) -> None:
    done = await published(client, "shop-hours")
    mine = await saved(client, "shop-hours", answer="De 8 h à 19 h.")
    status, _ = await call(client, "POST", "articles/shop-hours/fr/archive", {"actor": PAUL})
    body = {"actor": INES, "revision": mine}
    status, refused = await call(client, "POST", "drafts/shop-hours/fr/publish", body)
    assert (status, refused["error"]["code"], refused["theirs"]["form"]) == (409, "conflict", None)
    assert refused["base"]["answer"] == FORM["answer"]
    await call(client, "POST", "articles/shop-hours/fr/unarchive", {"actor": PAUL})
    status, again = await call(client, "POST", "drafts/shop-hours/fr/publish", body)
    assert status == 200
    assert again["version"] != done["version"]


async def test_a_second_person_reads_that_very_text(client: Client) -> None:
    revision = await saved(client, "shop-hours")
    body = {"actor": INES, "revision": revision, "second_person": True}
    status, refused = await call(client, "POST", "drafts/shop-hours/fr/publish", body)
    assert (status, refused["error"]["code"]) == (409, "second_person")
    status, told = await call(client, "POST", "drafts/shop-hours/fr/submit", {"actor": INES, "revision": revision})
    assert (status, told["draft"]["state"]) == (200, "in_review")
    status, refused = await call(client, "POST", "drafts/shop-hours/fr/approve", {"actor": INES, "revision": revision})
    assert (status, refused["error"]["code"]) == (409, "own_text")
    assert (await call(client, "POST", "drafts/shop-hours/fr/publish", body))[0] == 409  # her own approval is none
    await call(
        client, "POST", "drafts/shop-hours/fr/reject", {"actor": PAUL, "revision": revision, "note": "Dimanche ?"}
    )
    _, told = await call(client, "POST", "drafts/shop-hours/fr/approve", {"actor": PAUL, "revision": revision})
    assert told["draft"]["approved_by"] == PAUL
    changed = {"form": FORM | {"answer": "Toujours."}, "revision": revision, "actor": INES}
    _, told = await call(client, "PUT", "drafts/shop-hours/fr", changed)
    assert (told["draft"]["state"], told["draft"]["approved_by"]) == ("in_review", None)
    newer = {"actor": INES, "revision": told["draft"]["revision"]}
    assert (await call(client, "POST", "drafts/shop-hours/fr/publish", newer | {"second_person": True}))[0] == 409
    await call(client, "POST", "drafts/shop-hours/fr/approve", newer | {"actor": PAUL})
    assert (await call(client, "POST", "drafts/shop-hours/fr/publish", newer | {"second_person": True}))[0] == 200


async def test_a_reviewer_who_mends_a_comma_locks_nobody_out(client: Client) -> None:
    draft = "drafts/shop-hours/fr"
    began = await saved(client, "shop-hours")
    await call(client, "POST", f"{draft}/submit", {"actor": INES, "revision": began})
    mended = {"form": FORM | {"answer": "De 10 h à 19 h, sauf le dimanche."}, "revision": began, "actor": PAUL}
    _, told = await call(client, "PUT", draft, mended)
    body = {"revision": told["draft"]["revision"], "second_person": True}
    approval = {"actor": PAUL, "revision": body["revision"]}
    assert (await call(client, "POST", f"{draft}/approve", approval))[0] == 200
    # Nobody but him has read what he mended: another one approves it too, or is who publishes it.
    status, refused = await call(client, "POST", f"{draft}/publish", body | {"actor": PAUL})
    assert (status, refused["error"]["code"]) == (409, "second_person")
    status, told = await call(client, "POST", f"{draft}/approve", approval | {"actor": REMI})
    assert (status, told["draft"]["approved_by"]) == (200, REMI)
    _, told = await call(client, "PUT", draft, mended | {"form": FORM, "revision": body["revision"]})
    body |= {"revision": told["draft"]["revision"]}
    assert (await call(client, "POST", f"{draft}/approve", approval | {"revision": body["revision"]}))[0] == 200
    assert (await call(client, "POST", f"{draft}/publish", body | {"actor": INES}))[0] == 200


async def test_a_draft_put_back_keeps_what_it_began_from(client: Client) -> None:
    draft = "drafts/shop-hours/fr"
    await published(client, "shop-hours")
    mine = await saved(client, "shop-hours", body="Le dimanche aussi.")
    await call(client, "POST", f"{draft}/submit", {"actor": INES, "revision": mine, "note": "À relire"})
    _, gone = await call(client, "DELETE", f"{draft}?revision={mine}")
    await published(client, "shop-hours", answer="De 9 h à 20 h.")
    kept = gone["draft"]
    back = {"form": kept["form"], "revision": None, "actor": PAUL, "base_version": kept["base_version"]}
    _, told = await call(client, "PUT", draft, back)
    assert {name: told["draft"][name] for name in ("author", "state", "note")} == {
        "author": INES,
        "state": "in_review",
        "note": "À relire",
    }
    # Also when nobody remembers it any more but the history does.
    await call(client, "DELETE", f"{draft}?revision={told['draft']['revision']}")
    _, told = await call(client, "PUT", draft, back | {"form": kept["form"] | {"title": "Nos horaires"}})
    # Sent again because its answer was lost, it is saved once.
    again = await call(client, "PUT", draft, back | {"form": told["draft"]["form"]})
    assert (again[0], again[1]["draft"]["revision"]) == (200, told["draft"]["revision"])
    body = {"actor": PAUL, "revision": told["draft"]["revision"]}
    status, refused = await call(client, "POST", f"{draft}/publish", body)
    assert (status, refused["error"]["code"]) == (409, "conflict")
    assert (refused["base"]["answer"], refused["theirs"]["form"]["answer"]) == (FORM["answer"], "De 9 h à 20 h.")


async def test_a_draft_that_was_thrown_away_can_be_put_back(client: Client) -> None:
    revision = await saved(client, "shop-hours")
    for asked, refusal in {"": 400, "?revision=x": 400, f"?revision={'9' * 4301}": 400, "?revision=999": 409}.items():
        assert (await call(client, "DELETE", f"drafts/shop-hours/fr{asked}"))[0] == refusal, asked
    far = {"form": FORM | {"title": "Loin"}, "revision": 10**30, "actor": INES}
    assert (await call(client, "PUT", "drafts/shop-hours/fr", far))[0] == 409
    status, kept = await call(client, "DELETE", f"drafts/shop-hours/fr?revision={revision}")
    assert (status, kept["draft"]["form"]["title"]) == (200, FORM["title"])
    assert (await call(client, "GET", "articles/shop-hours"))[0] == 404
    late = {"form": kept["draft"]["form"] | {"title": "Plus tard"}, "revision": revision, "actor": INES}
    status, refused = await call(client, "PUT", "drafts/shop-hours/fr", late)
    assert (status, refused["theirs"]) == (409, None)
    assert await saved(client, "shop-hours") > revision


async def test_the_list_is_filtered_and_counted(client: Client) -> None:
    await published(client, "shop-hours", review_by="2026-11-01")
    await published(client, "parking", slug="parking", title="Où se garer ?", topic="products")
    await saved(client, "parking", slug="parking", title="Où garer la voiture ?", topic="products")
    await saved(client, "parking", "en", slug="parking", title="Where to park?", topic="products")
    _, everything = await call(client, "GET", "articles?sort=title")
    one = everything["articles"][0]
    _, alone = await call(client, "POST", "articles?sort=title", {"only": [[one["article_id"], one["locale"]]]})
    assert (alone["total"], alone["articles"]) == (1, [one])
    _, shelf = await call(client, "GET", "shelf")
    assert sorted(map(str, shelf["articles"])) == sorted(map(str, everything["articles"]))
    assert everything["total"] == 3
    assert everything["facets"]["topic"] == {"products": 2, "shops": 1}
    assert everything["facets"]["state"] == {"draft": 2, "published": 2}
    assert everything["facets"]["due"] == 1
    assert [row["missing"] for row in everything["articles"]] == [[], ["en"], []]
    for query, expected in {
        "q=OU GARER": ["parking"],
        "topic=shops": ["shop-hours"],
        "state=draft&locale=en": ["parking"],
        "due=0": ["shop-hours"],
        "missing=1": ["shop-hours"],
        f"author={PAUL['email']}": [],
        "limit=1&offset=1&sort=title": ["shop-hours"],
        "locale=en&topic=shops": [],
    }.items():
        _, found = await call(client, "GET", f"articles?{query}")
        assert [row["article_id"] for row in found["articles"]] == expected, query
    assert (await call(client, "GET", "articles?topic=shops&limit=nonsense"))[0] == 200


def kept_in(tmp_path: Path, text: str) -> bool:
    """Whether the studio's file holds these words anywhere, taken away or not."""
    return any(text.encode() in file.read_bytes() for file in tmp_path.glob("studio.db*"))


async def test_what_was_typed_goes_with_the_draft(tmp_path: Path, clock: Clock) -> None:
    studio = opened(tmp_path, clock)
    async with TestClient(TestServer(app_of(studio))) as client:
        revision = await saved(client, "shop-hours", body="Madame Secret a demandé.")
        status, kept = await call(client, "DELETE", f"drafts/shop-hours/fr?revision={revision}")
        studio.database.flush()
        assert not kept_in(tmp_path, "Madame Secret")
        again = await saved(client, "shop-hours", body=kept["draft"]["form"]["body"])
        body = {"form": FORM | {"body": "Sans nom."}, "revision": again, "actor": INES}
        _, told = await call(client, "PUT", "drafts/shop-hours/fr", body)
        status, _ = await call(
            client, "POST", "drafts/shop-hours/fr/publish", {"actor": INES, "revision": told["draft"]["revision"]}
        )
        assert status == 200
        await saved(client, "parking", slug="parking", body="Ce qui s’écrit encore.")
        assert studio.drafts.sweep() == 0  # whoever was still typing can merge
        assert studio.drafts.form_at("shop-hours", "fr", again)
        clock.pass_by(hours=26)
        studio.settle()
        studio.database.flush()
        assert studio.drafts.form_at("shop-hours", "fr", again) is None
        assert not kept_in(tmp_path, "Madame Secret")
        assert studio.drafts.sweep() == 0
        assert kept_in(tmp_path, "Ce qui s’écrit encore.")


async def test_archived_articles_are_read_from_git_once(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = opened(tmp_path, clock)
    async with TestClient(TestServer(app_of(studio))) as client:
        for name in ("one", "two"):
            await published(client, name, slug=name)
            await call(client, "POST", f"articles/{name}/fr/archive", {"actor": INES})
        _, listed = await call(client, "GET", "articles?state=archived")
        assert {row["article_id"] for row in listed["articles"]} == {"one", "two"}
        before = studio.versions.archived(set())
        asked: list[object] = []

        def each(wanted: Iterable[object]) -> dict[str, object]:
            asked.extend(wanted)
            return {}

        monkeypatch.setattr(studio.versions._published, "each", each)
        await saved(client, "three", slug="three")
        _, listed = await call(client, "GET", "articles")
        assert listed["total"] == 3
        after = studio.versions.archived(set())
        assert [after[place] is before[place] for place in before] == [True, True]
        assert asked == []
        monkeypatch.undo()
        await call(client, "POST", "articles/one/fr/unarchive", {"actor": INES})
        _, listed = await call(client, "GET", "articles?state=archived")
        assert [row["article_id"] for row in listed["articles"]] == ["two"]
