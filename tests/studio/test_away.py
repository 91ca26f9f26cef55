"""The line is away while something new is written and until the page is left: the browser keeps it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.bot.conftest import Bot
from tests.desk.conftest import OpenDesk
from tests.studio.conftest import Studio, opener

WRITTEN = "Raviver une laque ternie"


@pytest.mark.parametrize(("place", "title"), [("articles", "Titre"), ("trees", "Titre en français")])
async def test_what_was_never_kept_is_there_at_the_next_visit(
    house: Bot, new_page: OpenDesk, place: str, title: str
) -> None:
    page = await opener(house, new_page)("ines")
    await page.goto(str(house.client.make_url(f"/studio/{place}/new")))
    field = page.get_by_role("textbox", name=title, exact=True)
    await field.wait_for()
    await page.wait_for_load_state("networkidle")
    await page.context.set_offline(True)
    await field.fill(WRITTEN)
    await expect(page.locator(".editor-status")).to_contain_text("gardé dans ce navigateur")
    address = page.url
    assert not address.endswith("/new")
    await page.close()
    await page.context.set_offline(False)
    later = await page.context.new_page()
    await later.goto(address)
    await expect(later.get_by_role("textbox", name=title, exact=True)).to_have_value(WRITTEN)
    await expect(later.locator(".editor-status")).to_have_text(re.compile("^Enregistré à"))
    _, listed = await Studio(await house.desk("zoe", "writer")).call("GET", place)
    assert WRITTEN in str(listed[place])
