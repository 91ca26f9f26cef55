"""What an administrator sees of webhooks that could not be delivered, and sends again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.bot.conftest import company, empty_record, make_bot, valkey
from tests.bot.receiver import SECRET, Receiver
from tests.desk.conftest import OpenDesk
from tests.desk.test_against_bot import signed_in
from tests.desk.test_looks import overflow, violations

__all__ = ["company", "empty_record", "make_bot", "valkey"]  # fixtures, found by their names


async def test_dead_letters_are_seen_and_sent_again(make_bot: Any, new_page: OpenDesk) -> None:
    receiver = Receiver(lambda: bot.clock().timestamp())
    server = await receiver.start()
    receiver.answers = [(500, {})] * 2
    bot = await make_bot(webhook_url=[str(server.make_url("/hook"))], webhook_secret=[SECRET], webhook_attempts=1)
    for _ in range(2):
        customer = await bot.customer()
        await customer.post("handoff", {})
    await receiver.until_asked(2)
    page = await signed_in(new_page, bot, "root", role="admin")
    await page.get_by_role("link", name="Webhooks").click()
    await expect(page.get_by_role("button", name="En échec (2)")).to_be_visible()
    await expect(page.locator(".webhook")).to_have_count(2)
    await expect(page.locator(".webhook").first).to_contain_text("L’adresse a répondu par une erreur 500")
    await expect(page.locator(".webhook").first).to_contain_text("Tentatives : 1 sur 1")
    await page.get_by_role("button", name="Renvoyer « ").first.click()
    await expect(page.locator(".webhook")).to_have_count(1)
    await page.get_by_role("button", name="Tout renvoyer").click()
    await page.locator("dialog").get_by_role("button", name="Tout renvoyer").click()
    await expect(page.locator(".empty-title")).to_have_text("Aucun envoi n’a échoué")
    await receiver.until(2)
    await page.get_by_role("button", name="Reçus").click()
    await expect(page.locator(".webhook")).to_have_count(2)
    await page.get_by_role("button", name="Anglais").click()
    await expect(page.locator(".webhook").first).to_contain_text("Advisor asked for")
    await server.close()


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 820), ("dark", 360)])
async def test_it_can_be_read_by_everybody(make_bot: Any, new_page: OpenDesk, theme: str, width: int) -> None:
    # Nobody listens on port 9 of this machine.
    bot = await make_bot(
        webhook_url=["http://127.0.0.1:9/a/very/long/path/of/a/crm"], webhook_secret=[SECRET], webhook_attempts=1
    )
    customer = await bot.customer()
    await customer.post("handoff", {})
    page = await signed_in(new_page, bot, "root", role="admin", width=width, color_scheme=theme)
    await page.goto(str(bot.client.make_url("/desk/webhooks")))
    await expect(page.locator(".webhook")).to_contain_text("injoignable")
    assert await violations(page) == []
    assert await overflow(page) == []
    await page.get_by_role("button", name="À envoyer").click()
    await expect(page.locator(".empty")).to_be_visible()
    assert await violations(page) == []


async def test_supervisors_are_not_shown_it(make_bot: Any, new_page: OpenDesk) -> None:
    page = await signed_in(new_page, await make_bot(), "marc", role="supervisor")
    await expect(page.get_by_role("link", name="Webhooks")).to_have_count(0)
    answer = await page.goto(page.url.partition("/desk")[0] + "/desk/webhooks")
    assert answer is not None
    assert answer.status == 403
