"""Giving one's word at the desk, making calls, and hearing what is nearly missed: in a browser, over the bot itself."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from bot.clocks import watching as clocks
from bot.promises.watching import look
from tests.bot.conftest import Bot, Customer, bot, company, empty_record, make_bot, valkey
from tests.desk.conftest import OpenDesk
from tests.desk.test_against_bot import signed_in
from tests.desk.test_looks import overflow, violations

__all__ = ["bot", "company", "empty_record", "make_bot", "valkey"]  # fixtures, found by their names


async def serving(bot: Bot, new_page: OpenDesk, **look: Any) -> tuple[Page, Customer]:
    """Claire, who has just taken a customer."""
    page = await signed_in(new_page, bot, "claire", **look)
    customer = await bot.customer(locale="fr")
    await customer.post("handoff", {})
    await page.click("a.queue-item")
    await page.keyboard.press("a")
    await page.wait_for_selector("desk-composer")
    return page, customer


async def the_last(customer: Customer) -> str:
    text: str = (await customer.read())["messages"][-1]["text"]
    return text


async def test_a_promise_nearly_missed_is_seen_by_the_supervisor_and_kept(bot: Bot, new_page: OpenDesk) -> None:
    page, customer = await serving(bot, new_page)
    marc = await signed_in(new_page, bot, "marc", role="supervisor")
    await page.clock.set_fixed_time(bot.clock())
    await page.locator("desk-menu > button").click()
    await page.locator('[data-action="promise"]').click()
    dialog = page.locator("dialog.dialog")
    await dialog.get_by_label("À quel sujet").fill("La date de la lampe")
    await dialog.get_by_label("Ce soir (19:00)").check()
    assert await violations(page) == []
    await dialog.get_by_role("button", name="Promettre").click()
    await expect(page.locator(".notice").last).to_contain_text(
        "Claire vous promet une réponse (« La date de la lampe »)"
    )
    card = page.locator(".card-section--promises")
    await expect(card).to_contain_text("La date de la lampe")
    assert "19\u00a0h" in await the_last(customer)  # by the shop's clock, wherever the browser stands
    bot.clock.forward(7 * 3600)
    await look(bot.services)
    await expect(marc.locator('.rail-link[data-page="callbacks"] .rail-badge')).to_have_text("1")
    await marc.get_by_role("link", name="Rappels").click()
    await marc.get_by_role("button", name="En danger").click()
    await expect(marc.locator(".call")).to_contain_text(["réponse promise"])
    assert "pas oublié" in await the_last(customer)
    await card.get_by_role("button", name="Promesse tenue").click()
    await expect(card).to_have_count(0)
    await expect(marc.locator('.rail-link[data-page="callbacks"] .rail-badge')).to_be_hidden()


async def test_calls_are_made_from_their_page(bot: Bot, new_page: OpenDesk) -> None:
    page = await signed_in(new_page, bot, "claire")
    await page.get_by_role("link", name="Rappels").click()
    await expect(page.locator(".empty-title")).to_have_text("Aucun rappel à passer")
    assert await violations(page) == []
    customer = await bot.customer(locale="fr")
    await customer.ask("Quel délai ?")
    await customer.post("handoff", {"contact": "call_now", "phone": "+33 6 12 34 56 78"})
    row = page.locator(".call")
    await expect(row.locator(".call-number")).to_have_attribute("href", "tel:+33612345678")
    await expect(row).to_contain_text("Quel délai ?")
    await expect(row.locator(".due")).to_contain_text("À appeler dans 1")
    dialog = page.locator("dialog.dialog")
    await row.get_by_role("button", name="Reporter").click()
    await dialog.get_by_label("Numéro à appeler").fill("06 87 65 43 21")
    await dialog.get_by_role("button", name="Enregistrer").click()
    await expect(row.locator(".call-number")).to_have_attribute("href", "tel:0687654321")
    await expect(row.locator(".due")).to_contain_text("À appeler dans 1")
    await row.get_by_role("button", name="Autre issue").press("Enter")
    await dialog.get_by_role("button", name="Noter").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Choisissez comment l’appel s’est passé.")
    await dialog.get_by_label("Messagerie").check()
    await dialog.get_by_label("Note").fill("Rappeler ce soir")
    await dialog.get_by_role("button", name="Noter").click()
    await expect(row.locator(".call-attempts")).to_contain_text("Messagerie · Claire · Rappeler ce soir")
    await expect(row).to_contain_text("prochain essai le")
    await row.get_by_role("button", name="Pas de réponse").click()
    await expect(row).to_contain_text("2 essais")
    assert "2 fois" in await the_last(customer)
    await page.get_by_role("button", name="Aujourd’hui").click()
    await row.get_by_role("button", name="Joint").click()
    await expect(page.locator(".empty-title")).to_have_text("Rien dans ce filtre")
    assert (await customer.read())["state"]["owner"] == "bot"


async def test_the_queue_says_what_is_awaited_and_what_is_late(bot: Bot, new_page: OpenDesk) -> None:
    page, customer = await serving(bot, new_page)
    mark = page.locator("a.queue-item .due")
    await expect(mark).to_contain_text("Réponse attendue dans 1")
    await expect(page.locator(".due-strip .due")).to_have_attribute("data-level", "fine")
    await page.fill("#reply", "Je regarde.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message--advisor[data-seq]")).to_be_visible()
    await expect(mark).to_have_count(0)
    await customer.say("Alors ?")
    await expect(mark).to_contain_text("Réponse attendue dans 1")
    bot.clock.forward(27 * 60)
    await clocks.look(bot.services)
    await page.reload()
    # The clock runs meanwhile.
    await expect(page.locator("a.queue-item .due")).to_have_text(re.compile(r"En\sretard\sde\s1[23]\smin"))
    await expect(page.locator("a.queue-item .due")).to_have_attribute("data-level", "late")
    await page.fill("#reply", "Demain.")
    await page.keyboard.press("Enter")
    await expect(page.locator("a.queue-item .due")).to_have_count(0)


@pytest.mark.parametrize(("theme", "width"), [("dark", 820), ("light", 360)])
async def test_everybody_can_read_it(bot: Bot, new_page: OpenDesk, theme: str, width: int) -> None:
    for phone, late in (("+33 6 12 34 56 78", 3600), ("0612345678", 660), ("0612345679", 0)):
        customer = await bot.customer(locale="fr")
        await customer.ask("Quel délai ?")
        await customer.post("handoff", {"contact": "call_now", "phone": phone})
        bot.clock.forward(late)
    await look(bot.services)
    await clocks.look(bot.services)
    page = await signed_in(new_page, bot, "marc", role="supervisor", width=width, color_scheme=theme)
    assert await violations(page) == []
    await page.goto(str(bot.client.make_url("/desk/callbacks")))
    await expect(page.locator(".call")).to_have_count(3)
    assert await violations(page) == []
    assert await overflow(page) == []
    await page.get_by_role("button", name="En danger").click()
    await expect(page.locator(".call").first).to_contain_text("En retard")
    assert await violations(page) == []
    assert await overflow(page) == []
    await page.get_by_role("button", name="Toutes les promesses").click()
    await page.get_by_role("button", name="Reporter").first.click()
    assert await violations(page) == []
    assert await overflow(page) == []
