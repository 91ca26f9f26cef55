"""The conversation: reading, taking, answering, giving back."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.desk.conftest import OpenDesk, Served
from tests.waiting import until

REPLY = "Bonjour Camille, je regarde cela."


async def take(page: Page, name: str = "camille") -> None:
    await page.click(f"[data-handoff=h-{name}]")
    await page.click(".accept-bar button")
    await page.wait_for_selector("desk-composer")


async def test_the_assistants_part_is_folded_and_unfolds(open_desk: OpenDesk) -> None:
    page = await open_desk()
    await page.click("[data-handoff=h-camille]")
    head = page.get_by_role("button", name="Avec l’assistant")
    await expect(head).to_have_attribute("aria-expanded", "false")
    await expect(page.locator(".line--customer").nth(2)).to_contain_text("Je veux parler à quelqu’un")
    choice = page.locator(".assistant .choices li").first
    await expect(choice).to_be_hidden()
    await head.click()
    await expect(choice).to_be_visible()
    await expect(head).to_be_focused()
    await expect(page.locator(".message--internal")).to_contain_text("Note interne")


async def test_the_card_tells_who_why_and_what_was_tried(open_desk: OpenDesk) -> None:
    page = await open_desk()
    await page.click("[data-handoff=h-camille]")
    card = page.locator("desk-card")
    for text in (
        "Client depuis mars 2021 · C-1001",
        "Vérifié",
        "connecté sur le site",
        "Or",
        "@camille_r",
        "Démarche en échec",
        "mon colis MA-104233 n’a pas bougé depuis mardi",
        "Vous avez déjà servi cette personne",
        "Même demande sur un autre canal",
        "il est où mon colis",
        "traitée par l’assistant",
        "N’a pas aidé",
        "pertinence 71",
        "En échec",
        "étape «\u00a0suivi du transporteur\u00a0»",
        "MA-104233 · Le service des commandes n’a pas répondu",
        "Refusée",
        "MA-102550 · La commande est déjà partie, elle ne peut plus être annulée",
        "Réponse de l’enquête transporteur",
        "MA-104233",
        "Expédiée, en retard",
        "127,00\u00a0€",
        "4 × Bol grès",
        "Retour en chemin",
        "Remboursement en attente",
        "2 commandes passées",
        "Étiquette de retour",
        "Suivre une commande",
        "93",
        "Numéro de commande",
        "Mes commandes",
        "Délais de livraison",
    ):
        await expect(card, text).to_contain_text(text)


async def test_taking_a_conversation_opens_the_reply_box(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await take(page)
    await expect(page.locator("section", has_text="Mes conversations").locator(".queue-item")).to_have_count(1)
    await expect(page.locator(".notice").last).to_contain_text("Claire Morel a rejoint la conversation.")
    assert served.desk.handoffs["h-camille"]["advisor"]["name"] == "Claire Morel"


async def test_somebody_faster_is_named(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    served.desk.faster = {"id": "u-hugo", "name": "Hugo Bernard"}
    await page.click("[data-handoff=h-emma]")
    await page.click(".accept-bar button")
    await expect(page.locator("desk-toasts")).to_contain_text("Hugo Bernard a déjà pris cette conversation.")
    await expect(page.locator(".foot-note")).to_contain_text("Hugo Bernard s’occupe de cette conversation.")
    await expect(page.locator("desk-composer")).to_have_count(0)


async def test_two_advisors_see_each_other(open_desk: OpenDesk) -> None:
    claire, hugo = await open_desk(), await open_desk(name="hugo")
    await hugo.click("[data-handoff=h-camille]")
    await take(claire)
    await expect(hugo.locator(".foot-note")).to_contain_text("Claire Morel s’occupe de cette conversation.")
    await claire.fill("#reply", REPLY)
    await claire.keyboard.press("Enter")
    await expect(hugo.locator(".message--advisor")).to_contain_text(REPLY)


async def test_enter_sends_and_shift_enter_breaks_the_line(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await take(page)
    await page.focus("#reply")
    await page.keyboard.type("Bonjour,")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("je regarde.")
    assert served.desk.posts == []
    await page.keyboard.press("Enter")
    await expect(page.locator(".message--advisor[data-seq] .text")).to_have_text("Bonjour,\nje regarde.")
    await expect(page.locator("#reply")).to_have_value("")
    assert [post["text"] for post in served.desk.posts] == ["Bonjour,\nje regarde."]
    await until(lambda: ("c-camille", True) in served.desk.typing, "it is told that Claire writes")


async def test_the_customer_writes_live(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await take(page)
    frame = {"type": "typing", "conversation_id": "c-camille", "author": "customer", "on": True}
    await served.desk.push(frame)
    await expect(page.locator(".typing")).to_be_visible()
    await expect(page.locator(".typing")).to_contain_text("Camille Roussel écrit…")
    await served.desk.says("c-camille", "customer", "Merci !")
    await expect(page.locator(".message--customer").last).to_contain_text("Merci !")
    await expect(page.locator(".typing")).to_be_hidden()
    await expect(page.locator("desk-announcer")).to_contain_text("Camille Roussel\u00a0: Merci !")


async def test_a_message_that_slipped_by_is_fetched(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await take(page)
    known = served.desk.messages["c-camille"]
    known.append({**known[1], "id": "m-missed", "seq": len(known) + 1, "text": "Jamais poussé"})
    await served.desk.says("c-camille", "customer", "Suivant")
    await expect(page.locator(".message--customer").nth(-2)).to_contain_text("Jamais poussé")
    await expect(page.locator(".message--customer").nth(-1)).to_contain_text("Suivant")


async def test_drafts_stay_with_their_conversation_and_survive_a_reload(open_desk: OpenDesk) -> None:
    page = await open_desk()
    await take(page, "emma")
    await page.fill("#reply", "Hello Emma")
    await take(page)
    await expect(page.locator("#reply")).to_have_value("")
    await page.fill("#reply", "Bonjour Cam")
    await page.click("[data-handoff=h-emma]")
    await expect(page.locator("#reply")).to_have_value("Hello Emma")
    await page.reload()
    await expect(page.locator("#reply")).to_have_value("Hello Emma")
    await page.click("[data-handoff=h-camille]")
    await expect(page.locator("#reply")).to_have_value("Bonjour Cam")


async def test_a_suggestion_goes_into_the_reply_at_the_caret(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await page.click("[data-handoff=h-camille]")
    insert = page.get_by_role("button", name="Insérer dans la réponse").first
    await expect(insert).to_be_disabled()
    await page.click(".accept-bar button")
    await page.fill("#reply", "Bonjour,")
    await insert.click()
    await expect(page.locator("#reply")).to_have_value(re.compile("^Bonjour,\nUn colis qui n’a pas bougé"))
    await expect(page.locator("#reply")).to_be_focused()
    assert (await page.input_value("#reply")).endswith(f"\n{served.base}/aide/mon-colis-n-avance-plus")


async def test_giving_back_by_keyboard_with_an_outcome(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await take(page)
    await page.get_by_role("button", name="Terminer").press("Enter")
    await expect(page.get_by_role("menuitem", name="Résolu", exact=False).first).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_be_hidden()
    await expect(page.get_by_role("button", name="Terminer")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(".foot-note")).to_contain_text("rappel prévu")
    assert served.desk.handoffs["h-camille"]["outcome"] == "callback"
    await expect(page.locator("[data-handoff=h-camille]")).to_have_count(0)
    await expect(page.locator(".notice").last).to_contain_text("L’assistant reprend la conversation.")


async def test_a_customer_who_stops_waiting_is_told(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    await page.click("[data-handoff=h-emma]")
    served.desk.handoffs["h-emma"]["status"] = "cancelled"
    await served.desk.push({"type": "handoffs"})
    await expect(page.locator(".foot-note")).to_have_text("Cette demande n’est plus ouverte.")


async def test_what_a_customer_writes_is_text_and_only_web_addresses_are_links(
    open_desk: OpenDesk, served: Served
) -> None:
    page = await open_desk()
    await take(page)
    nasty = "<img src=x onerror=alert(1)> javascript:alert(1) https://shop.test/a?b=1, file:///etc/passwd"
    await served.desk.says("c-camille", "customer", nasty)
    message = page.locator(".message--customer").last
    await expect(message.locator(".text")).to_have_text(nasty)
    assert await message.locator("img").count() == 0
    links = await message.locator("a").evaluate_all("all => all.map((a) => [a.href, a.rel, a.target])")
    assert links == [["https://shop.test/a?b=1", "noopener noreferrer", "_blank"]]


async def test_a_call_back_shows_the_number(open_desk: OpenDesk) -> None:
    page = await open_desk()
    await page.click("[data-handoff=h-marc]")
    strip = page.locator(".call-strip")
    await expect(strip).to_contain_text("Souhaite être appelé maintenant")
    await expect(strip.get_by_role("link")).to_have_attribute("href", "tel:+33612345678")
