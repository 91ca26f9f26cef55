"""Tracking an order: the pattern of a self-care task (a form, its validation, an honest outcome, a way out)."""

from __future__ import annotations

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, dates, order_number, replies
from actions.back_office import BackOffice, BackOfficeError, NoSuchOrderError, NotVerifiedError, Order, Tracking
from actions.base import RelaisAction

TASK = "track_order"
STARTERS = ("track_order", "give_order_number")
MAX_OFFERED = 3
# Responses that already wait for an answer: two questions at once get a muddled one.
QUESTIONS = (
    "utter_order_number_invalid", "utter_offer_human", "utter_offer_human_annoyed", "utter_offer_human_not_helpful",
    "utter_clarify", "utter_next_best",
)  # fmt: skip


class ValidateTrackOrder(FormValidationAction):  # type: ignore[misc]
    """Which slots the form needs, and whether what was typed is an order number."""

    def __init__(self, office: BackOffice) -> None:
        self._office = office

    def name(self) -> str:
        """As the domain lists it."""
        return "validate_track_order_form"

    def domain_slots(self, domain: dict[str, Any]) -> list[str]:  # noqa: ARG002 - the SDK's signature, as below
        """Known without the domain, which Rasa does not send."""
        return ["order_number"]

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,  # noqa: ARG002
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002
    ) -> list[str]:
        """Nothing is asked of somebody to whom nothing may be shown: the form ends, and the task says why."""
        try:
            self._office.customer(conversation.identity_token(tracker), tracker.sender_id)
        except NotVerifiedError:
            return []
        return domain_slots

    async def extract_order_number(
        self,
        dispatcher: CollectingDispatcher,  # noqa: ARG002
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002
    ) -> dict[str, Any]:
        """A number of the wrong length is an attempt at ours, and deserves to be told so."""
        if conversation.entity(tracker, "order_number") or tracker.get_slot("requested_slot") != "order_number":
            return {}
        typed = order_number.attempt(conversation.text(tracker))
        return {"order_number": typed} if typed else {}

    def validate_order_number(
        self,
        value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,  # noqa: ARG002
        domain: dict[str, Any],  # noqa: ARG002
    ) -> dict[str, Any]:
        """Its form only; whether it exists is found out when it is looked up."""
        number = order_number.normalised(value)
        if number is None:
            replies.say(dispatcher, "utter_order_number_invalid")
        return {"order_number": number}


class AskOrderNumber(RelaisAction):
    """Asks which order: open ones as buttons, else for the number."""

    NAME = "action_ask_order_number"

    def __init__(self, office: BackOffice) -> None:
        self._office = office

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Once in full, later in short; not at all beside another question that was just put."""
        if _just_said(tracker, QUESTIONS):
            return []
        if tracker.get_slot("requested_slot") == "order_number":
            replies.say(dispatcher, "utter_ask_order_number_again")
            return []
        replies.record_task(dispatcher, TASK, "order_number", "started")
        await self._ask(dispatcher, tracker)
        question = conversation.text(tracker)
        return [] if question.startswith("/") else [SlotSet("last_question", question)]

    async def _ask(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        orders = await self._open_orders(tracker)
        if not orders:
            replies.say(dispatcher, "utter_ask_order_number")
            return
        places: dict[str, str] = {}
        for place in range(1, MAX_OFFERED + 1):
            order = orders[place - 1] if place <= len(orders) else None
            places[f"label_{place}"] = _label(order) if order else ""
            places[f"number_{place}"] = order.number if order else ""
        replies.say(dispatcher, "utter_ask_which_order", **places)

    async def _open_orders(self, tracker: Tracker) -> list[Order]:
        """None when the back office fails: the number can still be typed, and the task itself reports the failure."""
        try:
            customer = self._office.customer(conversation.identity_token(tracker), tracker.sender_id)
            return [order for order in await customer.orders() if order.is_open]
        except (NotVerifiedError, NoSuchOrderError, BackOfficeError):
            return []


class TrackOrder(RelaisAction):
    """Looks the order up and says where it is."""

    NAME = "action_track_order"

    def __init__(self, office: BackOffice, timezone: str) -> None:
        self._office = office
        self._timezone = timezone

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Every ending is said to the customer and recorded for the advisor."""
        number = order_number.normalised(tracker.get_slot("order_number")) or ""
        question = conversation.last_words_with(tracker, STARTERS)
        events: list[EventType] = [SlotSet("order_number", None), SlotSet("last_topic", "delivery")]
        events += [SlotSet("last_question", question)] if question else []
        try:
            customer = self._office.customer(conversation.identity_token(tracker), tracker.sender_id)
            order = await customer.order(number)
            tracking = await customer.track(order, idempotency_key=conversation.message_id(tracker))
        except NotVerifiedError:
            replies.say(dispatcher, "utter_sign_in_for_order")
            replies.record_task(dispatcher, TASK, "identity", "failed", _detail(number, "not verified"))
            return events
        except NoSuchOrderError:
            replies.say(dispatcher, "utter_order_not_found", number=number)
            replies.record_task(dispatcher, TASK, "look_up", "failed", _detail(number, "not found"))
            return events
        except BackOfficeError:
            return [*events, *_unavailable(dispatcher, number)]
        self._tell(dispatcher, order, tracking, conversation.locale(tracker))
        replies.record_task(dispatcher, TASK, "look_up", "done", _detail(number, order.status))
        return [*events, SlotSet("failed_answers", 0), SlotSet("human_offered", False)]

    def _tell(self, dispatcher: CollectingDispatcher, order: Order, tracking: Tracking, locale: str) -> None:
        expected = tracking.expected_on or order.delivery.expected_on
        carrier = tracking.carrier or order.delivery.carrier or ""
        delivered = order.delivery.delivered_at
        replies.say(
            dispatcher,
            _status_response(order, foreseen=bool(expected and carrier), delivery_dated=bool(delivered)),
            number=order.number,
            carrier=carrier,
            step=tracking.label_en if locale == "en" else tracking.label_fr,
            expected=dates.written(expected, locale, self._timezone) if expected else "",
            delivered=dates.written(delivered, locale, self._timezone) if delivered else "",
        )
        link = tracking.tracking_url or order.delivery.tracking_url
        if link and order.status == "shipped":
            replies.say(dispatcher, "utter_order_link", link=link)


class CancelTask(RelaisAction):
    """The customer leaves the form."""

    NAME = "action_cancel_task"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Say so, and forget what was typed."""
        replies.say(dispatcher, "utter_task_cancelled")
        replies.record_task(dispatcher, TASK, str(tracker.get_slot("requested_slot") or ""), "cancelled")
        return [SlotSet(name, None) for name in conversation.TASK_SLOTS]


def _unavailable(dispatcher: CollectingDispatcher, number: str) -> list[EventType]:
    replies.say(dispatcher, "utter_orders_unavailable")
    replies.record_task(dispatcher, TASK, "look_up", "failed", _detail(number, "back office unavailable"))
    replies.say(dispatcher, "utter_offer_human_task")
    return [SlotSet("human_offered", True), SlotSet("offer_reason", "task_failed")]


def _status_response(order: Order, *, foreseen: bool, delivery_dated: bool) -> str:
    if order.status == "shipped" and order.late:
        return "utter_order_late"
    if order.status == "shipped":
        return "utter_order_shipped" if foreseen else "utter_order_shipped_plain"
    if order.status == "delivered":
        return "utter_order_delivered" if delivery_dated else "utter_order_delivered_undated"
    return f"utter_order_{order.status}"


def _label(order: Order) -> str:
    return f"{order.number} · {order.lines[0].title}" if order.lines else order.number


def _detail(number: str, what: str) -> str:
    return f"{number}: {what}" if number else what


def _just_said(tracker: Tracker, responses: tuple[str, ...]) -> bool:
    """Whether one of `responses` was uttered since the customer's last message."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "bot" and (event.get("metadata") or {}).get("utter_action") in responses:
            return True
    return False
