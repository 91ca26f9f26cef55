"""The line is away while something new is written and until the page is left: the browser keeps it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.bot.conftest import Bot
from tests.desk.conftest import OpenDesk
from tests.studio.conftest import Studio, opener
from tests.studio.test_small_tree import kettle
from tests.studio.test_trees import BADGE, SAVED, field

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


@pytest.mark.parametrize("is_out", [False, True], ids=["kept", "published"])
async def test_what_a_colleague_wrote_since_is_asked_about(house: Bot, new_page: OpenDesk, is_out: bool) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    name = "grill-out" if is_out else "grill"
    form, place = kettle() | {"id": name}, f"trees/{name}/draft"
    _, kept = await zoe.call("PUT", place, {"form": form, "revision": None})
    page = await opener(house, new_page)("ines", path=f"/studio/trees/{name}")
    await field(page, "nodes.node-1.question.fr").wait_for()
    await page.wait_for_load_state("networkidle")
    await page.context.set_offline(True)
    await field(page, "nodes.node-1.question.fr").fill(WRITTEN)
    await expect(page.locator(".editor-status")).to_contain_text("gardé dans ce navigateur")
    address = page.url
    await page.close()
    title = {"fr": "Mon grille-pain fume", "en": "My toaster smokes"}
    changed = {"form": form | {"title": title}, "revision": kept["draft"]["revision"]}
    _, theirs = await zoe.call("PUT", place, changed)
    if is_out:
        status, _ = await zoe.call("POST", f"{place}/publish", {"revision": theirs["draft"]["revision"]})
        assert status == 200
    await page.context.set_offline(False)
    later = await page.context.new_page()
    await later.goto(address)
    dialog = later.get_by_role("dialog", name="Deux versions")
    await expect(dialog.get_by_role("listitem")).to_have_count(2)
    _, whole = await zoe.call("GET", f"trees/{name}")
    assert (whole["published"] if is_out else whole["draft"]["form"])["title"] == title
    assert is_out == (whole["draft"] is None)
    await dialog.get_by_role("button", name="Garder cette version").click()
    await expect(later.locator(".editor-status")).to_have_text(SAVED)
    await expect(later.locator(BADGE)).to_have_text("En ligne · brouillon non publié" if is_out else "Brouillon")


async def test_who_writes_on_after_it_was_published_sees_that_it_is_online(house: Bot, new_page: OpenDesk) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    place = "trees/blender/draft"
    await zoe.call("PUT", place, {"form": kettle() | {"id": "blender"}, "revision": None})
    page = await opener(house, new_page)("ines", path="/studio/trees/blender")
    await expect(page.locator(BADGE)).to_have_text("Brouillon")
    _, whole = await zoe.call("GET", "trees/blender")
    assert (await zoe.call("POST", f"{place}/publish", {"revision": whole["draft"]["revision"]}))[0] == 200
    await field(page, "nodes.node-1.question.fr").fill(WRITTEN)
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    await expect(page.locator(BADGE)).to_have_text("En ligne · brouillon non publié")
