"""Incidents in the studio: prepared from a beginning, tried, put in front by keyboard, told of, taken back, ended."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Locator, Page, Route, expect

from tests.bot.conftest import Bot
from tests.bot.preparing_incidents import past_undo
from tests.desk.conftest import OpenDesk
from tests.desk.test_team_pages import looks_right
from tests.studio.conftest import OpenStudio, Studio


async def in_front_until_tomorrow(bot: Bot, on: Locator, dialog: Locator) -> str:
    """The end as the dialog has it: by the shops’ clock, not the browser’s."""
    await on.press("Enter")
    ends = (bot.clock() + timedelta(days=1)).replace(second=0, microsecond=0)
    in_shops = ends.astimezone(ZoneInfo(bot.services.service.timezone)).strftime("%Y-%m-%dT%H:%M")
    await dialog.locator("[name=ends_at]").fill(in_shops)
    await dialog.get_by_role("button", name="Mettre en avant").press("Enter")
    await expect(dialog).to_have_count(0)
    assert [one.ends_at for one in bot.services.incidents.current()] == [ends]
    return in_shops


async def slowly(way: Route) -> None:
    await asyncio.sleep(0.5)
    await way.continue_()


async def speaks(page: Page, language: str) -> None:
    await page.locator(f".language[lang={language}]").click()
    await expect(page.locator(f".language[lang={language}]")).to_have_attribute("aria-pressed", "true")


async def meets_another(page: Page, zoe: Studio) -> None:
    """What was typed outlives another language, and goes over nobody's text."""
    name = page.locator("[name=name]")
    await speaks(page, "en")
    await expect(name).to_have_value("Grève de novembre")
    await name.fill("Grève de décembre")
    place = f"incidents/{page.url.rpartition('/')[2]}"
    _, now = await zoe.call("GET", place)
    theirs = now["incident"]["form"] | {"over": {"fr": "Tout roule.", "en": "All is well."}}
    status, _ = await zoe.call("PUT", place, {"form": theirs, "revision": now["incident"]["revision"]})
    assert status == 200
    await speaks(page, "fr")
    await expect(name).to_have_value("Grève de décembre")
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.get_by_role("alert")).to_contain_text("Quelqu’un vient de modifier cet incident")
    await page.reload()
    await expect(name).to_have_value("Grève de novembre")
    await expect(page.locator("[name='over.fr']")).to_have_value("Tout roule.")
    _, listed = await zoe.call("GET", "incidents")
    assert len(listed["incidents"]) == 1


async def prepares_one(page: Page) -> None:
    """From a beginning, with a question that it is tried on."""
    await expect(page.get_by_text("Rien n’est encore prêt")).to_be_visible()
    await looks_right(page)
    await page.get_by_role("link", name="Grève du transporteur").click()
    name = page.get_by_label("Nom, pour vous")
    await expect(name).to_have_value("Grève du transporteur")
    await page.get_by_label("Une question d’un client").fill("Les livraisons sont en grève ?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("contient une de vos phrases")).to_be_visible()
    await name.fill("")
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(name).to_be_focused()
    await expect(page.locator(".field", has=name).get_by_role("alert")).to_contain_text("Donnez un nom")
    await name.fill("Grève de novembre")
    # Pressed twice, and read in the other language before the answer: still one incident.
    await page.route("**/studio/incidents", slowly, times=1)
    await page.get_by_role("button", name="Enregistrer").dblclick()
    await speaks(page, "en")
    await speaks(page, "fr")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Grève de novembre")
    await looks_right(page)


async def test_a_writer_reads_who_puts_one_in_front(open_studio: OpenStudio) -> None:
    page = await open_studio("ines", path="/studio/incidents")
    await expect(page.get_by_text("une personne qui a le droit de publier les met en avant")).to_be_visible()


async def test_from_nothing_to_an_incident_in_front_and_back(
    bot: Bot, open_studio: OpenStudio, new_page: OpenDesk
) -> None:
    page = await open_studio("paula", "publisher", path="/studio/incidents", timezone_id="America/New_York")
    await prepares_one(page)
    await meets_another(page, Studio(await bot.desk("zoe", "writer")))
    await page.get_by_role("link", name="Tous les incidents").click()
    on = page.get_by_role("button", name="Mettre en avant – Grève de novembre")
    bot.clock.hold()
    await on.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("Personne n’attend")).to_be_visible()
    await looks_right(page)
    await dialog.get_by_role("button", name="Mettre en avant").press("Enter")
    await expect(page.get_by_role("heading", name="En avant maintenant")).to_be_visible()
    await page.get_by_role("button", name="Annuler").press("Enter")
    in_shops = await in_front_until_tomorrow(bot, on, dialog)
    bot.clock.hold(on=False)
    past_undo(bot)
    customer = await bot.customer(locale="fr")
    await customer.ask("Quel est le délai ?")
    await expect(page.get_by_text("1 personne l’a reçu en réponse")).to_be_visible()
    await page.get_by_role("button", name="Changer la fin").click()
    await expect(dialog.locator("[name=ends_at]")).to_have_value(in_shops)
    await page.keyboard.press("Escape")
    await looks_right(page)
    await page.get_by_role("button", name="Donner des nouvelles").click()
    await dialog.get_by_label("Français").fill("Reprise demain.")
    await dialog.get_by_label("Anglais").fill("Back tomorrow.")
    await dialog.get_by_role("button", name="Envoyer").click()
    await expect(dialog).to_have_count(0)
    past_undo(bot)
    assert (await customer.until(4))[-1]["text"] == "Reprise demain."

    reader = await new_page(width=360)
    await reader.goto(str(bot.client.make_url("/help")))
    await expect(reader.get_by_role("region", name="Happening now")).to_contain_text("some deliveries are late")
    await page.get_by_role("button", name="Mettre fin").click()
    await dialog.get_by_role("button", name="Mettre fin").click()
    await expect(page.get_by_role("heading", name="Prêts")).to_be_visible()
