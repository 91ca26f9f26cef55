"""Tasks that an advisor prepares: described and checked by the tasks' own steps, and done once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actions.prepared.wording import LOCALES, labels
from actions.tasks.registry import TASKS
from tests.actions.desk_asks import CHECK, DESCRIBE, PERFORM, DeskAsks, fields
from tests.actions.task_chat import Shop
from tests.actions.test_tasks import change

ADDRESS = {"line1": "12 rue des Lilas", "line2": "bâtiment B", "postcode": "69003", "city": "Lyon", "country": "FR"}


async def test_all_eighteen_tasks_are_listed_with_their_names(shop: Shop) -> None:
    listed = (await DeskAsks(shop).ask(DESCRIBE, {"task": None}))["tasks"]
    assert [each["name"] for each in listed] == list(TASKS)
    assert len(listed) == 18
    assert all(each["label"]["fr"] and each["label"]["en"] for each in listed)


def test_every_step_and_offer_has_words_in_both_languages() -> None:
    steps = {step.name for task in TASKS.values() for step in task.steps} - {"identity", "confirm"}
    assert set(labels()["steps"]) == steps
    assert set(labels()["tasks"]) == set(TASKS)
    assert set(labels()["offers"]) == {name for name, task in TASKS.items() if task.step("confirm") is None}
    for section in labels().values():
        assert all(set(each) == set(LOCALES) for each in section.values())


async def test_nobody_but_bot_may_ask_and_only_what_was_signed(shop: Shop) -> None:
    desk, asked = DeskAsks(shop, "C-1009"), {"task": "cancel_order", "given": {"order": "MA-104868"}}
    refused = {"error": "token_refused"}
    assert await desk.ask(CHECK, asked, token="nonsense") == refused
    assert await desk.ask(CHECK, asked, token=desk.token(PERFORM, asked)) == refused
    assert await desk.ask(CHECK, asked, token=desk.token(CHECK, {"task": "close_account", "given": {}})) == refused
    assert await desk.ask(CHECK, asked, token=desk.token(CHECK, asked, cid="another")) == refused
    assert await desk.ask(CHECK, asked, token=desk.token(CHECK, asked, minutes=-5)) == refused
    # The customer's own proof is no right of the desk's, nor the other way round.
    perform = {"task": "cancel_order", "values": {"order": "MA-104868"}, "prepared_id": "p-token"}
    token = desk.token(PERFORM, perform)
    told = await DeskAsks(shop, None, id=desk.id).ask(PERFORM, perform, token=token, identity=token)
    assert told["prepared"]["outcome"] == "not_verified"
    assert await desk.ask(CHECK, {"task": "rob_a_bank", "given": {}}) == {"error": "unknown_task"}
    assert not change(await shop.changes(), "cancel", "MA-104868")


async def test_without_proof_what_the_customer_says_is_typed_and_nothing_is_shown(shop: Shop) -> None:
    desk = DeskAsks(shop)
    empty = await desk.check("cancel_order")
    assert fields(empty)["order"].get("choices") is None
    assert (empty["complete"], empty["sentence"]) == (False, None)
    form = await desk.check("cancel_order", order="104 901")
    assert (form["complete"], form["values"]) == (True, {"order": "MA-104901"})
    assert "MA-104901" in form["sentence"]
    assert form["sentence"].startswith("Je m’apprête à annuler")
    wrong = fields(await desk.check("cancel_order", order="1048"))["order"]
    assert wrong["error"]["fr"] != wrong["error"]["en"]
    items = await desk.check("return_item", order="MA-104530")
    assert items["needs_proof"]
    assert not items["complete"]
    assert "choices" not in fields(items)["items"]


async def test_with_proof_the_steps_themselves_offer_and_refuse(shop: Shop) -> None:
    desk = DeskAsks(shop, "C-1001", locale="en")
    form = await desk.check("return_item", order="MA-104455", items=["TBL-RIV-01"], quantity="2", reason="gift")
    shown = fields(form)
    assert {each["value"] for each in shown["order"]["choices"]} >= {"MA-104455", "MA-104530"}
    assert (shown["quantity"]["most"], shown["quantity"]["shown"]) == (2, "2")
    assert not form["complete"]
    whole = await desk.check(
        "return_item", order="MA-104455", items=["TBL-RIV-01"], quantity="2", reason="gift", method="shop"
    )
    assert whole["complete"]
    assert [line["label"] for line in whole["lines"]] == ["Order", "Items", "Quantity", "Reason", "How to return it"]
    assert "MA-104455" in whole["sentence"]
    late = fields(await desk.check("return_item", order="MA-101910"))["order"]
    assert "MA-101910" in late["error"]["en"]  # the rule, in the assistant's own words
    others = fields(await desk.check("return_item", order="MA-104388"))["order"]
    assert others["error"]["fr"]
    assert "shown" in others  # what was typed stays in the field
    many = fields(await desk.check("return_item", order="MA-104455", items=["TBL-RIV-01"], quantity="7"))["quantity"]
    assert "2" in many["error"]["fr"]


@pytest.mark.parametrize(
    ("task", "good", "bad"),
    [
        ("change_email", {"email": "new@example.com"}, {"email": "new@"}),
        ("change_phone", {"phone": "06 12 34 56 78"}, {"phone": "123"}),
        ("find_shop", {"place": "Lyon"}, {"place": "je ne sais pas du tout où cela se trouve"}),
        ("repair", {"order": "MA-104530", "items": ["LMP-GLT-03"], "symptom": "elle clignote"},
         {"order": "MA-104530", "items": ["LMP-GLT-03"], "symptom": "panne"}),
        ("change_address", {"order": "MA-104871", "address": ADDRESS},
         {"order": "MA-104871", "address": ADDRESS | {"postcode": "abc"}}),
        ("report_problem",
         {"order": "MA-104530", "items": ["LMP-GLT-03"], "kind": "broken", "description": "pied cassé net",
          "photos": ["f-1"], "wish": "replace"},
         {"order": "MA-104530", "items": ["LMP-GLT-03"], "kind": "lost", "description": "pied cassé net",
          "wish": "replace"}),
    ],
)  # fmt: skip
async def test_values_are_read_by_the_steps_of_the_task(
    shop: Shop, task: str, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    desk = DeskAsks(shop, "C-1001")
    form = await desk.check(task, **good)
    assert form["complete"], form
    assert form["sentence"]
    wrong = await desk.check(task, **bad)
    assert not wrong["complete"]
    assert [each for each in wrong["fields"] if each.get("error")]


async def test_a_moment_is_one_at_which_somebody_is_there(shop: Shop) -> None:
    desk, zone = DeskAsks(shop), ZoneInfo("Europe/Paris")
    day = datetime.now(zone) + timedelta(days=7)
    monday = (day + timedelta(days=-day.weekday() % 7)).replace(hour=3, minute=0, second=0, microsecond=0)
    night = await desk.check("call_me_back", when="later", at=monday.isoformat()[:16], phone="0612345678")
    assert fields(night)["at"]["error"]["fr"]
    form = await desk.check("call_me_back", when="later", at="2126-11-26T10:00", phone="0612345678")
    assert "+33612345678" in form["sentence"]
    done = await desk.perform("call_me_back", form["values"], "p-call")
    assert done["outcome"] == "done"
    assert done["effects"]["handoff"]["contact"]["mode"] == "call_at"


async def test_a_diagnosis_goes_on_where_the_chat_left_it(shop: Shop) -> None:
    desk = DeskAsks(shop)
    first = fields(await desk.check("diagnose", tree="lamp"))["nodes"]["path"]
    picks = []
    form = await desk.check("diagnose", tree="lamp")
    while not form["complete"]:
        open_node = fields(form)["nodes"]["path"][-1]
        picks.append(open_node["choices"][-1]["value"])
        form = await desk.check("diagnose", tree="lamp", nodes=picks)
        assert len(picks) < 12
    assert len(first) == 1
    asked = {"task": "diagnose", "values": form["values"]}
    again = (await desk.ask(DESCRIBE, asked))["form"]
    assert again["values"] == form["values"]
    done = await desk.perform("diagnose", form["values"], "p-lamp")
    assert done["outcome"] in ("done", "failed")
    assert done["texts"] or done["then"]


async def test_it_is_done_once_for_its_id_and_refused_by_the_rule_afterwards(shop: Shop) -> None:
    desk = DeskAsks(shop, "C-1014")
    form = await desk.check("return_item", order="104518", items=["TBL-RIV-01"], reason="gift", method="shop")
    values = form["values"]
    nobody = await DeskAsks(shop).perform("return_item", values, "p-return")
    assert nobody["outcome"] == "not_verified"
    assert not change(await shop.changes(), "return", "MA-104518")
    first = await desk.perform("return_item", values, "p-return")
    again = await desk.perform("return_item", values, "p-return")
    assert first == again
    assert first["outcome"] == "done"
    assert "R-" in first["texts"][0]["text"]
    assert len(change(await shop.changes(), "return", "MA-104518")) == 1
    other = await desk.perform("return_item", values, "p-return-2")
    assert (other["outcome"], other["detail"]) == ("refused", "already_returned")
    assert other["texts"][0]["text"]
    theirs = await desk.perform("cancel_order", {"order": "MA-104871"}, "p-other")
    assert (theirs["outcome"], theirs["detail"]) == ("refused", "not found")


async def test_a_back_office_in_trouble_is_told_truly(shop: Shop) -> None:
    desk = DeskAsks(shop, "C-1016")
    await shop.mode("down")
    form = await desk.check("cancel_order", order="MA-104867")
    assert form["complete"]  # taken as said, checked when it is done
    done = await desk.perform("cancel_order", form["values"], "p-down")
    assert (done["outcome"], done["texts"]) == ("unavailable", [])
    await shop.mode("nonsense")
    look_up = await desk.perform("loyalty_points", {}, "p-points")
    assert look_up["outcome"] == "unavailable"
    assert not change(await shop.changes(), "cancel", "MA-104867")
