"""An hour that was set for an article: kept, taken back by what is written meanwhile, set again."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.bot.conftest import Bot
from tests.desk.conftest import OpenDesk
from tests.studio.conftest import Studio, form, opener, to_come
from tests.studio.test_editor import SAVED, opened


@pytest.mark.long
async def test_what_goes_out_at_its_hour_is_not_put_away_before_it(house: Bot, new_page: OpenDesk) -> None:
    ines = Studio(await house.desk("ines", "writer"))
    draft = await ines.save(form("napperon"))
    assert (await ines.step("publish", draft))[0] == 200
    later = await ines.save(form("napperon", answer="À trente degrés."))
    assert (await ines.step("publish", later, at=to_come(house)))[0] == 200
    page = await opener(house, new_page)("ines")
    await opened(page, house, "napperon")
    actions = page.get_by_role("button", name="Autres actions")
    await actions.click()
    await expect(page.get_by_role("menuitem", name="Voir la page")).to_be_visible()
    await expect(page.get_by_role("menuitem", name="Archiver")).to_have_count(0)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Annuler la programmation").click()
    await expect(page.get_by_role("button", name="Publier")).to_be_visible()
    await actions.click()
    await expect(page.get_by_role("menuitem", name="Archiver")).to_be_visible()


async def test_an_hour_that_was_set_and_another_hand_never_say_two_things(house: Bot, new_page: OpenDesk) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    draft = await zoe.save(form("voilage"))
    at = to_come(house)
    status, scheduled = await zoe.step("publish", draft, at=at)
    assert status == 200, scheduled
    page = await opener(house, new_page)("ines")
    await opened(page, house, "voilage")
    badge, strip, toasts = (page.locator(name) for name in (".editor-line .badge", ".editor-strip", "desk-toasts"))
    await expect(badge).to_contain_text("Publication le")
    # Somebody else writes in the same lines, which takes the hour back.
    await zoe.save(scheduled["draft"]["form"] | {"answer": "À l’eau froide."}, scheduled["draft"]["revision"])
    answer = page.get_by_role("textbox", name="Réponse du chat")
    await answer.fill("À sec.")
    dialog = page.get_by_role("dialog", name="Deux versions à réunir")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(strip).to_contain_text("ce qui annule la publication programmée")
    await expect(badge).to_have_text("Brouillon")
    await strip.get_by_role("button", name="Voir la différence").click()
    await dialog.get_by_role("button", name="Garder ce résultat").click()
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    await expect(strip).to_have_text("")
    # One's own change takes it back too, and says so.
    _, now = await zoe.call("GET", "articles/voilage")
    await zoe.step("publish", now["locales"]["fr"]["draft"], at=at)
    await opened(page, house, "voilage")
    await expect(badge).to_contain_text("Publication le")
    await answer.fill("À sec, ou à l’eau.")
    await expect(toasts).to_contain_text("la publication programmée est annulée")
    await expect(badge).to_have_text("Brouillon")
    # The other language is changed beside the open one: the message sets the hour of that one.
    await zoe.step("publish", await zoe.save(form("voilage", "en")), at=at)
    await opened(page, house, "voilage")
    await page.get_by_role("tab", name="Anglais").click()
    await page.locator("article-twin").get_by_role("textbox", name="Réponse du chat").fill("Cold water.")
    await toasts.get_by_role("button", name="Programmer la publication").click()
    await page.get_by_label("Publier le").fill(at[:16])
    await page.get_by_role("button", name="Programmer", exact=True).click()
    await expect(badge).to_contain_text("Publication le")
    _, now = await zoe.call("GET", "articles/voilage")
    set_for = {code: bool(now["locales"][code]["draft"]["publish_at"]) for code in ("fr", "en")}
    assert set_for == {"fr": False, "en": True}
