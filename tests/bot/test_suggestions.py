"""What the desk suggests follows the conversation, and an advisor can send it as the assistant would."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import Feedback
from bot.db.people import AuditEntry
from bot.errors import Refusal
from bot.settings import BotSettings
from bot.words.cards import allowed_page
from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.neighbours import ARTICLE

Json = dict[str, Any]
OTHER = ARTICLE | {"article_id": "returns", "title": "Comment retourner un article ?", "url": "/aide/retours"}


async def taken(bot: Bot, question: str = "Quel délai ?") -> tuple[Customer, Desk, str]:
    """A customer with an advisor, and the handoff between them."""
    customer = await bot.customer(locale="fr")
    await customer.ask(question)
    await customer.post("handoff", {})
    claire = await bot.desk("claire")
    handoff = (await claire.queue())[0]["handoff_id"]
    await claire.call("POST", f"handoffs/{handoff}/accept")
    return customer, claire, handoff


async def card(claire: Desk, handoff: str) -> Json:
    status, body = await claire.call("GET", f"handoffs/{handoff}")
    assert status == 200
    return body["context"]


async def test_suggestions_and_summary_follow_what_the_customer_asks_next(bot: Bot) -> None:
    customer, claire, handoff = await taken(bot)
    before = await card(claire, handoff)
    assert before["suggestions"][0]["article_id"] == "delivery-times"
    assert before["why"]["latest_question"] == "Quel délai ?"
    assert "depuis" not in before["why"]["summary"]
    bot.neighbours.article = OTHER
    await customer.say("merci beaucoup")  # asks nothing
    assert (await card(claire, handoff))["suggestions"][0]["article_id"] == "delivery-times"
    await customer.say("Et comment retourner la lampe ?")
    after = await card(claire, handoff)
    assert after["suggestions"][0]["article_id"] == "returns"
    assert after["suggestions_for"] == {"question": "Et comment retourner la lampe ?", "current": True}
    assert "Et comment retourner la lampe ?" in after["why"]["summary"].splitlines()[0]
    assert after["why"]["question"] == "Quel délai ?", "what brought the customer here stays"


async def test_a_knowledge_base_that_is_down_leaves_the_last_ones_and_says_so(bot: Bot) -> None:
    customer, claire, handoff = await taken(bot)
    await card(claire, handoff)
    searched = bot.neighbours.searches
    bot.clock.hold()
    bot.neighbours.search_status = 503
    await customer.say("Et comment retourner la lampe ?")
    for _ in range(2):
        kept = await card(claire, handoff)
        assert kept["suggestions"][0]["article_id"] == "delivery-times"
        assert kept["suggestions_for"] == {"question": "Quel délai ?", "current": False}
    assert bot.neighbours.searches == searched + 1, "what is down is not asked again at once"
    bot.neighbours.search_status = 200
    bot.clock.forward(15)
    assert (await card(claire, handoff))["suggestions_for"]["current"] is True


async def test_a_card_that_is_read_again_and_again_is_one_look(bot: Bot) -> None:
    _, claire, handoff = await taken(bot)
    for forward, looks in ((0, 1), (60, 1), (700, 2)):
        bot.clock.forward(forward)
        await card(claire, handoff)
        async with bot.services.db.read() as session:
            seen = select(AuditEntry).where(AuditEntry.action == "handoff_read", AuditEntry.target == handoff)
            assert len((await session.execute(seen)).all()) == looks


async def test_a_question_that_nothing_answers_leaves_the_first_suggestions(bot: Bot) -> None:
    customer, claire, handoff = await taken(bot)
    bot.neighbours.decision, bot.neighbours.article = "abstain", OTHER
    await customer.say("Quel temps fera-t-il demain ?")
    assert (await card(claire, handoff))["suggestions"][0]["article_id"] == "delivery-times"


async def test_an_advisor_sends_an_article_as_the_assistant_does(bot: Bot) -> None:
    customer, claire, handoff = await taken(bot)
    await card(claire, handoff)
    body = {"client_message_id": "a1", "article_id": "delivery-times", "locale": "fr"}
    status, sent = await claire.call("POST", f"conversations/{customer.id}/articles", body)
    assert status == 202
    again = await claire.call("POST", f"conversations/{customer.id}/articles", body)
    assert again == (200, sent)
    shown = (await customer.read())["messages"][-1]
    assert (shown["author"], shown["kind"], shown["author_name"]) == ("advisor", "answer", "Claire")
    assert shown["answer"]["passage"] == ARTICLE["passage"]
    assert shown["answer"]["url"].startswith("http")
    assert shown["answer"]["score"] == ARTICLE["score"]
    assert "sent_by" not in shown
    assert (await customer.post("feedback", {"message_id": shown["id"], "helpful": False}))[0] == 200
    async with bot.services.db.read() as session:
        kept = (await session.execute(select(Feedback).where(Feedback.message_id == shown["id"]))).scalar_one()
    me = (await claire.call("GET", "me"))[1]["user"]
    assert (kept.sent_by, kept.article_id, kept.version) == (me["id"], "delivery-times", "v1")
    assert (await customer.read())["state"]["owner"] == "advisor", "a no brings no assistant over a human"
    tried = (await card(claire, handoff))["why"]["articles_shown"]
    assert [each["helpful"] for each in tried] == [None, False]


async def test_only_the_owner_sends_and_only_what_exists(bot: Bot) -> None:
    customer, claire, _ = await taken(bot)
    hugo = await bot.desk("hugo")
    tail, body = f"conversations/{customer.id}/articles", {"client_message_id": "a1", "article_id": "x", "locale": "fr"}
    assert (await hugo.call("POST", tail, body))[0] == 403
    assert (await (await bot.desk("ines", "writer")).call("POST", tail, body))[0] == 403
    assert (await claire.call("POST", tail, body | {"locale": "de"}))[0] == 422
    bot.neighbours.gone = {"x"}
    status, answer = await claire.call("POST", tail, body)
    assert (status, answer["error"]["code"]) == (404, "unknown_article")
    assert (await claire.call("POST", tail, body | {"client_message_id": ""}))[0] == 422


async def test_a_page_is_shown_behind_a_button(make_bot: Any) -> None:
    bot: Bot = await make_bot(public_url="http://relais.test", shop_url="http://shop.test")
    customer, claire, _ = await taken(bot)
    tail = f"conversations/{customer.id}/push"
    status, sent = await claire.call("POST", tail, {"client_message_id": "p1", "url": "http://shop.test/lampes?c=or"})
    assert status == 202
    shown = (await customer.read())["messages"][-1]
    assert shown["page"] == {"url": "http://shop.test/lampes?c=or", "title": "shop.test/lampes"}
    assert shown["text"].endswith("\n\nhttp://shop.test/lampes?c=or")
    assert (await claire.call("POST", tail, {"client_message_id": "p1", "url": "http://shop.test/"}))[1] == sent
    status, sent = await claire.call("POST", tail, {"client_message_id": "p2", "article_id": "delivery-times"})
    assert sent["message"]["page"] == {
        "url": "http://relais.test/aide/delais-de-livraison",
        "title": "Quels sont les délais de livraison ?",
    }
    assert (await claire.call("POST", tail, {"client_message_id": "p3"}))[0] == 422
    assert (await claire.call("POST", tail, {"client_message_id": "p3", "url": "https://evil.test/"}))[0] == 422


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.test/",
        "http://shop.test@evil.test/",
        "http://shop.test.evil.test/",
        "//evil.test/x",
        "/\\evil.test",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://shop.test/",
        "http://shop.test:81/",
        "http://relais.test/desk/login?next=//evil.test",
        "http://relais.test/aide/../desk",
        "http://relais.test/aide/%2e%2e/%64esk",
        "/p/token",
        "http://shop.test/\nx",
        "http://[shop.test/",
        "",
        "/" + "a" * 2000,
    ],
)
def test_no_other_address_is_shown(address: str) -> None:
    settings = BotSettings(
        relais_secret="s" * 32,
        identity_secret="i" * 32,
        public_url="http://relais.test",
        shop_url="http://shop.test",
        allowed_origins=["https://www.shop.test"],
    )
    assert allowed_page(settings, "/aide/retours") == "http://relais.test/aide/retours"
    assert allowed_page(settings, "https://www.shop.test/a") == "https://www.shop.test/a"
    with pytest.raises(Refusal):
        allowed_page(settings, address)


async def test_articles_are_found_and_the_language_of_a_draft_is_told(bot: Bot) -> None:
    claire = await bot.desk("claire")
    status, body = await claire.call("GET", "articles?q=livraison&locale=fr")
    assert (status, body["articles"][0]["title"]) == (200, ARTICLE["title"])
    assert (await claire.call("GET", "articles?q=&locale=fr"))[0] == 422
    bot.neighbours.search_status = 503
    assert (await claire.call("GET", "articles?q=autre&locale=fr"))[0] == 503
    for text, expected, told in (
        ("Je regarde votre commande tout de suite", "en", "fr"),
        ("I am looking at your order right now", "en", "en"),
        ("ok", "en", "en"),
    ):
        answer = (await claire.call("POST", "language", {"text": text, "expected": expected}))[1]
        assert answer == {"language": told, "differs": told != expected}
