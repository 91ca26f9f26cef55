"""One turn of a task: what was said, what is known, and how to answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import service
from actions import conversation, dates, order_number, replies
from actions.back_office import BackOffice, Customer, NotVerifiedError, Order
from actions.segments import Segments
from service.trees import Folder, Tree

Values = dict[str, Any]
Button = dict[str, str]
# The intent behind the buttons of a step; its entity holds what was chosen.
CHOICE = "task_choice"
# Among the values: the message that began this run of the task.
RUN = "run"
CHANNELS_WITH_FILES = ("web", "widget", "api")


@dataclass(frozen=True)
class Tools:
    """What tasks work with; one for the process."""

    office: BackOffice
    company: service.Service
    clock: Callable[[], datetime]
    trees: Mapping[str, Tree]  # as they are at this moment; a Context holds those of its message
    segments: Segments


class Context:
    """What the steps and the function of a task see; made anew for each message."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker, tools: Tools) -> None:
        # Hours and days off that a page of the desk changed come with the message.
        trees = tools.trees.now() if isinstance(tools.trees, Folder) else tools.trees
        self.tools = replace(tools, company=conversation.company_now(tracker, tools.company), trees=trees)
        self.dispatcher = dispatcher
        self.tracker = tracker
        self.values: Values = {}
        # Set by the engine: the task under way.
        self.task: Any = None
        # Where a second request begins in the text, and the part that is being read if not all of it is.
        self.cut: int | None = None
        self.part: str | None = None
        # A question was put that waits for its own answer.
        self.question_put = False
        self.order_spoken_of: str | None = tracker.get_slot("last_order")
        self._orders: list[Order] | None = None
        self._order: dict[str, Order] = {}

    @property
    def text(self) -> str:
        """What the customer wrote; empty for a button."""
        return conversation.typed_text(self.tracker) if self.part is None else self.part

    @property
    def words(self) -> str:
        """The text without accents, case and punctuation, a space at both ends."""
        return service.fold(self.text)

    @property
    def intent(self) -> str:
        """What Rasa took it for."""
        return conversation.intent(self.tracker) or ""

    @property
    def locale(self) -> str:
        """fr or en."""
        return "en" if conversation.locale(self.tracker) == "en" else "fr"

    @property
    def message_id(self) -> str:
        """The idempotency key of every change this message causes."""
        return conversation.message_id(self.tracker)

    def asked_last(self, responses: Sequence[str], *, unless: str) -> bool:
        """Whether one of `responses` was uttered at the message before this one, and no `unless…` after it."""
        messages = 0
        for event in reversed(self.tracker.events):
            messages += event.get("event") == "user"
            if messages > 1:
                return False
            said = str((event.get("metadata") or {}).get("utter_action")) if event.get("event") == "bot" else ""
            if said in responses or said.startswith(unless):
                return said in responses
        return False

    @property
    def chosen(self) -> str | None:
        """The value of a button that was pressed."""
        return self.value if self.intent == CHOICE else None

    @property
    def value(self) -> str | None:
        """What a button says besides its intent."""
        return conversation.entity(self.tracker, "value")

    @property
    def number(self) -> str | None:
        """The order number in the message, the last of several ("pas la 104233, la 104871")."""
        found = self._numbers()
        before = [number for number, start in found if self.cut is None or start < self.cut]
        return next(reversed(before), None)

    @property
    def numbers(self) -> list[str]:
        """All order numbers in the message, each once, as they were named."""
        return list(dict.fromkeys(number for number, _ in sorted(self._numbers(), key=lambda found: found[1])))

    def _numbers(self) -> list[tuple[str, int]]:
        entities = self.tracker.latest_message.get("entities") or []
        typed = [(e.get("value"), int(e.get("start") or 0)) for e in entities if e.get("entity") == "order_number"]
        read = [(order_number.normalised(value), start) for value, start in typed]
        return [(number, start) for number, start in read if number]

    @property
    def now(self) -> datetime:
        """This moment where the company is."""
        return self.tools.clock().astimezone(self.tools.company.zone)

    @property
    def files(self) -> list[str]:
        """Ids of the files that came with the message (`/send_file`, or the metadata of a text)."""
        sent = list(self.tracker.get_latest_entity_values("file_id"))
        return [str(each) for each in sent or (self.tracker.latest_message.get("metadata") or {}).get("files") or []]

    @property
    def has_files(self) -> bool:
        """Whether the channel can carry a picture."""
        channel = (self.tracker.latest_message.get("metadata") or {}).get("channel")
        return channel in CHANNELS_WITH_FILES

    @property
    def verified(self) -> bool:
        """Whether the customer has proved who they are."""
        try:
            self.customer()
        except NotVerifiedError:
            return False
        return True

    def customer(self) -> Customer:
        """The door to their data. Raises NotVerifiedError."""
        return self.tools.office.customer(conversation.identity_token(self.tracker), self.tracker.sender_id)

    async def orders(self) -> list[Order]:
        """Their orders, newest first, asked once a turn. Raises as the back office does."""
        if self._orders is None:
            self._orders = await self.customer().orders()
            self._order |= {order.number: order for order in self._orders}
        return self._orders

    async def order(self, number: str) -> Order:
        """One of their orders. Raises NoSuchOrderError and what the back office raises."""
        if number not in self._order:
            self._order[number] = await self.customer().order(number)
        return self._order[number]

    def say(self, response: str, *, buttons: Sequence[Button] = (), **values: Any) -> None:
        """Utter a response of the domain; `buttons` go beneath it, before those it has."""
        if buttons:
            self.dispatcher.utter_message(response=response, buttons=list(buttons), **values)
        else:
            replies.say(self.dispatcher, response, **values)

    def record(self, kind: str, value: Any) -> None:
        """A payload for bot that shows nothing."""
        self.dispatcher.utter_message(json_message={kind: value})

    def ask_private(self, field: str) -> None:
        """What is asked is personal: a public channel asks it on a private page."""
        self.record("ask_private", {"field": field})

    async def preferred(self) -> bool:
        """Whether a proven customer of a segment that is offered a human sooner."""
        wanted = self.tools.company.handoff.preferred_segments
        return bool(wanted) and await self.tools.segments.of(self.tracker) in wanted

    def identify(self, email: str) -> None:
        """Ask bot to send a code to the address, if it is an account's."""
        self.record("identify", {"email": email, "task": self.task.name})

    def moment(self, at: datetime) -> str:
        """ "lundi 23 novembre à 10 h", "Monday 23 November at 10 am"."""
        return dates.day_and_hour(at.astimezone(self.tools.company.zone), self.locale)

    def day(self, day: date | datetime | str | None) -> str:
        """A date as the customer reads it."""
        if isinstance(day, str):
            day = datetime.fromisoformat(day)
        return dates.written(day, self.locale, self.tools.company.timezone) if day else ""

    def money(self, amount: float | None) -> str:
        """ "12,50 €" or "€12.50"."""
        figure = f"{amount or 0:.2f}"
        return f"€{figure}" if self.locale == "en" else figure.replace(".", ",") + "\N{NO-BREAK SPACE}€"


def choice(title: str, value: str) -> Button:
    """A button that answers a step."""
    return {"title": title, "payload": f"/{CHOICE}{json.dumps({'value': value}, ensure_ascii=False)}"}
