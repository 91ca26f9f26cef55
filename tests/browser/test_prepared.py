"""A cancellation that the back office failed: the advisor prepares it, the customer confirms it, it is done once."""

from __future__ import annotations

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewPage, shot
from tests.browser.pages import Chat, DeskPage
from tests.harness import Stack

pytestmark = pytest.mark.timeout(240)
NUMBER = "MA-104872"


async def office(stack: Stack, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, list[object]]:
    """The demo shop's back office, as its operator."""
    headers = {"Authorization": f"Bearer {stack.env['BACK_OFFICE_TOKEN']}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.request(method, stack.env["BACK_OFFICE_URL"] + path, json=body) as response,
    ):
        assert response.status == 200
        found: dict[str, list[object]] = await response.json()
        return found


async def cancelled(stack: Stack) -> int:
    changes = (await office(stack, "GET", "/admin/changes"))["changes"]
    return sum("cancel" in str(change) and NUMBER in str(change) for change in changes)


async def test_prepared_by_the_advisor_and_confirmed_with_one_press(stack: Stack, new_page: NewPage) -> None:
    chat = Chat(await new_page(), stack)
    await chat.visit()
    await chat.sign_in("Julien Morel")
    await chat.open()
    await office(stack, "POST", "/admin/mode", {"mode": "down"})
    try:
        await chat.say(f"je veux annuler ma commande {NUMBER}")
        await expect(chat.log).to_contain_text("rien n’a été changé")
        await chat.say("oui, un conseiller s'il vous plaît")
        await expect(chat.log).to_contain_text("vous n’aurez rien à répéter")
    finally:
        await office(stack, "POST", "/admin/mode", {"mode": "ok"})
    assert await cancelled(stack) == 0

    desk = DeskPage(await new_page(1440, 900), stack)
    await desk.sign_in("claire")
    await desk.take(customer_name="Julien Morel")
    await desk.page.get_by_role("button", name="Reprendre la démarche").first.click()
    form = desk.page.locator("dialog")
    await expect(form.locator("#prepared-order")).to_have_value(NUMBER)
    await expect(form.locator(".prepared-preview")).to_contain_text(f"annuler toute votre commande {NUMBER}")
    await shot(desk.page, "desk-prepared")
    await form.get_by_role("button", name="Proposer au client").click()
    strip = desk.page.locator(".prepared-strip")
    await expect(strip).to_contain_text("Proposée")

    confirm = chat.log.get_by_role("button", name="Confirmer")
    await expect(chat.log).to_contain_text(f"annuler toute votre commande {NUMBER}")
    await chat.say("c'est gratuit ?")
    await expect(desk.page.locator(".message").filter(has_text="c'est gratuit ?")).to_have_count(1)
    await expect(confirm).to_be_enabled()
    await shot(chat.page, "chat-prepared")
    assert await cancelled(stack) == 0
    await confirm.dblclick()
    await expect(chat.log).to_contain_text(f"Votre commande {NUMBER} est annulée.")
    await expect(confirm).to_be_disabled()
    await expect(chat.log).to_contain_text("Confirmée et faite")
    await expect(strip).to_contain_text("Faite")
    await chat.page.reload()
    await expect(chat.log).to_contain_text("Confirmée et faite")
    assert await cancelled(stack) == 1
