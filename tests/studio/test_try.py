"""A draft is tried at the studio's door and beside the editor, with a real knowledge base behind."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.bot.conftest import Bot
from tests.bot.neighbours import ARTICLE
from tests.studio.conftest import Studio, form

Json = dict[str, Any]
BENCH = form(
    "banc",
    title="Puis-je faire graver un banc ?",
    questions=["graver un banc", "gravure sur un banc", "faire graver un prénom sur un banc"],
    answer="Oui, en trois jours.",
    body="Le prénom est gravé au laser.",
)
QUESTION = "graver un banc"


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
