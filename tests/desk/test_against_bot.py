"""The same pages over the bot itself: what the fake plays is what the bot says."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Page, Route, expect

from bot.live import DESK
from tests.bot.conftest import PASSWORD, Bot, bot, company, empty_record, make_bot, valkey
from tests.bot.test_handoff import CARD, identity
from tests.desk.conftest import OpenDesk
from tests.waiting import held_on_its_way

__all__ = ["bot", "company", "empty_record", "make_bot", "valkey"]  # fixtures, found by their names


async def signed_in(new_page: OpenDesk, bot: Bot, name: str, role: str = "advisor", **options: Any) -> Page:
    await bot.desk(name, role)
    page = await new_page(**options)
    await page.goto(str(bot.client.make_url("/desk/login")))
    await page.fill("#email", f"{name}@maison-alder.test")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("desk-queue")
    return page


async def test_a_customer_is_taken_answered_and_given_back(bot: Bot, new_page: OpenDesk) -> None:
    failed: dict[str, Any] = {"name": "track_order", "step": "lookup", "outcome": "failed", "detail": "back_office"}
    bot.neighbours.card = CARD
    customer = await bot.customer(
        locale="fr", identity=identity(bot), page={"url": "http://shop.test/lampe", "title": "Lampe"}
    )
    shown = await customer.ask("Quel délai ?")
    await customer.post("feedback", {"message_id": shown["id"], "helpful": False})
    bot.neighbours.replies = lambda request: [{"text": "Je regarde."}, {"custom": {"task": failed}}]
    await customer.ask("où est ma commande ?")

    page = await signed_in(new_page, bot, "claire")
    await expect(page.locator(".queue-empty")).to_be_visible()
    await customer.post("handoff", {"contact": "call_now", "phone": "+33 6 12 34 56 78"})
    await page.click("a.queue-item")
    card = page.locator("desk-card")
    for text in (
        "Camille Laurent",
        "Vérifié",
        "connecté sur le site",
        "MA-104233",
        "N’a pas aidé",
        "En échec",
        "Lampe",
    ):
        await expect(card).to_contain_text(text)
    await expect(page.locator(".call-strip")).to_contain_text("+33 6 12 34 56 78")

    await page.keyboard.press("a")
    await page.wait_for_selector("desk-composer")
    # The row that the live line brings a moment later must not take the box away from who writes in it.
    await page.wait_for_timeout(500)
    await expect(page.locator("#reply")).to_be_focused()
    await page.fill("#reply", "Bonjour, je prends le relais.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message--advisor[data-seq]")).to_contain_text("je prends le relais")
    await expect(page.locator(".delivery")).to_have_count(0)
    seen = (await customer.read())["messages"]
    assert [each["text"] for each in seen if each["author"] == "advisor"] == ["Bonjour, je prends le relais."]
    await customer.say("Merci !")
    await expect(page.locator(".message--customer").last).to_contain_text("Merci !")

    await page.get_by_role("button", name="Terminer").click()
    await page.locator("[data-outcome=resolved]").click()
    await expect(page.locator(".foot-note")).to_contain_text("résolue")
    await expect(page.locator(".notice").last).to_contain_text("Claire")
    assert (await customer.read())["state"]["owner"] == "bot"


async def test_the_slower_of_two_is_told_who_was_faster(bot: Bot, new_page: OpenDesk) -> None:
    customer = await bot.customer(locale="en")
    await customer.post("handoff", {})
    page = await signed_in(new_page, bot, "claire")
    hugo = await bot.desk("hugo")
    row = (await hugo.queue())[0]
    await page.click("a.queue-item")
    go = await held_on_its_way(page, "**/accept")
    await page.click(".accept-bar .button--primary")
    assert (await hugo.call("POST", f"handoffs/{row['handoff_id']}/accept"))[0] == 200
    go.set()
    await expect(page.locator("desk-toasts")).to_contain_text("Hugo a déjà pris cette conversation.")


async def test_a_list_that_was_on_its_way_undoes_no_row_that_came_meanwhile(bot: Bot, new_page: OpenDesk) -> None:
    customer = await bot.customer(locale="fr")
    page, hugo = await signed_in(new_page, bot, "claire"), await bot.desk("hugo")
    await customer.post("handoff", {})
    await page.wait_for_selector("a.queue-item")
    read, go, shown = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        read.set()
        await go.wait()
        await route.fulfill(response=answer)
        shown.set()

    await page.route("**/api/v1/desk/handoffs", late, times=1)
    bot.services.live.publish(DESK, {"type": "handoffs"})
    await read.wait()
    # Whatever is asked after that one does not come: the page has this list, and the rows.
    await page.route("**/api/v1/desk/handoffs", lambda route: asyncio.sleep(60), times=5)
    handoff = (await hugo.queue())[0]["handoff_id"]
    assert (await hugo.call("POST", f"handoffs/{handoff}/accept"))[0] == 200
    await expect(page.locator(".queue-empty")).to_be_visible()
    go.set()
    await shown.wait()
    await asyncio.sleep(0.3)
    await expect(page.locator(".queue-empty")).to_be_visible()


async def test_a_link_opens_its_request_once_it_is_in_the_list_or_says_why_not(bot: Bot, new_page: OpenDesk) -> None:
    customer = await bot.customer(locale="fr")
    await customer.post("handoff", {})
    claire = await bot.desk("hugo")
    handoff = (await claire.queue())[0]["handoff_id"]
    page = await signed_in(new_page, bot, "claire")
    desk = str(bot.client.make_url("/desk"))
    await page.goto(f"{desk}#/handoffs/nothing")
    await expect(page.locator(".welcome-missing")).to_contain_text("n’existe pas")

    async def empty(route: Route) -> None:
        await route.fulfill(json={"handoffs": [], "now": bot.clock().isoformat()})

    await page.route("**/api/v1/desk/handoffs", empty)
    await page.goto("about:blank")
    await page.goto(f"{desk}#/handoffs/{handoff}")
    await expect(page.locator(".welcome-missing")).to_contain_text("pas encore dans la liste")
    await page.unroute("**/api/v1/desk/handoffs")
    await customer.post("handoff", {"contact": "call_now", "phone": "+33 6 12 34 56 78"})
    await expect(page.locator(".conversation-head")).to_be_visible()
    await claire.call("POST", f"handoffs/{handoff}/accept")
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    await page.goto("about:blank")
    await page.goto(f"{desk}#/handoffs/{handoff}")
    await expect(page.locator(".welcome-missing")).to_contain_text("est terminée")
