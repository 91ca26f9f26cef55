"""An advisor takes a failed task up, fills it in, offers it, and sees what becomes of it: over the bot itself."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from tests.bot.conftest import Bot, Customer
from tests.bot.desk_actions import UNKNOWN
from tests.bot.preparing import press
from tests.bot.test_handoff import identity
from tests.desk.conftest import OpenDesk
from tests.desk.test_against_bot import bot, company, empty_record, make_bot, signed_in, valkey
from tests.desk.test_looks import violations

__all__ = ["bot", "company", "empty_record", "make_bot", "valkey"]  # fixtures, found by their names
FAILED: dict[str, Any] = {"name": "cancel_order", "step": "order", "outcome": "failed", "detail": "back office"}


async def at_the_desk(bot: Bot, new_page: OpenDesk, **options: Any) -> tuple[Customer, Page]:
    """A customer whose cancellation failed, in the hands of Claire."""
    customer = await bot.customer(locale="fr", identity=identity(bot))
    bot.neighbours.replies = lambda _: [
        {"text": "Notre système ne répond pas."},
        {"custom": {"task": FAILED | {"values": {"order": "MA-104871"}}}},
    ]
    await customer.ask("annulez ma commande")
    await customer.post("handoff", {})
    page = await signed_in(new_page, bot, "claire", **options)
    await page.click("a.queue-item")
    await page.keyboard.press("a")
    await page.wait_for_selector("desk-composer")
    return customer, page


async def test_a_failed_task_is_taken_up_offered_and_done(bot: Bot, new_page: OpenDesk) -> None:
    customer, page = await at_the_desk(bot, new_page)
    await page.get_by_role("button", name="Reprendre la démarche").click()
    form = page.locator("dialog")
    await expect(form.locator("#prepared-order")).to_have_value("MA-104871")
    await expect(form.locator("#prepared-order")).to_be_focused()
    await expect(form.locator(".prepared-failed")).to_have_text("Arrêtée ici")
    await form.locator("#prepared-order").fill("12")
    await page.keyboard.press("Enter")
    await expect(form.locator(".field-error")).to_have_text("Six chiffres.")
    await expect(form.locator("#prepared-order")).to_be_focused()
    assert await violations(page) == []
    await form.locator("#prepared-order").fill("MA-104872")
    await page.keyboard.press("Tab")
    await expect(form.locator(".prepared-preview")).to_contain_text("J’annule votre commande MA-104872.")
    await form.get_by_role("button", name="Proposer au client").click()
    strip = page.locator(".prepared-strip")
    await expect(strip).to_contain_text("Proposée")
    card = (await customer.read())["messages"][-1]
    assert "J’annule votre commande MA-104872." in card["text"]
    await press(customer, card)
    await expect(strip).to_contain_text("Faite")
    await expect(page.locator(".thread")).to_contain_text("Votre commande MA-104871 est annulée.")
    await expect(page.locator("desk-card .tries")).to_contain_text("Préparée par Claire")
    assert await violations(page) == []


async def test_it_is_withdrawn_and_what_nobody_can_tell_is_asked_again(bot: Bot, new_page: OpenDesk) -> None:
    customer, page = await at_the_desk(bot, new_page, width=820)
    await page.get_by_role("button", name="Autres actions").click()
    await page.get_by_role("menuitem", name="Préparer une démarche").click()
    await page.get_by_role("button", name="Remplir").click()
    await page.locator("#prepared-order").fill("MA-104871")
    await page.get_by_role("button", name="Proposer au client").click()
    strip = page.locator(".prepared-strip")
    await strip.get_by_role("button", name="Retirer").click()
    await expect(strip).to_contain_text("Retirée")
    await strip.get_by_role("button", name="Refaire une proposition").click()
    await page.get_by_role("button", name="Proposer au client").click()
    await expect(strip).to_contain_text("Proposée")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    bot.neighbours.desk.script = [UNKNOWN] * 100
    await press(customer, (await customer.read())["messages"][-1])
    await expect(page.locator(".thread")).to_contain_text("Je ne sais pas encore")
    bot.clock.forward(120)
    await expect(strip).to_contain_text("Résultat inconnu")
    bot.neighbours.desk.script.clear()
    await strip.get_by_role("button", name="Vérifier à nouveau").click()
    await expect(strip).to_contain_text("Faite")
