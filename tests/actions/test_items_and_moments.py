"""Exactly what was ordered, chosen and confirmed is sent; a call is only promised for when somebody is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import service
from actions.back_office import BackOffice, Item
from actions.segments import Segments
from actions.tasks.context import Tools
from actions.tasks.engine import TaskForm
from launch.config import ROOT

PARIS = ZoneInfo("Europe/Paris")
NIGHT = datetime(2026, 3, 3, 23, 0, tzinfo=PARIS)  # a Tuesday
MORNING = datetime(2026, 3, 4, 10, 30, tzinfo=PARIS)
ORDER = {"order": "MA-104233", "order_seen": "MA-104233"}
ANSWERED_CALL = ["when", "at", "phone"]


def line(sku: str, title: str, quantity: int = 1) -> SimpleNamespace:
    return SimpleNamespace(sku=sku, title=title, quantity=quantity, returnable=True, personalised=False)


CUPS, ALBA, NOVA = line("a", "Tasse Rivage", 4), line("b", "Lampe Alba"), line("c", "Lampe Nova")


@dataclass
class Desk:
    """One customer with one order that has arrived; keeps what was sent."""

    lines: list[SimpleNamespace] = field(default_factory=lambda: [CUPS, ALBA, NOVA])
    sent: list[Item] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    step: str | None = None
    task: str | None = None
    told: list[dict[str, Any]] = field(default_factory=list)

    def customer(self, *_: object) -> Desk:
        return self

    async def order(self, number: str) -> SimpleNamespace:
        return SimpleNamespace(
            number=number, status="delivered", returns_until=None, problems_until=None, lines=self.lines
        )

    async def report_problem(self, _: object, items: list[Item], **__: object) -> SimpleNamespace:
        self.sent = items
        return SimpleNamespace(status="to_check", resolution=None, problem_id="P-1")

    async def say(self, text: str, intent: str = "nlu_fallback", now: datetime = MORNING) -> list[str]:
        slots = {
            "task": self.task, "requested_slot": "task_input", "task_values": self.values, "task_step": self.step,
            "task_answered": ANSWERED_CALL if self.task == "call_me_back" else [], "locale": "fr",
        }  # fmt: skip
        message = {"text": text, "intent": {"name": intent}, "entities": [], "message_id": "m", "metadata": {}}
        events = [{"event": "user", "text": text}]
        tracker = Tracker("c", slots, message, events, False, None, {"name": "task_form"}, "action_listen")
        dispatcher = CollectingDispatcher()
        office = cast("BackOffice", self)
        tools = Tools(office, service.load(ROOT / "service.yml"), lambda: now, {}, Segments(office))
        changed = {e["name"]: e["value"] for e in await TaskForm(tools).act(dispatcher, tracker) if "name" in e}
        self.values, self.step, self.task = changed["task_values"] or {}, changed["task_step"], changed["task"]
        self.told = dispatcher.messages
        return [message["response"] for message in self.told if message["response"]]


async def test_of_four_cups_one_is_broken() -> None:
    desk = Desk(task="report_problem", step="items", values={**ORDER, "kind": "broken"})
    assert await desk.say("la tasse Rivage") == ["utter_ask_quantity"]
    assert await desk.say("፩") == ["utter_quantity_wrong"]
    assert await desk.say("une seule") == ["utter_ask_report_problem_description"]
    desk.values |= {"description": "fendue", "photos": []}
    desk.step = "wish"
    assert await desk.say("rembourser") == ["utter_confirm_report_problem_refund"]
    assert desk.told[-1]["items"] == "1 × Tasse Rivage"
    assert await desk.say("oui", "affirm") == ["utter_report_problem_to_check"]
    assert desk.sent == [Item(sku="a", quantity=1)]
    promised = [each["custom"]["promise"] for each in desk.told if "promise" in (each.get("custom") or {})]
    assert promised == [{"kind": "enquiry", "subject": "P-1"}]


async def test_several_articles_are_confirmed_with_how_many_of_each() -> None:
    desk = Desk(task="report_problem", step="items", values={**ORDER, "kind": "broken"})
    await desk.say("tout")
    desk.values |= {"description": "tout est fendu", "photos": []}
    desk.step = "wish"
    await desk.say("rembourser")
    assert desk.told[-1]["items"] == "4 × Tasse Rivage, Lampe Alba, Lampe Nova"
    await desk.say("oui", "affirm")
    assert [item.quantity for item in desk.sent] == [4, 1, 1]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("la lampe Nova", "c"), ("la lampe Nova et la tasse", "ac"), ("la lampe", None),
        ("je veux dire la lampe", None),         ("les deux", "abc"), ("tout", "abc"), ("toutes les lampe", "bc"),
        ("la lampe nova, c'est tout", "c"),
        ("tout sauf la lampe nova", None), ("la lampe alba et la lampe nova", "bc"), ("la nova tout de suite", "c"),
        ("elles sont toutes cassées", "abc"),
    ],
)  # fmt: skip
async def test_the_articles_that_were_named(text: str, chosen: str | None) -> None:
    desk = Desk(task="return_item", step="items", values=dict(ORDER))
    said = await desk.say(text)
    assert (said == ["utter_choose_one"]) is (chosen is None)
    assert "".join(item["sku"] for item in desk.values.get("items", [])) == (chosen or "")


@pytest.mark.parametrize("text", ["pas du tout", "non pas tout"])
async def test_a_no_is_not_all_of_it(text: str) -> None:
    desk = Desk(task="return_item", step="items", values=dict(ORDER))
    assert await desk.say(text, "deny") == ["utter_task_cancelled"]


@pytest.mark.parametrize(
    ("text", "count"), [("toutes", 4), ("les deux", 2), ("both", 2), ("toutes sauf une", None), ("5", None), ("3", 3)]
)
async def test_how_many(text: str, count: int | None) -> None:
    values = {**ORDER, "items": [{"sku": "a", "quantity": 4}], "items_title": "Tasse Rivage", "items_most": 4}
    desk = Desk(task="return_item", step="quantity", values=values)
    await desk.say(text)
    assert desk.values.get("quantity") == count


@pytest.mark.parametrize(
    ("text", "told"),
    [("non, 2", "2 × Tasse Rivage"), ("non, une seule", "1 × Tasse Rivage"), ("non, un remboursement", None)],
)
async def test_how_many_is_corrected_at_the_confirmation(text: str, told: str | None) -> None:
    values = {**ORDER, "items": [{"sku": "a", "quantity": 4}], "items_title": "Tasse Rivage", "items_most": 4}
    values |= {"quantity": 4, "kind": "broken", "description": "fendue", "photos": [], "wish": "refund"}
    desk = Desk(task="report_problem", step="confirm", values=values)
    said = await desk.say(text, "deny")
    assert said == (["utter_confirm_report_problem_refund"] if told else ["utter_task_not_done"])
    assert desk.told[0].get("items") == told


def call(when: str, **values: str) -> Desk:
    return Desk(task="call_me_back", step="confirm", values={"when": when, "phone": "+33612345678", **values})


async def test_now_at_the_confirmation_is_refused_at_night() -> None:
    desk = call("later", at="2026-03-04T10:00:00+01:00")
    said = await desk.say("non, maintenant", "deny", NIGHT)
    assert said == ["utter_call_closed_now", "utter_ask_call_me_back_at"]
    assert desk.told[0]["opening"].startswith("mercredi 4 mars")
    assert await desk.say("demain à 11h", now=NIGHT) == ["utter_confirm_call_me_back_later"]


async def test_a_yes_to_now_once_everybody_has_left() -> None:
    desk = call("now")
    assert await desk.say("oui", "affirm", NIGHT) == ["utter_call_closed_now", "utter_ask_call_me_back_at"]
    assert await desk.say("demain à 11h", now=NIGHT) == ["utter_confirm_call_me_back_later"]
    assert await desk.say("oui", "affirm", NIGHT) == ["utter_call_me_back_done_later"]


async def test_a_yes_after_the_moment_has_gone_by() -> None:
    desk = call("later", at="2026-03-03T10:00:00+01:00")
    assert await desk.say("oui", "affirm") == ["utter_call_moment_past", "utter_ask_call_me_back_at"]
    assert not any("handoff" in (message["custom"] or {}) for message in desk.told)
    assert await desk.say("demain à 11h") == ["utter_confirm_call_me_back_later"]


async def test_a_moment_instead_of_now() -> None:
    desk = call("now")
    assert await desk.say("non, demain à 14h", "deny") == ["utter_confirm_call_me_back_later"]
    assert desk.values["at"] == "2026-03-05T14:00:00+01:00"
