"""An advisor sends the customer a file from the menu of the conversation."""

from __future__ import annotations

import os

from playwright.async_api import expect
from sqlalchemy import delete

from bot.db.models import File
from tests.bot.conftest import Bot, bot, company, empty_record, make_bot, valkey
from tests.bot.test_files import PNG, send
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


async def test_a_file_that_was_erased_after_its_time_is_told_as_such(bot: Bot, new_page: OpenDesk) -> None:
    page, customer = await talking(bot, new_page)
    await send(customer, PNG, "lampe.png", "f1")
    await send(customer, b"%PDF-1.7", "bon.pdf", "f2")
    document = page.get_by_role("link", name="bon.pdf")
    async with page.expect_download() as saving:
        await document.click()
    assert (await saving.value).suggested_filename == "bon.pdf"
    # A lost line, or a service that is busy, takes no link away.
    busy = {"error": {"code": "too_many", "message": "Patientez un instant."}}
    reason = page.locator(".file-gone")
    # The document alone: the picture beside it is fetched when the browser finds the time.
    its_own = f"**{await document.get_attribute('href')}"
    await page.route(its_own, lambda way: way.abort(), times=1)
    await document.click()
    await expect(reason).to_have_text("Le service ne répond pas.")
    await page.route(its_own, lambda way: way.fulfill(status=429, json=busy), times=1)
    await document.click()
    await expect(reason).to_have_text("Patientez un instant.")
    if folder := os.environ.get("LOOKS"):
        await page.screenshot(path=f"{folder}/file-failed.png")
    async with page.expect_download():
        await document.click()
    await expect(reason).to_have_count(0)
    async with bot.services.db.write() as session:
        await session.execute(delete(File))
    await document.click()
    told = page.locator(".message--customer").get_by_text("Ce fichier a été effacé")
    await expect(told).to_have_count(1)
    await page.reload()
    await expect(told).to_have_count(1)  # a picture is looked for at once
    await expect(page.get_by_role("link", name="lampe.png")).to_have_count(0)
    await document.click()
    await expect(told).to_have_count(2)
    assert await violations(page) == []
    if folder:
        await page.screenshot(path=f"{folder}/file-erased.png")
