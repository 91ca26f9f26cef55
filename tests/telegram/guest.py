"""A guest on Telegram, for the scenarios that every channel plays."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from typing import Any

import aiohttp

from tests.harness import Stack
from tests.scenarios.playing import plain
from tests.telegram.person import Person, titles, until_titles

Json = dict[str, Any]
_LINK = re.compile(r"https?://\S+(/p/[^\s<]+)")
_PATIENCE = 90.0


class TelegramGuest:
    """Reads what the chat shows, opens private pages, presses buttons."""

    def __init__(self, person: Person, http: aiohttp.ClientSession, stack: Stack) -> None:
        self._person = person
        self._http = http
        self._stack = stack
        self._seen = 0
        self._typed = 0
        # What private pages showed, by their address: each opens once.
        self._opened: dict[str, str] = {}

    async def arrives(self) -> None:
        await self._act()
        await self._person.say("/start")
        await self.reads("conseiller")

    async def _act(self) -> None:
        self._seen = len(self._person.shown)
        self._typed = len(self._person.telegram.of("sendChatAction"))

    async def says(self, text: str) -> None:
        await self._act()
        await self._person.say(text)

    async def presses(self, title: str) -> None:
        message = await self._with(title)
        await self._act()
        await self._person.press(message, title)

    async def _with(self, title: str) -> Json:
        """The latest message with such a button, once there is one."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                for message in reversed(self._person.shown):
                    if any(title in one for one in titles(message)):
                        return message
                await asyncio.sleep(0.05)

    async def reads(self, *words: str) -> str:
        read = ""
        try:
            async with asyncio.timeout(_PATIENCE):
                while not read or not all(plain(word) in plain(read) for word in words):
                    await asyncio.sleep(0.05)
                    read = await self._all_read()
        except TimeoutError as error:
            raise AssertionError(f"{words} not in: {read or self._person.reads}") from error
        return read

    async def _all_read(self) -> str:
        new = self._person.shown[self._seen :]
        said = [line for message in new for line in (message["read"], *titles(message))]
        shown = [await self._page(path) for message in new for path in _LINK.findall(message["read"])]
        return "\n".join([*said, *shown])

    async def _page(self, path: str) -> str:
        """What a private page shows; nothing for one that asks."""
        if path not in self._opened:
            async with self._http.get(self._stack.bot_url + path) as response:
                asks = 'name="value"' in await response.text()
            self._opened[path] = "" if asks else await self._revealed(path)
        return self._opened[path]

    async def _revealed(self, path: str) -> str:
        async with self._http.post(self._stack.bot_url + path) as response:
            return unescape(re.sub(r"<[^>]+>", " ", await response.text()))

    async def gives(self, value: str) -> None:
        async with asyncio.timeout(_PATIENCE):
            while not (paths := _LINK.findall("\n".join(self._person.reads[self._seen :]))):
                await asyncio.sleep(0.05)
        await self._act()
        async with self._http.post(self._stack.bot_url + paths[-1], data={"value": value}) as response:
            assert response.status == 200, await response.text()
        passed = "".join(str(given) for _, given in self._person.telegram.calls)
        assert value not in passed, "nothing personal passes Telegram"

    async def sends_picture(self, content: bytes) -> None:
        await self._act()
        await self._person.photo(content)

    async def asks_for_advisor(self) -> None:
        await self.says("/conseiller")

    async def sees_typing(self) -> None:
        async with asyncio.timeout(_PATIENCE):
            while len(self._person.telegram.of("sendChatAction")) <= self._typed:
                await asyncio.sleep(0.05)

    async def finds_helpful(self) -> None:
        card = await self._with("👍")
        await self.presses("👍")
        await until_titles(card, [*titles(card)[:-2], "✓ Merci de votre avis"])

    async def rates(self, score: int) -> None:
        asked = await self._with(f"{score} ⭐")
        await self.presses(f"{score} ⭐")
        await until_titles(asked, ["✓ " + "⭐" * score])

    async def speaks(self, locale: str) -> None:
        await self.says("/langue")
        await self.reads("Français")
        await self.presses({"fr": "Français", "en": "English"}[locale])
        await self.reads("continue")

    async def is_forgotten(self) -> None:
        await self.says("/oublier")
        await self.reads("tout effacer")
        await self.presses("tout effacer")
        await self.reads("ne garde plus rien")
        await self.arrives()
