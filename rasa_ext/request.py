"""The body of a turn's request, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

AUTHORS = ("customer", "advisor", "bot", "system")
# Longer than any question: the encoder reads 512 tokens, and a pasted novel must not hold up the process.
MAX_UNDERSTOOD_CHARACTERS = 4000
COMMAND = re.compile(r"^/(?P<intent>[a-z_]+)(\{.*\})?$", re.DOTALL)


class BadRequestError(ValueError):
    """The request cannot be handled as it is; the message says why."""


@dataclass(frozen=True)
class Said:
    """One line that was said while Rasa was not asked."""

    author: str
    text: str


@dataclass(frozen=True)
class TurnRequest:
    """One message of a customer: free text, or a command that a resolved choice stands for."""

    conversation_id: str
    message_id: str
    locale: str
    text: str
    metadata: dict[str, Any] = field(default_factory=dict)
    catch_up: list[Said] = field(default_factory=list)
    last_message_id: str | None = None
    restore: dict[str, Any] | None = None

    @classmethod
    def parse(cls, body: Any, known_intents: set[str]) -> TurnRequest:
        """Raises BadRequestError with a sentence."""
        if not isinstance(body, dict):
            raise BadRequestError("The body must be a JSON object.")
        return cls(
            conversation_id=_string(body, "conversation_id"),
            message_id=_string(body, "message_id"),
            locale=_string(body, "locale"),
            text=_words(body, known_intents),
            metadata=_object(body, "metadata") or {},
            catch_up=[_said(line) for line in body.get("catch_up") or []],
            last_message_id=_string(body, "last_message_id") if body.get("last_message_id") else None,
            restore=_object(body, "restore"),
        )


def neutralised(text: str) -> str:
    """Free text that Rasa cannot take for a command: no leading slash, and never nothing at all."""
    words = text.strip()
    while words.startswith("/"):
        words = words[1:].strip()
    return words[:MAX_UNDERSTOOD_CHARACTERS].strip() or "?"


def _words(body: dict[str, Any], known_intents: set[str]) -> str:
    if ("text" in body) == ("command" in body):
        raise BadRequestError("Give either 'text' or 'command'.")
    if "text" in body:
        return neutralised(_string(body, "text"))
    command = _string(body, "command")
    match = COMMAND.match(command)
    if not match or match["intent"] not in known_intents:
        raise BadRequestError('\'command\' must be a known intent, as in /greet or /choose_article{"article_id": "…"}.')
    return command


def _said(line: Any) -> Said:
    if not isinstance(line, dict) or line.get("author") not in AUTHORS or not isinstance(line.get("text"), str):
        raise BadRequestError(f"Each line of 'catch_up' needs a text and an author out of {', '.join(AUTHORS)}.")
    return Said(line["author"], line["text"])


def _string(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value.strip():
        _bad(key, "a text that is not empty")
    return value


def _object(body: dict[str, Any], key: str) -> dict[str, Any] | None:
    value = body.get(key)
    if value is not None and not isinstance(value, dict):
        _bad(key, "an object")
    return value


def _bad(key: str, wanted: str) -> NoReturn:
    raise BadRequestError(f"'{key}' must be {wanted}.")
