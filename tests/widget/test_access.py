"""For everybody: keyboard, screen readers, small screens, both themes; and small enough to be no burden."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.waiting import settled
from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi, RefusedError
from tests.widget.fake_words import STATIC
from tests.widget.test_data import my_data
from tests.widget.test_files import png

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """tags => axe.run(document, {runOnly: tags}).then(({violations, passes}) => ({
  passes: passes.length,
  found: violations.map(v => [v.id, v.nodes.map(n => n.target.flat().join(' ') + ': ' + n.failureSummary)]),
}))"""


TOO_SMALL = """all => all.filter(node => { const box = node.getBoundingClientRect();
  return Math.min(box.width, box.height) < 24 }).map(node => node.innerText)"""


async def assert_accessible(page: Page) -> None:
    await settled(page)  # colours are measured once nothing fades any more
    result = await page.evaluate(RUN_AXE, RULES)
    assert result["passes"] > 20, "axe looked at nothing"
    assert not result["found"], json.dumps(result["found"], indent=2)


async def choices(chat: Chat, api: FakeApi) -> None:
    await chat.say("livraison")
    await chat.log.get_by_role("button", name="Rien de tout cela").wait_for()


async def answer_and_failure(chat: Chat, api: FakeApi) -> None:
    await chat.say("un retour")
    await chat.log.get_by_text("Voir le passage").click()
    await chat.log.locator("mark").wait_for()
    api.refusals = [RefusedError(422, "bad_request", "Ce message est refusé.")]
    await chat.say("non")
    await expect(chat.own("non")).to_contain_text("Ce message est refusé.")


async def queued(chat: Chat, api: FakeApi) -> None:
    await chat.human.click()
    await chat.dialog.get_by_role("button", name="Annuler la demande").wait_for()


async def advisor_then_rating(chat: Chat, api: FakeApi) -> None:
    await api.advisor_joins()
    await api.add("advisor", "Bonjour.", author_name="Claire")
    await api.advisor_leaves()
    await chat.log.locator(".score").first.click()
    await chat.log.get_by_role("button", name="Envoyer mon avis").wait_for()


async def reading(chat: Chat, api: FakeApi) -> None:
    await chat.log.get_by_role("link", name="Lire l’article").click()
    await chat.dialog.get_by_role("region").locator("mark").wait_for()


async def deciding(chat: Chat, api: FakeApi) -> None:
    await chat.page.keyboard.press("Escape")
    sheet = await my_data(chat)
    await sheet.get_by_role("switch").first.wait_for()


async def picture_and_field(chat: Chat, api: FakeApi) -> None:
    await chat.page.keyboard.press("Escape")
    file: FilePayload = {"name": "lampe.png", "mimeType": "image/png", "buffer": png()}
    await chat.dialog.locator("input[type=file]").set_input_files(file)
    await chat.log.get_by_role("img", name="lampe.png").wait_for()
    # It is drawn before it is sent: a question put meanwhile would not be the last word.
    await expect(chat.own("lampe.png")).to_contain_text("Reçu à")
    await api.add("bot", "À quel numéro ?", input="phone")
    field = chat.log.get_by_label("Numéro de téléphone")
    await field.fill("douze")
    await field.press("Enter")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await chat.dialog.get_by_role("button", name="Plus d’options").click()
    await chat.dialog.get_by_role("button", name="Mes données").wait_for()


async def closed_menu(chat: Chat, api: FakeApi) -> None:
    await chat.page.keyboard.press("Escape")
    await queued(chat, api)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_in_any_state(
    browser: Browser, shop: str, api: FakeApi, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)
    await context.add_init_script(path=AXE)
    chat = Chat(await context.new_page(), shop)
    await chat.visit()
    await chat.launcher.wait_for()
    await assert_accessible(chat.page)
    await chat.launcher.click()
    await expect(chat.dialog.locator(".offer").first).to_be_visible()
    scenes = (choices, answer_and_failure, reading, deciding, picture_and_field, closed_menu, advisor_then_rating)
    for scene in scenes:
        await scene(chat, api)
        await assert_accessible(chat.page)
    await context.close()


async def test_the_keyboard_is_enough(chat: Chat, api: FakeApi) -> None:
    await chat.visit()
    await chat.launcher.focus()
    await chat.page.keyboard.press("Enter")
    await expect(chat.field).to_be_focused()
    await expect(chat.dialog).to_have_attribute("aria-modal", "false")
    await chat.page.keyboard.type("première ligne")
    await chat.page.keyboard.press("Shift+Enter")
    await chat.page.keyboard.type("seconde")
    await chat.page.keyboard.press("Enter")
    await expect(chat.own("seconde")).to_contain_text("Reçu à")
    assert api.posts[0]["text"] == "première ligne\nseconde"
    await expect(chat.field).to_be_focused()
    await chat.page.keyboard.press("Escape")
    await expect(chat.dialog).to_have_count(0)
    await expect(chat.launcher).to_be_focused()


async def test_what_arrives_is_announced_and_history_is_not(chat: Chat, api: FakeApi) -> None:
    await chat.visit()
    await chat.launcher.click()
    await expect(chat.log).to_have_attribute("aria-live", "polite")
    await expect(chat.dialog).to_have_accessible_name("Maison Alder")
    await chat.say("bonjour")
    await expect(chat.own("bonjour").locator(".status")).to_have_attribute("aria-live", "off")


async def test_on_a_phone_the_chat_fills_the_screen_and_keeps_the_focus(chat: Chat, api: FakeApi) -> None:
    await chat.page.set_viewport_size({"width": 360, "height": 740})
    await chat.open()
    await chat.dialog.evaluate("node => Promise.all(node.getAnimations().map(animation => animation.finished))")
    assert await chat.dialog.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 740}
    await expect(chat.dialog).to_have_attribute("aria-modal", "true")
    await expect(chat.dialog.get_by_role("heading")).to_be_focused()
    for _ in range(12):
        await chat.page.keyboard.press("Tab")
        assert await chat.page.evaluate("document.activeElement.localName") == "relais-chat"
    # The page beneath does not come back covered: a phone opens the chat by hand.
    await chat.page.reload()
    await expect(chat.launcher).to_be_visible()
    await expect(chat.dialog).to_have_count(0)


async def test_targets_are_large_enough_and_nothing_is_wider_than_the_screen(chat: Chat, api: FakeApi) -> None:
    await chat.page.set_viewport_size({"width": 320, "height": 640})
    await chat.open()
    await answer_and_failure(chat, api)
    await chat.say("mot" * 200)
    await expect(chat.log).to_contain_text("Vous avez écrit\u00a0: motmot")
    await api.advisor_leaves()
    await chat.log.locator(".score").first.wait_for()
    buttons = chat.dialog.locator("button:visible, .score")
    assert await buttons.count() > 8
    assert await buttons.evaluate_all(TOO_SMALL) == []
    widths = await chat.log.evaluate("log => [log.scrollWidth, log.clientWidth]")
    assert widths[0] <= widths[1]


async def test_zoomed_to_400_percent_everything_is_there_without_sideways_scrolling(chat: Chat, api: FakeApi) -> None:
    # A window of 1280 by 1024, zoomed: what is left of it in CSS pixels.
    await chat.page.set_viewport_size({"width": 320, "height": 256})
    await chat.open()
    await answer_and_failure(chat, api)
    await expect(chat.dialog.get_by_role("button", name="Réessayer")).to_be_visible()
    scroller = chat.dialog.locator(".scroller")
    sizes = await scroller.evaluate("node => [node.clientHeight, node.scrollWidth, node.clientWidth]")
    assert sizes[0] >= 110
    assert sizes[1] <= sizes[2]
    for control in (chat.field, chat.human, chat.dialog.get_by_role("button", name="Envoyer")):
        await expect(control).to_be_in_viewport(ratio=1)
    await reading(chat, api)
    body = chat.dialog.locator(".sheet-body")
    sizes = await body.evaluate("node => [node.clientHeight, node.scrollWidth, node.clientWidth]")
    assert sizes[0] >= 110
    assert sizes[1] <= sizes[2]


async def test_motion_stops_for_those_who_ask(chat: Chat, api: FakeApi) -> None:
    await chat.page.emulate_media(reduced_motion="reduce")
    await chat.open()
    assert await chat.dialog.evaluate("node => getComputedStyle(node).animationName") == "none"


async def test_a_page_may_choose_theme_and_colour(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    accent = "node => getComputedStyle(node.querySelector('.send')).backgroundColor"
    assert await chat.dialog.evaluate(accent) == "rgb(31, 111, 92)"
    await chat.page.evaluate("document.querySelector('relais-chat').dataset.theme = 'dark'")
    assert await chat.dialog.evaluate(accent) == "rgb(111, 195, 171)"
    await chat.page.evaluate(
        "document.querySelector('relais-chat').style.setProperty('--relais-accent', 'rgb(1, 2, 3)')"
    )
    assert await chat.dialog.evaluate(accent) == "rgb(1, 2, 3)"


@pytest.mark.parametrize("folder", ["locales", "slip", "later"])
def test_french_and_english_are_level(folder: str) -> None:
    french, english = (json.loads((STATIC / folder / f"{name}.json").read_text("utf-8")) for name in ("fr", "en"))
    assert list(french) == list(english)
    for key in french:
        assert re.findall(r"\{\w+\}", french[key]) == re.findall(r"\{\w+\}", english[key]), key
        assert not re.search(r"[^\u202f][?!;]|[^\u00a0]:(?!/)|'", french[key]), f"typography of {key}: {french[key]}"


def test_every_text_is_used_and_every_used_text_exists() -> None:
    composed = {"state_bot", "state_queue", "state_advisor", "past", "restart", "copy"}
    composed |= {f"rating_{score}" for score in range(1, 6)}
    composed |= {
        f"prepared_{end}" for end in ["confirmed", "declined", "done", "expired", "failed", "refused", "withdrawn"]
    }
    fields = ["phone", "email", "order_number", "code", "date", "time"]
    composed |= {f"{what}_{field}" for what in ("field", "wrong") for field in fields}
    here, later = ("".join(p.read_text("utf-8") for p in STATIC.glob(each)) for each in ("*.js", "later/*.js"))
    texts, more = (json.loads((STATIC / folder / "fr.json").read_text("utf-8")) for folder in ("locales", "later"))
    for key in (texts | more).keys() - composed:
        assert f'"{re.sub("_(one|other)$", "", key)}"' in here + later, key
    for key in re.findall(r'view\.say\("(\w+)"', here + later) + re.findall(r'say\("(\w+)"', here):
        assert key in texts or f"{key}_one" in texts, key
    for key in re.findall(r'[^.]say\("(\w+)"', later):
        assert key in more, key
