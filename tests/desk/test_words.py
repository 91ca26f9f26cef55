"""What advisors say, over the bot itself: suggestions, cards, canned replies, a draft's language, wishes, pages."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from bot.db.words import ArticleWish
from bot.words.canned import seed_demo
from tests.bot.conftest import Bot, Customer, bot, company, empty_record, make_bot, valkey
from tests.bot.neighbours import ARTICLE
from tests.bot.test_handoff import CARD, identity
from tests.desk.conftest import OpenDesk
from tests.desk.test_against_bot import signed_in
from tests.desk.test_looks import overflow, violations
from tests.waiting import stopped_clock

__all__ = ["bot", "company", "empty_record", "make_bot", "valkey"]  # fixtures, found by their names
OTHER = ARTICLE | {"article_id": "returns", "title": "Comment retourner un article ?", "url": "/aide/retours"}


async def talking(bot: Bot, new_page: OpenDesk, locale: str = "fr") -> tuple[Page, Customer]:
    """Claire's page with a customer in hand."""
    bot.neighbours.card = CARD
    customer = await bot.customer(locale=locale, identity=identity(bot, name="Camille Laurent"))
    await customer.ask("Quel délai ?" if locale == "fr" else "How long does a delivery take?")
    await customer.post("handoff", {})
    page = await signed_in(new_page, bot, "claire")
    await page.click("a.queue-item")
    await page.keyboard.press("a")
    await page.wait_for_selector("desk-composer")
    return page, customer


async def advisors_words(customer: Customer) -> list[str]:
    return [each["text"] for each in (await customer.read())["messages"] if each["author"] == "advisor"]


async def test_suggestions_follow_and_one_key_inserts_or_sends(bot: Bot, new_page: OpenDesk) -> None:
    page, customer = await talking(bot, new_page)
    suggestion = page.locator(".suggestion").first
    await expect(suggestion).to_contain_text(ARTICLE["title"])
    bot.neighbours.article = OTHER
    await customer.say("Et comment retourner la lampe ?")
    await expect(suggestion).to_contain_text(OTHER["title"])
    await expect(page.locator(".words-latest")).to_have_text("Et comment retourner la lampe ?")
    await page.locator(".thread-scroll").focus()
    await page.keyboard.press("1")
    await expect(page.locator("#reply")).to_have_value(f"{ARTICLE['answer']}\n{bot.client.make_url('/aide/retours')}")
    await page.keyboard.press("Alt+1")
    await expect(page.locator(".message--advisor .source")).to_contain_text(OTHER["title"])
    sent = (await customer.read())["messages"][-1]
    assert (sent["kind"], sent["answer"]["article_id"]) == ("answer", "returns")
    await customer.post("feedback", {"message_id": sent["id"], "helpful": True})
    await expect(page.locator(".card-section--tried")).to_contain_text("A aidé")
    bot.neighbours.search_status = 503
    await customer.say("Et pour une ampoule seulement ?")
    await expect(page.locator(".words-stale")).to_be_visible()
    await expect(suggestion).to_contain_text(OTHER["title"])


async def test_any_article_is_found_and_keeps_the_focus_while_the_card_moves(bot: Bot, new_page: OpenDesk) -> None:
    page, customer = await talking(bot, new_page)
    bot.neighbours.article = OTHER
    box = page.get_by_role("searchbox", name="Chercher un article")
    await box.fill("retour")
    await expect(page.locator(".words-results .suggestion")).to_contain_text(OTHER["title"])
    await box.focus()
    await expect(page.locator(".words-latest")).to_have_count(0)
    await customer.say("Et comment retourner la lampe ?")
    await expect(page.locator(".words-latest")).to_be_visible()
    await expect(box).to_be_focused()
    await expect(box).to_have_value("retour")
    await page.locator(".words-results").get_by_role("button", name="Envoyer l’article").click()
    await expect(page.locator(".message--advisor .source")).to_contain_text(OTHER["title"])


async def test_a_page_is_proposed_and_another_site_refused(bot: Bot, new_page: OpenDesk) -> None:
    page, customer = await talking(bot, new_page)
    await page.get_by_role("button", name="Autres actions").click()
    await page.get_by_role("menuitem", name="Proposer une page").click()
    address = page.get_by_role("textbox", name="Adresse de la page")
    await address.fill("https://evil.test/")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="ne peut pas être proposée")).to_be_visible()
    await address.fill("http://shop.test/lampes")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message--advisor").last).to_contain_text("http://shop.test/lampes")
    assert (await customer.read())["messages"][-1]["page"]["url"] == "http://shop.test/lampes"


async def test_a_canned_reply_comes_filled_in_the_customers_language(bot: Bot, new_page: OpenDesk) -> None:
    await seed_demo(bot.services)
    page, customer = await talking(bot, new_page, "en")
    reply = page.locator("#reply")
    await reply.press_sequentially("/bonj")
    await expect(page.locator(".words-option")).to_have_count(1)
    await expect(page.locator(".words-option")).to_have_attribute("aria-selected", "true")
    assert await violations(page) == []
    await page.keyboard.press("Enter")
    await expect(reply).to_have_value(re.compile("^Hello Camille, I’m Claire from Maison Alder. .* with Alba, "))
    await page.keyboard.press("Enter")
    await expect(page.locator(".message--advisor[data-seq]")).to_contain_text("Hello Camille")
    await reply.press_sequentially("/")
    await expect(page.locator(".words-option").first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(".words-option").nth(1)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("listbox", name="Réponses types")).to_have_count(0)
    await expect(reply).to_have_value("/")
    assert len(await advisors_words(customer)) == 1


async def test_what_is_not_filled_in_holds_the_reply(bot: Bot, new_page: OpenDesk) -> None:
    page, customer = await talking(bot, new_page)
    reply = page.locator("#reply")
    await reply.fill("Votre commande {commande} part le {date}.")
    strip = page.locator(".words-strip--fill")
    await expect(strip).to_contain_text("{commande}")
    await page.keyboard.press("Enter")
    assert await advisors_words(customer) == []
    await page.keyboard.type("MA-104233")
    await expect(reply).to_have_value("Votre commande MA-104233 part le {date}.")
    await strip.get_by_role("button", name="{date}").click()
    await page.keyboard.type("24")
    await expect(strip).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(page.locator(".message--advisor[data-seq]")).to_contain_text("part le 24")


async def test_another_language_is_told_once(bot: Bot, new_page: OpenDesk) -> None:
    page, customer = await talking(bot, new_page, "en")
    # However long the service takes to tell the language, it is within the page's patience.
    await stopped_clock(page)
    reply = page.locator("#reply")
    french = "Je regarde tout de suite où en est votre commande."
    await reply.fill(french)
    await page.keyboard.press("Enter")
    strip = page.locator(".words-strip--language")
    await expect(strip).to_contain_text("Ce client écrit en anglais ; votre réponse est en français.")
    assert await advisors_words(customer) == []
    await page.get_by_role("button", name="Envoyer quand même").click()
    await expect(page.locator(".message--advisor[data-seq]")).to_have_count(1)
    await expect(strip).to_be_hidden()
    await reply.fill(french)
    await page.clock.run_for(800)
    await expect(strip).to_be_visible()  # while one writes, before anything is held
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message--advisor[data-seq]")).to_have_count(2)
    await reply.fill("I am looking at your order right now.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message--advisor[data-seq]")).to_have_count(3)


async def test_a_reply_is_wished_as_an_article_and_taken_back(bot: Bot, new_page: OpenDesk) -> None:
    page, _ = await talking(bot, new_page)
    await page.fill("#reply", "Oui, dès 100 € d’achat.")
    await page.keyboard.press("Enter")
    mark = page.locator(".message--advisor[data-seq] .words-wish")
    await expect(mark).to_be_visible()
    await stopped_clock(page)  # what is offered beside the thanks stays until it is pressed
    await mark.click()
    await expect(mark).to_have_attribute("aria-pressed", "true")
    async with bot.services.db.read() as session:
        assert (await session.execute(select(ArticleWish.reply))).scalar_one() == "Oui, dès 100 € d’achat."
    await page.get_by_role("button", name="Ajouter un mot").click()
    await page.clock.resume()
    await page.get_by_label("Pour les rédacteurs").fill("Dire aussi pour la Corse")
    assert await violations(page) == []
    await page.get_by_role("dialog").get_by_role("button", name="Envoyer").click()
    await expect(page.locator("desk-toasts")).to_contain_text("Votre mot est ajouté")
    async with bot.services.db.read() as session:
        assert (await session.execute(select(ArticleWish.comment))).scalar_one() == "Dire aussi pour la Corse"
    await page.reload()
    await expect(mark).to_have_attribute("aria-pressed", "true")
    await mark.click()
    await expect(mark).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("width", [1440, 390])
async def test_the_pages_of_replies_and_search(bot: Bot, new_page: OpenDesk, width: int) -> None:
    await seed_demo(bot.services)
    customer = await bot.customer(locale="fr", identity=identity(bot, name="Zoé <b>Lefèvre</b>"))
    await customer.ask("Mon abat-jour est arrivé abîmé")
    await customer.post("handoff", {})
    await bot.desk("marc", "supervisor")
    page = await new_page(width=width, color_scheme="dark" if width == 390 else "light")
    await page.goto(str(bot.client.make_url("/desk/login")))
    await page.fill("#email", "marc@maison-alder.test")
    await page.fill("#password", "a long enough one")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("desk-queue")

    await page.goto(str(bot.client.make_url("/desk/replies")))
    await expect(page.locator(".reply-row")).to_have_count(10)
    assert await violations(page) == []
    assert await overflow(page) == []
    await page.get_by_role("button", name="Ajouter une réponse").click()
    await page.get_by_label("Titre").fill("Merci")
    await page.get_by_label("Raccourci").fill("merci")
    await page.get_by_label("Texte en français").fill("Merci {prénom} <img src=x> {inconnue}")
    preview = page.locator(".reply-preview").first
    await expect(preview).to_have_text("Merci Camille <img src=x> {inconnue}")
    await expect(preview.locator(".reply-variable--unknown")).to_have_text("{inconnue}")
    assert await violations(page) == []
    await page.get_by_role("button", name="Enregistrer").click()
    row = page.locator(".reply-row").filter(has_text="/merci")
    await expect(row).to_contain_text("Il manque la version en anglais")

    await page.goto(str(bot.client.make_url("/desk/search")))
    await expect(page.locator(".empty")).to_be_visible()
    await page.keyboard.type("abime")
    await page.keyboard.press("Enter")
    found = page.locator(".search-result")
    await expect(found.locator("mark")).to_have_text("abîmé")
    await expect(found).to_contain_text("Zoé <b>Lefèvre</b>")
    assert await violations(page) == []
    assert await overflow(page) == []
    await found.click()
    await expect(page.locator(".search-thread")).to_contain_text("Mon abat-jour est arrivé abîmé")
    await expect(page.locator(".search-thread textarea")).to_have_count(0)
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await page.fill("[name=q]", "introuvable")
    await page.keyboard.press("Enter")
    await expect(page.locator(".empty")).to_contain_text("Rien trouvé")
