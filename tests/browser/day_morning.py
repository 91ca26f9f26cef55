"""The first half of the day: offers, replies, notes, and a task prepared with the customer."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Page, Route, expect

from tests.browser.conftest import shot
from tests.browser.day_pages import Day, Desk, choose, eventually
from tests.browser.pages import Chat
from tests.browser.test_prepared import NUMBER, cancelled

WHO = "Julien Morel"


async def asks_for_somebody(chat: Chat, time: int) -> None:
    """About a delivery, which both advisors may take."""
    await chat.say("quels sont les délais de livraison ?")
    await chat.answered(time)
    await chat.say("je veux parler à quelqu'un")


async def an_offer_is_declined_and_goes_on(day: Day) -> Desk:
    """Returns whose conversation it becomes."""
    await day.julien.visit()
    await day.julien.sign_in(WHO)
    await day.julien.open()
    await asks_for_somebody(day.julien, 1)
    await expect(day.julien.log).to_contain_text("vous n’aurez rien à répéter. Votre place dans la file")
    handoff = await day.claire.handoff_of(customer_name=WHO)
    first = await asked(day, handoff)
    await first.show(handoff)
    await expect(first.page.locator(".accept-bar")).to_contain_text(f"La demande de {WHO} vous est proposée")
    await first.looks_right()
    await shot(first.page, "day-offer")
    await first.page.keyboard.press("d")
    second = day.other(first)
    await expect(second.offered(handoff)).to_be_visible()
    await expect(first.offered(handoff)).to_have_count(0)
    await second.show(handoff)
    await second.page.keyboard.press("a")
    await expect(second.box).to_be_focused()
    await expect(day.julien.log).to_contain_text(f"{second.name} a rejoint la conversation.")
    return second


async def asked(day: Day, handoff: str) -> Desk:
    """To whom the request is offered: the one whose page says so first."""
    for _ in range(600):
        for desk in (day.claire, day.hugo):
            if await desk.offered(handoff).is_visible():
                return desk
        await day.claire.page.wait_for_timeout(100)
    raise AssertionError("nobody was asked")


async def two_accept_at_once(day: Day) -> Desk:
    """Returns who was faster."""
    await day.sam.ask_for_somebody()
    handoff = await day.claire.handoff_of(conversation_id=day.sam.id)
    for desk in (day.claire, day.hugo):
        await desk.show(handoff)
        await expect(desk.page.locator(".accept-bar")).to_be_visible()
    await meet_on_the_way(day.claire.page, day.hugo.page)
    answers = await asyncio.gather(*[press_accept(desk) for desk in (day.claire, day.hugo)])
    assert sorted(answers) == [200, 409]
    faster = day.claire if answers[0] == 200 else day.hugo
    await expect(day.other(faster).toasts).to_contain_text(f"{faster.name} a déjà pris cette conversation.")
    await shot(day.other(faster).page, "day-too-late")
    for desk in (day.claire, day.hugo):
        await desk.page.unroute("**/accept")
    await expect(faster.composer).to_be_visible()
    await faster.reply("Bonjour, je regarde votre demande.")
    await eventually(day.sam, faster, "je regarde votre demande")
    return faster


async def meet_on_the_way(*pages: Page) -> None:
    """What all of them press next leaves for the service once all have pressed."""
    pressed = asyncio.Barrier(len(pages))

    async def wait(route: Route) -> None:
        await pressed.wait()
        await route.continue_()

    for page in pages:
        await page.route("**/accept", wait)


async def press_accept(desk: Desk) -> int:
    async with desk.page.expect_response("**/accept") as answer:
        await desk.page.keyboard.press("a")
    return (await answer.value).status


async def words_in_the_customers_language(day: Day) -> None:
    claire = day.claire
    await day.emma.visit("/produit/lampe-atelier")
    await day.emma.open()
    await day.emma.dialog.get_by_role("button", name="Talk to an advisor").first.click()
    await expect(day.emma.log).to_contain_text("won’t have to repeat anything")
    handoff = await claire.handoff_of(locale="en")
    await claire.accept(handoff)
    await claire.box.press_sequentially("/bonj")
    await expect(claire.page.locator(".words-option")).to_have_count(1)
    await claire.page.keyboard.press("Enter")
    await expect(claire.box).to_have_value(re.compile(r"^Hello \{.+\}, I’m Claire from Maison Alder"))
    await claire.page.locator(".words-strip--fill button").first.click()
    await claire.page.keyboard.type("Emma")
    await claire.looks_right()
    await claire.box.press("Enter")
    await expect(day.emma.message("Hello Emma, I’m Claire from Maison Alder")).to_have_count(1)
    await claire.box.fill("Je regarde tout de suite où en est votre commande.")
    await claire.box.press("Enter")
    warning = claire.page.locator(".words-strip--language")
    await expect(warning).to_contain_text("Ce client écrit en anglais ; votre réponse est en français.")
    await shot(claire.page, "day-language")
    await claire.box.fill("I am looking into your order right now.")
    await expect(warning).to_be_hidden()
    await claire.box.press("Enter")
    await expect(day.emma.message("I am looking into your order")).to_have_count(1)
    await expect(day.emma.log).not_to_contain_text("Je regarde tout de suite")


async def a_note_and_a_transfer(day: Day) -> None:
    claire, hugo = day.claire, day.hugo
    handoff = await claire.handoff_of(locale="en")
    await claire.page.click("[data-mode=note]")
    await claire.box.fill("")
    await claire.page.keyboard.type("Étrange facture, @hu")
    await expect(claire.page.get_by_role("option", name=re.compile("Hugo"))).to_be_visible()
    await claire.page.keyboard.press("Enter")
    await claire.page.keyboard.type("tu connais ?")
    await claire.page.keyboard.press("Enter")
    await expect(claire.page.locator(".message--internal .mention")).to_have_text("@Hugo")
    await expect(hugo.page.locator(".topbar-badge")).to_have_text("1")
    await hugo.page.locator("desk-mentions > button").click()
    await hugo.page.locator("a.mentions-row").click()
    await expect(hugo.said("Étrange facture")).to_be_visible()
    await shot(hugo.page, "day-mention")
    await claire.page.click("[data-mode=reply]")
    await claire.more("transfer")
    dialog = claire.page.get_by_role("dialog")
    await choose(dialog, "Hugo")
    await dialog.get_by_label("Note (facultative)").fill("facture à vérifier")
    await claire.looks_right()
    await shot(claire.page, "day-transfer")
    await dialog.get_by_role("button", name="Transférer").click()
    await expect(day.emma.log).to_contain_text("Claire passes you to Hugo, who has the whole file.")
    await expect(hugo.offered(handoff)).to_be_visible()
    await hugo.accept(handoff)
    await expect(hugo.said("facture à vérifier")).to_be_visible()
    for secret in ("facture", "tu connais"):
        await expect(day.emma.log).not_to_contain_text(secret)
    await shot(day.emma.page, "day-passed-on")


async def prepared_and_confirmed_once(day: Day, desk: Desk) -> None:
    await desk.show(await desk.handoff_of(customer_name=WHO))
    assert await cancelled(day.stack) == 0
    await desk.more("prepare")
    dialog = desk.page.get_by_role("dialog")
    await dialog.locator("select").select_option("cancel_order")
    await dialog.get_by_role("button", name="Remplir").click()
    order = desk.page.locator("#prepared-order")
    await order.wait_for()
    if await order.evaluate("(node) => node.tagName") == "SELECT":
        await order.select_option(NUMBER)
    else:
        await order.fill(NUMBER)
        await order.press("Tab")
    await expect(desk.page.locator(".prepared-preview")).to_contain_text(NUMBER)
    await desk.looks_right()
    await shot(desk.page, "day-prepared")
    await desk.page.get_by_role("button", name="Proposer au client").click()
    confirm = day.julien.log.get_by_role("button", name="Confirmer")
    await confirm.dblclick()
    await expect(day.julien.log).to_contain_text(f"Votre commande {NUMBER} est annulée.")
    await expect(desk.page.locator(".prepared-strip")).to_contain_text("Faite")
    await shot(day.julien.page, "day-confirmed")
    assert await cancelled(day.stack) == 1
