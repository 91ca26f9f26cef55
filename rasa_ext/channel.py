"""The door through which bot talks to Rasa: one turn at a time, each handled once, whole or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.constants import DEFAULT_INTENTS
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from rasa_ext import patches, turn
from rasa_ext.request import BadRequestError, TurnRequest
from rasa_ext.state import (
    COMPACT_AT,
    KEEP_TURNS,
    BadStateError,
    State,
    compact,
    count_turns,
    processed_ids,
    rebuild,
    replies_of,
    scrub,
    snapshot,
    state_of,
    turn_events,
)
from rasa_ext.tracker_store import primary_store

logger = logging.getLogger(__name__)

SHOWN = ("answer", "handoff")  # custom payloads that the customer sees something of; the others are records


class RefusedError(Exception):
    """A turn that was not done, as it is told to bot."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class RelaisOutput(CollectingOutputChannel):
    """Replies are read from the tracker, so nothing is collected here; the name serves channel-bound responses."""

    @classmethod
    def name(cls) -> str:
        """As in credentials.yml."""
        return "relais"


class RelaisInput(InputChannel):
    """`POST /webhooks/relais/webhook` runs a turn, `GET /webhooks/relais/healthz` says whether one could be run."""

    def __init__(self, turn_timeout: float) -> None:
        patches.apply()
        self._turn_timeout = turn_timeout
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @classmethod
    def name(cls) -> str:
        """The channel's part of the address."""
        return "relais"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> RelaisInput:
        """`turn_timeout` in seconds."""
        return cls(turn_timeout=float((credentials or {}).get("turn_timeout", 18)))

    def blueprint(
        self,
        on_new_message: Callable[[UserMessage], Awaitable[Any]],  # noqa: ARG002 - the signature is Rasa's
    ) -> Blueprint:
        """The routes; `on_new_message` is Rasa's own road, which swallows failures, so it is not taken."""
        routes = Blueprint("relais", "rasa_ext_channel")

        @routes.route("/healthz", methods=["GET"])
        async def healthz(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            if agent is None or not agent.is_ready():
                return _error(RefusedError(503, "not_ready", "No model is loaded; the log of this process says why."))
            return json_response({"status": "ok", "model": agent.model_id})

        @routes.route("/webhook", methods=["POST"])
        async def webhook(request: Request) -> HTTPResponse:
            try:
                return json_response(await self._receive(request))
            except RefusedError as refused:
                return _error(refused)

        return routes

    async def _receive(self, request: Request) -> dict[str, Any]:
        agent: Agent | None = request.app.ctx.agent
        if agent is None or not agent.is_ready():
            raise RefusedError(503, "not_ready", "No model is loaded.")
        try:
            asked = TurnRequest.parse(request.json, set(agent.domain.intents) - set(DEFAULT_INTENTS))
        except BadRequestError as error:
            raise RefusedError(400, "bad_request", str(error)) from error
        except Exception as error:  # sanic's own: the body is not JSON
            raise RefusedError(400, "bad_request", "The body is not JSON.") from error
        lock = self._locks.setdefault(asked.conversation_id, asyncio.Lock())
        async with lock:
            return await self._guarded(agent, asked)

    async def _guarded(self, agent: Agent, asked: TurnRequest) -> dict[str, Any]:
        """Every failure becomes a RefusedError; the log gets the cause, never what the customer wrote."""
        try:
            return await asyncio.wait_for(self._handle(agent, asked), self._turn_timeout)
        except RefusedError:
            raise
        except asyncio.TimeoutError as error:
            raise RefusedError(503, "action_failed", f"The turn took longer than {self._turn_timeout:g} s.") from error
        except turn.ActionFailedError as error:
            logger.warning("Turn %s not saved: %s failed.", asked.message_id, error)
            raise RefusedError(503, "action_failed", str(error)) from error
        except BadStateError as error:
            raise RefusedError(400, "bad_request", str(error)) from error
        except Exception as error:
            logger.exception("Turn %s not saved.", asked.message_id)
            raise RefusedError(503, "exception", type(error).__name__) from error

    async def _handle(self, agent: Agent, asked: TurnRequest) -> dict[str, Any]:
        store = primary_store(agent)
        tracker = await store.retrieve(asked.conversation_id)
        if tracker is not None and asked.message_id in processed_ids(tracker):
            return _replayed(agent, tracker, asked.message_id)
        tracker = _current(agent, tracker, asked)
        if asked.message_id in processed_ids(tracker):  # the restored state was already past this message
            return _replayed(agent, tracker, asked.message_id)
        turn.catch_up(tracker, asked.catch_up, agent.processor)
        message = UserMessage(
            asked.text,
            RelaisOutput(),
            asked.conversation_id,
            input_channel=self.name(),
            message_id=asked.message_id,
            metadata=asked.metadata,
        )
        before = await turn.run(agent.processor, tracker, message, asked.locale)
        mine = turn_events(tracker, asked.message_id)
        if not any(_shows(reply) for reply in replies_of(mine)):
            logger.warning("Turn %s not saved: no reply.", asked.message_id)
            raise RefusedError(503, "empty_reply", "Nothing was said.")
        scrub(tracker)
        report = _report(tracker, mine, state_of(before + mine))
        if count_turns(tracker.events) > COMPACT_AT:
            tracker = compact(tracker, agent.domain, KEEP_TURNS)
        await store.save(tracker)
        return {"message_id": asked.message_id, "replayed": False, **report}


def _current(agent: Agent, tracker: DialogueStateTracker | None, asked: TurnRequest) -> DialogueStateTracker:
    """The tracker to go on with: the stored one if it knows the last message, else the one rebuilt from bot's state."""
    if asked.last_message_id is None:
        known = tracker is not None
    else:
        known = tracker is not None and asked.last_message_id in processed_ids(tracker)
    if not known and asked.restore is not None:
        # An empty state: bot kept none either, so the conversation begins anew.
        tracker = rebuild(asked.conversation_id, asked.restore, agent.domain) if asked.restore else None
    elif not known and asked.last_message_id is not None:
        raise RefusedError(409, "tracker_missing", "The conversation is not known here: send its state.")
    if tracker is None:
        tracker = primary_store(agent).init_tracker(asked.conversation_id)
    tracker.model_id = agent.processor.model_metadata.model_id
    tracker.assistant_id = tracker.assistant_id or agent.processor.model_metadata.assistant_id
    return tracker


def _shows(reply: dict[str, Any]) -> bool:
    return bool(reply.get("text")) or any(kind in reply.get("custom", {}) for kind in SHOWN)


def _replayed(agent: Agent, tracker: DialogueStateTracker, message_id: str) -> dict[str, Any]:
    report = _report(tracker, turn_events(tracker, message_id), snapshot(tracker, agent.domain))
    return {"message_id": message_id, "replayed": True, **report}


def _report(tracker: DialogueStateTracker, events: list[Event], state: State) -> dict[str, Any]:
    parsed = events[0].parse_data if events else {}
    intent = parsed.get("intent") or {}
    return {
        "replies": replies_of(events),
        "intent": {"name": intent.get("name"), "confidence": intent.get("confidence", 0.0)},
        "intent_ranking": parsed.get("intent_ranking", [])[:3],
        "entities": parsed.get("entities", []),
        "slots": {name: value for name, value in tracker.current_slot_values().items() if value is not None},
        "active_loop": tracker.active_loop_name,
        "state": state,
    }


def _error(refused: RefusedError) -> HTTPResponse:
    return json_response({"error": {"code": refused.code, "message": refused.message}}, status=refused.status)
