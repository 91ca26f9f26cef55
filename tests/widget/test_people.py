"""Reaching a person from the widget, being with one, and being oneself."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.waiting import until
from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi
from tests.widget.fake_words import choices


async def sign_in(page: Page, name: str) -> None:
    """The shop shows its page again, with another chat in it."""
    await page.get_by_text("Se connecter (démo)").click()
    await page.get_by_role("button", name=name).click()
    await expect(page.get_by_text("Se connecter (démo)")).to_have_count(0)


async def test_the_whole_way_to_a_person_and_back(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await expect(chat.dialog.get_by_role("status").first).to_contain_text("Assistant automatique")
    await chat.human.click()
    await expect(chat.dialog.get_by_role("status").first).to_contain_text("En attente d’un conseiller")
    await expect(chat.dialog).to_contain_text("Place dans la file\u00a0: 2 · environ 4\u00a0min")
    await expect(chat.human).to_have_count(0)

    await api.advisor_joins("Claire")
    await expect(chat.dialog.get_by_role("status").first).to_contain_text("Avec Claire")
    await expect(chat.log).to_contain_text("Claire a rejoint la conversation.")
    await api.typing("advisor", True)
    await expect(chat.dialog).to_contain_text("Claire écrit")
    await api.add("advisor", "Bonjour Camille, je regarde.", author_name="Claire")
    await expect(chat.log).to_contain_text("je regarde")
    await until(lambda: api.talk.read == len(api.talk.messages), "it is before the customer's eyes")
    await expect(chat.dialog.get_by_text("Claire écrit")).to_be_hidden()
    await chat.say("merci")
    await expect(chat.own("merci")).to_contain_text("Reçu à")
    await until(lambda: any(api.talk.typing_heard), "it is told that the customer writes")

    await api.advisor_leaves()
    await expect(chat.human).to_be_visible()
    await chat.log.get_by_role("radio", name="Très bien").check(force=True)
    await chat.log.get_by_role("textbox", name="Un commentaire").fill("Parfait")
    await chat.log.get_by_role("button", name="Envoyer mon avis").click()
    await expect(chat.log).to_contain_text("Merci de votre avis.")
    assert api.talk.ratings == [{"score": 5, "comment": "Parfait"}]


async def test_a_person_is_offered_by_one_button(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.say("bonjour")
    await expect(chat.log).to_contain_text("Vous avez écrit\u00a0: bonjour")  # and is not said after what follows
    await expect(chat.human).to_have_count(1)
    offered = choices("Lire la règle", "Parler à un conseiller")
    await api.add("bot", "Elle est livrée.", kind="choices", choices=offered)
    await expect(chat.log.get_by_role("button", name="Parler à un conseiller")).to_be_enabled()
    await expect(chat.human).to_have_count(1)
    await chat.say("merci")
    await expect(chat.log.get_by_role("button", name="Parler à un conseiller")).to_be_disabled()
    await expect(chat.human).to_have_count(2)
    await expect(chat.human.last).to_be_enabled()


async def test_waiting_can_be_given_up(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.human.click()
    await chat.dialog.get_by_role("button", name="Annuler la demande").click()
    await expect(chat.human).to_be_visible()
    assert api.talk.state["owner"] == "bot"


async def test_an_answer_of_a_person_is_announced_on_the_closed_chat_of_the_next_page(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.human.click()
    await expect(chat.dialog).to_contain_text("Annuler la demande")
    await chat.dialog.get_by_role("button", name="Fermer la discussion").click()
    before = set(api.talk.sockets)
    await chat.visit("/produit/carafe-onde")
    await expect(chat.launcher).to_be_visible()
    await until(lambda: api.talk.sockets - before, "this page listens")
    await api.add("advisor", "Me voici.", author_name="Claire")
    await expect(chat.page.get_by_role("button", name="1 nouveau message")).to_be_visible()


async def test_what_a_person_says_between_two_pages_is_new_on_the_second(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.human.click()
    await expect(chat.dialog).to_contain_text("Annuler la demande")
    await expect(chat.log).to_contain_text("Votre demande est transmise")
    await chat.dialog.get_by_role("button", name="Fermer la discussion").click()
    await chat.page.goto("about:blank")
    await api.add("advisor", "Me voici.", author_name="Claire")
    await chat.visit("/produit/carafe-onde")
    await expect(chat.page.get_by_role("button", name="1 nouveau message")).to_be_visible()
    await chat.page.reload()
    await chat.page.get_by_role("button", name="1 nouveau message").click()
    await expect(chat.log).to_contain_text("Me voici.")
    await chat.dialog.get_by_role("button", name="Fermer la discussion").click()
    await chat.page.reload()
    await expect(chat.launcher).to_be_visible()
    await until(lambda: api.talk.sockets, "this page listens")
    await expect(chat.page.get_by_role("button", name="nouveau")).to_have_count(0)


async def test_a_signed_in_customer_is_known_from_the_first_word(chat: Chat, api: FakeApi) -> None:
    await chat.visit()
    await sign_in(chat.page, "Camille Laurent")
    await chat.launcher.click()
    await expect(chat.dialog.get_by_role("button", name="Mes commandes")).to_be_visible()
    assert api.talk.subject == "C-1001"


async def test_signing_in_later_keeps_the_conversation(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.say("bonjour")
    await expect(chat.log).to_contain_text("Vous avez écrit")
    await sign_in(chat.page, "Camille Laurent")
    await expect(chat.own("bonjour")).to_be_visible()
    await until(lambda: api.talk.subject == "C-1001", "it is known whose it is")
    assert len(api.talks) == 1


async def test_signing_out_leaves_nothing_behind(chat: Chat, api: FakeApi) -> None:
    await chat.visit()
    await sign_in(chat.page, "Camille Laurent")
    await chat.launcher.click()
    await chat.say("ma commande MA-104233")
    await expect(chat.own("MA-104233")).to_contain_text("Reçu à")
    await chat.field.fill("mon adresse est")
    await chat.page.get_by_text("Camille Laurent").first.click()
    await chat.page.get_by_role("button", name="Se déconnecter").click()
    await expect(chat.log).to_contain_text("Aulne")
    await expect(chat.own("MA-104233")).to_have_count(0)
    await expect(chat.field).to_have_value("")
    await until(lambda: api.talk.signed_out, "its token is taken back")
    # Nothing begins for a stranger who has not said a word.
    assert len(api.talks) == 1
    assert await chat.page.evaluate("Object.keys(localStorage).filter((key) => key.endsWith('conversation'))") == []
    await chat.say("bonjour")
    await expect(chat.own("bonjour")).to_contain_text("Reçu à")
    assert api.talk.subject is None
    assert "adresse" not in str(await chat.page.evaluate("Object.entries(localStorage)"))
    assert "C-1001" not in str(await chat.page.evaluate("Object.entries(localStorage)"))
