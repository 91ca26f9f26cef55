"""Team, one's own account, the sign-in pages: a real browser on the real bot."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from tests.bot.accounts import link_in, mails, session_of
from tests.bot.conftest import PASSWORD, Bot, bot, company, empty_record, make_bot, valkey
from tests.desk.conftest import OpenDesk
from tests.desk.test_against_bot import signed_in
from tests.desk.test_looks import overflow, violations

__all__ = ["bot", "company", "empty_record", "make_bot", "valkey"]  # fixtures, found by their names
NEW = "trois chats et un piano"
LOOKS = ((1440, "light"), (820, "dark"), (390, "light"))


def at(bot: Bot, path: str) -> str:
    return str(bot.client.make_url(path))


async def looks_right(page: Page) -> None:
    """At every width, light and dark."""
    for width, theme in LOOKS:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)
        assert await violations(page) == [], (width, theme)
        assert await overflow(page) == [], (width, theme)
    await page.set_viewport_size({"width": 1440, "height": 900})


async def test_somebody_is_invited_comes_and_forgets_the_password(make_bot: Any, new_page: OpenDesk) -> None:
    bot: Bot = await make_bot(relais_demo=True)
    page = await signed_in(new_page, bot, "marc", role="supervisor")
    await page.get_by_role("link", name="Équipe").click()
    await page.get_by_role("button", name="Inviter quelqu’un").click()
    dialog = page.locator("dialog")
    await dialog.get_by_label("Nom").fill("Léa")
    await dialog.get_by_label("Adresse e-mail").fill("marc@maison-alder.test")
    await dialog.get_by_label("Commandes et livraison").check()
    await dialog.get_by_role("button", name="Envoyer l’invitation").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Un compte existe déjà à cette adresse.")
    assert await violations(page) == []
    await dialog.get_by_label("Adresse e-mail").fill("lea@maison-alder.test")
    await dialog.get_by_role("button", name="Envoyer l’invitation").click()
    row = page.get_by_role("row").filter(has_text="Léa")
    await expect(row).to_contain_text("Invité")
    await expect(row).to_contain_text("Commandes et livraison")
    await looks_right(page)
    hers = await new_page()
    await comes(bot, hers, link_in((await mails(bot, "lea@maison-alder.test"))[0]))
    await forgets(bot, hers)

    # Closed: her desk goes away by itself.
    await page.reload()
    await row.get_by_role("button", name="Fermer le compte").click()
    await page.locator("dialog").get_by_role("button", name="Fermer le compte").click()
    await expect(row).to_contain_text("Fermé")
    await hers.wait_for_url("**/desk/login**", wait_until="commit")


async def comes(bot: Bot, hers: Page, link: str) -> None:
    """She chooses a password behind the link."""
    await hers.goto(at(bot, link))
    await expect(hers.get_by_role("heading", level=1)).to_have_text("Bienvenue")
    await hers.fill("#password", "leamaison")
    await hers.fill("#again", "leamaison")
    await hers.evaluate("document.querySelectorAll('input').forEach((each) => each.removeAttribute('minlength'))")
    await hers.keyboard.press("Enter")
    await expect(hers.get_by_role("alert")).to_contain_text("10 caractères")
    await looks_right(hers)
    await hers.fill("#password", NEW)
    await hers.fill("#again", NEW)
    await hers.keyboard.press("Enter")
    await expect(hers.get_by_role("heading", level=1)).to_have_text("C’est fait")
    await hers.get_by_role("link", name="Aller à la connexion").click()


async def forgets(bot: Bot, hers: Page) -> None:
    """She asks for another one, and signs in with it."""
    await hers.get_by_role("link", name="Mot de passe oublié").click()
    await hers.wait_for_url("**/desk/forgot**")  # signing in asks for an address too
    await hers.fill("#email", "lea@maison-alder.test")
    await hers.keyboard.press("Enter")
    await expect(hers.get_by_role("status")).to_contain_text("Si un compte existe")
    await looks_right(hers)
    await hers.goto(at(bot, link_in((await mails(bot, "lea@maison-alder.test", 2))[0])))
    await hers.fill("#password", NEW + " noir")
    await hers.fill("#again", NEW + " noir")
    await hers.keyboard.press("Enter")
    await hers.get_by_role("link", name="Aller à la connexion").click()
    await hers.wait_for_selector(".login-form[data-ready]")
    await hers.fill("#email", "lea@maison-alder.test")
    await hers.fill("#password", NEW + " noir")
    await hers.keyboard.press("Enter")
    await hers.wait_for_selector("desk-queue")


async def test_ones_own_account(bot: Bot, new_page: OpenDesk) -> None:
    page = await signed_in(new_page, bot, "claire")
    await session_of(bot, "claire@maison-alder.test")
    await page.get_by_role("link", name="Mon compte").click()
    await expect(page.locator(".session")).to_have_count(3)
    await expect(page.locator(".session").filter(has_text="Ici")).to_have_count(1)
    await looks_right(page)
    await page.get_by_role("button", name="Fermer partout ailleurs").click()
    await page.locator("dialog").get_by_role("button", name="Fermer partout ailleurs").click()
    await expect(page.locator(".session")).to_have_count(1)
    await page.get_by_label("Mot de passe actuel").fill("not it")
    await page.get_by_label("Nouveau mot de passe").fill(NEW)
    await page.get_by_label("Le nouveau, encore une fois").fill(NEW)
    await page.keyboard.press("Enter")
    await expect(page.locator(".dialog-error").last).to_have_text("Ce n’est pas votre mot de passe actuel.")
    await page.get_by_label("Mot de passe actuel").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("desk-toasts")).to_contain_text("Le mot de passe est changé")
    await page.get_by_label("Nom, tel que les clients le lisent").fill("Claire M.")
    await page.keyboard.press("Enter")
    await expect(page.locator("desk-toasts")).to_contain_text("C’est enregistré")


async def test_a_writer_has_an_account_and_no_desk(bot: Bot, new_page: OpenDesk) -> None:
    await bot.desk("ines", "writer")
    page = await new_page()
    await page.goto(at(bot, "/desk/login"))
    await page.fill("#email", "ines@maison-alder.test")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Articles")
    await page.get_by_role("link", name="Mon compte").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")
    await expect(page.locator(".session")).to_have_count(2)
