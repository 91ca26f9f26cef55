"""Which of a customer's messages ask something."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.db.models import Message, Turn

_LOOKED_AT = 8
_FEWEST_WORDS = 4  # below that, and without a question mark: "merci", "ok je regarde"
_WORD = re.compile(r"\w+")
# What people say to get a human, or to be polite, is not what they need a human for.
NOT_A_QUESTION = frozenset(
    [
        "greet",
        "thank",
        "goodbye",
        "affirm",
        "deny",
        "ask_bot",
        "request_human",
        "complaint",
        "insult",
        "cancel",
        "choose_article",
        "none_of_these",
        "did_not_help",
        "identity_proven",
        "identity_failed",
        "resend_code",
        "task_choice",
        "task_change",
        "send_file",
        "go_back",
        "begin_again",
        "repeat",
    ]
)


def latest_questions(messages: Sequence[Message], turns: Sequence[Turn]) -> list[str]:
    """The customer's last messages that ask something, the newest first: no press, none masked for a code."""
    understood = {turn.message_id: turn for turn in turns}
    theirs = [each for each in messages if each.author == "customer" and each.kind == "text"][-_LOOKED_AT:]
    return [
        message.text
        for message in reversed(theirs)
        if not {"masked", "pressed"} & message.data.keys() and _asks(message.text, understood.get(message.id))
    ]


def _asks(text: str, turn: Turn | None) -> bool:
    if turn is not None and turn.command is not None:
        return False
    intent = turn.intents[0].get("name") if turn is not None and turn.intents else None
    if intent is not None:
        return intent not in NOT_A_QUESTION
    # While a human answers, nobody has told what the message means.
    return "?" in text or len(_WORD.findall(text)) >= _FEWEST_WORDS
