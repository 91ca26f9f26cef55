"""What an article written from a gap is about, over the articles that are shipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bot.conftest import Bot
from tests.knowledge_base.conftest import SHIPPED, Served, own_var, serving
from tests.studio.conftest import Studio
from tests.studio.test_gaps import asks, until

Json = dict[str, Any]
SWISS = ("livrez-vous en Suisse", "livraison en Suisse possible ?", "expédier un colis en Suisse")
GIFTS = ("faites-vous des emballages cadeaux", "un paquet cadeau c'est possible ?")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str], var: Path) -> Iterator[Served]:
    """The articles of the demo, to be written beside."""
    place = tmp_path_factory.mktemp("shipped")
    shutil.copytree(SHIPPED, place / "articles")
    with serving(place / "articles", own_var(place, var), environment) as served:
        yield served


async def drafted(house: Bot, writer: Studio, *questions: str) -> tuple[str, Json]:
    """The gap, and the form with which its article begins."""
    await asks(house, *questions)

    async def grouped() -> Json | None:
        gaps = (await writer.call("GET", "gaps?state=open"))[1]["gaps"]
        # All of them are in it: what it is about is read from each.
        mine = (gap for gap in gaps if gap["typical"]["text"] in questions)
        return next((gap for gap in mine if gap["questions"] == len(questions)), None)

    gap = (await until(grouped))["gap_id"]
    status, made = await writer.call("POST", f"gaps/{gap}/draft", {})
    assert status in (200, 201), made
    _, article = await writer.call("GET", f"articles/{made['article_id']}")
    return gap, article["locales"]["fr"]["draft"]


async def test_the_topic_is_that_of_the_nearest_articles_where_it_is_clear(house: Bot) -> None:
    writer = Studio(await house.desk("ines", "writer"))
    gap, draft = await drafted(house, writer, *SWISS)
    assert draft["form"]["topic"] == "delivery"
    # What the writer chose instead is what the other language is about.
    await writer.save(draft["form"] | {"topic": "orders"}, draft["revision"])
    _, made = await writer.call("POST", f"gaps/{gap}/draft", {"locale": "en"})
    _, article = await writer.call("GET", f"articles/{made['article_id']}")
    assert article["locales"]["en"]["draft"]["form"]["topic"] == "orders"
    _, unclear = await drafted(house, writer, *GIFTS)
    assert unclear["form"]["topic"] == ""
