"""Floor, settings and audit: a real browser on the real bot."""

from __future__ import annotations

from playwright.async_api import expect

from tests.bot.conftest import OPEN_HOUR, Bot, bot, company, empty_record, make_bot, valkey
from tests.bot.test_handoff import identity, taken
from tests.bot.test_offers import advisor, sit
from tests.desk.conftest import OpenDesk
from tests.desk.test_against_bot import signed_in
from tests.desk.test_team_pages import at, looks_right

__all__ = ["bot", "company", "empty_record", "make_bot", "valkey"]  # fixtures, found by their names


async def test_the_floor_moves_by_itself_and_a_conversation_is_assigned(bot: Bot, new_page: OpenDesk) -> None:
    customer = await bot.customer(locale="fr", identity=identity(bot, name="<b>Camille</b> Laurent"))
    await taken(bot, customer)
    hugo = await advisor(bot, "hugo", ["payment"], ["fr"])
    await sit(bot, hugo)
    page = await signed_in(new_page, bot, "marc", role="supervisor")
    await page.get_by_role("link", name="Plateau").click()
    claire = page.get_by_role("article", name="Claire")
    await expect(claire).to_contain_text("<b>Camille</b> Laurent")
    await expect(claire).to_contain_text("Hors ligne")
    await expect(page.locator(".floor-uncovered")).to_contain_text("Retours et service après-vente")
    await expect(page.locator(".empty-title")).to_have_text("Personne n’attend")
    other = await bot.customer(locale="en")
    await other.post("handoff", {})
    waiting = page.get_by_role("row").filter(has_text="Visiteur")
    await expect(waiting).to_contain_text("Accueil et magasins")
    await looks_right(page)
    await claire.get_by_role("button", name="Attribuer").click()
    dialog = page.locator("dialog")
    await dialog.get_by_label("À", exact=True).select_option(label="Hugo · Disponible · 0 sur 4")
    await dialog.get_by_label("Note").fill("Cliente fidèle")
    await dialog.get_by_role("button", name="Attribuer").click()
    await expect(page.get_by_role("article", name="Hugo")).to_contain_text("<b>Camille</b> Laurent")
    await page.get_by_role("button", name="Mettre absent : Hugo").click()
    await expect(page.get_by_role("article", name="Hugo")).to_contain_text("Absent")
    await page.get_by_role("article", name="Hugo").get_by_role("button", name="Écouter").click()
    await page.wait_for_url("**/desk#/handoffs/*")


async def test_hours_are_changed_and_undone(bot: Bot, new_page: OpenDesk) -> None:
    page = await signed_in(new_page, bot, "marc", role="supervisor")
    await page.get_by_role("link", name="Réglages").click()
    hours = page.locator("#opening_hours")
    tuesday = hours.get_by_label("Mardi")
    await expect(tuesday).to_have_value("09:00-19:00")
    await looks_right(page)
    await tuesday.fill("19h-9h")
    await hours.get_by_role("button", name="Enregistrer").click()
    await expect(hours.get_by_role("alert")).to_contain_text("Écrivez des plages")
    await tuesday.fill("09:00-12:00, 11:00-18:00")
    await expect(hours.locator(".field-error").nth(1)).to_contain_text("commence avant la fin")  # as one types
    await tuesday.fill("nine to five")
    await page.keyboard.press("Enter")
    await expect(tuesday).to_be_focused()
    await expect(tuesday).to_have_attribute("aria-invalid", "true")
    await tuesday.fill("")
    await page.keyboard.press("Enter")
    await expect(hours).to_contain_text("Modifié par Marc")
    assert not bot.services.service.is_open(OPEN_HOUR)
    await hours.get_by_role("button", name="Annuler la modification").click()
    await expect(hours.get_by_label("Mardi")).to_have_value("09:00-19:00")
    assert bot.services.service.is_open(OPEN_HOUR)
    days = page.locator("#holidays")
    await days.get_by_label("Jour de fermeture").fill("2026-11-25")
    await days.get_by_role("button", name="Ajouter").click()
    await days.get_by_role("button", name="Enregistrer").click()
    await expect(days).to_contain_text("Modifié ici")
    await expect(days.locator(".settings-days li")).to_have_count(1)
    await days.get_by_role("button", name="Revenir au fichier").click()
    await page.locator("dialog").get_by_role("button", name="Revenir au fichier").click()
    await expect(days.locator(".settings-days li")).to_have_count(0)
    skills = page.locator("#skills")
    await skills.get_by_label("Commandes", exact=True).select_option("payment")
    await skills.get_by_role("button", name="Enregistrer").click()
    await expect(skills).to_contain_text("Modifié ici")
    assert bot.services.service.skill_for("orders") == "payment"
    # What is not touched stays: a danger is never answered with a call or a shop.
    assert bot.services.service.overflow_for("sensitive") == ("another_skill",)
    await skills.locator(".settings-skill").first.get_by_label("Si personne ne peut venir").select_option("shop")
    async with page.expect_response("**/settings/skills") as saved:
        await skills.get_by_role("button", name="Enregistrer").click()
    answer = await saved.value
    assert answer.status == 200, (answer.request.post_data, await answer.text())
    assert bot.services.service.overflow_for("general") == ("shop",)


async def test_the_audit_is_searched(bot: Bot, new_page: OpenDesk) -> None:
    customer = await bot.customer(locale="fr", identity=identity(bot))
    claire, handoff = await taken(bot, customer)
    await claire.call("GET", f"handoffs/{handoff}")
    page = await signed_in(new_page, bot, "ada", role="admin")
    await page.get_by_role("link", name="Journal").click()
    await expect(page.get_by_role("row").filter(has_text="a pris une conversation")).to_contain_text("Camille Laurent")
    await looks_right(page)
    await page.get_by_label("Qui").select_option("Claire")
    await page.get_by_label("Quoi").select_option("a consulté une fiche client")
    await page.get_by_role("button", name="Chercher").click()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.get_by_role("button", name="Anglais").click()
    await expect(page.locator("tbody tr")).to_contain_text("looked at a customer’s card")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Export as CSV").click()
    assert (await download.value).suggested_filename == "audit.csv"
    await page.goto(at(bot, "/desk/audit?target=nothing-of-that-name"))
    await expect(page.locator(".empty")).to_be_visible()
