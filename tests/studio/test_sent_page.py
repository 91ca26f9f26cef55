"""Sending on, in a browser: the mail is seen before it goes, what was sent is followed, resolved and put back."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from tests.bot.accounts import mails
from tests.bot.conftest import Bot
from tests.bot.test_article_health import judged
from tests.desk.conftest import OpenDesk
from tests.desk.test_team_pages import looks_right
from tests.studio.conftest import opener


async def nothing_then_a_failure_that_passes(page: Page) -> None:
    none, failed = page.get_by_text("Rien n’a été transmis"), page.locator(".gap-rows").get_by_role("alert")
    await expect(none).to_be_visible()
    await page.route("**/studio/sent-on", lambda way: way.abort(), times=1)
    await page.get_by_role("button", name="Transmises").click()
    await expect(failed).to_have_text("Le service ne répond pas.")
    await page.get_by_role("button", name="Transmises").click()
    await expect(none).to_be_visible()
    await expect(failed).to_have_count(0)


async def test_bad_opinions_are_sent_on_followed_and_resolved(make_bot: Any, new_page: OpenDesk) -> None:
    demo: Bot = await make_bot(relais_demo=True)
    await judged(demo, "Quel délai ?", False, False)
    page = await opener(demo, new_page)(path="/studio/gaps?state=sent")
    await nothing_then_a_failure_that_passes(page)
    await page.goto(str(demo.client.make_url("/studio/health")))
    rows = page.locator(".health-table").first
    await rows.get_by_role("button", name="N’a pas aidé : 2, voir les questions").press("Enter")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Transmettre…").press("Enter")
    await dialog.get_by_label("À qui").select_option("quality")
    await dialog.get_by_label("Votre commentaire").fill("Le carton est trop petit")
    await expect(dialog.locator(".sent-letter")).to_contain_text("Le carton est trop petit")
    await expect(dialog.locator(".sent-letter")).to_contain_text("Quel délai ? (× 2)")
    await looks_right(page)
    await dialog.get_by_role("button", name="Transmettre", exact=True).press("Enter")
    await expect(page.get_by_text("Transmis à Qualité des produits")).to_be_visible()
    # Undone while the mail has not gone; then sent after all.
    await page.get_by_role("button", name="Annuler", exact=True).click()
    await expect(page.get_by_text("C’est annulé")).to_be_visible()
    await rows.get_by_role("button", name="N’a pas aidé : 2, voir les questions").press("Enter")
    await dialog.get_by_role("button", name="Transmettre…").press("Enter")
    await dialog.get_by_label("À qui").select_option("quality")
    await dialog.get_by_label("Votre commentaire").fill("Le carton est trop petit")
    await dialog.get_by_role("button", name="Transmettre", exact=True).press("Enter")
    await expect(page.get_by_text("Transmis à Qualité des produits")).to_be_visible()
    demo.clock.forward(16)
    (mail,) = await mails(demo, "qualite@maison-alder.test")
    assert "Le carton est trop petit" in mail["text"]
    demo.clock.forward(60)
    await judged(demo, "Quel délai ?", False)
    await page.goto(str(demo.client.make_url("/studio/gaps?state=sent")))
    row = page.locator(".sent")
    await expect(row.locator(".sent-since")).to_have_text("1 conversation depuis")
    await looks_right(page)
    await row.get_by_role("button", name="Marquer comme résolu").press("Enter")
    await expect(row.get_by_role("button", name="Rouvrir")).to_be_focused()
    await page.get_by_role("button", name="Annuler", exact=True).click()
    await expect(row.get_by_role("button", name="Marquer comme résolu")).to_be_visible()
    demo.clock.forward(60)
    await row.get_by_role("button", name="Envoyé par erreur").press("Enter")
    await expect(page.get_by_text("Qualité des produits sera averti")).to_be_visible()
    await expect(row.locator(".badge")).to_contain_text("Envoyé par erreur")
    await expect(row.get_by_role("button")).to_have_count(0)
    await looks_right(page)
    demo.clock.forward(16)
    word, _ = await mails(demo, "qualite@maison-alder.test", 2)
    assert "envoyé par erreur" in word["subject"]
