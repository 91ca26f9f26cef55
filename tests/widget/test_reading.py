"""Articles and earlier conversations are read inside the chat."""

from __future__ import annotations

from playwright.async_api import expect

from tests.widget import fake_words
from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi


async def test_an_article_is_read_in_the_chat_with_its_sentence_marked(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    title = await chat.page.title()
    await chat.say("un retour")
    link = chat.log.get_by_role("link", name="Lire l’article")
    await link.press("Enter")
    sheet = chat.dialog.get_by_role("region", name="Retourner un article")
    await expect(sheet.get_by_role("heading", name="Retourner un article")).to_be_focused()
    await expect(sheet.locator("mark")).to_have_text(fake_words.SENTENCE)
    await expect(sheet.locator("mark")).to_be_in_viewport()
    await expect(sheet.get_by_role("heading", name="Combien cela coûte")).to_be_visible()
    exchange = sheet.get_by_role("link", name="l’échange")
    assert await exchange.get_attribute("href") == f"{api.url}/aide/echanger"
    # What is no part of an article is not built at all.
    await expect(sheet.get_by_role("link", name="piège")).to_have_count(0)
    assert await sheet.locator("script").count() == 0
    assert await chat.page.title() == title
    whole = sheet.get_by_role("link", name="Ouvrir la page entière")
    assert await whole.get_attribute("href") == f"{api.url}/aide/return-an-item"
    await chat.page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(link).to_be_focused()
    await expect(chat.dialog).to_be_visible()


async def test_an_article_that_is_gone_is_said_and_its_page_is_a_link(chat: Chat, api: FakeApi) -> None:
    api.articles.clear()
    await chat.open()
    await chat.say("un retour")
    await chat.log.get_by_role("link", name="Lire l’article").click()
    sheet = chat.dialog.get_by_role("region", name="Retourner un article")
    await expect(sheet.get_by_role("alert")).to_contain_text("Cet article n’existe plus.")
    await expect(sheet.get_by_role("link", name="Ouvrir la page entière")).to_be_visible()
    await sheet.get_by_role("button", name="Revenir à la discussion").click()
    await expect(sheet).to_have_count(0)


async def test_a_new_conversation_begins_and_the_old_one_is_read_again(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    menu = chat.dialog.get_by_role("button", name="Plus d’options")
    await menu.click()
    await expect(menu).to_have_attribute("aria-expanded", "true")
    # Nothing said yet: nothing to leave.
    await expect(chat.dialog.get_by_role("button", name="Nouvelle discussion")).to_have_count(0)
    await chat.page.keyboard.press("Escape")
    await expect(menu).to_be_focused()
    await expect(menu).to_have_attribute("aria-expanded", "false")
    await menu.click()
    await expect(menu).to_have_attribute("aria-expanded", "true")
    await menu.click()
    await expect(menu).to_have_attribute("aria-expanded", "false")
    await chat.say("un retour, hier")
    await expect(chat.log).to_contain_text("Vous avez 30")
    await menu.click()
    await chat.dialog.get_by_role("button", name="Nouvelle discussion").click()
    await expect(chat.own("hier")).to_have_count(0)
    await expect(chat.log).to_contain_text("Bonjour, je suis Aulne")
    assert len(api.talks) == 2
    await chat.page.reload()
    await expect(chat.own("hier")).to_have_count(0)

    await menu.click()
    await chat.dialog.get_by_role("button", name="Discussions précédentes").click()
    sheet = chat.dialog.get_by_role("region")
    await expect(sheet.get_by_role("heading", name="Discussions précédentes")).to_be_focused()
    await sheet.get_by_role("button", name="un retour, hier").click()
    await expect(sheet.get_by_role("heading", name="un retour, hier")).to_be_focused()
    await expect(sheet).to_contain_text("Vous avez 30")
    await expect(sheet.get_by_role("button", name="Oui")).to_have_count(0)
    await expect(sheet).not_to_contain_text("Merci")
    await sheet.get_by_role("button", name="Toutes les discussions").click()
    await expect(sheet.get_by_role("button", name="un retour, hier")).to_be_visible()
    await sheet.get_by_role("button", name="Revenir à la discussion").click()
    await expect(menu).to_be_focused()


async def test_whoever_waits_for_a_person_is_not_led_away(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    await chat.human.click()
    await expect(chat.dialog).to_contain_text("Annuler la demande")
    await chat.dialog.get_by_role("button", name="Plus d’options").click()
    await expect(chat.dialog.get_by_role("button", name="Recevoir une copie")).to_be_visible()
    await expect(chat.dialog.get_by_role("button", name="Nouvelle discussion")).to_have_count(0)
