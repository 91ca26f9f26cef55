"""The commands, in both languages; each does the same whichever one types."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot import notify
from bot.channels.door import Door
from bot.channels.telegram.chats import Person, locale_of, tell
from bot.channels.telegram.rendering import FORGET, LANGUAGE, Button
from bot.conversations.messages import Draft, append, lock_conversation
from bot.conversations.receive import already_there, new_turn
from bot.conversations.state import state_of
from bot.db.models import Conversation
from bot.handoff.request import Wish, request_handoff
from bot.live import OUTBOX
from bot.texts import LOCALES, say

_JUST_NOW = timedelta(seconds=30)
_COMMAND = re.compile(r"/(\w{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
# What each does, and how it is called in each language; "start" is Telegram's own.
NAMES: dict[str, dict[str, str]] = {
    "help": {"fr": "aide", "en": "help"},
    "advisor": {"fr": "conseiller", "en": "advisor"},
    "data": {"fr": "mesdonnees", "en": "mydata"},
    "forget": {"fr": "oublier", "en": "forget"},
    "language": {"fr": "langue", "en": "language"},
}
_BY_NAME = {name: what for what, names in NAMES.items() for name in names.values()} | {"start": "start"}
LANGUAGE_NAMES = {"fr": "Français", "en": "English"}


def read_command(text: str) -> tuple[str, str] | None:
    """Which command a message is, and what follows it; nothing for any other text."""
    found = _COMMAND.fullmatch(text.strip())
    what = _BY_NAME.get(found.group(1).lower()) if found else None
    return (what, (found.group(2) or "").strip()) if found and what else None


def listed(locale: str) -> list[tuple[str, str]]:
    """The commands with what they do, for the menu of a Telegram in this language."""
    return [(names[locale], say(locale, f"telegram_command_{what}")) for what, names in NAMES.items()]


class Commands:
    """Carries them out. Each may come again after a crash, and does nothing twice."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._services = door.services
        self._all: dict[str, Callable[[Person, Conversation], Awaitable[None]]] = {
            "help": self._help,
            "advisor": self._advisor,
            "data": self._data,
            "forget": self._forget,
            "language": self._language,
        }

    async def run(self, command: tuple[str, str], person: Person, conversation: Conversation) -> None:
        """``command``: what it is, and what follows it."""
        what, rest = command
        if what == "start":
            await self._start(person, conversation, rest)
            return
        await self._all[what](person, conversation)

    async def _start(self, person: Person, conversation: Conversation, token: str) -> None:
        """START was pressed, for the first time (the greeting is the answer) or by a link that joins two channels."""
        self._services.live.hint(OUTBOX)
        if not token:
            if conversation.last_seq != 1 or self._services.clock() - conversation.created_at > _JUST_NOW:
                await self._help(person, conversation)
        elif not await self._door.link(person.sender, token):
            locale = await locale_of(self._services, conversation)
            await tell(self._services, conversation.id, say(locale, "link_too_old"), person.key("link"))

    async def _help(self, person: Person, conversation: Conversation) -> None:
        locale, brand = await locale_of(self._services, conversation), self._services.service.brand
        lines = "\n".join(f"/{name} – {does}" for name, does in listed(locale))
        text = say(locale, "telegram_help", assistant=brand.assistant_name, brand=brand.name)
        await tell(self._services, conversation.id, f"{text}\n\n{lines}", person.key("help"), author="bot")

    async def _advisor(self, person: Person, conversation: Conversation) -> None:
        """Asked of bot itself: it works while Rasa is away, too."""
        services = self._services
        owner_before = conversation.owner
        await self._said(person, conversation, "choice_human", "/request_human", done=True)
        if owner_before == "bot":
            await request_handoff(services, conversation.id, Wish("customer_request"))
            return
        async with services.db.read() as session:
            row = await session.get_one(Conversation, conversation.id)
            state = await state_of(services, session, row)
        name, place = state.get("advisor_name"), state.get("handoff", {}).get("position")
        if name:
            await tell(services, row.id, say(row.locale, "advisor_still_there", name=name), person.key("still"))
        elif place:
            await tell(services, row.id, say(row.locale, "telegram_place_kept", place=place), person.key("still"))

    async def _data(self, person: Person, conversation: Conversation) -> None:
        await self._said(person, conversation, "telegram_command_data", "/see_my_data")
        self._door.wake(conversation.id)

    async def _forget(self, person: Person, conversation: Conversation) -> None:
        locale = await locale_of(self._services, conversation)
        yes = Button(say(locale, "telegram_forget_yes"), f"{FORGET}:yes")
        no = Button(say(locale, "telegram_forget_no"), f"{FORGET}:no")
        text = say(locale, "telegram_forget_ask", brand=self._services.service.brand.name)
        await tell(self._services, conversation.id, text, person.key("forget"), [[yes], [no]])

    async def _language(self, person: Person, conversation: Conversation) -> None:
        locale = await locale_of(self._services, conversation)
        row = [Button(LANGUAGE_NAMES[each], f"{LANGUAGE}:{each}") for each in LOCALES]
        await tell(self._services, conversation.id, say(locale, "telegram_language"), person.key("language"), [row])

    async def _said(
        self, person: Person, conversation: Conversation, key: str, command: str, *, done: bool = False
    ) -> None:
        """The command in words, as the customer's own message: whoever reads along sees what was asked.

        Its turn says that it was no question; one that is ``done`` is nothing for the assistant.
        """
        services = self._services
        async with services.db.write() as session:
            locked = await lock_conversation(session, conversation.id)
            if await already_there(session, locked.id, person.key()) is not None:
                return
            draft = Draft("customer", say(locked.locale, key), client_message_id=person.key())
            message = await append(session, services.channels, locked, draft, services.clock())
            if done or locked.owner != "advisor":
                turn = new_turn(message, command, services.clock())
                turn.status = "done" if done else "pending"
                session.add(turn)
        notify.told(services, locked, [message])
