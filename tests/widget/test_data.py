"""What is kept of one, and what one agrees to, inside the chat."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.waiting import held_on_its_way
from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi, RefusedError


async def my_data(chat: Chat) -> Locator:
    await chat.dialog.get_by_role("button", name="Plus d’options").click()
    await chat.dialog.get_by_role("button", name="Mes données").click()
    sheet = chat.dialog.get_by_role("region", name="Mes données")
    await expect(sheet.get_by_role("heading", name="Mes données")).to_be_focused()
    return sheet


async def test_whoever_has_said_nothing_has_nothing_kept(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    sheet = await my_data(chat)
    await expect(sheet).to_contain_text("Nous ne gardons rien de vous")
    assert not api.talks


async def test_what_is_kept_is_not_denied_while_it_is_on_its_way(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    go = await held_on_its_way(chat.page, "**/messages?after=0")
    await chat.page.reload()
    sheet = await my_data(chat)
    await expect(sheet).to_contain_text("Chargement…")
    await expect(sheet).not_to_contain_text("Nous ne gardons rien de vous")
    go.set()
    await expect(sheet.get_by_role("switch").first).to_be_visible()


async def test_each_purpose_is_decided_and_a_failure_changes_nothing(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    sheet = await my_data(chat)
    telling = sheet.get_by_role("switch", name="Vous prévenir quand une réponse existe")
    await expect(telling).not_to_be_checked()
    await telling.press("Space")
    await expect(sheet.get_by_role("status")).to_contain_text("C’est noté")
    assert api.talk.consents == {"history": True, "telling": True}
    api.refusals = [RefusedError(429, "too_many_requests", "Vous allez un peu vite.")]
    await sheet.get_by_role("switch", name="Garder vos échanges").click()
    await expect(sheet.get_by_role("alert")).to_contain_text("Vous allez un peu vite.")
    await expect(sheet.get_by_role("switch", name="Garder vos échanges")).to_be_checked()
    assert api.talk.consents["history"] is True


async def test_another_channel_is_linked_and_unlinked(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    sheet = await my_data(chat)
    await sheet.get_by_role("button", name="Relier Telegram").click()
    go = sheet.get_by_role("link", name="Ouvrir Telegram")
    await expect(go).to_be_focused()
    assert await go.get_attribute("href") == "https://t.me/relais_bot?start=once"
    await sheet.get_by_role("button", name="Revenir à la discussion").click()
    sheet = await my_data(chat)
    await sheet.get_by_role("button", name="Ne plus relier Telegram").click()
    await expect(sheet.get_by_role("button", name="Relier Telegram", exact=True)).to_be_visible()
    assert api.talk.linked is False


async def test_all_of_it_is_taken_along_or_erased(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    sheet = await my_data(chat)
    async with chat.page.expect_download() as saving:
        await sheet.get_by_role("button", name="Emporter mes données").click()
    taken = await asyncio.to_thread(Path(await (await saving.value).path()).read_text, "utf-8")
    assert "bonjour" in {message["text"] for message in json.loads(taken)["conversations"]}
    await sheet.get_by_role("button", name="Effacer mes données").click()
    await expect(sheet).to_have_count(0)
    await expect(chat.own("effaciez mes données")).to_contain_text("Reçu à")


async def test_nothing_is_promised_that_nobody_would_do(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    await api.advisor_joins("Claire")
    await expect(chat.log).to_contain_text("Claire a rejoint la conversation.")
    sheet = await my_data(chat)
    await sheet.get_by_role("button", name="Effacer mes données").click()
    await expect(sheet.get_by_role("alert")).to_contain_text("dès que l’assistant est de nouveau là")
    await expect(chat.own("effaciez mes données")).to_have_count(0)
