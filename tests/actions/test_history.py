"""What was asked before, whether it helped, and for whom: what the actions tell the knowledge base, and do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.actions.test_actions import call, customs, responses, slots
from tests.rasa.stack import Road

pytestmark = pytest.mark.usefixtures("_neighbours_well")

Line = dict[str, Any]


@pytest.fixture
def _neighbours_well(action_road: Road) -> Iterator[None]:
    yield
    action_road.office.mode = "ok"
    action_road.knowledge.knows_history = True


def line(question: str, article_id: str | None = None, *, helped: bool | None = None) -> Line:
    return {"question": question, "article_id": article_id, "helped": helped}


def choices(body: dict[str, Any]) -> list[str]:
    """Ids of the articles offered."""
    (offered,) = [each for each in body["responses"] if each["response"] in ("utter_next_best", "utter_clarify")]
    return [offered[f"id_{place}"] for place in (1, 2, 3)]


async def did_not_help(road: Road, history: list[Line], article_id: str | None = None, **more: Any) -> dict[str, Any]:
    entities = [{"entity": "article_id", "value": article_id}] if article_id else []
    _, body = await call(
        road, "action_did_not_help", "…", intent="did_not_help", entities=entities, history=history, **more
    )
    return body


async def test_a_question_is_searched_with_those_before_it(action_road: Road) -> None:
    _, first = await call(action_road, "action_answer_question", "délai de livraison ?")
    assert "history" not in action_road.knowledge.asked[-1]
    history = slots(first)["history"]
    assert history == [line("délai de livraison ?", "delivery-times")]
    _, second = await call(action_road, "action_answer_question", "et en Belgique ?", history=history)
    assert action_road.knowledge.asked[-1]["history"] == history
    assert customs(second, "answer")[0]["article_id"] == "delivery-times"
    assert slots(second)["history"] == [*history, line("et en Belgique ?", "delivery-times")]
    # Writers read it with what it follows; so do they where nothing was found.
    assert customs(second, "answer")[0]["question"] == "délai de livraison ? → et en Belgique ?"
    _, third = await call(action_road, "action_answer_question", "et zzz ?", history=[line("yyy")])
    assert customs(third, "unanswered")[0]["question"] == "yyy → et zzz ?"


async def test_a_knowledge_base_of_an_earlier_release_answers_without_the_history(action_road: Road) -> None:
    action_road.knowledge.knows_history = False
    history = [line("le retour ?", "returns")]
    _, body = await call(action_road, "action_answer_question", "délai de livraison ?", history=history)
    assert customs(body, "answer")[0]["article_id"] == "delivery-times"


async def test_what_found_nothing_is_remembered_too_and_the_oldest_is_forgotten(action_road: Road) -> None:
    long = [line(f"question {number}", "returns") for number in range(8)]
    _, body = await call(action_road, "action_answer_question", "zzz" * 400, history=long)
    kept = slots(body)["history"]
    assert len(kept) == 8
    assert (kept[0], kept[-1]["article_id"]) == (long[1], None)
    assert len(kept[-1]["question"]) == 500


async def test_a_chosen_article_belongs_to_the_question(action_road: Road) -> None:
    _, body = await call(
        action_road, "action_choose_article", "/choose_article", history=[line("j’hésite")], last_question="j’hésite",
        entities=[{"entity": "article_id", "value": "returns"}],
    )  # fmt: skip
    assert slots(body)["history"] == [line("j’hésite", "returns")]
    assert customs(body, "answer")[0]["question"] == "j’hésite"


async def test_bot_knows_best_whether_an_article_helped(action_road: Road) -> None:
    history = [line("le retour ?", "returns", helped=False), line("délai de livraison ?", "delivery-times")]
    told = {"feedback": {"returns": True, "delivery-times": False}}
    await call(action_road, "action_answer_question", "zzz", history=history, metadata=told)
    assert [each["helped"] for each in action_road.knowledge.asked[-1]["history"]] == [True, False]


async def test_no_help_brings_the_next_best_and_never_the_same_again(action_road: Road) -> None:
    history = [line("ma lampe ?", "track-an-order"), line("délai de livraison ?", "delivery-times")]
    body = await did_not_help(action_road, history, "delivery-times")
    # What was shown for another question comes after what was never shown.
    assert choices(body) == ["returns", "track-an-order", ""]
    assert customs(body, "not_helped") == [{"article_id": "delivery-times", "question": "délai de livraison ?"}]
    assert slots(body)["history"][-1]["helped"] is False
    asked = action_road.knowledge.asked[-1]
    assert (asked["question"], asked["limit"]) == ("délai de livraison ?", 4)
    # A follow-up is understood by the question before it: the one asked again must not stand last.
    assert [each["question"] for each in asked["history"]] == ["délai de livraison ?", "ma lampe ?"]


async def test_when_nothing_plausible_remains_a_human_is_offered(action_road: Road) -> None:
    body = await did_not_help(action_road, [line("livraison unique ?", "delivery-times")])
    assert responses(body) == ["utter_offer_human_not_helpful"]
    assert (slots(body)["human_offered"], slots(body)["offer_reason"]) == (True, "not_helpful")


async def test_the_second_answer_in_a_row_that_did_not_help_brings_the_offer(action_road: Road) -> None:
    before = len(action_road.knowledge.asked)
    history = [line("le retour ?", "returns", helped=False), line("délai de livraison ?", "delivery-times")]
    body = await did_not_help(action_road, history)
    assert responses(body) == ["utter_offer_human_not_helpful"]
    assert len(action_road.knowledge.asked) == before
    helped = [line("le retour ?", "returns", helped=True), line("délai de livraison ?", "delivery-times")]
    assert responses(await did_not_help(action_road, helped)) == ["utter_next_best"]


async def test_none_of_the_next_best_brings_the_offer(action_road: Road) -> None:
    body = await did_not_help(action_road, [line("délai de livraison ?", "delivery-times")])
    after = slots(body)
    _, none = await call(
        action_road, "action_none_of_these", "/none_of_these", intent="none_of_these",
        history=after["history"], failed_answers=after["failed_answers"],
    )  # fmt: skip
    assert (responses(none), slots(none)["offer_reason"]) == (["utter_offer_human_not_helpful"], "not_helpful")
    # Said once more in words, it is about what was offered since.
    said = await did_not_help(action_road, after["history"], failed_answers=1)
    assert responses(said) == ["utter_offer_human_not_helpful"]
    assert customs(said, "not_helped") == []


async def test_no_help_where_nothing_was_shown_asks_for_other_words(action_road: Road) -> None:
    # The second: an answer to another question is not what did not help.
    for history in ([line("zzz")], [line("le retour ?", "returns"), line("zzz")]):
        body = await did_not_help(action_road, history)
        assert (responses(body), customs(body, "not_helped")) == (["utter_none_of_these"], [])


@pytest.mark.parametrize(("said", "reason"), [("/request_human", "not_helpful"), ("un humain", "customer_request")])
async def test_a_button_may_say_why_a_human_is_wanted_and_words_may_not(
    action_road: Road, said: str, reason: str
) -> None:
    entities = [{"entity": "reason", "value": "not_helpful"}]
    _, body = await call(action_road, "action_request_handoff", said, intent="request_human", entities=entities)
    assert customs(body, "handoff")[0]["reason"] == reason
    _, made_up = await call(
        action_road, "action_request_handoff", "/request_human", intent="request_human",
        entities=[{"entity": "reason", "value": "because"}],
    )  # fmt: skip
    assert customs(made_up, "handoff")[0]["reason"] == "customer_request"


async def test_an_article_of_the_other_language_is_announced(action_road: Road) -> None:
    _, body = await call(action_road, "action_answer_question", "how to return ?")
    assert responses(body) == ["utter_article_in_other_language", "utter_answer"]
    _, level = await call(action_road, "action_answer_question", "how to return ?", locale="en")
    assert responses(level) == ["utter_answer"]


async def test_only_a_proven_customer_has_a_segment_and_it_is_asked_once(action_road: Road) -> None:
    office, knowledge = action_road.office, action_road.knowledge
    office.customers["C-7"] = {**office.customers["C-1001"], "customer_id": "C-7", "segment": "or"}
    token = action_road.token("conv-1", sub="C-7")
    for _ in range(2):
        await call(action_road, "action_answer_question", "le retour ?", token=token, audience="business")
        assert knowledge.asked[-1]["audience"] == "or"
    assert office.calls.count("/back-office/v1/customers/C-7") == 1
    for stranger in (None, action_road.token("conv-1", sub="C-7", assurance="channel")):
        await call(action_road, "action_answer_question", "le retour ?", token=stranger, audience="or", segment="or")
        assert "audience" not in knowledge.asked[-1]


@pytest.mark.parametrize("mode", ["down", "nonsense", "slow"])
async def test_a_back_office_in_trouble_holds_no_question_up(action_road: Road, mode: str) -> None:
    action_road.office.mode = mode
    token = action_road.token("conv-1", sub=f"C-{mode}")
    for _ in range(2):
        status, body = await call(action_road, "action_answer_question", "le retour ?", token=token)
        assert (status, responses(body)) == (200, ["utter_answer"])
        assert "audience" not in action_road.knowledge.asked[-1]
    assert action_road.office.calls.count(f"/back-office/v1/customers/C-{mode}") == 1


async def test_retour_without_a_task_is_a_question_about_returns(action_road: Road) -> None:
    for word in ("Retour ?", "les retours", "returns"):
        _, body = await call(action_road, "action_go_back", word, intent="go_back", history=[])
        assert action_road.knowledge.asked[-1]["question"] == word
        assert "utter_nothing_to_cancel" not in responses(body)
    asked = len(action_road.knowledge.asked)
    _, body = await call(action_road, "action_go_back", "retour en arrière", intent="go_back", history=[])
    assert (responses(body), len(action_road.knowledge.asked)) == (["utter_nothing_to_cancel"], asked)
