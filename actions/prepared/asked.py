"""What bot asks on behalf of the desk. Nothing here is called by a rule; each question is signed for its purpose."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import structlog
from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation
from actions.back_office import NotVerifiedError
from actions.base import RelaisAction
from actions.prepared import form
from actions.prepared.form_context import FormContext
from actions.prepared.performing import perform
from actions.prepared.wording import Wording, label
from actions.tasks.context import RUN, Context, Tools
from actions.tasks.registry import TASKS

log = structlog.get_logger(__name__)
Json = dict[str, Any]


class _Asked(RelaisAction):
    """`responses[0].custom` is the answer; `{"error": …}` for who has no right to ask, or asks for no task of ours.

    The metadata of the message bear `asked`, and `desk_token`: bot's signature over it, for this purpose alone. The
    customer's own token comes with it, and is all that opens their data.
    """

    PURPOSE: ClassVar[str]

    def __init__(self, tools: Tools, wording: Wording) -> None:
        self._tools, self._wording = tools, wording

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """One answer, whatever the task itself said."""
        dispatcher.utter_message(json_message=await self._answer(tracker))
        return []

    async def _answer(self, tracker: Tracker) -> Json:
        metadata = tracker.latest_message.get("metadata") or {}
        asked: Json = metadata.get("asked") or {}
        try:
            self._tools.office.check_desk_asks(metadata.get("desk_token"), tracker.sender_id, self.PURPOSE, asked)
        except NotVerifiedError:
            log.warning("desk_token_refused", purpose=self.PURPOSE)
            return {"error": "token_refused"}
        if asked.get("task") is not None and asked["task"] not in TASKS:
            return {"error": "unknown_task"}
        return await self._told(tracker, asked)

    @abstractmethod
    async def _told(self, tracker: Tracker, asked: Json) -> Json:
        """The answer to a question that bot had the right to ask."""

    def _context(self, tracker: Tracker, task: str) -> FormContext:
        return FormContext(CollectingDispatcher(), tracker, self._tools, task=TASKS[task])


class DescribeTask(_Asked):
    """`{tasks: […]}`; with a `task`, `{form}` filled with the `values` that it knew when it was last tried."""

    NAME = PURPOSE = "action_describe_task"

    async def _told(self, tracker: Tracker, asked: Json) -> Json:
        if asked.get("task") is None:
            return {"tasks": [_listed(name) for name in TASKS]}
        ctx = self._context(tracker, asked["task"])
        given = form.given_by(ctx, asked.get("values") or {})
        return {"form": await form.fill(ctx, self._wording, given), "task": _listed(asked["task"])}


class CheckTask(_Asked):
    """`{form}` with what an advisor has `given`, a value a step."""

    NAME = PURPOSE = "action_check_task"

    async def _told(self, tracker: Tracker, asked: Json) -> Json:
        ctx = self._context(tracker, asked["task"])
        return {"form": await form.fill(ctx, self._wording, asked.get("given") or {}), "task": _listed(asked["task"])}


class PerformPrepared(_Asked):
    """`{prepared}`: how it went. `prepared_id` is the idempotency key: the same again changes nothing twice."""

    NAME = PURPOSE = "action_perform_task_prepared"

    async def _told(self, tracker: Tracker, asked: Json) -> Json:
        if conversation.message_id(tracker) != asked["prepared_id"]:
            return {"error": "token_refused"}
        ctx, task = Context(CollectingDispatcher(), tracker, self._tools), TASKS[asked["task"]]
        ctx.task, ctx.values = task, {**asked["values"], RUN: asked["prepared_id"]}
        return {"prepared": await perform(ctx, self._wording, task)}


def _listed(name: str) -> Json:
    task = TASKS[name]
    proof = task.step("identity") is not None
    return {"name": name, "label": label("tasks", name), "topic": task.topic, "changes": task.changes, "proof": proof}
