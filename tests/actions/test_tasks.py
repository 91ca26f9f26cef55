"""Each self-care task through the action server and the demo shop: done, refused, corrected, left."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.task_chat import Shop


def change(changes: list[dict[str, Any]], what: str, number: str) -> list[dict[str, Any]]:
    return [each for each in changes if what in str(each) and number in str(each)]


async def test_an_order_is_cancelled_once_and_only_after_a_yes(shop: Shop) -> None:
    chat = shop.chat("C-1009")
    asked = await chat.say("je veux annuler ma commande", "cancel_order")
    assert asked.names == ["utter_confirm_cancel_order"]  # the only one that can be cancelled
    assert asked.value("number") == "MA-104868"
    assert not change(await shop.changes(), "cancel", "MA-104868")
    for _ in range(2):
        slots = dict(chat.slots)
        done = await chat.say("oui oui allez-y", "affirm", message_id="cancel-once")
        assert done.names[0] == "utter_cancel_order_done"
        assert done.custom("task")["outcome"] == "done"
        chat.slots, after = slots, chat.slots
    chat.slots = after
    assert chat.task is None
    assert len(change(await shop.changes(), "cancel", "MA-104868")) == 1
    again = await chat.say("annule la 104868", "cancel_order")
    assert again.names[0] == "utter_cancel_order_already_cancelled"


@pytest.mark.parametrize(
    ("customer", "number", "said"),
    [
        ("C-1001", "104233", ["utter_cancel_order_not_cancellable"]),
        # These two are Gold.
        ("C-1002", "104860", ["utter_cancel_order_personalised", "utter_offer_human_preferred"]),
        ("C-1008", "104190", ["utter_cancel_order_already_cancelled", "utter_offer_human_preferred"]),
    ],
)  # fmt: skip
async def test_what_the_rules_forbid_is_refused_with_the_rule(
    shop: Shop, customer: str, number: str, said: list[str]
) -> None:
    chat = shop.chat(customer)
    told = await chat.say(f"annulez la {number}", "cancel_order")
    if told.names == ["utter_confirm_cancel_order"]:  # the back office alone knows what is personalised
        told = await chat.yes()
    assert told.names == said
    assert told.custom("task")["detail"].startswith(f"MA-{number}: refused: ")
    assert chat.task is None
    assert not change(await shop.changes(), "cancel", number)


async def test_a_no_to_the_confirmation_changes_nothing(shop: Shop) -> None:
    chat = shop.chat("C-1012")
    await chat.say("annuler ma commande", "cancel_order")
    left = await chat.say("non", "deny")
    assert left.names == ["utter_task_not_done"]
    assert chat.task is None
    assert not change(await shop.changes(), "cancel", "MA-104875")


async def test_an_order_is_corrected_at_the_confirmation(shop: Shop) -> None:
    chat = shop.chat("C-1016")
    await chat.say("annuler la 104874", "cancel_order")
    corrected = await chat.say("non, la 104867", "deny")
    assert corrected.names == ["utter_confirm_cancel_order"]
    assert corrected.value("number") == "MA-104867"
    await chat.yes()
    changes = await shop.changes()
    assert change(changes, "cancel", "MA-104867")
    assert not change(changes, "cancel", "MA-104874")


async def test_an_address_is_asked_checked_and_changed(shop: Shop) -> None:
    chat = shop.chat("C-1003")
    asked = await chat.say("je me suis trompé d'adresse", "change_address")
    assert asked.names == ["utter_order_taken", "utter_ask_change_address_address"]
    assert asked.custom("ask_private") == {"field": "address"}
    assert (await chat.say("à Lyon")).names == ["utter_address_incomplete"]
    confirm = await chat.say("12 rue des Lilas 69003 Lyon", "give_order_number")
    assert confirm.value("address") == "12 rue des Lilas, 69003 Lyon"
    changed = await chat.say("non, 4 quai de Seine 76000 Rouen", "deny")
    assert changed.value("address") == "4 quai de Seine, 76000 Rouen"
    done = await chat.yes()
    assert done.names == ["utter_change_address_done"]
    assert change(await shop.changes(), "address", "MA-104869")


async def test_an_address_that_is_not_served_is_asked_again(shop: Shop) -> None:
    chat = shop.chat("C-1002")
    await chat.say("livrez la 104872 au 3 rue Victor Hugo, 97400 Saint-Denis", "change_address")
    again = await chat.yes()
    assert again.names == ["utter_change_address_country_not_served"]
    assert chat.step == "address"
    await chat.say("3 rue Victor Hugo 59000 Lille")
    assert (await chat.yes()).names == ["utter_change_address_done"]


async def test_a_return_with_one_step_back(shop: Shop) -> None:
    chat = shop.chat("C-1001")
    asked = await chat.say("je veux renvoyer un article de la 104455", "return_item")
    assert asked.names == ["utter_ask_return_item_items"]
    await chat.say("les assiettes")
    assert chat.step in ("quantity", "items")
    if chat.step == "items":
        await chat.press("TBL-RIV-01")
    assert chat.step == "quantity"
    assert (await chat.say("5")).names == ["utter_quantity_wrong"]
    await chat.say("une seule")
    assert chat.step == "reason"
    await chat.say("j'ai changé d'avis", "cancel")
    assert chat.step == "method"
    assert (await chat.say("retour", "go_back")).names == ["utter_ask_return_item_reason"]
    await chat.press("gift")
    confirm = await chat.say("en point relais", "find_shop")
    assert confirm.names == ["utter_confirm_return_item_pickup_point"]
    other = await chat.say("non, en magasin plutôt", "deny")
    assert other.names == ["utter_confirm_return_item_shop"]
    done = await chat.yes()
    assert done.names == ["utter_return_item_done_shop"]
    assert change(await shop.changes(), "return", "MA-104455")


@pytest.mark.parametrize(
    ("customer", "number", "said"),
    [
        ("C-1001", "103720", "utter_return_item_too_late"),
        ("C-1001", "104233", "utter_return_item_not_delivered"),
        ("C-1005", "104301", "utter_return_item_already_returned"),
    ],
)  # fmt: skip
async def test_returns_that_cannot_be(shop: Shop, customer: str, number: str, said: str) -> None:
    chat = shop.chat(customer)
    told = await chat.say(f"retourner la {number}", "return_item")
    for answer in ("other", "shop"):
        if chat.task:
            told = await chat.press(answer)
    if chat.task:
        told = await chat.yes()
    assert said in told.names
    assert chat.task is None


@pytest.mark.parametrize(
    ("customer", "number", "said"),
    [
        ("C-1004", "104012", "utter_refund_paid"),
        ("C-1003", "104290", "utter_refund_waiting_parcel"),
        ("C-1003", "104225", "utter_refund_received"),
        ("C-1016", "104366", "utter_refund_issued"),
        ("C-1001", "104530", "utter_refund_none"),
    ],
)  # fmt: skip
async def test_every_state_of_a_refund(shop: Shop, customer: str, number: str, said: str) -> None:
    told = await shop.chat(customer).say(f"et mon remboursement de la {number} ?", "refund_status")
    assert told.names == [said]
    assert told.custom("task")["outcome"] == "done"


async def test_a_problem_is_reported_with_a_photo(shop: Shop) -> None:
    chat = shop.chat("C-1001")
    await chat.say("le vase de la 104530 est arrivé cassé", "report_problem")
    if chat.step == "items":
        await chat.press("TBL-LCH-03")
    assert chat.step == "description"
    assert (await chat.say("bof")).names == ["utter_say_more"]
    assert (await chat.say("un conseiller svp", "request_human")).rejected
    asked = await chat.say("le pied est fendu, je ne peux pas m'en servir", "cancel")
    assert asked.names == ["utter_ask_report_problem_photos"]
    await chat.say("/send_file{}", "send_file", entities={"file_id": "f-77"})
    await chat.press("replace")
    done = await chat.yes()
    assert done.names == ["utter_report_problem_replacement"]
    assert change(await shop.changes(), "problem", "MA-104530")


async def test_a_channel_without_files_is_not_asked_for_a_photo(shop: Shop) -> None:
    chat = shop.chat("C-1009")
    for text in ("il manque un truc dans la 104560", "TBL", "il manque le couvercle"):
        await chat.say(text, "report_problem" if not chat.task else "nlu_fallback", channel="telegram")
        if chat.step == "items":
            await chat.press("all")
    assert "utter_ask_report_problem_photos" not in str(chat.slots)


async def test_a_problem_told_too_late(shop: Shop) -> None:
    told = await shop.chat("C-1001").say("ma commande 104455 est arrivée cassée", "report_problem")
    assert told.names == ["utter_report_problem_too_late"]


@pytest.mark.parametrize(
    ("number", "said"),
    [("100488", "utter_repair_done_alder_atelier"), ("102211", "utter_repair_done_legal_guarantee")],
)
async def test_a_repair_says_its_guarantee(shop: Shop, number: str, said: str) -> None:
    chat = shop.chat("C-1005")
    await chat.say(f"faire réparer la {number}", "repair")
    assert chat.step == "symptom"
    await chat.say("elle ne s'allume plus du tout")
    done = await chat.yes()
    assert done.names == [said]
    assert change(await shop.changes(), "repair", number)


async def test_an_invoice_is_for_the_customer_alone(shop: Shop) -> None:
    told = await shop.chat("C-1002").say("la facture de la 104388", "get_invoice")
    assert told.names == ["utter_get_invoice_done"]
    assert told.value("link").startswith("http")
    early = await shop.chat("C-1002").say("la facture de la 104872", "get_invoice")
    assert early.names == ["utter_get_invoice_not_yet", "utter_offer_human_preferred"]


async def test_points_tier_and_what_expires(shop: Shop) -> None:
    gold = await shop.chat("C-1002").say("mes points", "loyalty_points")
    assert gold.names[0] == "utter_loyalty_points_done"
    assert gold.names[-1] == "utter_loyalty_points_gold"
    standard = await shop.chat("C-1001", "en").say("my points", "loyalty_points")
    assert standard.names[-1] == "utter_loyalty_points_next"
    assert standard.value("worth").startswith("€")


async def test_an_address_somebody_else_has_is_told_in_the_same_words(shop: Shop) -> None:
    told = []
    for email in ("nouvelle.adresse@maison-alder.test", "julien.morel@maison-alder.test"):
        chat = shop.chat("C-1013")
        await chat.say("changer mon mail", "change_email")
        assert (await chat.say("camille@")).names == ["utter_email_invalid"]
        await chat.say(f"c'est {email}")
        told.append((await chat.yes()).names)
    assert told == [["utter_change_email_done"]] * 2


async def test_a_phone_number_as_typed(shop: Shop) -> None:
    chat = shop.chat("C-1013")
    await chat.say("j'ai changé de numéro", "change_phone")
    assert (await chat.say("123456")).names == ["utter_phone_invalid"]
    confirm = await chat.say("06 39 98 01 55")
    assert confirm.value("phone") == "+33639980155"
    assert (await chat.yes()).names == ["utter_change_phone_done"]


async def test_data_is_seen_exported_and_erased_and_the_account_closed(shop: Shop) -> None:
    chat = shop.chat("C-1013")
    assert (await chat.say("mes données", "see_my_data")).value("name") == "Léa Fontaine"
    assert "lea.fontaine" in (await chat.say("tout exporter", "export_my_data")).value("data")
    await chat.say("effacer mes données", "erase_my_data")
    assert (await chat.yes()).names == ["utter_erase_my_data_done"]
    await chat.say("fermer mon compte", "close_account")
    assert (await chat.yes()).names == ["utter_close_account_done"]
    busy = shop.chat("C-1007")
    await busy.say("fermer mon compte", "close_account")
    assert (await busy.yes()).names == ["utter_close_account_open_orders"]


async def test_a_shop_is_found_without_an_identity(shop: Shop) -> None:
    chat = shop.chat(None)
    told = await chat.say("une boutique à Lyon svp", "find_shop")
    assert told.names[0] == "utter_find_shop_done"
    assert "Lyon" in told.value("name")
    assert told.value("phone").startswith("+33\N{NO-BREAK SPACE}")
    asked = await chat.say("trouver un magasin", "find_shop")
    assert asked.names == ["utter_ask_find_shop_place"]
    assert (await chat.say("merci bien", "thank")).rejected
    assert (await chat.say("xyzzyville")).names == ["utter_place_unknown"]
    assert "utter_find_shop_done" in (await chat.say("69003", "give_order_number")).names


async def test_the_refund_of_a_cancelled_order_is_no_return(shop: Shop) -> None:
    chat = shop.chat("C-1016")
    await chat.say("annuler la 104874", "cancel_order")
    number = chat.slots["task_values"]["order"]
    assert "utter_cancel_order_done" in (await chat.yes()).names
    told = await chat.say(f"où est le remboursement de la {number} ?", "refund_status")
    assert (told.names[0], told.value("number")) == ("utter_refund_cancelled", number)
