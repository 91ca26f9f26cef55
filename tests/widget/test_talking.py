"""A conversation in the widget: begun when it is needed, kept, answered."""

from __future__ import annotations

from playwright.async_api import expect

from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi


async def test_nothing_begins_until_something_is_said(chat: Chat, api: FakeApi) -> None:
    await chat.visit()
    await expect(chat.launcher).to_be_visible()
    assert not api.talks
    assert await chat.page.evaluate("Object.keys(localStorage)") == []

    await chat.launcher.click()
    await expect(chat.log).to_contain_text("Bonjour, je suis Aulne")
    # Whoever only looks leaves no trace.
    assert not api.talks
    assert await chat.page.evaluate("Object.keys(localStorage)") == []
    await chat.say("bonjour")
    await expect(chat.log).to_contain_text("Vous avez écrit")
    await expect(chat.log.get_by_text("Bonjour, je suis Aulne")).to_have_count(1)
    assert len(api.talks) == 1
    created = api.talk.created_with
    assert created["locale"] == "fr"
    assert created["page"] == {"url": f"{chat.shop}/", "title": await chat.page.title()}
    assert "identity" not in created


async def test_a_question_gets_its_answer_with_the_source_and_can_be_judged(chat: Chat, api: FakeApi) -> None:
    await chat.open("/produit/lampe-atelier")
    await chat.say("comment faire un retour ?")
    await expect(chat.own("comment faire un retour")).to_contain_text("Reçu à")
    await expect(chat.log).to_contain_text("Vous avez 30")
    link = chat.log.get_by_role("link", name="Lire l’article")
    assert await link.get_attribute("href") == f"{api.url}/aide/retourner-un-article"
    assert await link.get_attribute("target") == "_blank"
    assert api.posts[0]["page"]["url"].endswith("/produit/lampe-atelier")

    await chat.log.get_by_role("button", name="Oui").click()
    await expect(chat.log).to_contain_text("Merci de nous l’avoir dit")
    answered = api.talk.messages[-1]
    assert api.talk.feedback == [{"message_id": answered["id"], "helpful": True}]

    await chat.page.reload()
    await expect(chat.log).to_contain_text("Merci de nous l’avoir dit")
    await expect(chat.log.get_by_role("button", name="Oui")).to_have_count(0)


async def test_a_choice_is_posted_by_its_opaque_id_and_used_once(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.say("livraison")
    await chat.log.get_by_role("button", name="Les délais de livraison").click()
    await expect(chat.own("Les délais de livraison")).to_contain_text("Reçu à")
    posted = api.posts[-1]
    assert posted["choice"] == "opaque-1"
    assert "text" not in posted
    for name in ("Suivre ma commande", "Les délais de livraison", "Rien de tout cela"):
        await expect(chat.log.get_by_role("button", name=name).first).to_be_disabled()

    await chat.page.reload()
    await expect(chat.log.get_by_role("button", name="Suivre ma commande").first).to_be_disabled()
    await expect(chat.own("Les délais de livraison")).to_have_count(1)


async def test_the_conversation_and_an_unsent_text_survive_page_loads(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.say("bonjour")
    await expect(chat.log).to_contain_text("Vous avez écrit")
    await chat.field.fill("je voulais dire")
    await chat.visit("/produit/carafe-onde")
    # On a wide screen the open chat stays open beside the page.
    await expect(chat.log).to_contain_text("Vous avez écrit")
    await expect(chat.entries()).to_have_count(3)
    await expect(chat.field).to_have_value("je voulais dire")
    assert len(api.talks) == 1


async def test_two_tabs_show_one_conversation(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    other = Chat(await chat.page.context.new_page(), chat.shop)
    await other.open("/produit/tasses-lichen")
    await other.say("depuis l’autre onglet")
    await expect(chat.own("depuis l’autre onglet")).to_have_count(1)
    await expect(chat.log).to_contain_text("Vous avez écrit")
    await chat.say("et de celui-ci")
    await expect(other.own("et de celui-ci")).to_have_count(1)
    assert len(api.talks) == 1


async def test_what_comes_from_the_service_is_never_markup(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    title = await chat.page.title()
    await chat.say("script <b>gras</b>")
    await expect(chat.log.get_by_role("button", name="<img src=x")).to_be_visible()
    await expect(chat.own("<b>gras</b>")).to_be_visible()
    assert await chat.log.locator("img, b").count() == 0
    # A javascript: address is no source.
    await expect(chat.log.get_by_role("link")).to_have_count(0)
    assert await chat.page.title() == title


async def test_an_address_in_a_text_becomes_a_link_without_its_full_stop(chat: Chat) -> None:
    await chat.open()
    await chat.say("le lien")
    link = chat.log.get_by_role("link", name="https://suivi.maison-alder.test/MA-104233")
    assert await link.get_attribute("href") == "https://suivi.maison-alder.test/MA-104233"


async def test_the_interface_changes_language_and_keeps_the_conversation(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.say("bonjour")
    await expect(chat.log).to_contain_text("Vous avez écrit")
    await chat.dialog.get_by_role("button", name="Switch to English").click()
    await expect(chat.dialog.get_by_role("button", name="Talk to an advisor")).to_be_visible()
    await expect(chat.dialog.get_by_role("textbox", name="Your message")).to_be_focused()
    await expect(chat.entries()).to_have_count(3)
    await chat.page.reload()
    await expect(chat.dialog.get_by_role("button", name="Talk to an advisor")).to_be_visible()
    assert len(api.talks) == 1


async def test_an_english_page_begins_an_english_conversation(chat: Chat, api: FakeApi) -> None:
    await chat.visit("/?lang=en")
    await chat.page.get_by_role("button", name="Open the chat").click()
    await expect(chat.log).to_contain_text("Hello, I am Aulne")
    await chat.dialog.get_by_role("textbox", name="Your message").fill("hello")
    await chat.page.keyboard.press("Enter")
    await expect(chat.log).to_contain_text("Vous avez écrit")
    assert api.talk.created_with["locale"] == "en"
