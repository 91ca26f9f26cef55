"""The road end to end on real parts: a question answered, an order tracked, a handoff taken and given back."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest
from jsonschema import Draft202012Validator

from tests.harness import Stack
from tests.road.api import advisor, host_identity, visit

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "handoff.schema.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("locale", "question", "article"),
    [
        ("fr", "bjr, c quoi vos delais de livraison ?", "delivery-times"),
        ("en", "how long does delivery take?", "delivery-times"),
        ("fr", "j'ai perdu mon mot de passe", "reset-password"),
        ("en", "i forgot my password", "reset-password"),
    ],
)
async def test_a_question_gets_its_article(
    stack: Stack, http: aiohttp.ClientSession, locale: str, question: str, article: str
) -> None:
    customer = await visit(http, stack, locale=locale)
    reply = (await customer.ask(question))[0]
    assert reply["kind"] == "answer", reply
    assert reply["answer"]["article_id"] == article
    assert reply["answer"]["locale"] == locale
    async with http.get(reply["answer"]["url"]) as page:
        assert page.status == 200
        assert reply["answer"]["title"].split()[0] in await page.text()


@pytest.mark.parametrize(
    ("locale", "asks", "thanks"),
    [
        ("fr", "je veux parler à quelqu'un", "merci beaucoup"),
        ("en", "I want to talk to a human", "thank you so much"),
    ],
)
async def test_a_handoff_from_end_to_end(
    stack: Stack, http: aiohttp.ClientSession, locale: str, asks: str, thanks: str
) -> None:
    page = {"url": f"{stack.shop_url}/", "title": "Maison Alder"}
    customer = await visit(http, stack, locale=locale, identity=host_identity(stack), page=page)
    await customer.ask(
        "Quels sont les frais de retour ?" if locale == "fr" else "How much does it cost to return an item?"
    )
    notice = (await customer.ask(asks))[-1]
    assert notice["kind"] == "notice", notice
    assert (await customer.state())["owner"] == "queue"
    claire = await advisor(http, stack)
    taken = await claire.take(customer)
    context = taken["context"]
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(context)
    assert context["why"]["reason"] == "customer_request"
    assert "retour" in context["why"]["question"] or "return" in context["why"]["question"]
    assert context["why"]["articles_shown"]
    assert context["who"]["display_name"] == "Camille Laurent"
    assert context["who"]["orders"], "the orders of a verified customer come with the handoff"
    assert [line["text"] for line in context["transcript"]].count(asks) == 1
    await claire.reply(customer, "Bonjour Camille, je m’en occupe.")
    assert (await customer.messages())[-1]["author_name"] == "Claire"
    before = len(await customer.messages())
    await customer.say("super")
    await claire.release(taken["handoff_id"])
    last = (await customer.messages())[-1]
    assert last["rating_requested"]
    assert len(await customer.messages()) == before + 2
    assert (await customer.state())["owner"] == "bot"
    assert (await customer.ask(thanks))[0]["author"] == "bot"


async def test_an_order_is_tracked_for_its_owner_alone(stack: Stack, http: aiohttp.ClientSession) -> None:
    camille = await visit(http, stack, locale="fr", identity=host_identity(stack))
    said = " ".join(message["text"] for message in await camille.ask("où est ma commande MA-104233 ?"))
    assert "104233" in said
    stranger = await visit(http, stack, locale="fr", identity=host_identity(stack, "C-1002", "Autre Personne"))
    other = " ".join(message["text"] for message in await stranger.ask("où est ma commande MA-104233 ?"))
    assert said != other
    anonymous = await visit(http, stack, locale="fr")
    unknown = " ".join(message["text"] for message in await anonymous.ask("où est ma commande MA-104233 ?"))
    assert "expédi" not in unknown.lower()


async def test_a_dead_back_office_is_told_truly(stack: Stack, http: aiohttp.ClientSession) -> None:
    camille = await visit(http, stack, locale="fr", identity=host_identity(stack))
    headers = {"Authorization": f"Bearer {stack.secrets['BACK_OFFICE_TOKEN']}"}
    mode = f"{stack.env['BACK_OFFICE_URL']}/admin/mode"
    async with http.post(mode, json={"mode": "down"}, headers=headers) as response:
        assert response.status == 200
    try:
        replies = await camille.ask("où est ma commande MA-104233 ?")
    finally:
        async with http.post(mode, json={"mode": "ok"}, headers=headers) as response:
            assert response.status == 200
    assert replies[0]["author"] == "bot"
    assert any(reply.get("choices") for reply in replies), "a way to a human"
    await camille.call("POST", "handoff", {})
    claire = await advisor(http, stack)
    context = (await claire.take(camille))["context"]
    assert [task["outcome"] for task in context["why"]["tasks_tried"]][-1] == "failed"
    await claire.release((await claire.handoff_of(camille))["handoff_id"])


@pytest.mark.parametrize("text", ["/restart", '/inform{"x":1}', "<script>alert(1)</script>", "🙂🙂", "?"])
async def test_odd_messages_are_text_and_get_a_sentence(stack: Stack, http: aiohttp.ClientSession, text: str) -> None:
    customer = await visit(http, stack, locale="fr")
    sent = await customer.say(text)
    assert sent["text"] == text
    reply = (await customer.replies_to(sent))[0]
    assert reply["author"] == "bot"
    assert (await customer.state())["owner"] == "bot"


async def test_two_failed_answers_bring_the_offer_of_a_human(stack: Stack, http: aiohttp.ClientSession) -> None:
    customer = await visit(http, stack, locale="fr")
    await customer.ask("quelle est la recette du cassoulet")
    offer = (await customer.ask("qui a gagné la coupe du monde de rugby"))[-1]
    assert offer["choices"], offer
    accepted = await customer.replies_to(await customer.say("oui"))
    assert accepted[-1]["kind"] == "notice"
    assert (await customer.state())["owner"] == "queue"
    again = await customer.say("oui")
    claire = await advisor(http, stack)
    taken = await claire.take(customer)
    assert taken["context"]["why"]["reason"] in ("no_answer", "repeated_failure")
    assert "rugby" in taken["context"]["why"]["question"]
    assert not [m for m in await customer.messages(again["seq"]) if m["kind"] == "notice" and m["author"] == "bot"]
    await claire.release(taken["handoff_id"])


def test_each_process_is_given_its_own_secrets_alone(stack: Stack) -> None:
    known = {"RELAIS_SECRET", "IDENTITY_SECRET", "HOST_KEYS", "BACK_OFFICE_TOKEN"}
    for name, given in {
        "bot": {"RELAIS_SECRET", "IDENTITY_SECRET", "HOST_KEYS"},
        "actions": {"IDENTITY_SECRET", "BACK_OFFICE_TOKEN"},
        "demo": {"HOST_KEYS", "BACK_OFFICE_TOKEN"},
        "rasa": set(),
        "knowledge_base": set(),
        "valkey": set(),
    }.items():
        environment = Path(f"/proc/{stack.pid(name)}/environ").read_bytes().decode().split("\0")
        assert known & {line.partition("=")[0] for line in environment} == given, name
