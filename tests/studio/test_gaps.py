"""A question nobody answered becomes a gap, an article, and the answer of who had asked; over a real knowledge base."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from bot.db.gaps import GapRun
from bot.errors import NeighbourError
from tests.bot.conftest import Bot, Customer
from tests.bot.test_consents import put
from tests.desk.conftest import OpenDesk
from tests.desk.test_team_pages import looks_right
from tests.knowledge_base.conftest import Served
from tests.studio.conftest import Studio, found, opener, small_library

Json = dict[str, Any]
LAMP = ["ma lampe ne s'allume plus", "la lampe ne marche plus", "lampe en panne que faire"]
GIFT = ["faites-vous des emballages cadeaux", "un paquet cadeau c'est possible ?"]
REPLY = "Vérifiez d’abord l’ampoule, puis le fusible : dans neuf cas sur dix, cela suffit."


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Served]:
    """One of its own: what the other tests of the folder publish would answer, or nearly, what is asked here."""
    with small_library(tmp_path_factory.mktemp("gaps"), environment) as served:
        yield served


def unanswered(request: Json) -> list[Json]:
    told = {"unanswered": {"question": request.get("text") or "", "decision": "abstain"}}
    return [{"custom": told}, {"text": "Je ne sais pas."}]


async def asks(house: Bot, *texts: str, locale: str = "fr") -> list[Customer]:
    house.neighbours.replies = unanswered
    customers = []
    for text in texts:
        customer = await house.customer(locale=locale)
        await customer.ask(text)
        customers.append(customer)
    return customers


async def replied(house: Bot, customer: Customer) -> None:
    claire = await house.desk("claire")
    await customer.post("handoff", {})
    (row,) = await claire.queue()
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    said = {"client_message_id": "r", "text": REPLY}
    await claire.call("POST", f"conversations/{customer.id}/messages", said)
    house.clock.forward(300)
    await claire.call("POST", f"handoffs/{row['handoff_id']}/release", {"outcome": "resolved"})


async def until(holds: Callable[[], Awaitable[Any]], seconds: float = 60) -> Any:
    async with asyncio.timeout(seconds):
        while not (held := await holds()):
            await asyncio.sleep(0.1)
    return held


async def gaps_page(house: Bot, new_page: OpenDesk, **options: Any) -> Page:
    page = await opener(house, new_page)("ines", **options)
    await page.goto(str(house.client.make_url("/studio/gaps")))
    await page.wait_for_selector("studio-gaps h1")
    return page


@pytest.mark.long
async def test_from_a_question_without_answer_to_the_answer_of_who_asked(house: Bot, new_page: OpenDesk) -> None:
    first, second, _ = await asks(house, *LAMP)
    await put(first, {"telling": True})
    await replied(house, second)
    page = await gaps_page(house, new_page)
    row = page.locator("gap-row")
    await expect(row).to_have_count(1, timeout=60_000)
    await expect(row.locator(".gap-figures")).to_contain_text("3")
    await row.get_by_role("button", name="Écrire cet article").click()
    await page.wait_for_selector("article-form")
    questions = page.get_by_role("textbox", name="Questions des clients")
    written = await questions.input_value()
    assert sorted(written.splitlines()) == sorted(LAMP)
    # What advisors replied is beside it to write from, never in what is kept and published.
    assert await page.get_by_role("textbox", name="Texte complet").input_value() == ""
    await expect(page.locator("gap-asked blockquote")).to_have_text(REPLY)
    await looks_right(page)
    # The rest of the writer's work, by the same door.
    ines = Studio(await house.desk("zoe", "writer"))
    _, listed = await ines.call("GET", "gaps?state=in_progress")
    (gap,) = listed["gaps"]
    _, article = await ines.call("GET", f"articles/{gap['article_id']}")
    draft = article["locales"]["fr"]["draft"]
    form = draft["form"] | {
        "answer": "Vérifiez l’ampoule, puis le fusible.",
        "topic": "products",
        "body": "L’ampoule d’abord.",
    }
    draft = await ines.save(form, draft["revision"])
    assert (await ines.step("publish", draft))[0] == 200
    found_first = await found(house, "lampe qui ne fonctionne plus", gap["article_id"])
    assert found_first["decision"] == "answer", "in other words"

    async def told() -> list[Json]:
        return [one for one in (await first.read())["messages"] if one["kind"] == "answer"]

    (answer,) = await until(told)
    assert answer["answer"]["article_id"] == gap["article_id"]
    await page.goto(str(house.client.make_url("/studio/gaps?state=closed")))
    await row.get_by_role("button", expanded=False).click()
    await expect(row).to_contain_text("questions résolues par l’article : 3 sur 3")
    await expect(row.locator(".gap-behind")).to_contain_text("1 client a reçu la réponse")
    await expect(row.locator("blockquote")).to_have_text(REPLY)
    await looks_right(page)


@pytest.mark.long
async def test_a_gap_is_narrowed_opened_dismissed_and_put_back_by_keyboard(house: Bot, new_page: OpenDesk) -> None:
    page = await gaps_page(house, new_page)
    await expect(page.locator(".empty")).to_contain_text("Toutes les questions ont leur réponse")
    await looks_right(page)
    await asks(house, *GIFT)
    await asks(house, "are you hiring", locale="en")
    rows = page.locator("gap-row")
    await expect(rows).to_have_count(2, timeout=60_000)
    await expect(page.locator("studio-gaps .list-count").last).to_have_text("2 groupes · 3 questions")
    await page.get_by_label("Langue", exact=True).select_option("en")
    await expect(rows).to_have_count(1)
    await page.get_by_label("Langue", exact=True).select_option("")
    await expect(rows).to_have_count(2)
    opener_of = rows.first.locator(".gap-title")
    await opener_of.focus()
    await page.keyboard.press("Enter")
    await expect(rows.first.locator(".gap-wordings li")).to_have_count(2)
    await looks_right(page)
    dismiss = rows.first.get_by_role("button", name="Écarter")
    await dismiss.focus()
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(1)
    await page.get_by_role("button", name="Annuler", exact=True).click()
    await expect(rows).to_have_count(2)
    await page.get_by_role("button", name="Tout regrouper").click()
    await expect(page.get_by_role("button", name="Tout regrouper")).to_be_enabled(timeout=60_000)
    await expect(rows).to_have_count(2)
    await page.goto(str(house.client.make_url("/studio/gaps?channel=telegram")))
    await page.get_by_role("button", name="Effacer les filtres").press("Enter")
    await expect(rows).to_have_count(2)
    await expect(page.get_by_label("Période", exact=True)).to_be_focused()
    await page.goto(str(house.client.make_url("/studio/gaps?state=in_progress")))
    await expect(page.locator(".empty")).to_contain_text("Écrire cet article")
    await looks_right(page)


@pytest.mark.long
async def test_while_questions_are_grouped_the_list_rests_and_a_failure_says_so(
    house: Bot, new_page: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await gaps_page(house, new_page)
    await asks(house, *GIFT)
    count = page.locator("studio-gaps .list-count").last
    await expect(count).to_have_text("1 groupe · 2 questions", timeout=60_000)

    async def refuses(*_sent: Any) -> str:
        raise NeighbourError("refused", "", permanent=True)

    async def is_done() -> bool:
        async with house.services.db.read() as session:
            return (await session.get_one(GapRun, "now")).state == "done"

    await until(is_done)
    with monkeypatch.context() as broken:
        broken.setattr(house.services.knowledge, "group", refuses)
        await page.get_by_role("button", name="Tout regrouper").click()
        failed = page.get_by_role("alert")
        await expect(failed).to_contain_text("n’ont pas pu être regroupées", timeout=30_000)
        await looks_right(page)
    house.clock.hold()  # however long this takes, nobody takes it over
    async with house.services.db.write() as session:  # as if another process were at it
        run = await session.get_one(GapRun, "now")
        run.state, run.whole, run.seen_at, run.done, run.total = "running", True, house.clock(), 1, 4
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/studio/")[2]))
    await page.reload()
    await expect(page.locator("progress")).to_have_attribute("value", "1")

    async def followed() -> bool:
        return asked.count("gaps/regroup") >= 3

    await until(followed)
    assert asked.count("gaps?state=open") <= 2, "the page itself, and its list once"
    async with house.services.db.write() as session:
        (await session.get_one(GapRun, "now")).state = "failed"
    house.clock.hold(on=False)
    await failed.get_by_role("button", name="Réessayer").click()
    await expect(failed).to_have_count(0)
    await expect(page.get_by_role("button", name="Tout regrouper")).to_be_enabled(timeout=60_000)
    await expect(page.locator("gap-row")).to_have_count(1)
