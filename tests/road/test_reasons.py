"""Why a human was fetched, and what was tried before, as the advisor reads it: every reason over the whole road."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import aiohttp
import pytest

from tests.harness import Stack
from tests.road.api import Advisor, Json, Visitor, advisor, host_identity, visit

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Case:
    """What is said until somebody is fetched; "[…]" presses the button whose title begins so."""

    reason: str
    said: tuple[str, ...]
    question: str
    locale: str = "fr"
    customer: str | None = None
    tried: tuple[str, ...] = ()
    skill: str | None = None
    segment: str | None = None


CASES = {
    "asked": Case(
        "customer_request", ("combien coûte un retour ?", "passez-moi un conseiller"), "combien coûte un retour ?",
    ),
    "asked in a task": Case(
        "customer_request", ("i want to cancel order 104871", "let me speak to someone please"),
        "i want to cancel order 104871", "en", "C-1001", ("cancel_order started",),
    ),
    "not found twice": Case(
        "no_answer", ("quelle est la recette du cassoulet", "qui a gagné la coupe du monde de rugby", "oui"),
        "qui a gagné la coupe du monde de rugby",
    ),
    "did not help": Case(
        "not_helpful",
        ("how long does delivery take?", "that doesn't answer my question", "that's not what i asked", "yes"),
        "how long does delivery take?", "en",
    ),
    "anger": Case(
        "negative_feeling", ("ça fait trois fois que je demande vos délais de livraison !!!", "oui"),
        "ça fait trois fois que je demande vos délais de livraison !!!",
    ),
    "despair": Case(
        "negative_feeling", ("i'm desperate, when will i get my refund after a return", "[Yes, please]"),
        "i'm desperate, when will i get my refund after a return", "en",
    ),
    "anger in a task": Case(
        "negative_feeling", ("c'est inadmissible !!! où est ma commande 104233", "[Parler à un conseiller]"),
        "c'est inadmissible !!! où est ma commande 104233", customer="C-1001", tried=("track_order done",),
    ),
    "an insult": Case("negative_feeling", ("you idiots", "[Talk to an advisor]"), "you idiots", "en"),
    "danger in a task": Case(
        "sensitive_topic", ("je veux annuler ma commande 104871", "en fait votre lampe a pris feu"),
        "en fait votre lampe a pris feu", customer="C-1001", tried=("cancel_order started",), skill="sensitive",
    ),
    "a vulnerable person": Case(
        "sensitive_topic", ("my mother has dementia and she keeps ordering lamps",),
        "my mother has dementia and she keeps ordering lamps", "en", skill="sensitive",
    ),
    "a fraud": Case(
        "sensitive_topic", ("quelqu'un a commandé à mon nom avec ma carte",),
        "quelqu'un a commandé à mon nom avec ma carte", skill="payment",
    ),
    "a task that failed twice": Case(
        "task_failed", ("annulez la commande 104233", "annulez la commande 104233", "oui"),
        "annulez la commande 104233", customer="C-1001", tried=("cancel_order failed", "cancel_order failed"),
    ),
    "a Gold customer refused": Case(
        "task_failed", ("please cancel order 104190", "yes please"), "please cancel order 104190", "en", "C-1008",
        ("cancel_order failed",), segment="or",
    ),
    "a Gold customer without an answer": Case(
        "no_answer", ("quelle est la recette du cassoulet", "oui"), "quelle est la recette du cassoulet",
        customer="C-1008", segment="or",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def desk_token(stack: Stack) -> str:
    """Claire signs in once: the desk's door counts how often."""

    async def signed_in() -> str:
        async with aiohttp.ClientSession() as session:
            return (await advisor(session, stack)).token

    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, signed_in()).result()


async def say(visitor: Visitor, words: str, before: list[Json]) -> list[Json]:
    """The answers to words, or to a button of the answers before."""
    if not words.startswith("["):
        return await visitor.ask(words)
    choices = [choice for message in before for choice in message.get("choices") or []]
    pressed = [choice for choice in choices if choice["title"].startswith(words.strip("[]"))][-1]
    return await visitor.replies_to(await visitor.press(pressed))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_the_advisor_reads_why_and_what_was_tried(
    stack: Stack, http: aiohttp.ClientSession, desk_token: str, case: Case
) -> None:
    signed = {"identity": host_identity(stack, case.customer, "Une Cliente")} if case.customer else {}
    visitor = await visit(http, stack, locale=case.locale, **signed)
    answers: list[Json] = []
    for words in case.said:
        assert (await visitor.state())["owner"] == "bot", f"fetched before “{words}”"
        answers = await say(visitor, words, answers)
    assert (await visitor.state())["owner"] == "queue", answers
    claire = Advisor(http, stack.bot_url, desk_token)
    taken = await claire.take(visitor)
    why, who = taken["context"]["why"], taken["context"]["who"]
    assert (why["reason"], why["question"]) == (case.reason, case.question)
    outcomes = [f"{task['name']} {task['outcome']}" for task in why["tasks_tried"]]
    assert [each for each in outcomes if each in case.tried] == list(case.tried), outcomes
    assert case.skill in (None, taken["context"]["best_person"]["skill"])
    assert case.segment in (None, who["segment"])
    await claire.release(taken["handoff_id"])
