"""A guided diagnosis is mended, tried as a customer would, and sent to be read; over a real knowledge base."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.bot.conftest import Bot
from tests.desk.conftest import OpenDesk
from tests.desk.test_looks import overflow, violations
from tests.studio.conftest import Studio, opener

SAVED = re.compile("^Enregistré à")
QUESTION = "La lampe est branchée. S’allume-t-elle ?"


async def looks_right(page: Page) -> None:
    for width, theme in ((390, "dark"), (1440, "light")):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)
        assert await violations(page) == [], width
        assert await overflow(page) == [], width


async def mends(page: Page) -> None:
    """A text is changed, a step removed and brought back."""
    card = page.locator("[data-node=plug]")
    await card.get_by_label("Question en français").fill(QUESTION)
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    await page.get_by_role("button", name="Supprimer l’étape 6").click()
    lost = page.locator("[data-node=plug] .form-problem")
    await expect(lost).to_have_text("Ne mène nulle part\u00a0: choisissez une étape.")
    await page.get_by_role("button", name="Demander une relecture").click()
    await expect(page.locator("desk-toasts")).to_contain_text("Corrigez d’abord")
    await page.get_by_role("button", name="Annuler la modification").click()
    await expect(page.locator("[data-node=socket_was_dead]")).to_have_count(1)
    await expect(page.locator(".form-problem:not(.form-problem--warning)")).to_have_count(0)


async def tries(page: Page) -> None:
    """By press, by words, back, and in the other language."""
    chat = page.locator("tree-try")
    await chat.get_by_role("button", name="Non, rien de cela").click()
    here = page.locator(".tree-node--tried")
    await expect(here).to_have_attribute("data-node", "bulb")
    await chat.get_by_label("Écrire comme un client").fill("bonjour")
    await page.keyboard.press("Enter")
    await expect(chat.locator(".tree-log")).to_contain_text("Pas compris")
    await chat.get_by_label("Écrire comme un client").fill("toujours pas")
    await page.keyboard.press("Enter")
    await expect(here).to_have_attribute("data-node", "plug")
    await expect(chat.locator(".tree-bubble").last).to_have_text(QUESTION)
    await chat.get_by_role("button", name="Elle clignote").click()
    await chat.get_by_role("button", name=re.compile("^Non")).click()
    await expect(chat.locator(".tree-over")).to_contain_text("la réparation est ouverte")
    await chat.get_by_role("button", name="Revenir").click()
    await expect(here).to_have_attribute("data-node", "dimmer")
    await chat.get_by_role("button", name="Anglais").click()
    await expect(chat.locator(".tree-bubble").first).to_contain_text("burning smell")


async def test_a_diagnosis_is_mended_tried_and_sent_to_be_read(house: Bot, new_page: OpenDesk) -> None:
    page = await opener(house, new_page)("ines", path="/studio/trees")
    await page.get_by_role("link", name="Ma lampe ne s’allume plus").click()
    await page.wait_for_selector("tree-outline .tree-node")
    await mends(page)
    await tries(page)
    await looks_right(page)
    await page.get_by_role("button", name="Demander une relecture").click()
    await page.locator("dialog").get_by_role("button", name="Demander une relecture").click()
    await expect(page.locator(".editor-line .badge")).to_contain_text("en relecture", ignore_case=True)
    zoe = Studio(await house.desk("zoe", "writer"))
    _, kept = await zoe.call("GET", "trees/lamp")
    assert kept["draft"]["state"] == "in_review"
    assert kept["draft"]["form"]["nodes"]["plug"]["question"]["fr"].startswith("La lampe est branchée.")
    await page.get_by_role("link", name="Diagnostics guidés").last.click()
    lamp = page.locator(".tree-row", has_text="Ma lampe")
    await expect(lamp).to_contain_text("Modification en relecture")
    assert await violations(page) == []


async def test_a_new_diagnosis_has_nothing_against_its_name(house: Bot, new_page: OpenDesk) -> None:
    page = await opener(house, new_page)("ines", path="/studio/trees/new")
    await page.locator("[data-field='title.fr']").fill("Mon four ne chauffe plus")
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    await expect(page.locator("[data-place='title.en'] .form-problem")).to_have_text("Texte manquant en anglais.")
    await expect(page.locator("[data-place=''] .form-problem")).to_have_count(0)
    await expect(page).to_have_url(re.compile("/studio/trees/mon-four-ne-chauffe-plus-[0-9a-f]{4}$"))
