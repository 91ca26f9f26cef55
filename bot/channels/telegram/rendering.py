"""Our messages as Telegram shows them: HTML, and rows of buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.telegram.splitting import LONGEST, length, split
from bot.texts import say

Json = dict[str, Any]
# What a button's data begins with (Telegram takes 64 bytes of it).
CHOICE, HELPFUL, RATING, LANGUAGE, FORGET, DONE = "c", "h", "r", "l", "f", "x"
_LONGEST_TITLE = 64
_BEST = 5


@dataclass(frozen=True)
class Button:
    """What it says, and what we are told when it is pressed."""

    title: str
    data: str


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class Part:
    """One message of Telegram's."""

    html: str
    rows: Rows = ()


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """As the API takes it."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(each.title[:_LONGEST_TITLE], callback_data=each.data) for each in row] for row in rows]
    )


def parts_of(message: Json, locale: str) -> list[Part]:
    """A message as the API shows it, in as many parts as its length needs; the buttons stand beneath the last."""
    head, tail = _head(message), _tail(message, locale)
    text = str(message["text"])
    if message.get("rating_requested"):
        text = f"{text}\n\n{say(locale, 'telegram_rate')}"
    room = LONGEST - length(head) - length(tail)
    pieces = split(text, room) or [""]
    bodies = [_body(message, piece) for piece in pieces]
    bodies[0] = head + bodies[0]
    bodies[-1] += tail
    last = len(bodies) - 1
    return [Part(body, rows_of(message, locale) if index == last else ()) for index, body in enumerate(bodies)]


def _head(message: Json) -> str:
    """Whose words these are, where it is not the assistant's; an article's title."""
    name = message.get("author_name")
    head = f"<b>{escape(name, quote=False)}</b>\n" if message["author"] == "advisor" and name else ""
    answer = message.get("answer")
    return head + (f"<b>{escape(str(answer['title']), quote=False)}</b>\n\n" if answer else "")


def _tail(message: Json, locale: str) -> str:
    """The sentence of the article that answers, unless it was said already, and the way to the whole of it."""
    answer = message.get("answer")
    if not answer:
        return ""
    sentence, quoted = str(answer.get("sentence") or "").strip(), ""
    if sentence and sentence not in str(message["text"]):
        quoted = f"\n\n<blockquote>{escape(sentence[:1000], quote=False)}</blockquote>"
    url = answer.get("url")
    read = say(locale, "telegram_read_article")
    return quoted + (f'\n\n<a href="{escape(str(url))}">{escape(read, quote=False)}</a>' if url else "")


def _body(message: Json, piece: str) -> str:
    text = escape(piece, quote=False)
    if message["author"] == "system":
        return f"<i>{text}</i>" if text else ""
    sentence = escape(str((message.get("answer") or {}).get("sentence") or "").strip(), quote=False)
    return text.replace(sentence, f"<b>{sentence}</b>", 1) if sentence and sentence != text else text


def rows_of(message: Json, locale: str) -> Rows:
    """Choices one beneath the other, then whether the answer helped, or how content one is."""
    rows: list[tuple[Button, ...]] = [
        (Button(str(choice["title"]), f"{CHOICE}:{choice['payload']}"),) for choice in message.get("choices") or ()
    ]
    if message.get("answer"):
        rows.append(helpful_row(str(message["id"]), locale))
    if message.get("rating_requested"):
        scores = range(1, _BEST + 1)
        rows.append(tuple(Button(f"{score} ⭐", f"{RATING}:{message['id']}:{score}") for score in scores))
    return tuple(rows)


def helpful_row(message_id: str, locale: str) -> tuple[Button, ...]:
    """Did this help?"""
    return (
        Button(say(locale, "telegram_helpful"), f"{HELPFUL}:{message_id}:1"),
        Button(say(locale, "telegram_not_helpful"), f"{HELPFUL}:{message_id}:0"),
    )


def settled(rows: Sequence[Sequence[InlineKeyboardButton]], pressed: str, shown: str) -> InlineKeyboardMarkup:
    """The buttons once one was pressed: of its kind ``shown`` alone is left, which does nothing any more."""
    kind = pressed.partition(":")[0]
    taken = [InlineKeyboardButton(shown[:_LONGEST_TITLE], callback_data=DONE)]
    kept: list[Sequence[InlineKeyboardButton]] = []
    for row in rows:
        if not any(str(button.callback_data).startswith(f"{kind}:") for button in row):
            kept.append(row)
        elif taken not in kept:
            kept.append(taken)
    return InlineKeyboardMarkup(kept)


def title_of(rows: Sequence[Sequence[InlineKeyboardButton]], pressed: str) -> str:
    """What the pressed button says."""
    found = (button.text for row in rows for button in row if button.callback_data == pressed)
    return next(found, "")
