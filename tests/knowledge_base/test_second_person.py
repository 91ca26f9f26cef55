"""Two people stand behind what is read by two, whoever typed a letter in it; and in a house of two nobody is stuck."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from knowledge_base.studio import wiring
from knowledge_base.studio.trees.desk import TreeDesk
from knowledge_base.studio.web import refusals
from tests.knowledge_base.studio import FORM, INES, PAUL, Client, Clock, Json, call, opened
from tests.knowledge_base.trees import RENAMED, desk

__all__ = ["desk"]  # a fixture, found by its name

PEOPLE = {"I": INES, "P": PAUL}


@pytest.fixture
async def client(tmp_path: Path, clock: Clock, desk: TreeDesk) -> AsyncIterator[Client]:
    """Of a studio with articles and trees."""
    app = web.Application(middlewares=[refusals])
    wiring.add(app, opened(tmp_path, clock), trees=desk)
    async with TestClient(TestServer(app)) as made:
        yield made


class Text:
    """A draft of one kind; what is done to it is done to its last revision."""

    def __init__(self, client: Client, kind: str) -> None:
        self._client, self._kind = client, kind
        self._place = "drafts/shop-hours/fr" if kind == "article" else "trees/lamp/draft"
        self.revision: int | None = None

    async def write(self, who: str, times: int) -> None:
        letters = "." * times
        title = {"fr": f"Ma lampe reste éteinte{letters}", "en": "My lamp stays dark"}
        form = FORM | {"body": f"Fermé{letters}"} if self._kind == "article" else RENAMED | {"title": title}
        body = {"form": form, "revision": self.revision, "actor": PEOPLE[who]}
        status, told = await call(self._client, "PUT", self._place, body)
        assert status == 200, told
        self.revision = told["draft"]["revision"]

    async def step(self, name: str, who: str) -> tuple[int, Json]:
        body: Json = {"actor": PEOPLE[who], "revision": self.revision}
        body |= {"second_person": True} if name == "publish" else {}
        return await call(self._client, "POST", f"{self._place}/{name}", body)


@pytest.mark.parametrize("kind", ["article", "tree"])
@pytest.mark.parametrize(
    ("written", "approved", "refused", "publishes"),
    [
        ("IP", "I", "I", "P"),  # a letter typed by another one makes it not theirs
        ("PIP", "I", "I", "P"),  # nor does another one having begun it
        ("IP", "P", "P", "I"),  # who mends another one's text
        ("IPI", "P", "P", "I"),
        ("IP", "IP", "", "I"),  # both approved it: it goes out by either
        ("IP", "PI", "", "I"),
        ("IP", "PI", "", "P"),
    ],
)
async def test_who_wrote_in_it_does_not_approve_and_publish_it(
    client: Client, kind: str, written: str, approved: str, refused: str, publishes: str
) -> None:
    text = Text(client, kind)
    for number, who in enumerate(written):
        await text.write(who, number)
    for who in approved:
        status, told = await text.step("approve", who)
        assert (status, told["draft"]["approved_by"]) == (200, PEOPLE[who])
    for who in refused:
        status, told = await text.step("publish", who)
        assert (status, told["error"]["code"]) == (409, "second_person")
    assert (await text.step("publish", publishes))[0] == 200


async def test_an_approval_is_given_once_more_and_not_by_turns(client: Client) -> None:
    text = Text(client, "article")
    await text.write("I", 1)
    await text.write("P", 2)
    for who, by, before in (("P", PAUL, None), ("I", INES, PAUL), ("P", INES, PAUL)):
        _, told = await text.step("approve", who)
        draft = told["draft"]
        assert (draft["approved_by"], draft["approved_before"], draft["writers"]) == (by, before, [INES, PAUL])
    await text.write("I", 3)
    _, whole = await call(client, "GET", "articles/shop-hours")
    mended = whole["locales"]["fr"]["draft"]
    assert (mended["state"], mended["approved_by"], mended["approved_before"]) == ("in_review", None, None)
