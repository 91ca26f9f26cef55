"""What the studio says of an article as it is typed, and what it takes in whatever is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from knowledge_base.content.parsing import read_article
from knowledge_base.studio import checking
from knowledge_base.studio.form import Form
from knowledge_base.studio.links import links
from tests.knowledge_base.studio import FORM, INES, Client, Clock, Json, app_of, call, opened, published, saved


async def problems(client: Client, **fields: Any) -> set[tuple[str, str, str]]:
    body = {"form": FORM | fields, "revision": None, "actor": INES}
    _, told = await call(client, "PUT", "drafts/new/fr", body)
    await call(client, "DELETE", f"drafts/new/fr?revision={told['draft']['revision']}")
    return {(one["field"], one["code"], one["severity"]) for one in told["problems"]}


async def test_each_fault_is_told_at_its_field(client: Client) -> None:
    await published(client, "shop-hours", slug="horaires")
    assert await problems(client, questions=["a b", "c d", "e f", "g h"]) == set()
    cases: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
        ({"title": " "}, ("title", "title_missing", "error")),
        ({"title": "x" * 201}, ("title", "title_too_long", "error")),
        ({"answer": ""}, ("answer", "answer_missing", "error")),
        ({"answer": "Un. Deux. Trois. Quatre."}, ("answer", "answer_too_long", "error")),
        ({"answer": "Un mot " * 100}, ("answer", "answer_too_many_characters", "error")),
        ({"slug": ""}, ("slug", "slug_missing", "error")),
        ({"slug": "../../etc/passwd"}, ("slug", "slug_invalid", "error")),
        ({"slug": "Été"}, ("slug", "slug_invalid", "error")),
        ({"slug": "horaires"}, ("slug", "slug_taken", "error")),
        ({"topic": ""}, ("topic", "topic_missing", "error")),
        ({"topic": "weather"}, ("topic", "topic_unknown", "error")),
        ({"questions": []}, ("questions", "no_question", "warning")),
        ({"questions": ["une seule ?"]}, ("questions", "few_questions", "warning")),
        ({"questions": ["le même ?", "Le même"]}, ("questions.1", "question_twice", "error")),
        ({"questions": ["x", FORM["questions"][0]]}, ("questions.1", "question_elsewhere", "warning")),
        ({"related": ["new"]}, ("related.0", "related_self", "error")),
        ({"related": ["shop-hours", "no-such"]}, ("related.1", "related_unknown", "error")),
        ({"body": " "}, ("body", "body_empty", "warning")),
        ({"body": "é" * 480_000}, ("body", "too_large", "error")),
        ({"body": "Voir <b>ici</b>"}, ("body", "html_removed", "warning")),
        ({"body": "![](/x.png)"}, ("body", "picture_without_text", "warning")),
        ({"review_by": "bientôt"}, ("review_by", "review_by_invalid", "error")),
        ({"review_by": "2026-11-22"}, ("review_by", "review_by_past", "warning")),
    ]
    for fields, expected in cases:
        assert expected in await problems(client, **fields), fields


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<ScRiPt src=//x>",
        "[ici](javascript:alert(1))",
        "[ici](  JavaScript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "<iframe src='https://x'></iframe>",
        '<a href=" javascript:alert(1)">x</a>',
        "![x](data:text/html;base64,PHNjcmlwdD4=)",
    ],
)
async def test_script_is_refused_with_a_word(client: Client, text: str) -> None:
    assert ("body", "script", "error") in await problems(client, body=f"Bonjour. {text}")
    assert ("body", "script", "error") not in await problems(client, body=f"Écrivez `{text}` ainsi.")
    revision = await saved(client, "new", body=text)
    status, told = await call(client, "POST", "drafts/new/fr/publish", {"actor": INES, "revision": revision})
    assert (status, told["error"]["code"]) == (422, "problems")
    assert [one["code"] for one in told["problems"] if one["severity"] == "error"] == ["script"]


LIES = ["yes", "2027-01-01", "null", "a: b", "# x", "- x", "{x: [y]}", "&a *a", "!!python/object:os.system x", "'\"",
        "---", "1e3", "é\u2028x\u0085y", "🙂 ok", "a\tb", "%TAG", "@x", "| x", "nul\x00l"]  # fmt: skip


@pytest.mark.parametrize("text", LIES)
async def test_yaml_that_would_lie_is_written_so_that_it_cannot(client: Client, tmp_path: Path, text: str) -> None:
    fields: dict[str, Any] = {
        "title": text,
        "questions": [text, "b c", "d e", "f g"],
        "answer": text,
        "audience": [text],
    }
    await published(client, "new", **fields, body=f"---\n{text}\n---\nid: other")
    article, _ = read_article(tmp_path / "articles" / "fr" / f"{FORM['slug']}.md", "fr")
    assert article is not None
    clean = " ".join(text.encode("utf-8", "ignore").decode().replace("\x00", "").replace("\x85", "").split())
    assert (article.id, article.title, article.answer, article.questions[0]) == ("new", clean, clean, clean)
    assert article.audience == (clean,)


async def test_five_megabytes_are_refused_with_a_sentence(client: Client) -> None:
    body: Json = {"form": FORM | {"body": "x" * 5_000_000}, "revision": None, "actor": INES}
    status, told = await call(client, "PUT", "drafts/new/fr", body)
    assert (status, told["error"]["code"]) == (413, "too_large")
    assert "split the article" in told["error"]["message"]
    body["form"]["body"] = "x" * 1_100_000
    status, told = await call(client, "PUT", "drafts/new/fr", body)
    assert (status, told["error"]["code"]) == (413, "too_large")
    for wrong in (
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"form": {"title": "\\ud83d"}, "actor": {"name": "x", "email": "y"}}',
        b'{"form": {"title": 3}, "actor": {"name": "x", "email": "y"}}',
    ):
        answer = await client.put("/studio/drafts/new/fr", data=wrong)
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, "bad_request")
    for actor in ({"name": "A\nB", "email": "x"}, {"name": "<x>", "email": "y"}, {"name": "", "email": ""}):
        assert (await call(client, "PUT", "drafts/new/fr", {"form": FORM, "actor": actor}))[0] == 400


async def test_links_into_the_help_centre_lead_somewhere(tmp_path: Path) -> None:
    studio = opened(tmp_path, Clock())
    async with TestClient(TestServer(app_of(studio))) as client:
        await published(client, "shop-hours", slug="horaires")
    body = (
        "[a](/aide/horaires#soir) [b](/aide/rien 'titre') [c](/aide) [d](/aide/theme/boutiques) [e](#bas)"
        " [f](https://exemple.fr/x) [g](https://) [h](mailto:a@b.fr) [i](horaires) <https://a.fr> [j](ftp://x/y)\n\n"
        "[k]: /aide/lui-meme\n[l](//[x)"
    )
    form = Form.model_validate(FORM | {"body": body, "slug": "lui-meme", "locale": "fr"})
    found = {str(one["url"]): one["ok"] for one in links(form, opened(tmp_path, Clock()).articles())}
    assert found == {
        "/aide/horaires#soir": True, "/aide/rien": False, "/aide": True, "/aide/theme/boutiques": True, "#bas": True,
        "https://exemple.fr/x": None, "https://": False, "mailto:a@b.fr": True, "horaires": False,
        "https://a.fr": None, "ftp://x/y": False, "/aide/lui-meme": True, "//[x": False,
    }  # fmt: skip


def test_a_table_of_many_signs_is_read_in_no_time() -> None:
    """Where each sign looked through all that follows, this would take hours."""
    assert checking._SCRIPT.search("a < b, " * 100_000) is None
    assert checking._HTML.search("a <b, " * 100_000) is None
    assert checking._CODE.sub("", "`a\n" * 100_000)
    for beginning in ("](", "<", "href=", "a"):
        assert checking._SCRIPT.search(beginning + " " * 100_000) is None


@pytest.mark.parametrize(
    "text",
    ["](a", "![x](data:image/png;base64," + "A" * 40_000, "<https://a", "[\n", '[a](b "t'],
    ids=["many", "picture", "angle", "reference", "title"],
)
def test_what_begins_like_a_link_and_never_ends_keeps_nobody_waiting(tmp_path: Path, text: str) -> None:
    # Read to the end from each beginning, it would be minutes in which no question is answered.
    hostile = text * max(1, 40_000 // len(text))
    known = [{"url": "/aide/nulle-part", "ok": False}]
    form = Form(**FORM | {"locale": "fr", "body": f"[ici](/aide/nulle-part) {hostile}"})
    assert links(form, opened(tmp_path, Clock()).articles())[:1] == known
