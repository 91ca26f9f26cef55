"""What every task has in common: ways out, correction, interruption, identity, a back office in trouble."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.fakes import identity_token
from tests.actions.task_chat import Said, Shop, TaskChat

ANSWERED = [{"event": "action", "name": "action_answer_question"}]


async def returning(shop: Shop) -> TaskChat:
    """A return at the question for its reason."""
    chat = shop.chat("C-1002")
    await chat.say("je veux renvoyer un article de la 104388", "return_item")
    await chat.press("TBL-OND-02")
    assert chat.step == "reason"
    return chat


@pytest.mark.parametrize(
    ("text", "intent"),
    [("annuler", "cancel"), ("Annule !", "nlu_fallback"), ("laissez tomber", "cancel"), ("stop", "deny"),
     ("finalement non", "cancel"), ("never mind", "ask_question")],
)  # fmt: skip
async def test_leaving_at_any_step(shop: Shop, text: str, intent: str) -> None:
    chat = await returning(shop)
    left = await chat.say(text, intent)
    assert left.names == ["utter_task_cancelled"]
    assert left.custom("task")["outcome"] == "cancelled"
    assert {name: chat.slots[name] for name in ("task", "task_values", "requested_slot")} == {
        "task": None, "task_values": None, "requested_slot": None,
    }  # fmt: skip


async def test_back_again_from_the_start_and_once_more(shop: Shop) -> None:
    chat = await returning(shop)
    assert (await chat.say("répétez", "repeat")).names == ["utter_ask_return_item_reason"]
    assert (await chat.say("retour", "go_back")).names == ["utter_ask_return_item_items"]
    await chat.say("la carafe")
    assert chat.step == "reason"
    await chat.press("other")
    assert (await chat.say("/task_change", "task_change")).names == ["utter_ask_return_item_reason"]
    again = await chat.say("recommencer", "begin_again")
    assert again.names[0] == "utter_task_restarted"
    assert chat.step == "order"
    assert (await chat.say("retour", "go_back")).names[0] == "utter_first_step"


async def test_a_question_in_the_middle_is_for_the_rules_and_then_the_task_goes_on(shop: Shop) -> None:
    chat = await returning(shop)
    for text, intent in (
        ("vous livrez le samedi ?", "ask_question"), ("merci", "thank"), ("je veux un conseiller", "request_human"),
        ("au revoir", "goodbye"), ("c'est lamentable", "complaint"), ("bande de nuls", "insult"),
    ):  # fmt: skip
        assert (await chat.say(text, intent)).rejected, text
    back = await chat.say("vous livrez le samedi ?", "ask_question", events=ANSWERED)
    assert back.names == ["utter_back_to_task", "utter_ask_return_item_reason"]
    await chat.press("gift")
    assert chat.step == "method"


async def test_no_question_beside_another_that_was_just_put(shop: Shop) -> None:
    chat = await returning(shop)
    offered = [*ANSWERED, {"event": "bot", "text": "?", "metadata": {"utter_action": "utter_offer_human"}}]
    assert (await chat.say("xyzzy plugh", events=offered)).names == []


async def test_yes_and_no_are_for_the_human_while_one_is_offered(shop: Shop) -> None:
    chat = await returning(shop)
    await chat.press("other")
    await chat.press("shop")
    assert chat.step == "confirm"
    chat.slots["human_offered"] = True
    assert (await chat.say("oui", "affirm")).rejected
    assert (await chat.say("non", "deny")).rejected
    await chat.say("répétez", "repeat")
    assert chat.slots["human_offered"] is False


async def test_three_bad_inputs_offer_a_human(shop: Shop) -> None:
    chat = await returning(shop)
    for _ in range(2):
        assert (await chat.say("bzzt")).names == ["utter_choose_one"]
    third = await chat.say("bzzt")
    assert third.names == ["utter_choose_one", "utter_offer_human_task"]
    assert (chat.slots["human_offered"], chat.slots["offer_reason"]) == (True, "task_failed")
    assert chat.step == "reason"
    await chat.press("gift")
    assert chat.slots["human_offered"] is False


@pytest.mark.parametrize(
    "text",
    ["?", "x" * 4000, "<script>alert('1')</script>", "Ich möchte bitte etwas ganz anderes wissen", "lorem ipsum " * 300,
     "' OR 1=1; --", "{{7*7}} {0[secret]}", "😀😀😀"],
)  # fmt: skip
async def test_no_input_breaks_a_step_or_changes_anything(shop: Shop, text: str) -> None:
    before = await shop.changes()
    chats = [await returning(shop), shop.chat("C-1002"), shop.chat("C-1013"), shop.chat(None)]
    for chat, starter in zip(chats[1:], ("cancel_order", "change_phone", "find_shop"), strict=True):
        await chat.say("je voudrais", starter)
    for chat in chats:
        step = chat.step
        await chat.say(text)
        if chat.slots.get("requested_slot"):
            assert (chat.step, step != "confirm") == (step, step != "confirm")
    assert await shop.changes() == before


async def test_another_request_is_taken_at_once_or_noted_for_later(shop: Shop) -> None:
    chat = shop.chat("C-1002")
    await chat.say("je veux annuler une commande", "cancel_order")
    assert chat.step == "order"
    at_once = await chat.say("en fait je voudrais voir mes points de fidélité", "loyalty_points")
    assert at_once.names[0] == "utter_task_left"
    assert "utter_loyalty_points_done" in at_once.names
    chat = await returning(shop)
    noted = await chat.say("et je voudrais aussi savoir combien j'ai de points", "loyalty_points")
    assert noted.names[0] == "utter_next_task_noted"
    assert chat.step == "reason"
    left = await chat.say("annuler", "cancel")
    assert left.names[:2] == ["utter_task_cancelled", "utter_loyalty_points_done"]


async def test_two_requests_in_one_message(shop: Shop) -> None:
    chat = shop.chat("C-1002", "en")
    told = await chat.say("where is my order 104790 and send me the invoice of 104388", "get_invoice")
    assert told.names[0] == "utter_order_shipped"
    assert told.names[-2:] == ["utter_next_task", "utter_get_invoice_done"]
    assert told.value("invoice")
    assert [each["number"] for each in told.responses if each["response"] == "utter_get_invoice_done"] == ["MA-104388"]
    chat = shop.chat("C-1002")
    await chat.say("annulez la 104872 et donnez-moi mes points", "cancel_order")
    assert chat.slots["next_task"] == "loyalty_points"
    both = await chat.say("non", "deny")
    assert "utter_loyalty_points_done" in both.names


async def test_la_and_it_mean_the_order_last_spoken_of(shop: Shop) -> None:
    chat = shop.chat("C-1016")
    await chat.say("où est ma commande 104867", "track_order")
    assert chat.slots["last_order"] == "MA-104867"
    asked = await chat.say("annulez-la", "cancel_order")
    assert asked.names == ["utter_confirm_cancel_order"]
    assert asked.value("number") == "MA-104867"
    chat = shop.chat("C-1003", "en")
    await chat.say("where is order 104655", "track_order")
    assert (await chat.say("and when does it arrive?", "track_order")).value("number") == "MA-104655"
    named = await chat.say("i want to track my order", "track_order")
    assert named.names == ["utter_ask_which_order_track_order"]


async def test_a_late_order_is_spoken_of_once(shop: Shop) -> None:
    chat = shop.chat("C-1001")
    chat.slots.clear()
    greeted = await chat.say("bonjour", "greet", action="action_greet")
    assert greeted.names == ["utter_greet", "utter_order_late_hint"]
    chat.slots |= {"late_looked_at": True, "requested_slot": None}
    assert (await chat.say("bonjour", "greet", action="action_greet")).names == ["utter_greet"]
    in_time, stranger = shop.chat("C-1009"), shop.chat(None)
    for other in (in_time, stranger):
        other.slots.clear()
        assert (await other.say("bonjour", "greet", action="action_greet")).names == ["utter_greet"]


async def test_an_unverified_customer_proves_who_they_are_and_the_task_goes_on_where_it_was(shop: Shop) -> None:
    chat = shop.chat(None)
    asked = await chat.say("où est ma commande 104790 ?", "track_order")
    assert asked.names == ["utter_ask_identity"]
    assert asked.custom("ask_private") == {"field": "email"}
    assert (await chat.say("julien@")).names == ["utter_email_invalid"]
    sent = await chat.say("c'est julien.morel@maison-alder.test")
    assert sent.names == ["utter_identity_sent"]
    assert sent.custom("identify") == {"email": "julien.morel@maison-alder.test", "task": "track_order"}
    unknown = shop.chat(None)
    await unknown.say("où est ma commande ?", "track_order")
    assert (await unknown.say("nobody@maison-alder.test")).names == sent.names
    assert (await chat.say("vous livrez le samedi ?", "ask_question")).rejected
    again = await chat.say("/resend_code", "resend_code")
    assert again.custom("identify") == sent.custom("identify")
    assert (await chat.say("/identity_proven", "identity_proven")).names == ["utter_identity_waiting"]
    failed = await chat.say("/identity_failed", "identity_failed")
    assert failed.names == ["utter_identity_failed"]
    chat.customer = "C-1002"
    proven = await chat.say("/identity_proven", "identity_proven")
    assert proven.names[0] == "utter_order_shipped"
    assert proven.value("number") == "MA-104790"
    assert "email" not in str(chat.slots)


async def test_an_order_of_somebody_else_is_asked_again_in_the_same_words(shop: Shop) -> None:
    told: list[Said] = []
    for number in ("104790", "999999"):
        chat = shop.chat("C-1001")
        told.append(await chat.say(f"annulez la {number}", "cancel_order"))
        assert chat.step == "order"
    assert told[0].names == told[1].names == ["utter_order_not_found"]


@pytest.mark.parametrize("mode", ["down", "nonsense", "slow"])
async def test_a_back_office_in_trouble_is_admitted_and_nothing_is_done_twice(shop: Shop, mode: str) -> None:
    chat = shop.chat("C-1006")
    await chat.say("annulez la 104866", "cancel_order")
    assert chat.step == "confirm"
    before = await shop.changes()
    await shop.mode(mode)
    told = await chat.yes()
    await shop.mode("ok")
    assert told.names[0] in ("utter_task_unavailable", "utter_task_unsure")
    assert told.names[-1] == "utter_offer_human_task"
    assert told.custom("task")["outcome"] == "failed"
    assert chat.task is None
    assert chat.slots["offer_reason"] == "task_failed"
    assert await shop.changes() == before


async def test_a_task_refused_twice_offers_a_human(shop: Shop) -> None:
    chat = shop.chat("C-1001")
    assert "utter_offer_human_task" not in (await chat.say("annulez la 104233", "cancel_order")).names
    assert "utter_offer_human_task" in (await chat.say("si, annulez la 104233", "cancel_order")).names
    assert chat.slots["offer_reason"] == "task_failed"


async def test_an_order_number_said_instead_of_an_address_is_noted_and_kept(shop: Shop) -> None:
    chat = shop.chat(None)
    assert (await chat.say("ou est ma comande", "track_order")).names == ["utter_ask_identity"]
    noted = await chat.say("MA-104790", "give_order_number")
    assert noted.names == ["utter_ask_identity_for_order"]
    assert noted.value("number") == "MA-104790"
    assert noted.custom("ask_private") == {"field": "email"}
    assert chat.slots["task_values"]["order"] == "MA-104790"


async def test_proof_that_expires_in_the_middle_is_asked_again(shop: Shop) -> None:
    chat = await returning(shop)
    chat.customer = None
    assert (await chat.press("gift")).names == ["utter_ask_identity"]
    chat.customer = "C-1002"
    await chat.say("c'est fait", "affirm")
    assert chat.step == "method"


async def test_a_lookup_needs_its_own_token(shop: Shop) -> None:
    secret = shop.config.env["IDENTITY_SECRET"]
    cases: list[tuple[dict[str, Any], str | None]] = [
        ({"purpose": "lookup", "email": "camille.laurent@maison-alder.test"}, "C-1001"),
        ({"purpose": "lookup", "email": "nobody@maison-alder.test"}, None),
        ({"email": "camille.laurent@maison-alder.test"}, None),
    ]
    for claims, found in cases:
        token = identity_token(secret, "conv-9", **claims)
        message = {"metadata": {"identity_token": token}}
        tracker = {"sender_id": "conv-9", "slots": {}, "events": [], "latest_message": message}
        body = {"next_action": "action_lookup_customer", "sender_id": "conv-9", "tracker": tracker}
        async with shop.http.post(shop.config.url_of("actions") + "/webhook", json=body) as response:
            told = (await response.json())["responses"][0]["custom"]
        assert (told["customer"] or {}).get("customer_id") == found
