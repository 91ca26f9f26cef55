"""Proper fields for what is asked, and buttons that shut when a person is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi
from tests.widget.fake_words import choices


@pytest.mark.parametrize(
    ("kind", "label", "kind_of_field", "wrong", "right"),
    [
        ("phone", "Numéro de téléphone", "tel", "douze", "06 12 34 56 78"),
        ("email", "Adresse e-mail", "email", "camille", "camille@exemple.fr"),
        ("order_number", "Numéro de commande", "text", "la lampe", "MA-104233"),
        ("code", "Code à 6 chiffres", "text", "123", "123456"),
    ],
)
async def test_a_question_has_its_field(
    chat: Chat, api: FakeApi, kind: str, label: str, kind_of_field: str, wrong: str, right: str
) -> None:
    await chat.begin()
    await api.add("bot", "Que puis-je noter ?", input=kind)
    field = chat.log.get_by_label(label)
    assert await field.get_attribute("type") == kind_of_field
    await field.fill(wrong)
    await field.press("Enter")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_be_focused()
    assert await field.evaluate(
        "node => node.getRootNode().getElementById(node.getAttribute('aria-describedby')).textContent"
    )
    await field.fill(right)
    await field.press("Enter")
    await expect(chat.own(right)).to_contain_text("Reçu à")
    await expect(field).to_be_hidden()
    await chat.page.reload()
    await expect(chat.own(right)).to_be_visible()
    await expect(field).to_have_count(0)


async def test_a_moment_is_a_day_and_an_hour(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    await api.add("bot", "Quand vous appeler ?", input="moment")
    tomorrow = datetime.now(ZoneInfo("Europe/Paris")).date() + timedelta(days=1)
    await chat.log.get_by_label("Heure").fill("10:15")
    await chat.log.get_by_role("button", name="Envoyer").click()
    await expect(chat.log.get_by_label("Jour")).to_be_focused()
    await chat.log.get_by_label("Jour").fill(tomorrow.isoformat())
    await chat.log.get_by_role("button", name="Envoyer").click()
    await expect(chat.own(f"{tomorrow:%d/%m/%Y} 10:15")).to_contain_text("Reçu à")


async def test_whoever_writes_a_sentence_needs_no_field(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    await api.add("bot", "À quel numéro ?", input="phone")
    await expect(chat.log.get_by_label("Numéro de téléphone")).to_be_visible()
    await chat.say("finalement non")
    await expect(chat.log.get_by_label("Numéro de téléphone")).to_be_hidden()


async def test_what_was_offered_is_shut_once_a_person_is_there(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    await chat.human.click()
    await expect(chat.dialog.get_by_role("button", name="Annuler la demande")).to_be_visible()
    await api.add(
        "system", "Nous pouvons aussi vous appeler.", kind="notice", choices=choices("Être appelé maintenant")
    )
    call = chat.log.get_by_role("button", name="Être appelé maintenant")
    await expect(call).to_be_enabled()
    await api.advisor_joins()
    await expect(call).to_be_disabled()
    await api.add("advisor", "Lequel ?", kind="choices", author_name="Claire", choices=choices("Le bleu"))
    await expect(chat.log.get_by_role("button", name="Le bleu")).to_be_enabled()
    await api.advisor_leaves()
    await expect(chat.human).to_be_visible()
    await expect(call).to_be_disabled()


async def test_a_message_is_read_once_it_is_answered_or_before_an_advisor_s_eyes(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    await expect(chat.own("bonjour")).to_contain_text(", lu")
    await api.advisor_joins()
    await chat.say("vous me lisez ?")
    mine = chat.own("vous me lisez")
    await expect(mine).to_contain_text("Reçu à")
    await expect(mine).not_to_contain_text(", lu")
    await api.set_state(**api.talk.state | {"read_seq": len(api.talk.messages)})
    await expect(mine).to_contain_text(", lu")
