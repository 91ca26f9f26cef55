"""Client of Rasa, through our own input channel (``rasa_ext/channel.py``)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.errors import NeighbourError
from bot.neighbours.http import call

Json = dict[str, Any]


@dataclass(frozen=True)
class RasaRequest:
    """One turn. Exactly one of ``text`` (free) and ``command`` (from a resolved choice) is set."""

    conversation_id: str
    message_id: str
    locale: str
    text: str | None = None
    command: str | None = None
    metadata: Json = field(default_factory=dict)
    catch_up: list[Json] = field(default_factory=list)
    last_message_id: str | None = None


@dataclass(frozen=True)
class RasaAnswer:
    """What Rasa replied and understood; ``state`` rebuilds its tracker."""

    replies: list[Json]
    intents: list[Json]
    slots: Json
    state: Json | None


class RasaClient:
    """Sends each conversation to the same Rasa process, chosen by rendezvous hashing (Thaler and Ravishankar 1998)."""

    def __init__(self, session: aiohttp.ClientSession, urls: Sequence[str], timeout: float) -> None:
        self._session = session
        self._urls = list(urls)
        self._timeout = timeout

    def process_for(self, conversation_id: str) -> str:
        """The address of the one process that serves this conversation."""
        return max(self._urls, key=lambda url: hashlib.sha256(f"{url}|{conversation_id}".encode()).digest())

    async def turn(self, request: RasaRequest, kept_state: Json | None) -> RasaAnswer:
        """Runs one turn; a tracker that Rasa lost is rebuilt from ``kept_state``. Raises ``NeighbourError``."""
        try:
            return await self._send(request, None)
        except NeighbourError as error:
            if error.code != "tracker_missing":
                raise
        try:
            return await self._send(request, kept_state or {})
        except NeighbourError as error:
            if not error.permanent or not kept_state:
                raise
            # What we kept can't be read, after an upgrade for instance: better to begin anew than to fail for ever.
            return await self._send(request, {})

    async def _send(self, request: RasaRequest, restore: Json | None) -> RasaAnswer:
        body: Json = {
            "conversation_id": request.conversation_id,
            "message_id": request.message_id,
            "locale": request.locale,
            "metadata": request.metadata,
            "catch_up": request.catch_up,
            "last_message_id": request.last_message_id,
        }
        body |= {"command": request.command} if request.command is not None else {"text": request.text}
        if restore is not None:
            body["restore"] = restore
        url = f"{self.process_for(request.conversation_id)}/webhooks/relais/webhook"
        return _answer(await call(self._session, "POST", url, body=body, within=self._timeout))

    async def health(self) -> None:
        """Raises ``NeighbourError`` when it is not there."""
        for url in self._urls:
            await call(self._session, "GET", f"{url}/webhooks/relais/healthz", within=2.0)


def _answer(raw: Any) -> RasaAnswer:
    replies = raw.get("replies") if isinstance(raw, dict) else None
    if not replies:
        raise NeighbourError("empty_reply", "Rasa answered nothing")
    intent = raw.get("intent") or {}
    ranking = raw.get("intent_ranking") or ([intent] if intent else [])
    intents = [{"name": item.get("name"), "confidence": item.get("confidence")} for item in ranking]
    return RasaAnswer(replies, intents, raw.get("slots") or {}, raw.get("state"))
