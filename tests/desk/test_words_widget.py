"""What an advisor shows, as the customer sees it, and the copy by e-mail: the real widget over the real bot."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from tests.bot.conftest import Bot, Desk, company, empty_record, make_bot, valkey
from tests.bot.mail_server import mail_server
from tests.desk.conftest import OpenDesk
from tests.desk.test_looks import violations

__all__ = ["company", "empty_record", "make_bot", "valkey"]  # fixtures, found by their names


async def chatting(bot: Bot, new_page: OpenDesk) -> tuple[Page, Desk, str]:
    """The chat open beside a help page, with Claire in the conversation."""
    page = await new_page(390, 800)
    await page.goto(str(bot.client.make_url("/aide")))
    await page.add_script_tag(url="/widget/relais.js", type="module")
    await page.get_by_role("button", name="Ouvrir la discussion").click()
    field = page.get_by_role("textbox", name="Votre message")
    await field.fill("Quel délai ?")
    await field.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("3 à 5 jours")
    await page.get_by_role("button", name="Parler à un conseiller").click()
    await expect(page.get_by_role("button", name="Annuler la demande")).to_be_visible()
    claire = await bot.desk("claire")
    (row,) = await claire.queue()
    await claire.call("POST", f"handoffs/{row['handoff_id']}/accept")
    return page, claire, row["conversation_id"]


async def test_what_an_advisor_shows_and_the_copy(make_bot: Any, new_page: OpenDesk) -> None:
    async with mail_server() as mails:
        bot: Bot = await make_bot(smtp_url=mails.url(), mail_from="Aide <aide@maison-alder.test>")
        page, claire, conversation = await chatting(bot, new_page)
        article = {"client_message_id": "a", "article_id": "returns", "locale": "fr"}
        await claire.call("POST", f"conversations/{conversation}/articles", article)
        card = page.locator(".entry.advisor").last
        await expect(card.get_by_role("link", name="Lire l’article")).to_be_visible()
        await card.get_by_role("button", name="Oui").click()
        await expect(card).to_contain_text("Merci de nous l’avoir dit")
        await claire.call(
            "POST", f"conversations/{conversation}/push", {"client_message_id": "p", "url": "/aide/retours"}
        )
        button = page.get_by_role("link", name="Ouvrir la page")
        await expect(button).to_have_attribute("href", "http://127.0.0.1:8080/aide/retours")
        await expect(button).to_have_attribute("rel", "noopener noreferrer")
        proposed = page.locator(".entry.advisor").last
        await expect(proposed.locator("p")).to_have_text("Cette page peut vous aider : 127.0.0.1:8080/aide/retours")
        assert page.url.endswith("/aide"), "nothing navigates by itself"
        await page.get_by_role("button", name="Plus d’options").click()
        await page.get_by_role("button", name="Recevoir une copie par e-mail").click()
        address = page.get_by_role("textbox", name="Recevoir cette discussion à l’adresse")
        await expect(address).to_be_focused()
        assert await violations(page) == []
        await page.get_by_role("button", name="Envoyer la copie").click()
        await expect(page.get_by_role("alert")).to_contain_text("À quelle adresse")
        await address.fill("camille@a.test")
        await address.press("Enter")
        await expect(page.get_by_role("status").filter(has_text="c•••@a.test")).to_be_visible()
        (mail,) = await mails.until(1)
        assert "Ouvrir" not in mail.get_content()
        assert "http://127.0.0.1:8080/aide/retours" in mail.get_content()
