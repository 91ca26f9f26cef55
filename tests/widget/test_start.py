"""What an opened chat offers before anything is said, and how it looks by the company's choice."""

from __future__ import annotations

from playwright.async_api import expect

from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi
from tests.widget.test_people import sign_in


async def test_the_questions_of_the_page_are_one_press_away(chat: Chat, api: FakeApi) -> None:
    await chat.open("/produit/lampe-atelier")
    offers = chat.dialog.get_by_role("group", name="Souvent demandé ici")
    await expect(offers.get_by_role("button")).to_have_count(2)
    assert api.asked[0]["url"] == f"{chat.shop}/produit/lampe-atelier"
    assert api.asked[0]["locale"] == "fr"
    assert not api.talks
    await offers.get_by_role("button", name="Comment faire un retour").press("Enter")
    await expect(chat.own("Comment faire un retour")).to_contain_text("Reçu à")
    await expect(chat.log).to_contain_text("Vous avez 30")
    await expect(offers).to_have_count(0)
    await expect(chat.field).to_be_focused()
    await chat.page.reload()
    await expect(chat.log).to_contain_text("Vous avez 30")
    await expect(offers).to_have_count(0)


async def test_the_article_being_read_is_named(chat: Chat, api: FakeApi) -> None:
    api.start = api.start | {"article": {"article_id": "x", "title": "La garantie"}}
    await chat.open()
    await expect(chat.dialog.get_by_role("group", name="Autour de l’article «\u00a0La garantie\u00a0»")).to_be_visible()


async def test_who_is_signed_in_sees_their_orders_first(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    orders = chat.dialog.get_by_role("button", name="Mes commandes")
    await expect(chat.dialog.get_by_role("button", name="Comment faire un retour")).to_be_visible()
    await expect(orders).to_have_count(0)
    await sign_in(chat.page, "Camille Laurent")
    await orders.click()
    await expect(chat.own("Où en est ma commande")).to_contain_text("Reçu à")
    assert api.talk.subject == "C-1001"


async def test_who_chooses_another_language_before_writing_is_greeted_in_it(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await sign_in(chat.page, "Camille Laurent")
    await expect(chat.dialog.get_by_role("button", name="Mes commandes")).to_be_visible()
    assert len(api.talks) == 1, "it has begun, in French"
    api.look |= {"greeting": "Hello, I’m Aulne. What can I do for you?"}
    await chat.dialog.get_by_role("button", name="Switch to English").click()
    await expect(chat.log.locator(".entry")).to_have_count(1)
    await expect(chat.log.locator(".entry")).to_contain_text("Hello, I’m Aulne.")


async def test_the_button_covers_no_text_where_little_is_seen(chat: Chat) -> None:
    await chat.page.set_viewport_size({"width": 320, "height": 200})
    await chat.visit()
    await chat.page.evaluate("scrollTo(0, 0)")
    await expect(chat.launcher).not_to_be_in_viewport()
    await chat.launcher.focus()
    await expect(chat.launcher).to_be_in_viewport()
    await chat.page.keyboard.press("Enter")
    await expect(chat.dialog).to_be_in_viewport(ratio=0.9)


async def test_without_anything_to_offer_one_just_writes(chat: Chat, api: FakeApi) -> None:
    api.start = {"suggestions": [], "article": None, "when_known": []}
    await chat.begin()
    await expect(chat.dialog.locator(".start")).to_be_hidden()


async def test_the_company_chooses_the_looks_and_the_page_may_differ(chat: Chat, api: FakeApi) -> None:
    palette = {"light": ["#5b2a86", "#ffffff"], "dark": ["#c9a3ee", "#10241e"]}
    api.look |= {"palette": palette, "position": "left", "name": "Nous écrire", "languages": ["fr"]}
    await chat.visit()
    await expect(chat.launcher).to_be_visible()
    box = await chat.launcher.bounding_box()
    assert box is not None
    assert box["x"] < 100
    colour = "node => getComputedStyle(node).backgroundColor"
    assert await chat.launcher.evaluate(colour) == "rgb(91, 42, 134)"
    await chat.page.emulate_media(color_scheme="dark")
    assert await chat.launcher.evaluate(colour) == "rgb(201, 163, 238)"
    sheet = """const sheet = new CSSStyleSheet();
      sheet.replaceSync("relais-chat { --relais-accent: rgb(1, 2, 3) }");
      document.adoptedStyleSheets.push(sheet);"""
    await chat.page.evaluate(f"() => {{ {sheet} }}")
    assert await chat.launcher.evaluate(colour) == "rgb(1, 2, 3)"
    await chat.launcher.click()
    # The page's own attribute names it; one language needs no switch.
    await expect(chat.dialog).to_have_accessible_name("Maison Alder")
    await expect(chat.dialog.get_by_role("button", name="Switch to English")).to_have_count(0)


async def test_a_service_that_says_nothing_of_looks_still_has_a_chat(chat: Chat, api: FakeApi) -> None:
    await chat.page.route("**/api/v1/widget?*", lambda route: route.abort())
    await chat.visit()
    await chat.launcher.click()
    await chat.say("bonjour")
    await expect(chat.log).to_contain_text("Vous avez écrit")
