"""The card of a task that an advisor prepared: open until it is pressed or over, whatever is said in between."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi

CARD: dict[str, Any] = {
    "id": "p-1", "status": "offered", "task": "cancel_order", "label": "Annuler une commande", "by": "Claire",
    "lines": [{"label": "Commande", "value": "MA-104871 <b>"}], "sentence": "J’annule votre commande.",
    "note": "Rien ne change.",
}  # fmt: skip
CHOICES = [{"title": "Confirmer", "payload": "yes-1"}, {"title": "Refuser", "payload": "no-1"}]


async def put(api: FakeApi, **changes: Any) -> None:
    text = "Claire a préparé cette démarche.\n\nJ’annule votre commande."
    await api.add("advisor", text, kind="choices", author_name="Claire", prepared=CARD | changes, choices=CHOICES)


@pytest.mark.parametrize(
    ("status", "told"),
    [("withdrawn", "Retirée, rien n’a été changé"), ("expired", "Délai passé"), ("done", "Confirmée et faite")],
)
async def test_a_card_is_open_until_it_is_over(chat: Chat, api: FakeApi, status: str, told: str) -> None:
    await chat.begin()
    await api.advisor_joins("Claire")
    await put(api)
    confirm = chat.log.get_by_role("button", name="Confirmer")
    await expect(chat.log.locator(".prepared-facts")).to_contain_text("MA-104871 <b>")
    await chat.say("c’est gratuit ?")
    await expect(chat.own("gratuit")).to_contain_text("Reçu")
    await expect(confirm).to_be_enabled()
    await api.add("system", "C’est dit.", kind="notice", prepared={"id": "another", "status": status})
    await expect(confirm).to_be_enabled()
    await api.add("system", "C’est dit.", kind="notice", prepared={"id": "p-1", "status": status})
    await expect(confirm).to_be_disabled()
    await expect(chat.log.locator(".prepared-state")).to_contain_text(told)


async def test_of_two_cards_for_the_same_only_the_newer_is_open(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    await api.advisor_joins("Claire")
    await put(api)
    await put(api)
    confirm = chat.log.get_by_role("button", name="Confirmer")
    await expect(confirm).to_have_count(2)
    await expect(confirm.first).to_be_disabled()
    await expect(confirm.last).to_be_enabled()
