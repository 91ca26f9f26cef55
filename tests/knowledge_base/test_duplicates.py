"""Published articles that say the same are found among all of them, by meaning."""

from __future__ import annotations

import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge_base.studio.duplicates import MOST, alike
from tests.knowledge_base.conftest import SHIPPED, Served, own_var, serving

Json = dict[str, Any]
GIFT = "Une carte cadeau se garde deux ans. On ne peut ni la reprendre ni la rembourser."
GIFT_EN = "A gift card is good for two years. It cannot be returned or refunded."
TWIN = """---
id: how-long-gift-card
title: Jusqu’à quand puis-je utiliser ma carte cadeau ?
questions:
  - "ma carte cadeau est périmée ?"
  - "durée de validité de la carte cadeau"
  - "date d'expiration carte cadeau"
answer: "Une carte cadeau reste valable deux ans à partir de son achat."
topic: payment
---
Texte.
"""


def pairs(served: Served) -> list[Json]:
    status, body = served.call("/studio/duplicates")
    assert status == 200, body
    return list(body["pairs"])


def test_articles_that_differ_are_left_alone(shop: Served) -> None:
    found = pairs(shop)
    assert len(found) <= 3, [[one["title"] for one in pair["articles"]] for pair in found]
    for pair in found:
        assert len({one["article_id"] for one in pair["articles"]}) == 2
        assert {one["locale"] for one in pair["articles"]} == {pair["locale"]}


def test_many_that_say_the_same_are_not_listed_without_end() -> None:
    rows = np.full((2_000, 4), 0.5, dtype=np.float32)
    rows[7] = rows[1_400] = (1.0, 0.1, 0.0, 0.0)  # unlike the rest, and likest of all to each other
    kinds = np.zeros(2_000, dtype=np.intp)
    kinds[3] = 1
    found = alike(rows, kinds)
    assert len(found) == MOST
    assert found[0][1:] == (7, 1_400)
    assert not any(3 in pair[1:] for pair in found), "read by others"


def test_a_row_of_an_import_that_means_the_same_is_told_with_the_article(shop: Served) -> None:
    def row(name: str, locale: str, title: str, questions: list[str], answer: str) -> Json:
        told = {"id": name, "locale": locale, "title": title, "questions": questions, "answer": answer}
        return told | {"topic": "payment", "body": "Texte."}

    french = ["validité d'une carte cadeau", "ma carte cadeau a-t-elle expiré"]
    english = ["gift card expiry", "how long is a gift card good for"]
    rows = [
        row("new-gift", "fr", "ma carte cadeau est-elle encore bonne ?", french, GIFT),
        row("gift-en", "en", "is my gift card still good?", english, GIFT_EN),
        row("taxes", "fr", "Comment déclarer mes impôts ?", ["déclaration de revenus"], "En mai, sur le site."),
    ]
    told = [[one for one in row["warnings"] if one["code"] == "means_the_same"] for row in tried(shop, rows)]
    assert [len(each) for each in told] == [1, 1, 0]
    assert {each[0]["params"]["article_id"] for each in told[:2]} == {"gift-card-validity"}
    assert {each[0]["severity"] for each in told[:2]} == {"warning"}


def tried(served: Served, rows: list[Json]) -> list[Json]:
    """The rows of a dry run."""
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n'
    data = head.encode() + "\n".join(map(json.dumps, rows)).encode() + b"\r\n--b--\r\n"
    request = urllib.request.Request(f"{served.base}/studio/imports", data)  # noqa: S310
    request.add_header("Content-Type", "multipart/form-data; boundary=b")
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        job = json.loads(response.read())["job"]
    served.until(lambda: served.call(f"/studio/jobs/{job}")[1]["state"] != "running")
    told = served.call(f"/studio/jobs/{job}")[1]
    assert told["state"] == "done", told
    return list(told["result"]["rows"])


@pytest.mark.long
def test_the_same_in_other_words_is_found(tmp_path: Path, var: Path, environment: dict[str, str]) -> None:
    folder = tmp_path / "articles"
    shutil.copytree(SHIPPED, folder)
    (folder / "fr" / "jusqu-a-quand.md").write_text(TWIN, "utf-8")
    with serving(folder, own_var(tmp_path, var), environment) as served:
        found = {tuple(sorted(one["article_id"] for one in pair["articles"])): pair for pair in pairs(served)}
    assert found["gift-card-validity", "how-long-gift-card"]["shared"]
