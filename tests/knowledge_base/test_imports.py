"""Imports by writers over HTTP: what the dry run tells, what lands, and that half of it never does."""

from __future__ import annotations

import asyncio
import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from dulwich.repo import Repo

from knowledge_base.studio import uploads
from tests.knowledge_base.studio import FORM, INES, PAUL, REMI, Client, call, published


async def send(client: Client, name: str, data: bytes, **more: str) -> tuple[int, Any]:
    form = aiohttp.FormData({"locale": "fr", "topic": "shops"} | more)
    form.add_field("file", BytesIO(data), filename=name)
    answer = await client.post("/studio/imports", data=form)
    return answer.status, await answer.json()


async def ended(client: Client, job: str) -> Any:
    while (told := (await call(client, "GET", f"jobs/{job}"))[1])["state"] == "running":
        await asyncio.sleep(0.02)
    return told


async def dry_run(client: Client, name: str, data: bytes, **more: str) -> Any:
    status, told = await send(client, name, data, **more)
    assert status == 202, told
    job = await ended(client, told["job"])
    assert job["state"] == "done", job
    return job["result"]


async def applied(client: Client, dry: Any, **wish: Any) -> Any:
    status, told = await call(client, "POST", f"imports/{dry['import']}/apply", {"actor": PAUL, **wish})
    assert status == 202, told
    return await ended(client, told["job"])


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"a{number}", "title": f"Article {number} ?", "body": f"Le texte {number}.", **more}


def lines(*rows: Any) -> bytes:
    return "\n".join(json.dumps(one) for one in rows).encode()


def packed(files: dict[str, str]) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in files.items():
            made.writestr(name, text)
    return data.getvalue()


async def test_two_hundred_broken_rows_are_listed_and_the_rest_goes_in_as_the_writer_chooses(
    client: Client, tmp_path: Path
) -> None:
    broken = ({"topic": "unknown"}, {"title": ""}, {"answer": "Un. Deux. Trois. Quatre."}, {"id": "a1"})
    rows = [row(n, **(broken[n // 5 % 4] if n % 5 == 0 else {})) for n in range(1, 1001)]
    dry = await dry_run(client, "faq.jsonl", lines(*rows))
    assert dry["counts"] == {"new": 800, "changed": 0, "same": 0, "refused": 200}
    refused = [one for one in dry["rows"] if one["state"] == "refused"]
    assert [one["line"] for one in refused] == list(range(5, 1001, 5))
    codes = {one["problem"]["code"] for one in refused}
    assert codes == {"topic_unknown", "title_missing", "answer_too_long", "id_twice"}
    assert {one["file"] for one in refused} == {"faq.jsonl"}
    assert {one["problem"]["code"] for one in refused if not one["title"]} == {"title_missing"}
    stopped = await applied(client, dry)
    assert (stopped["state"], stopped["error"]["code"]) == ("failed", "import_refused_rows")
    assert list((tmp_path / "articles").glob("fr/*")) == []
    done = (await applied(client, dry, with_refused=True))["result"]
    assert (done["new"], done["refused"], done["searchable"]) == (800, 200, True)
    with Repo(str(tmp_path / "articles")) as repository:
        [entry] = list(repository.get_walker())
        assert entry.commit.author.decode() == "Paul Roy <paul@maison-alder.test>"


async def test_what_changes_is_told_by_field_and_only_replaced_when_asked_for(client: Client, tmp_path: Path) -> None:
    await published(client, "shop-hours")
    changed = {
        "id": "shop-hours",
        **{name: FORM[name] for name in ("title", "questions", "body")},
        "answer": "De 9 à 20 h.",
    }
    source = lines(changed, row(1), row(2, locale="de"))
    dry = await dry_run(client, "faq.jsonl", source)
    told = next(one for one in dry["rows"] if one["state"] == "changed")
    assert told["changes"] == [{"field": "answer", "before": FORM["answer"], "after": "De 9 à 20 h."}]
    assert dry["rows"][2]["problem"]["code"] == "locale_unknown"
    done = (await applied(client, dry, with_refused=True))["result"]
    assert (done["new"], done["changed"], done["left"]) == (1, 0, 1)
    dry = await dry_run(client, "faq.jsonl", source)
    await call(client, "POST", "articles/shop-hours/fr/archive", {"actor": INES})  # meanwhile
    late = await applied(client, dry, with_refused=True, replace=True)
    assert (late["state"], late["error"]["code"]) == ("failed", "import_outdated")
    await call(client, "POST", "articles/shop-hours/fr/unarchive", {"actor": INES})
    done = (await applied(client, dry, with_refused=True, replace=True))["result"]
    assert (done["new"], done["changed"]) == (0, 1)
    file = tmp_path / "articles" / "fr" / f"{FORM['slug']}.md"
    assert "De 9 à 20 h." in file.read_text("utf-8")


async def test_a_row_that_says_the_same_as_a_published_article_is_told_with_that_article(client: Client) -> None:
    await published(client, "shop-hours")
    shouted = FORM["title"].upper()
    rows = [
        row(1, title=shouted),
        row(2, questions=[FORM["questions"][0].rstrip(" ?") + " !"]),
        row(3),
        row(4, title=shouted, locale="en"),
        {"id": "shop-hours", "title": FORM["title"], "body": "Autrement."},
    ]
    dry = await dry_run(client, "faq.jsonl", lines(*rows))
    twins = [[one for one in each["warnings"] if one["code"] == "says_the_same"] for each in dry["rows"]]
    assert [len(each) for each in twins] == [1, 1, 0, 0, 0]
    told = {"text": shouted, "article_id": "shop-hours", "title": FORM["title"]}
    assert (twins[0][0]["severity"], twins[0][0]["params"]) == ("warning", told)
    assert twins[1][0]["params"]["article_id"] == "shop-hours"


async def test_a_table_names_its_columns_topics_and_languages_as_people_do(client: Client) -> None:
    table = (
        "Titre ;Réponse;QUESTIONS;Sujet;Texte;Langue\n"
        "Où êtes-vous ?;Partout.;Un|Deux;les MAGASINS;Nos magasins.;Anglais\n"
        "Quand ?;Demain.;;Voirie;Demain.;FR\n"
    )
    names = json.dumps({"Les magasins": "shops", "Livraison": "delivery"})
    dry = await dry_run(client, "faq.csv", table.encode("utf-8-sig"), topics=names)
    first, second = dry["rows"]
    assert (first["state"], first["topic"], first["locale"]) == ("new", "shops", "en")
    assert (first["title"], first["answer"], first["questions"]) == ("Où êtes-vous ?", "Partout.", ["Un", "Deux"])
    assert (second["problem"]["code"], second["problem"]["params"]["topic"]) == ("topic_unknown", "Voirie")
    asked = await dry_run(client, "faq.csv", "Question,Réponse\nOù ?,Là.\n".encode())
    assert (asked["rows"][0]["state"], asked["rows"][0]["title"]) == ("new", "Où ?")
    assert (await send(client, "faq.csv", b"", topics="[]"))[0] == 400


async def test_what_needs_a_second_person_becomes_a_draft_in_review(client: Client) -> None:
    dry = await dry_run(client, "faq.jsonl", lines(row(1), row(2)))
    done = (await applied(client, dry, review=[["a2", "fr"]]))["result"]
    assert (done["new"], done["review"], done["left"]) == (1, 1, 0)
    again = await dry_run(client, "faq.jsonl", lines(row(2), row(3)))
    done = (await applied(client, again, review=[["a2", "fr"]]))["result"]
    assert (done["new"], done["review"], done["left"]) == (1, 0, 1)
    _, whole = await call(client, "GET", "articles/a2")
    assert whole["locales"]["fr"]["published"] is None
    assert (whole["locales"]["fr"]["draft"]["state"], whole["locales"]["fr"]["draft"]["author"]) == ("in_review", PAUL)


@pytest.mark.parametrize(("step", "after"), [("withdraw", "in_review"), ("", "in_review"), ("approve", "approved")])
async def test_a_row_whose_draft_was_thrown_away_lands_anew_as_far_as_it_was_read(
    client: Client, step: str, after: str
) -> None:
    await applied(client, await dry_run(client, "faq.jsonl", lines(row(1))), review=[["a1", "fr"]])
    _, whole = await call(client, "GET", "articles/a1")
    revision = whole["locales"]["fr"]["draft"]["revision"]
    if step:
        status, told = await call(client, "POST", f"drafts/a1/fr/{step}", {"actor": REMI, "revision": revision})
        assert status == 200, told
    assert (await call(client, "DELETE", f"drafts/a1/fr?revision={revision}"))[0] == 200
    again = await dry_run(client, "faq.jsonl", lines(row(1), row(2)))
    job = await applied(client, again, review=[["a1", "fr"]])
    assert job["state"] == "done", job["error"]
    assert (job["result"]["new"], job["result"]["review"], job["result"]["left"]) == (1, 1, 0)
    _, whole = await call(client, "GET", "articles/a1")
    draft = whole["locales"]["fr"]["draft"]
    assert (draft["state"], draft["author"], draft["approved_by"]) == (after, PAUL, REMI if step == "approve" else None)


async def test_all_is_exported_as_markdown_and_imported_again_it_is_the_same(client: Client) -> None:
    await published(client, "shop-hours", review_by="2027-01-31", audience=["pro"])
    await published(client, "bikes", "en", slug="bikes", related=["shop-hours"])
    answer = await client.get("/studio/export")
    assert answer.status == 200
    told = {one["path"]: one["text"] for one in map(json.loads, (await answer.text()).splitlines())}
    assert list(told) == ["en/bikes.md", f"fr/{FORM['slug']}.md"]
    dry = await dry_run(client, "articles.zip", packed(told))
    assert dry["counts"] == {"new": 0, "changed": 0, "same": 2, "refused": 0}


async def test_long_answers_come_in_pieces(client: Client) -> None:
    await published(client, "shop-hours")
    job = (await send(client, "faq.jsonl", lines(*(row(n) for n in range(200)))))[1]["job"]
    dry = (await ended(client, job))["result"]
    for path, most in ((f"jobs/{job}", 50_000), ("shelf", 2_000)):
        answer = await client.get(f"/studio/{path}")
        assert (answer.content_type, answer.headers.get("Transfer-Encoding")) == ("application/json", "chunked")
        pieces = await in_pieces(answer)
        assert max(map(len, pieces)) < most
        assert json.loads(b"".join(pieces)) == (await call(client, "GET", path))[1]
        assert path == "shelf" or (json.loads(b"".join(pieces))["result"] == dry and len(pieces) > 4)


async def test_what_may_land_is_told_whole(client: Client) -> None:
    await published(client, "shop-hours", body="Avant. " * 1_000)
    kept = {name: FORM[name] for name in ("title", "questions", "answer")}
    changed = {"id": "shop-hours", **kept, "body": "Mot. " * 999}
    dry = await dry_run(client, "faq.jsonl", lines(changed, row(1), row(2, title="")))
    answer = await client.get(f"/studio/imports/{dry['import']}")
    head, first, second = map(json.loads, (await answer.text()).splitlines())
    assert head == {"name": "faq.jsonl", "bundle": ""}
    assert (len(first["form"]["body"]), len(first["online"]["body"])) == (4_994, 6_999)
    assert (second["form"]["article_id"], second["online"]) == ("a1", None)


async def in_pieces(answer: aiohttp.ClientResponse) -> list[bytes]:
    """As they were sent."""
    pieces, piece = [], b""
    async for part, whole in answer.content.iter_chunks():
        piece += part
        if whole:
            pieces.append(piece)
            piece = b""
    return [*pieces, piece] if piece else pieces


async def test_what_the_sender_found_wrong_with_a_file_is_told_as_a_refused_row(client: Client) -> None:
    texts = packed({"fr/a.md": "# A\n\nAh.", "fr/b.md": "# B\n\nBeh."})
    fault = {"line": 3, "code": "picture_bad", "params": {"name": "b.png"}, "message": "This is no picture."}
    dry = await dry_run(client, "a.zip", texts, faults=json.dumps({"fr/b.md": fault}), bundle="b1")
    assert [(row["file"], row["line"], row["state"]) for row in dry["rows"]] == [
        ("fr/a.md", 1, "new"),
        ("fr/b.md", 3, "refused"),
    ]
    assert (dry["rows"][1]["problem"]["params"], dry["bundle"]) == ({"name": "b.png"}, "b1")
    assert (await applied(client, dry))["error"]["code"] == "import_refused_rows"
    assert (await applied(client, dry, with_refused=True))["result"]["new"] == 1
    assert (await send(client, "a.zip", texts, faults="[1]"))[0] == 400


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("faq.exe", b"MZ", "import_kind"),
        ("faq.csv.gz", b"", "import_kind"),
        ("faq.csv", b"a;b\n1;2\n", "import_unreadable"),
        ("faq.jsonl", "é".encode("latin-1"), "import_unreadable"),
        ("faq.zip", b"PK no", "import_zip"),
        ("faq.zip", packed({"fr/a.md": "# A\n\nb", "../../etc/a.md": "# B\n\nb"}), "import_path"),
        ("faq.zip", packed({"/etc/a.md": "# B\n\nb"}), "import_path"),
        ("faq.zip", packed({"fr/a.md": "# A\n\nb", "fr/a.md/b.md": "# B\n\nb"}), "import_zip"),
        ("faq.zip", packed({f"fr/{'a' * 300}.md": "# A\n\nb"}), "import_zip"),
        ("large.zip", packed({f"fr/{n}.md": "0" * 50_000 for n in range(3)}), "import_bomb"),
    ],
    ids=["kind", "packed", "columns", "encoding", "no zip", "up", "root", "file and folder", "long name", "bomb"],
)
async def test_what_cannot_be_read_is_told(
    client: Client, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, code: str
) -> None:
    monkeypatch.setattr(uploads, "MAX_UNPACKED", 100_000)
    _, told = await send(client, name, data)
    job = await ended(client, told["job"])
    assert (job["state"], job["error"]["code"]) == ("failed", code)


async def test_a_file_that_is_too_large_is_turned_away(client: Client) -> None:
    status, told = await send(client, "faq.csv", b"x" * 20_000_001)
    assert (status, told["error"]["code"]) == (413, "import_too_large")
