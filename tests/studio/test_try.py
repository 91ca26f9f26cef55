"""A draft is tried at the studio's door and beside the editor, with a real knowledge base behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import expect

from tests.bot.conftest import Bot
from tests.bot.neighbours import ARTICLE
from tests.desk.test_team_pages import looks_right
from tests.knowledge_base.conftest import Served
from tests.studio.conftest import OpenStudio, Studio, form, small_library

Json = dict[str, Any]
BENCH = form(
    "banc",
    title="Puis-je faire graver un banc ?",
    questions=["graver un banc", "gravure sur un banc", "faire graver un prénom sur un banc"],
    answer="Oui, en trois jours.",
    body="Le prénom est gravé au laser.",
)
QUESTION = "graver un banc"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Served]:
    """One of its own: how sure an answer is depends on all that stands beside it."""
    with small_library(tmp_path_factory.mktemp("try"), environment) as served:
        yield served


async def asked_by_customers(bot: Bot) -> None:
    """One question that an article answered, asked twice by two people, and one that nothing answered."""
    for name in ("Camille Laurent", "Paul"):
        bot.neighbours.replies = answered(f"Où est mon colis, je suis {name} et mon mail est a@b.fr ?")
        await (await bot.customer(locale="fr")).ask("colis")
    bot.neighbours.replies = lambda _: [
        {"text": "Je n’ai pas la réponse."},
        {"custom": {"unanswered": {"question": "Graver un banc ?", "decision": "abstain", "candidates": []}}},
    ]
    for _ in range(3):
        await (await bot.customer(locale="fr")).ask("banc")


def answered(question: str) -> Any:
    return lambda _: [{"custom": {"answer": ARTICLE | {"question": question, "confidence": 0.9}}}]


async def finished(studio: Studio, job: str) -> Json:
    async with asyncio.timeout(60):
        while (told := await studio.call("GET", f"jobs/{job}"))[1]["state"] == "running":
            await asyncio.sleep(0.05)
    assert told[0] == 200
    return told[1]


async def test_a_draft_is_tried_and_asked_last_months_questions(house: Bot) -> None:
    studio = Studio(await house.desk("ines", "writer"))
    status, found = await studio.call("POST", "try", {"form": BENCH, "question": QUESTION})
    assert status == 200, found
    assert found["with"]["results"][0]["article_id"] == "banc"
    assert found["with"]["results"][0]["matched"] == {"field": "question", "text": "graver un banc", "locale": "fr"}
    assert "banc" not in [one["article_id"] for one in found["without"]["results"]]
    # Nobody has asked anything yet.
    assert (await studio.call("POST", "replay", {"forms": [BENCH]}))[1]["job"] is None

    await asked_by_customers(house)
    status, begun = await studio.call("POST", "replay", {"forms": [BENCH]})
    assert (status, begun["questions"], begun["asked"]) == (202, 3, 5), begun
    told = await finished(studio, begun["job"])
    assert (told["state"], told["done"], told["total"]) == ("done", 3, 3)
    totals = told["result"]["totals"]
    assert (totals["asked"], totals["by_draft"]) == (5, {"before": 0, "after": 3})
    gained = [one for one in told["result"]["changes"] if one["after"]["article_id"] == "banc"]
    assert [(one["question"], one["count"], one["change"]) for one in gained] == [("Graver un banc ?", 3, "gain")]
    # What happened longer ago is not asked again, and nobody's data reaches a writer.
    everything = (await studio.call("DELETE", f"jobs/{begun['job']}"))[1]
    assert "a@b.fr" not in str(everything)
    house.clock.forward(40 * 86_400)
    studio = Studio(await house.desk("lea", "writer"))
    assert (await studio.call("POST", "replay", {"forms": [BENCH]}))[1]["questions"] == 0

    status, found = await studio.call("POST", "collisions", {"form": BENCH})
    assert (status, found["collisions"]) == (200, [])


async def test_beside_the_editor_by_keyboard(house: Bot, open_studio: OpenStudio) -> None:
    await asked_by_customers(house)
    page = await open_studio()
    writer = Studio(await house.desk("marc", "writer"))
    await writer.save(BENCH | {"article_id": "banc-essai"})
    await page.goto(str(house.client.make_url("/studio/articles/banc-essai")))
    await page.get_by_role("tab", name="Aperçu").focus()
    while await page.get_by_role("tab", name="Essayer").get_attribute("aria-selected") != "true":
        await page.keyboard.press("ArrowRight")
    question = page.get_by_label("Une question, comme un client la poserait")
    await question.fill(QUESTION)
    await question.press("Enter")
    mine = page.get_by_role("region", name="Avec ce brouillon")
    await expect(mine.get_by_role("listitem").first).to_contain_text("Ce brouillon")
    await expect(mine.get_by_role("listitem").first).to_contain_text("Question")
    await mine.get_by_text("Pourquoi").first.press("Enter")
    await expect(mine.get_by_text("Passage le plus proche").first).to_be_visible()
    await page.get_by_role("button", name="Rejouer").press("Enter")
    await expect(page.get_by_text("Gains (1)")).to_be_visible(timeout=30_000)
    await expect(page.get_by_text("3 fois")).to_be_visible()
    await page.get_by_role("button", name="Vérifier").press("Enter")
    await expect(page.get_by_text("aucune n’est prise à un autre article")).to_be_visible()
    await looks_right(page)
    # What was found stays while another tab is looked at, and says when the draft is no longer what was tried.
    await page.get_by_role("tab", name="Aperçu").click()
    await page.get_by_role("tab", name="Essayer").click()
    await expect(page.get_by_text("Gains (1)")).to_be_visible()
    await page.get_by_label("Titre", exact=True).fill("Faut-il graver un banc ?")
    await expect(page.get_by_text("Le brouillon a changé depuis.").first).to_be_visible()


async def test_what_is_wrong_is_refused_before_it_is_worked_on(house: Bot) -> None:
    studio = Studio(await house.desk("ines", "writer"))
    for path, body in (
        ("try", {"question": QUESTION}),
        ("try", {"form": BENCH, "question": "  "}),
        ("try", {"form": BENCH, "question": QUESTION, "locale": "de"}),
        ("try", {"form": BENCH, "question": "x" * 1_001}),
        ("replay", {"forms": []}),
        ("replay", {"forms": [BENCH], "days": 0}),
        ("replay", {"forms": [BENCH], "days": True}),
        ("collisions", {}),
    ):
        status, told = await studio.call("POST", path, body)
        assert (status, told["error"]["code"]) == (422, "bad_request"), (path, body)
    assert (await studio.call("GET", "jobs/none"))[0] == 404
