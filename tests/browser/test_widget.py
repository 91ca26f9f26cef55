"""What customers do in the chat, played over the whole product in a real browser: ten scenarios."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import NewPage, shot
from tests.browser.pages import Chat, DeskPage
from tests.desk.test_looks import violations
from tests.harness import Stack
from tests.widget.test_files import png

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def hours(stack: Stack, spans: list[str] | None) -> None:
    """Opens every day for these spans, or as the file says."""
    async with aiohttp.ClientSession(f"{stack.bot_url}/api/v1/desk/") as session:
        login = {"email": "ada@maison-alder.test", "password": "relais-demo"}
        async with session.post("session", json=login) as response:
            headers = {"Authorization": f"Bearer {(await response.json())['token']}"}
        async with session.get("settings", headers=headers) as response:
            revision = (await response.json())["sections"]["opening_hours"]["revision"]
        path, body = "settings/opening_hours", {"revision": revision}
        if spans is None:
            call = session.post(f"{path}/reset", json=body, headers=headers)
        else:
            call = session.put(path, json=body | {"value": dict.fromkeys(DAYS, spans)}, headers=headers)
        async with call as response:
            assert response.status == 200, await response.text()


async def accessible(page: Page) -> None:
    found = await violations(page)
    assert not found, found


async def open_chat(chat: Chat) -> None:
    await chat.page.get_by_role("button", name=re.compile("Ouvrir la discussion|Open the chat")).click()
    await expect(chat.log).to_contain_text("Alba")


async def menu(chat: Chat, entry: str) -> Locator:
    await chat.dialog.get_by_role("button", name="Plus d’options").click()
    await chat.dialog.get_by_role("button", name=entry).click()
    return chat.dialog.get_by_role("region", name=entry)


async def test_a_question_is_answered_read_and_a_vague_one_asked_back(stack: Stack, new_page: NewPage) -> None:
    chat = Chat(await new_page(360, 740), stack)
    await chat.visit("/produit/lampe-atelier")
    await open_chat(chat)
    offers = chat.dialog.locator(".start")
    await expect(offers.get_by_role("button").first).to_be_visible()
    await accessible(chat.page)
    await shot(chat.page, "widget-start")
    await chat.say("comment je fais pour renvoyer un article ?")
    await chat.answered()
    await chat.log.get_by_role("link", name="Lire l’article").click()
    sheet = chat.dialog.get_by_role("region")
    await expect(sheet.locator(".article p").first).to_be_visible()
    await accessible(chat.page)
    await shot(chat.page, "widget-article")
    await chat.page.keyboard.press("Escape")
    await chat.say("retour")
    await expect(chat.log.locator(".choices").last.get_by_role("button").first).to_be_visible()
    # Another day: the conversation is there, and an earlier one can be read.
    await menu(chat, "Nouvelle discussion")
    await expect(chat.message("renvoyer un article")).to_have_count(0)
    past = await menu(chat, "Discussions précédentes")
    await past.get_by_role("button", name="comment je fais").click()
    await expect(chat.dialog.get_by_role("region")).to_contain_text("renvoyer un article")


async def test_a_task_a_picture_and_another_language(stack: Stack, new_page: NewPage) -> None:
    chat = Chat(await new_page(), stack)
    await chat.visit()
    await chat.sign_in("Emily Carter")  # nobody else in the tests: a conversation that goes on begins without offers
    await open_chat(chat)
    await chat.dialog.get_by_role("button", name="Mes commandes").click()
    await expect(chat.log).to_contain_text("MA-10")
    file: FilePayload = {"name": "lampe.png", "mimeType": "image/png", "buffer": png()}
    await chat.dialog.locator("input[type=file]").set_input_files(file)
    await expect(chat.log.get_by_role("img", name="lampe.png")).to_be_visible()
    await expect(chat.message("lampe.png")).to_contain_text("Reçu à")
    await accessible(chat.page)
    await chat.dialog.get_by_role("button", name="Switch to English").click()
    field = chat.dialog.get_by_role("textbox", name="Your message")
    await field.fill("how long do I have to return something?")
    await field.press("Enter")
    await expect(chat.log.get_by_role("link", name="Read the article").last).to_be_visible()
    await shot(chat.page, "widget-english")


async def test_a_person_comes_is_rated_and_data_is_erased(stack: Stack, new_page: NewPage) -> None:
    await hours(stack, ["00:00-24:00"])
    try:
        chat = Chat(await new_page(), stack)
        await chat.visit()
        await chat.open()
        await chat.say("je voudrais parler à un conseiller")
        call = chat.log.get_by_role("button", name=re.compile("appel")).first
        await expect(call).to_be_enabled()
        desk = DeskPage(await new_page(1440, 900), stack)
        await desk.sign_in("claire")
        await desk.take()
        await expect(chat.log).to_contain_text("Claire a rejoint la conversation")
        await expect(call).to_be_disabled()
        await chat.say("vous me lisez ?")
        await expect(chat.message("vous me lisez")).to_contain_text(", lu")
        await desk.reply("Oui, je suis là.")
        await expect(chat.message("je suis là")).to_have_count(1)
        await accessible(chat.page)
        await desk.page.get_by_role("button", name="Terminer").first.click()
        await desk.page.locator("[data-outcome=resolved]").click()
        await chat.log.get_by_role("radio", name="Très bien").check(force=True)
        await chat.log.get_by_role("button", name="Envoyer mon avis").click()
        await expect(chat.log).to_contain_text("Merci de votre avis.")
        sheet = await menu(chat, "Mes données")
        await expect(sheet.get_by_role("switch")).to_have_count(4)
        await accessible(chat.page)
        await shot(chat.page, "widget-data")
        await sheet.get_by_role("button", name="Effacer mes données").click()
        await expect(chat.message("effaciez mes données")).to_contain_text(", lu")
    finally:
        await hours(stack, None)


async def test_out_of_hours_a_call_is_asked_for(stack: Stack, new_page: NewPage) -> None:
    # Closed now, whenever this is played, and open at some hour at which calls are made.
    morning = datetime.now(ZoneInfo("Europe/Paris")).hour < 12
    await hours(stack, ["13:00-19:00"] if morning else ["08:00-11:30"])
    try:
        chat = Chat(await new_page(360, 740), stack)
        await chat.visit()
        await chat.open()
        await chat.dialog.get_by_role("button", name="Parler à un conseiller").click()
        await expect(chat.dialog).to_contain_text("Réponse à partir d")
        await chat.log.get_by_role("button", name="Être appelé plus tard").click()
        await expect(chat.log).to_contain_text("Quand souhaitez-vous")
        await chat.log.locator(".choices").last.get_by_role("button").first.click()
        number = chat.log.get_by_label("Numéro de téléphone")
        await number.wait_for()
        await shot(chat.page, "widget-call")
        await accessible(chat.page)
        await number.fill("06 12 34 56 78")
        await number.press("Enter")
        await expect(chat.log).to_contain_text("un conseiller vous appelle")
        await chat.dialog.get_by_role("button", name="Annuler la demande").click()
        await expect(chat.log).to_contain_text("annulée")
    finally:
        await hours(stack, None)
