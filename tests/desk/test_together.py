"""Two advisors and a supervisor on one conversation, in real browsers over the bot itself."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.bot.conftest import Bot, Customer, bot, company, empty_record, make_bot, valkey
from tests.bot.test_files import send
from tests.bot.test_handoff import identity
from tests.desk.conftest import OpenDesk
from tests.desk.test_against_bot import signed_in
from tests.desk.test_looks import overflow, violations
from tests.waiting import held_on_its_way

PICTURE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
__all__ = ["bot", "company", "empty_record", "make_bot", "valkey"]  # fixtures, found by their names


async def with_claire(bot: Bot, new_page: OpenDesk, **about: Any) -> tuple[Page, Customer]:
    """A customer whom Claire has, open on her page."""
    customer = await bot.customer(locale="fr", **about)
    await customer.post("handoff", {})
    page = await signed_in(new_page, bot, "claire")
    await page.click("a.queue-item")
    await page.keyboard.press("a")
    await page.wait_for_selector("desk-composer")
    return page, customer


async def more(page: Page, action: str) -> None:
    await page.click("desk-menu > button")
    await page.click(f"[data-action={action}]")


async def choose(dialog: Locator, name: str) -> None:
    option = dialog.locator("option", has_text=name)
    await dialog.locator("select").select_option(await option.get_attribute("value"))


async def said_to(customer: Customer) -> list[str]:
    return [message["text"] for message in (await customer.read())["messages"] if message["author"] == "advisor"]


async def test_a_note_is_no_reply_and_rings_who_it_names(bot: Bot, new_page: OpenDesk) -> None:
    claire, customer = await with_claire(bot, new_page)
    hugo = await signed_in(new_page, bot, "hugo")
    box = claire.locator("#reply")
    await box.fill("Je regarde cela.")
    await claire.keyboard.press("Escape")
    await claire.locator("desk-queue a.queue-item").first.focus()
    await claire.keyboard.press("n")
    await expect(box).to_have_value("")  # the reply's words stay in the reply
    await expect(claire.locator(".composer--note")).to_be_visible()
    await expect(claire.get_by_label("Note privée", exact=True)).to_be_focused()
    await claire.keyboard.type("Bizarre, @hu")
    option = claire.get_by_role("option", name=re.compile("Hugo"))
    await expect(option).to_have_attribute("aria-selected", "true")
    await expect(box).to_have_attribute("aria-activedescendant", "mention-0")
    assert await violations(claire) == []
    await claire.keyboard.press("Enter")
    await expect(box).to_have_value("Bizarre, @Hugo ")
    await claire.keyboard.type("tu connais ?")
    await claire.keyboard.press("Enter")
    note = claire.locator(".message--internal[data-seq]").last
    await expect(note).to_contain_text("Note privée")
    await expect(note.locator(".mention")).to_have_text("@Hugo")
    await claire.reload()
    await expect(claire.locator(".composer--note")).to_be_visible()  # a draft keeps its mode
    await claire.click("[data-mode=reply]")
    await expect(box).to_have_value("Je regarde cela.")
    await claire.keyboard.press("Enter")
    await expect(claire.locator(".message--advisor[data-seq]").last).to_contain_text("Je regarde cela.")
    assert await said_to(customer) == ["Je regarde cela."]
    await expect(hugo.locator(".topbar-badge")).to_have_text("1")
    await hugo.locator("desk-mentions > button").click()
    await expect(hugo.locator(".mentions")).to_contain_text("tu connais")
    await hugo.locator("a.mentions-row").click()
    await expect(hugo.locator(".topbar-badge")).to_be_hidden()
    await expect(hugo.locator(".queue-watched")).to_be_visible()
    await expect(hugo.locator("[data-mode=reply]")).to_have_count(0)  # notes alone
    await hugo.fill("#reply", "Oui, le lot de mars")
    await expect(claire.locator(".together-strip")).to_contain_text("Hugo écrit une note")
    await hugo.keyboard.press("Enter")
    await expect(claire.locator(".message--internal[data-seq]").last).to_contain_text("le lot de mars")
    assert await said_to(customer) == ["Je regarde cela."]
    assert await violations(hugo) == []


async def test_passing_on_by_the_dialog(bot: Bot, new_page: OpenDesk) -> None:
    claire, customer = await with_claire(bot, new_page)
    hugo = await signed_in(new_page, bot, "hugo")
    await bot.desk("zoe")
    await claire.locator("desk-queue a.queue-item").first.focus()
    await claire.keyboard.press("m")
    dialog = claire.get_by_role("dialog")
    await choose(dialog, "Zoe")
    await expect(dialog.locator(".passing-warning")).to_contain_text("Hors ligne")
    await dialog.get_by_role("button", name="Transférer").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Zoe n’est pas disponible")
    assert await violations(claire) == []
    await choose(dialog, "Hugo")
    await dialog.get_by_label("Note (facultative)").fill("remboursement à vérifier")
    await dialog.get_by_role("button", name="Transférer").click()
    await expect(hugo.locator(".queue-item")).to_contain_text("Temps pour répondre")
    await expect(claire.locator("desk-composer")).to_have_count(0)
    await hugo.click("a.queue-item")
    await hugo.click(".accept-bar .button--primary")
    await expect(hugo.locator("desk-composer")).to_be_visible()
    await expect(hugo.locator(".message--internal")).to_contain_text("remboursement")
    texts = [message["text"] for message in (await customer.read())["messages"]]
    assert "Claire vous passe à Hugo, qui a tout le dossier." in texts


async def test_two_accept_at_once_and_the_other_is_told_who(bot: Bot, new_page: OpenDesk) -> None:
    customer = await bot.customer(locale="fr")
    await customer.post("handoff", {})
    claire, hugo = await signed_in(new_page, bot, "claire"), await signed_in(new_page, bot, "hugo")
    for page in (claire, hugo):
        await page.click("a.queue-item")
    await expect(claire.locator(".together-strip")).to_contain_text("Hugo regarde aussi")
    go = await held_on_its_way(hugo, "**/accept")
    await hugo.click(".accept-bar .button--primary")
    await claire.click(".accept-bar .button--primary")
    await expect(claire.locator("desk-composer")).to_be_visible()
    go.set()
    await expect(hugo.locator("desk-toasts")).to_contain_text("Claire a déjà pris cette conversation.")


async def test_listening_is_seen_and_joining_replies(bot: Bot, new_page: OpenDesk) -> None:
    claire, customer = await with_claire(bot, new_page)
    marc = await signed_in(new_page, bot, "marc", "supervisor")
    await marc.locator(".queue-others:not([hidden]) summary").last.click()
    await marc.click("a.queue-item")
    await more(marc, "listen")
    await expect(claire.locator(".together-strip")).to_contain_text("Marc, responsable, écoute")
    await expect(marc.locator(".together-strip")).to_contain_text("le conseiller le voit")
    await more(marc, "join")
    await marc.click("[data-mode=reply]")
    await marc.fill("#reply", "Bonjour, je me joins à vous.")
    await marc.keyboard.press("Enter")
    await expect(claire.locator(".message--advisor[data-seq]").last).to_contain_text("je me joins à vous")
    assert await said_to(customer) == ["Bonjour, je me joins à vous."]
    await marc.locator(".together-strip").get_by_role("button", name="Quitter").click()
    await expect(marc.locator("[data-mode=reply]")).to_have_count(0)


async def test_put_off_and_back_when_the_customer_writes(bot: Bot, new_page: OpenDesk) -> None:
    page, customer = await with_claire(bot, new_page)
    await more(page, "snooze")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Jusqu’à")).to_be_focused()
    await dialog.get_by_label(re.compile("Ce que l’on attend")).fill("le colis")
    await dialog.get_by_label("Jusqu’à").select_option("week")  # the bot's day is not the browser's here
    assert await violations(page) == []
    await dialog.get_by_role("button", name="Mettre en veille").click()
    await expect(page.locator(".queue-asleep .count")).to_have_text("1")
    await expect(page.locator(".together-strip")).to_contain_text("le colis")
    await customer.say("il est arrivé !")
    await expect(page.locator(".queue-asleep")).to_be_hidden()
    await expect(page.locator(".queue-marks")).to_contain_text("Le client a répondu")


async def test_ending_with_tags_and_a_note_then_undone(bot: Bot, new_page: OpenDesk) -> None:
    page, customer = await with_claire(bot, new_page)
    await page.get_by_role("button", name="Terminer").click()
    await page.locator("[data-outcome=more]").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Étiquettes", exact=True).fill("  Colis PERDU,")
    await expect(dialog.locator(".tag")).to_have_text("colis perdu")
    await dialog.get_by_label(re.compile("Note de clôture")).fill("renvoi fait")
    assert await violations(page) == []
    await page.clock.install()
    start: float = await page.evaluate("Date.now() / 1000")
    await dialog.get_by_role("button", name="Terminer").click()
    await expect(page.locator("desk-toasts")).to_contain_text("Conversation terminée.")
    assert (await customer.read())["state"]["owner"] == "bot"
    await page.clock.pause_at(start + 50)  # the server undoes it for a minute: so does the page
    await page.get_by_role("button", name="Annuler").click()
    await page.clock.resume()
    await expect(page.locator("desk-composer")).to_be_visible()
    await expect(page.locator("desk-card .tag")).to_have_text("colis perdu")
    assert (await customer.read())["state"]["owner"] == "advisor"
    assert "renvoi" not in str(await customer.read())


async def test_received_read_and_files_that_do_nothing(bot: Bot, new_page: OpenDesk) -> None:
    page, customer = await with_claire(bot, new_page)
    await page.fill("#reply", "Bonjour")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-delivery]")).to_contain_text("Envoyé")
    last = (await customer.read())["messages"][-1]["seq"]
    await customer.post("read", {"seq": last})
    await expect(page.locator("[data-delivery]")).to_contain_text("Lu à")
    name = '"><img src=x onerror=alert(1)>' + "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe"
    await send(customer, PICTURE, key="f", name=name)
    file = page.locator("figure.file")
    await expect(file.locator("figcaption")).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(page.locator(".thread img")).to_have_count(1)
    assert await page.locator(".file-picture").get_attribute("src") == await file.locator("a").get_attribute("href")
    assert await overflow(page) == []


async def test_an_earlier_conversation_opens_from_the_card(bot: Bot, new_page: OpenDesk) -> None:
    earlier = await bot.customer(locale="fr", identity=identity(bot, jti="a"))
    await earlier.ask("Quel délai ?")
    page, _ = await with_claire(bot, new_page, identity=identity(bot, jti="b"))
    await page.locator("desk-card summary", has_text="Échanges précédents").click()
    await page.click(".past-open")
    dialog = page.get_by_role("dialog", name="Conversation passée")
    await expect(dialog).to_contain_text("Quel délai ?")
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
