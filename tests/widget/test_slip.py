"""What the advisor will see: read, corrected, struck out and put back in the chat."""

from __future__ import annotations

import json
import re
from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi, RefusedError
from tests.widget.fake_words import STATIC
from tests.widget.test_access import AXE, TOO_SMALL, assert_accessible


async def opened(chat: Chat) -> None:
    await chat.open()
    await chat.human.click()
    await chat.dialog.get_by_role("button", name="Voir ce que verra le conseiller").click()
    await expect(chat.dialog.get_by_role("heading", name="Ce que verra le conseiller")).to_be_focused()


async def test_nothing_of_it_is_loaded_before_it_is_asked_for(chat: Chat, api: FakeApi) -> None:
    loaded: list[str] = []
    chat.page.on("request", lambda request: loaded.append(request.url))
    await chat.open()
    await chat.human.click()
    link = chat.dialog.get_by_role("button", name="Voir ce que verra le conseiller")
    await expect(link).to_be_visible()
    assert loaded
    assert not [url for url in loaded if "slip" in url]
    await link.click()
    await expect(chat.dialog.locator(".slip")).to_contain_text("MA-104233")


async def test_a_line_is_struck_put_back_corrected_and_that_undone(chat: Chat, api: FakeApi) -> None:
    await opened(chat)
    slip = chat.dialog.locator(".slip")
    await expect(slip).to_contain_text("où est ma commande ?")
    await slip.get_by_role("button", name="Retirer : Une commande").click()
    await expect(slip.locator("s")).to_have_text("MA-104233 · Lampe Aulne")
    await expect(slip.get_by_role("status")).to_contain_text("le conseiller ne le verra pas")
    assert [line["struck"] for line in api.talk.slip if line["id"] == "order"] == [True]
    back = slip.get_by_role("button", name="Remettre : Une commande")
    await expect(back).to_be_focused()
    await back.click()
    await expect(slip.locator("s")).to_have_count(0)

    await slip.get_by_role("button", name="Corriger : Votre demande").click()
    field = slip.get_by_role("textbox", name="Votre demande")
    await expect(field).to_be_focused()
    await field.fill("où est mon colis ?")
    await slip.get_by_role("button", name="Enregistrer").click()
    await expect(slip).to_contain_text("vos mots")
    assert api.talk.slip[0]["text"] == "où est mon colis ?"
    await slip.get_by_role("button", name="Annuler la correction").click()
    await expect(slip).to_contain_text("où est ma commande ?")
    await expect(slip).not_to_contain_text("vos mots")
    # What must stay says so, and offers nothing.
    await expect(slip.locator(".slip-always")).to_contain_text("Notre conversation")
    await expect(slip.locator(".slip-always button")).to_have_count(0)


async def test_the_keyboard_is_enough_and_the_focus_comes_back(chat: Chat, api: FakeApi) -> None:
    await opened(chat)
    await chat.page.keyboard.press("Tab")
    await chat.page.keyboard.press("Tab")
    await chat.page.keyboard.press("Enter")
    await chat.page.keyboard.type("un autre sujet")
    await chat.page.keyboard.press("Escape")
    await expect(chat.dialog.locator(".slip")).to_contain_text("où est ma commande ?")
    await expect(chat.dialog.get_by_role("button", name="Corriger : Votre demande")).to_be_focused()
    await chat.page.keyboard.press("Escape")
    await expect(chat.dialog.locator(".slip")).to_have_count(0)
    await expect(chat.dialog).to_be_visible()
    await expect(chat.dialog.get_by_role("button", name="Voir ce que verra le conseiller")).to_be_focused()


async def test_it_gives_way_to_the_advisor_and_a_refusal_is_said(chat: Chat, api: FakeApi) -> None:
    await opened(chat)
    api.refusals = [RefusedError(409, "slip_closed", "Un conseiller a déjà cette demande sous les yeux.")]
    await chat.dialog.get_by_role("button", name="Retirer : Une commande").click()
    await expect(chat.dialog.locator(".slip-news")).to_contain_text("déjà cette demande")
    await api.advisor_joins("Claire")
    await expect(chat.dialog.locator(".slip")).to_have_count(0)
    await chat.say("bonjour")
    await expect(chat.own("bonjour")).to_contain_text("Reçu à")


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 360), ("light", 1280)])
async def test_on_every_screen_and_for_everybody(
    browser: Browser, shop: str, api: FakeApi, scheme: Literal["light", "dark"], width: int
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)
    await context.add_init_script(path=AXE)
    chat = Chat(await context.new_page(), shop)
    await opened(chat)
    slip = chat.dialog.locator(".slip")
    await slip.get_by_role("button", name="Retirer : Une commande").click()
    await expect(slip.locator("s")).to_have_count(1)
    await assert_accessible(chat.page)
    await slip.get_by_role("button", name="Corriger : Vous appeler au").click()
    await assert_accessible(chat.page)
    widths = await slip.locator(".slip-body").evaluate("node => [node.scrollWidth, node.clientWidth]")
    assert widths[0] <= widths[1]
    assert await slip.locator("button:visible").evaluate_all(TOO_SMALL) == []
    if width == 360:
        box = await chat.dialog.bounding_box()
        assert box is not None
        assert (box["x"], box["width"]) == (0, 360)
        for _ in range(14):
            await chat.page.keyboard.press("Tab")
            assert await chat.page.evaluate("document.activeElement.localName") == "relais-chat"
    await context.close()


def test_every_text_of_it_is_used() -> None:
    code = (STATIC / "slip" / "slip.js").read_text("utf-8")
    texts = json.loads((STATIC / "slip" / "fr.json").read_text("utf-8"))
    assert [key for key in texts if f'"{key}"' not in code] == []
    assert [key for key in re.findall(r'this\.say\("(\w+)"', code) if key not in texts] == []
