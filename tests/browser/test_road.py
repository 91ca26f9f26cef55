"""The whole road by hand: a customer in one browser, an advisor in another, nothing faked."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewPage, shot
from tests.browser.pages import Chat, DeskPage
from tests.harness import Stack

pytestmark = pytest.mark.timeout(180)


async def test_asked_answered_handed_over_and_given_back(stack: Stack, new_page: NewPage) -> None:
    chat = Chat(await new_page(), stack)
    await chat.visit()
    await chat.sign_in("Camille Laurent")
    await chat.open()
    await chat.say("comment je fais pour renvoyer un article ?")
    await chat.answered()
    await shot(chat.page, "chat-answer")
    await chat.say("où en est ma commande MA-104233 ?")
    await expect(chat.message("104233").nth(1)).to_be_visible()
    await chat.say("je veux parler à quelqu'un")
    await expect(chat.log).to_contain_text("vous n’aurez rien à répéter")
    await shot(chat.page, "chat-waiting")

    desk = DeskPage(await new_page(1440, 900), stack)
    await desk.sign_in("claire")
    await desk.take(customer_name="Camille Laurent")
    card = desk.page.locator("desk-card")
    for text in ("Camille Laurent", "Vérifié", "MA-104233", "Souhaite un conseiller"):
        await expect(card).to_contain_text(text)
    await expect(chat.log).to_contain_text("Claire a rejoint la conversation")
    await desk.reply("Bonjour Camille, je contacte le transporteur tout de suite.")
    await expect(chat.message("je contacte le transporteur")).to_have_count(1)
    await shot(desk.page, "desk")
    await shot(chat.page, "chat-advisor")
    floor = DeskPage(await new_page(1440, 900), stack)
    await floor.sign_in("marc")
    await floor.page.get_by_role("link", name="Plateau").click()
    await expect(floor.page.get_by_role("main")).to_contain_text("Camille Laurent")
    await shot(floor.page, "floor")
    await chat.say("merci Claire")
    await expect(desk.page.locator(".message").filter(has_text="merci Claire")).to_have_count(1)

    await desk.page.get_by_role("button", name="Terminer").first.click()
    await desk.page.locator("[data-outcome=resolved]").click()
    await expect(chat.log).to_contain_text("Alba, l’assistante, est de nouveau à votre écoute")
    await expect(chat.dialog.get_by_text("Comment s’est passé cet échange").first).to_be_visible()
    await chat.say("bonjour")
    await expect(chat.log.locator(".entry").last).not_to_contain_text("bonjour")


async def test_signed_out_and_in_english(stack: Stack, new_page: NewPage) -> None:
    chat = Chat(await new_page(360, 740, locale="en-GB"), stack, "en")
    await chat.visit("/produit/lampe-atelier")
    await chat.open()
    await chat.say("can i put this lamp in my bathroom?")
    await chat.answered()
    await shot(chat.page, "chat-phone-en")
    await chat.say("how do I track MA-104233")
    await expect(chat.log.locator(".entry").last).not_to_contain_text("how do I track")
    await chat.page.reload()
    await chat.page.get_by_role("dialog").or_(chat.page.get_by_role("button", name="Open the chat")).first.wait_for()
    if not await chat.dialog.is_visible():
        await chat.page.get_by_role("button", name="Open the chat").click()
    await expect(chat.message("can i put this lamp")).to_have_count(1)
    await chat.dialog.get_by_role("button", name="Talk to an advisor").first.click()
    await expect(chat.log).to_contain_text("won’t have to repeat anything")
    await chat.dialog.get_by_role("button", name="Cancel the request").first.click()
    await expect(chat.log).to_contain_text("Your request is cancelled")


@pytest.mark.parametrize("victim", ["bot", "rasa", "valkey"])
async def test_the_page_recovers_without_a_reload(stack: Stack, new_page: NewPage, victim: str) -> None:
    chat = Chat(await new_page(), stack)
    await chat.visit()
    await chat.open()
    await chat.say("quels sont les délais de livraison ?")
    await chat.answered()
    stack.kill(victim)
    await chat.say("comment payer en plusieurs fois ?")
    await chat.answered(2)
    await expect(chat.message("comment payer en plusieurs fois ?")).to_have_count(1)
    stack.wait_healthy("bot")
