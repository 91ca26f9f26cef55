"""Signing in, the queue, and the keyboard."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.desk import fake_data as data
from tests.desk.conftest import OpenDesk, Served


async def test_a_wrong_password_is_told_and_the_right_one_opens_the_desk(new_page: OpenDesk, served: Served) -> None:
    page = await new_page()
    await page.goto(f"{served.base}/desk/login")
    await page.fill("#email", "claire@maison-alder.test")
    await page.fill("#password", "wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("L’adresse ou le mot de passe ne correspond pas.")
    await page.fill("#password", data.PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("desk-queue .queue-item")).to_have_count(5)


async def test_sign_in_goes_to_the_desk_alone_whatever_next_says(new_page: OpenDesk, served: Served) -> None:
    page = await new_page()
    await page.goto(f"{served.base}/desk/login?next=https://elsewhere.test/desk")
    await page.fill("#email", "claire@maison-alder.test")
    await page.fill("#password", data.PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{served.base}/desk")


async def test_the_queue_says_who_why_and_how_long(open_desk: OpenDesk) -> None:
    page = await open_desk()
    item = page.locator("[data-handoff=h-marc]")
    for text in (
        "Marc-Antoine Delahaye",
        "Sujet sensible · Produits",
        "Déclaré",
        "À appeler",
        "Prioritaire",
    ):
        await expect(item).to_contain_text(text)
    await expect(item).to_contain_text(re.compile("1[78]\u00a0min"))  # or a minute later
    await expect(page.locator("[data-handoff=h-tg]")).to_contain_text("Telegram")
    await expect(page).to_have_title("(4) Relais · Maison Alder")


async def test_the_waiting_time_ticks(open_desk: OpenDesk) -> None:
    page = await open_desk()
    clock = page.locator("[data-handoff=h-tg] time")
    before = await clock.inner_text()
    assert re.fullmatch(r"\d+\s?s", before)
    await expect(clock).not_to_have_text(before)


async def test_somebody_new_appears_without_a_reload_and_is_announced(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await served.desk.joins(
        data.handoff("nora", 0, customer_name="Nora Petit", topic="payment", summary="Carte refusée")
    )
    await expect(page.locator("[data-handoff=h-nora]")).to_contain_text("Nora Petit")
    await expect(page).to_have_title("(5) Relais · Maison Alder")
    await expect(page.locator("desk-announcer")).to_contain_text("Nouvelle demande de Nora Petit")


async def test_an_empty_queue_says_what_will_happen(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    served.desk.handoffs.clear()
    await served.desk.push({"type": "handoffs"})
    await expect(page.locator(".queue-empty")).to_contain_text("Personne n’attend")
    await expect(page).to_have_title("Relais · Maison Alder")


async def test_the_unread_dot_goes_when_read_and_comes_back(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    dot = page.locator("[data-handoff=h-camille] .dot")
    await expect(dot).to_be_visible()
    await page.click("[data-handoff=h-camille]")
    await expect(page.locator(".thread")).to_contain_text("8R4471")  # who leaves before it is shown has not read it
    await expect(dot).to_have_count(0)
    await page.click("[data-handoff=h-emma]")
    await expect(page.locator(".head-name")).to_have_text("Emma Clarke")
    await expect(dot).to_have_count(0)
    await served.desk.says("c-camille", "customer", "Allô ?")
    await expect(dot).to_be_visible()


async def test_the_keyboard_alone_is_enough(open_desk: OpenDesk) -> None:
    page = await open_desk()
    current = page.locator("[aria-current=true]")
    await page.keyboard.press("j")
    await expect(current).to_contain_text("Marc-Antoine")
    await page.keyboard.press("j")
    await expect(current).to_contain_text("Camille")
    await page.keyboard.press("ArrowDown")
    await expect(current).to_contain_text("Emma")
    await page.keyboard.press("k")
    await expect(current).to_contain_text("Camille")
    await expect(page.locator(".head-name")).to_have_text("Camille Roussel")
    await page.keyboard.press("a")
    await page.wait_for_selector("desk-composer")
    await expect(page.get_by_label("Votre réponse")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(current).to_be_focused()
    await page.keyboard.press("r")
    await expect(page.get_by_label("Votre réponse")).to_be_focused()
    await page.keyboard.type("ajk?")
    await expect(page.get_by_label("Votre réponse")).to_have_value("ajk?")
    await page.keyboard.press("Escape")
    await expect(current).to_be_focused()


async def test_a_key_is_for_the_row_that_was_pressed_just_before(open_desk: OpenDesk) -> None:
    """Also while the page is busy, and the browser tells of the press only afterwards."""
    page = await open_desk()
    await page.click("[data-handoff=h-camille]")
    await expect(page.locator(".head-name")).to_have_text("Camille Roussel")
    await page.evaluate(
        """() => {
          document.querySelector("[data-handoff=h-emma]").click();
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
        }"""
    )
    await page.wait_for_selector("desk-composer")
    await expect(page.locator(".head-name")).to_have_text("Emma Clarke")
    await expect(page.locator("[aria-current=true]")).to_contain_text("Emma")


async def test_shortcuts_are_listed_and_can_be_turned_off(open_desk: OpenDesk) -> None:
    page = await open_desk()
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Raccourcis clavier")
    await expect(dialog).to_contain_text("Prendre la conversation")
    await expect(dialog).to_contain_text("Choisir une réponse type")
    listed = await dialog.locator("dt").all_inner_texts()
    assert len(listed) == len(set(listed)), "a key stands for two things"
    await dialog.get_by_role("checkbox").uncheck()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await page.keyboard.press("j")
    await page.keyboard.press("?")
    await expect(dialog).to_be_hidden()
    await expect(page.locator("[aria-current=true]")).to_have_count(0)


async def test_the_skip_link_comes_first(open_desk: OpenDesk) -> None:
    page = await open_desk()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Aller à la conversation")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#conversation")).to_be_focused()


async def test_a_reload_keeps_the_conversation_open(open_desk: OpenDesk) -> None:
    page = await open_desk()
    await page.click("[data-handoff=h-emma]")
    await expect(page.locator(".head-name")).to_have_text("Emma Clarke")
    await page.reload()
    await expect(page.locator(".head-name")).to_have_text("Emma Clarke")
