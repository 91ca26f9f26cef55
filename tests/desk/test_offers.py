"""What is offered to an advisor, and whether they are asked at all."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.desk.conftest import OpenDesk, Served
from tests.waiting import until


async def test_an_offer_stands_on_top_counts_down_and_is_taken_with_a_key(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    desk = served.desk
    await expect(page.get_by_role("heading", name="Pour vous")).to_be_hidden()
    await desk.offers(desk.handoffs["h-tg"], "u-claire", seconds=59)
    first = page.locator("desk-queue .queue-item").first
    await expect(first).to_have_attribute("data-handoff", "h-tg")
    await expect(page.get_by_role("heading", name="Pour vous")).to_be_visible()
    await expect(page.locator("desk-announcer")).to_contain_text("Une conversation vous est proposée")
    assert re.fullmatch(r"[1-5]\d\s?s", await first.locator("time").inner_text())
    await first.click()
    await expect(page.locator(".accept-bar")).to_contain_text("vous est proposée")
    await page.keyboard.press("a")
    await expect(page.locator("desk-composer textarea")).to_be_focused()
    assert desk.handoffs["h-tg"]["advisor"]["id"] == "u-claire"


async def test_an_offer_is_passed_on(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    desk = served.desk
    await desk.offers(desk.handoffs["h-tg"], "u-claire")
    await page.locator("[data-handoff=h-tg]").click()
    await page.get_by_role("button", name="Passer", exact=True).click()
    await expect(page.locator("[data-handoff=h-tg]")).to_contain_text("Proposée à un collègue")
    await expect(page.get_by_role("heading", name="Pour vous")).to_be_hidden()
    assert desk.handoffs["h-tg"]["offered_to"] == "u-hugo"
    # It is not hers any more, and may still be taken by hand.
    await expect(page.get_by_role("button", name="Passer", exact=True)).to_be_hidden()
    await expect(page.get_by_role("button", name="Prendre la conversation")).to_be_visible()


async def test_presence_is_chosen_and_a_lost_line_shows(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    choice = page.get_by_role("combobox", name="Votre disponibilité")
    await expect(choice).to_have_value("available")
    await choice.select_option(label="Absent")
    await expect(page.locator("desk-presence")).to_have_attribute("data-status", "away")
    await until(lambda: served.desk.presences == ["away"], "it is kept")
    await served.desk.drop(down=True)
    await expect(page.locator("desk-presence")).to_have_attribute("data-status", "offline")
    await served.desk.drop(down=False)
    await expect(page.locator("desk-presence")).to_have_attribute("data-status", "away")


async def test_who_was_set_away_is_told_why_and_comes_back_at_a_press(open_desk: OpenDesk, served: Served) -> None:
    page = await open_desk()
    state = page.locator("desk-presence")
    await expect(state).to_have_attribute("data-status", "available")
    (user,) = served.desk.sessions.values()
    user["presence"] = "away"
    await served.desk.push({"type": "presence", "missed": [user["id"]]})
    await expect(state).to_have_attribute("data-status", "away")
    told = page.locator(".toast", has_text="deux propositions de suite sont restées sans réponse")
    await told.get_by_role("button", name="Me remettre disponible").click()
    await expect(state).to_have_attribute("data-status", "available")
    await until(lambda: served.desk.presences == ["available"], "it is kept")
