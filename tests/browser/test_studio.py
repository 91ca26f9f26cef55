"""From a question that nothing answers to its answer: asked, seen as a gap, written, tried, published, and told."""

from __future__ import annotations

import re
from time import perf_counter

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import NewPage, shot
from tests.browser.pages import Chat
from tests.desk.test_looks import violations
from tests.harness import Stack

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
ASKED = "proposez-vous des cours de poterie le samedi ?"
OTHERWISE = "y a-t-il des ateliers de céramique le week-end ?"
ANSWER = "Oui : un cours de poterie a lieu chaque samedi à 14 h au magasin de Lyon."


async def asks_in_vain(chat: Chat) -> None:
    """A visitor asks, is not answered, and wants to know."""
    await chat.visit()
    await chat.open()
    await chat.say(ASKED)
    await expect(chat.log.locator(".choices").last).to_be_visible(timeout=90_000)  # the first answer of all
    await shot(chat.page, "widget-asked")
    await chat.log.get_by_role("button", name="Prévenez-moi quand vous aurez la réponse").press("Enter")
    await expect(chat.message("C’est noté")).to_be_visible()
    assert await violations(chat.page) == []
    await shot(chat.page, "widget-agreed")


async def writes(studio: Page) -> None:
    """From the gap to a draft with the customers’ own words."""
    await studio.get_by_role("link", name="Questions sans réponse").click()
    gap = studio.locator(".gap").filter(has_text="cours de poterie")
    await expect(gap).to_be_visible(timeout=60_000)
    assert await violations(studio) == []
    await shot(studio, "studio-gaps")
    await gap.get_by_role("button", name=re.compile("^Écrire cet article")).click()
    await studio.wait_for_selector("article-form")
    await expect(studio.get_by_role("textbox", name="Questions des clients")).to_have_value(re.compile("poterie"))
    await studio.get_by_role("textbox", name="Titre").fill("Proposez-vous des cours de poterie ?")
    field = studio.get_by_role("textbox", name="Questions des clients")
    await field.fill(f"{ASKED}\nun cours de poterie pour débutants\natelier de céramique")
    await studio.get_by_role("textbox", name="Réponse du chat").fill(ANSWER)
    await studio.get_by_label("Sujet", exact=True).select_option("shops")
    await studio.get_by_role("textbox", name="Texte complet").fill("Le cours dure deux heures, outils compris.")
    await expect(studio.locator(".editor-status")).to_have_text(re.compile("^Enregistré à"))
    await shot(studio, "studio-editor")


async def tries(studio: Page) -> None:
    """What the draft would change: this question in other words, and all that customers asked lately."""
    await studio.get_by_role("tab", name="Essayer").click()
    field = studio.get_by_label("Une question, comme un client la poserait")
    await field.fill(OTHERWISE)
    await field.press("Enter")
    with_draft = studio.get_by_role("region", name="Avec ce brouillon")
    await expect(with_draft).to_contain_text("Répond", timeout=60_000)
    await studio.get_by_role("button", name="Rejouer").click()
    await expect(studio.get_by_text(re.compile(r"^Gains \(\d"))).to_be_visible(timeout=60_000)
    assert await violations(studio) == []
    await shot(studio, "studio-try")


async def test_an_unanswered_question_becomes_an_answer_within_minutes(stack: Stack, new_page: NewPage) -> None:
    first, later = Chat(await new_page(360, 740), stack), Chat(await new_page(1280, 800), stack)
    await asks_in_vain(first)
    studio = await new_page(1440, 900)
    await studio.goto(f"{stack.bot_url}/desk/login")
    await studio.fill("#email", "ines@maison-alder.test")
    await studio.fill("#password", "relais-demo")
    await studio.click("button[type=submit]")
    await studio.wait_for_url("**/studio**")
    await writes(studio)
    await tries(studio)
    await later.visit()
    await later.open()
    async with studio.expect_response("**/publish") as published:
        await studio.get_by_role("button", name="Publier").click()
    assert (await published.value).ok
    # At once, in other words, and the first time it is asked.
    started = perf_counter()
    await later.say(OTHERWISE)
    await expect(later.log.locator(".entry").filter(has_text="chaque samedi à 14")).to_be_visible()
    print(f"answered {perf_counter() - started:.2f} s after it was published")
    await expect(first.message("chaque samedi à 14")).to_have_count(1, timeout=60_000)
    await first.page.reload()
    await first.open()
    await expect(first.message("chaque samedi à 14")).to_have_count(1)
    await shot(first.page, "widget-told")
    await studio.get_by_role("link", name="Questions sans réponse").click()
    await studio.get_by_role("button", name=re.compile("^Résolues")).click()
    closed = studio.locator(".gap").filter(has_text="cours de poterie")
    await expect(closed).to_contain_text("questions résolues par l’article : 1 sur 1")
    await puts_away(studio, stack.bot_url)


async def puts_away(studio: Page, base: str) -> None:
    """The product is shared: what other tests ask is not answered from here."""
    await studio.goto(f"{base}/studio/articles?q=poterie&state=published")
    await studio.locator(".list-row").click()
    await studio.get_by_role("button", name="Autres actions").click()
    await studio.get_by_role("menuitem", name="Archiver").click()
    await expect(studio.locator(".editor-line .badge")).to_have_text("Archivé")
