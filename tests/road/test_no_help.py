"""An answer that does not help, over the whole road: the next best, then a human who knows what was tried."""

from __future__ import annotations

import aiohttp
import pytest

from tests.harness import Stack
from tests.road.api import Json, Visitor, advisor, visit

pytestmark = pytest.mark.timeout(300)
ASKED = {"fr": "quels sont les délais de livraison ?", "en": "how long does delivery take?"}
NO_HELP = {"fr": "ça ne répond pas à ma question", "en": "that doesn't answer my question"}


async def pressed_no(visitor: Visitor, shown: Json) -> list[Json]:
    """What the assistant says to a no beneath an answer."""
    status, _ = await visitor.call("POST", "feedback", {"message_id": shown["id"], "helpful": False})
    assert status == 200
    (said,) = [m for m in await visitor.replies_to(shown) if m["author"] == "customer"]
    return await visitor.replies_to(said)


@pytest.mark.parametrize("locale", ["fr", "en"])
async def test_the_next_best_then_a_human(stack: Stack, http: aiohttp.ClientSession, locale: str) -> None:
    visitor = await visit(http, stack, locale=locale)
    (shown, *_) = await visitor.ask(ASKED[locale])
    (offered, *_) = await pressed_no(visitor, shown)
    titles = [choice["title"] for choice in offered["choices"]]
    assert 3 <= len(titles) <= 5
    assert shown["answer"]["title"] not in titles
    (second, *_) = await visitor.replies_to(await visitor.press(offered["choices"][0]))
    assert second["answer"]["title"] == titles[0]
    (offer, *_) = await visitor.ask(NO_HELP[locale])
    await visitor.replies_to(await visitor.press(offer["choices"][0]))
    claire = await advisor(http, stack)
    handoff = (await claire.take(visitor))["context"]["why"]
    assert (handoff["reason"], handoff["question"]) == ("not_helpful", ASKED[locale])
    assert [article["helpful"] for article in handoff["articles_shown"]] == [False, False]


@pytest.mark.parametrize(
    ("locale", "words", "article_id"),
    [
        ("fr", "et en Belgique ?", "delivery-belgium-luxembourg"),
        ("en", "and to Belgium?", "delivery-belgium-luxembourg"),
    ],
)
async def test_a_follow_up_is_understood(
    stack: Stack, http: aiohttp.ClientSession, locale: str, words: str, article_id: str
) -> None:
    visitor = await visit(http, stack, locale=locale)
    await visitor.ask(ASKED[locale])
    (shown, *_) = await visitor.ask(words)
    assert shown["answer"]["article_id"] == article_id
    assert (shown["answer"]["sentence"] or "") in shown["answer"]["passage"]
