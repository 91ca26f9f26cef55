"""An advisor sends the customer a file from the menu of the conversation."""

from __future__ import annotations

import os

from playwright.async_api import expect

from tests.bot.conftest import Bot, bot, company, empty_record, make_bot, valkey
from tests.bot.test_files import PNG
from tests.desk.conftest import OpenDesk
from tests.desk.test_looks import violations
from tests.desk.test_words import talking

__all__ = ["bot", "company", "empty_record", "make_bot", "valkey"]  # fixtures, found by their names


async def test_a_file_goes_out_from_the_menu(bot: Bot, new_page: OpenDesk) -> None:
    page, customer = await talking(bot, new_page)
    await page.get_by_role("button", name="Autres actions").click()
    await page.get_by_role("menuitem", name="Envoyer un fichier…").click()
    dialog = page.get_by_role("dialog")
    picked = dialog.get_by_label("Image ou PDF")
    await picked.set_input_files({"name": "bon.zip", "mimeType": "image/png", "buffer": b"PK\x03\x04 no picture"})
    await dialog.get_by_role("button", name="Envoyer").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("n’est pas accepté")
    assert await violations(page) == []
    if folder := os.environ.get("LOOKS"):
        await page.screenshot(path=f"{folder}/file-dialog.png")
    await picked.set_input_files({"name": "plan.png", "mimeType": "image/png", "buffer": PNG})
    await dialog.get_by_role("button", name="Envoyer").click()
    await expect(page.locator(".message--advisor").last).to_contain_text("plan.png")
    assert (await customer.read())["messages"][-1]["file"]["name"] == "plan.png"
    if folder:
        await page.screenshot(path=f"{folder}/file-sent.png")
