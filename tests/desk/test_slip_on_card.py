"""The card says what the customer revised, and that orders could not be read, and the rest of it works."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from tests.bot.conftest import Bot, bot, company, empty_record, make_bot, valkey
from tests.bot.test_handoff import identity
from tests.bot.test_slip import lines, put, waiting
from tests.desk.conftest import OpenDesk
from tests.desk.test_against_bot import signed_in
from tests.desk.test_looks import overflow, violations

__all__ = ["bot", "company", "empty_record", "make_bot", "valkey"]  # fixtures, found by their names


async def test_what_was_revised_is_said_live(bot: Bot, new_page: OpenDesk) -> None:
    customer = await waiting(bot)
    page = await signed_in(new_page, bot, "claire")
    await page.click("a.queue-item")
    card = page.locator("desk-card")
    await expect(card).to_contain_text("MA-104233")
    mine = await lines(customer)
    struck: list[dict[str, Any]] = [{"id": mine[kind]["id"], "struck": True} for kind in ("order", "slot")]
    await put(customer, {"id": "question", "text": "Où est mon colis vert ?"}, *struck)
    await expect(card).to_contain_text("Corrigé de ses propres mots\u00a0: sa demande")
    await expect(card).to_contain_text("2 lignes retirées par le client")
    await expect(card).to_contain_text("colis vert")
    await expect(card).not_to_contain_text("MA-104233")
    await expect(card).not_to_contain_text("commande bleue")
    assert await violations(page) == []
    assert await overflow(page) == []


async def test_an_order_service_that_is_away_is_said_and_the_rest_works(bot: Bot, new_page: OpenDesk) -> None:
    bot.neighbours.card_away = True
    customer = await bot.customer(locale="fr", identity=identity(bot))
    await customer.ask("où est ma commande ?")
    await customer.post("handoff", {})
    page = await signed_in(new_page, bot, "claire")
    await page.click("a.queue-item")
    card = page.locator("desk-card")
    await expect(card).to_contain_text("Le service des commandes ne répond pas")
    await expect(card).to_contain_text("Camille Laurent")
    await page.keyboard.press("a")
    await page.fill("#reply", "Bonjour, je prends le relais.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message--advisor[data-seq]")).to_contain_text("je prends le relais")
    assert await violations(page) == []
