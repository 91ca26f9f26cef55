"""What people send besides sentences."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi

MANY = 500
FLOOD = """count => {
  const panel = document.querySelector("relais-chat").shadowRoot;
  const field = panel.querySelector(".composer textarea");
  for (let index = 0; index < count; index += 1) {
    field.value = `message ${index}`;
    field.form.requestSubmit();
  }
}"""


@pytest.mark.parametrize("said", ["🙂", "👩‍👩‍👧‍👦 🇫🇷", "؟؟؟", "مرحبا، أين طلبي؟", "שלום", "\u202eévil", "a\u0301" * 50])
async def test_any_script_goes_through_as_it_was_written(chat: Chat, api: FakeApi, said: str) -> None:
    await chat.open()
    await chat.say(said)
    bubble = chat.log.locator(".customer")
    await expect(bubble).to_contain_text("Reçu à")
    assert api.talk.received[0]["text"] == said
    line = bubble.locator("p")
    assert await line.text_content() == said
    assert await line.get_attribute("dir") == "auto"
    right = "node => getComputedStyle(node).direction"
    assert await line.evaluate(right) == ("rtl" if said[0] in "مש؟" else "ltr")
    widths = await chat.log.evaluate("log => [log.scrollWidth, log.clientWidth]")
    assert widths[0] <= widths[1]


@pytest.mark.long
async def test_500_messages_at_once_are_slowed_down_and_none_is_lost(chat: Chat, api: FakeApi) -> None:
    api.flood = [40, 41, 200]
    seen = asyncio.Event()

    async def retried(route: Route) -> None:
        if len(api.posts) == api.flood[0]:
            await seen.wait()
        await route.continue_()

    await chat.open()
    await chat.page.route("**/messages", retried)
    await chat.page.evaluate(FLOOD, MANY)
    await expect(chat.alert).to_contain_text("Vous allez un peu vite.")
    seen.set()
    await expect(chat.own(f"message {MANY - 1}")).to_contain_text("Reçu à", timeout=60_000)
    assert len(api.posts) == MANY + len(api.flood)
    assert [body["text"] for body in api.talk.received] == [f"message {index}" for index in range(MANY)]
    await expect(chat.alert).to_be_hidden()
    await expect(chat.log.locator(".customer")).to_have_count(MANY)
