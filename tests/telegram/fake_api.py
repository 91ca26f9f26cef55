"""Telegram's side: the Bot API over HTTP, with the answers and refusals of its public documentation.

https://core.telegram.org/bots/api. What it took is in ``chats``, as the people there see it; ``faults`` are what it
does instead, for a while.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.telegram.html import Refused, escaped, plain

Json = dict[str, Any]
TOKEN = "123456789:AAE-fake_token_for_the_tests_of_relais"
LONGEST, LONGEST_DATA = 4096, 64
_PICTURE, _FILE = 10 * 1024 * 1024, 20 * 1024 * 1024
_UNMODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
)


@dataclass
class Fault:
    """What the server does instead: an error, or a silence, of so many seconds or until ``over`` is set.

    ``lost``: the call counts, its answer never comes. ``after`` so many calls that pass.
    """

    method: str
    error: Refused | None = None
    hang: float = 0.0
    over: asyncio.Event | None = None
    lost: bool = False
    chat_id: int | None = None
    after: int = 0


def flood(seconds: int, method: str = "sendMessage") -> Fault:
    return Fault(method, Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds))


def broken(method: str = "sendMessage") -> Fault:
    return Fault(method, Refused(500, "Internal Server Error"))


@dataclass
class FakeTelegram:
    """One bot's Telegram."""

    chats: dict[int, list[Json]] = field(default_factory=lambda: defaultdict(list))
    calls: list[tuple[str, Json]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    blocked_by: set[int] = field(default_factory=set)
    left: list[int] = field(default_factory=list)
    updates: list[Json] = field(default_factory=list)
    webhook: Json = field(default_factory=dict)
    # Until when a chat was to be left alone, and what came before that.
    quiet: dict[int, float] = field(default_factory=dict)
    too_early: list[str] = field(default_factory=list)
    # Set whenever a message arrives.
    news: asyncio.Event = field(default_factory=asyncio.Event)
    ids: Any = field(default_factory=lambda: itertools.count(500))
    update_ids: Any = field(default_factory=lambda: itertools.count(870_000_001))

    async def start(self, port: int | None = None) -> TestServer:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(
            [
                web.post("/bot{token}/{method}", self._called),
                web.get("/file/bot{token}/{path:.+}", self._file),
            ]
        )
        self.server = TestServer(app, port=port)
        await self.server.start_server()
        return self.server

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    def of(self, method: str) -> list[Json]:
        """The calls of one method that were carried out."""
        return [given for name, given in self.calls if name == method]

    async def _called(self, request: web.Request) -> web.StreamResponse:
        method, given = request.match_info["method"], await self._given(request)
        if time.monotonic() < self.quiet.get(given.get("chat_id", 0), 0.0):
            self.too_early.append(method)
        fault = self._fault(method, given)
        if fault is not None and not fault.lost:
            await asyncio.sleep(fault.hang)
            if fault.over is not None:
                await fault.over.wait()
            if fault.error is not None:
                self.quiet[given.get("chat_id", 0)] = time.monotonic() + fault.error.parameters.get("retry_after", 0)
                return self._refusal(fault.error)
        if request.match_info["token"] != TOKEN:
            return self._refusal(Refused(401, "Unauthorized"))
        try:
            result = await getattr(self, f"_{method}")(given)
        except Refused as refused:
            return self._refusal(refused)
        self.calls.append((method, given))
        if fault is not None and fault.lost:
            await asyncio.sleep(fault.hang)
            assert request.transport is not None
            request.transport.close()
        return web.json_response({"ok": True, "result": result})

    def _fault(self, method: str, given: Json) -> Fault | None:
        for fault in self.faults:
            if fault.method != method or fault.chat_id not in (None, given.get("chat_id")):
                continue
            if fault.after == 0:
                self.faults.remove(fault)
                return fault
            fault.after -= 1
            return None
        return None

    def _refusal(self, refused: Refused) -> web.Response:
        body: Json = {"ok": False, "error_code": refused.code, "description": refused.description}
        if refused.parameters:
            body["parameters"] = refused.parameters
        return web.json_response(body, status=refused.code)

    async def _given(self, request: web.Request) -> Json:
        given: Json = {}
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                given[name] = value.file.read()
                given["filename"] = value.filename
                continue
            try:
                given[name] = json.loads(str(value)) if name not in ("text", "caption") else str(value)
            except ValueError:
                given[name] = str(value)
        return given

    async def _file(self, request: web.Request) -> web.Response:
        fault = self._fault("file", {})
        if fault is not None and fault.error is not None:
            return web.Response(status=fault.error.code)
        content = self.files.get(request.match_info["path"])
        return web.Response(body=content) if content is not None else web.Response(status=404)

    # --- The methods of the API, named as it names them -----------------------------------------------------------

    async def _getMe(self, _given: Json) -> Json:  # noqa: N802
        return {"id": 123456789, "is_bot": True, "first_name": "Maison Alder", "username": "maison_alder_bot"}

    def _post(self, given: Json, html: str, **more: Any) -> Json:
        chat_id = given["chat_id"]
        if chat_id in self.blocked_by:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        message: Json = {
            "message_id": next(self.ids),
            "from": {"id": 123456789, "is_bot": True, "first_name": "Maison Alder"},
            "chat": {"id": chat_id, "type": "private" if chat_id > 0 else "supergroup"},
            "date": 1_790_000_000,
            "html": html,
            "read": plain(html),
            "reply_markup": self._markup(given),
        }
        self.chats[chat_id].append(message | more)
        self.news.set()
        return _answered(message)

    def _markup(self, given: Json) -> Json | None:
        markup = given.get("reply_markup") or {"inline_keyboard": []}
        for row in markup["inline_keyboard"]:
            for button in row:
                if len(button["callback_data"].encode()) > LONGEST_DATA:
                    raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
        return markup if markup["inline_keyboard"] else None

    async def _sendMessage(self, given: Json) -> Json:  # noqa: N802
        html = given.get("text", "") if given.get("parse_mode") == "HTML" else escaped(given.get("text", ""))
        read = plain(html)
        if not read.strip():
            raise Refused(400, "Bad Request: message text is empty")
        if len(read.encode("utf-16-le")) // 2 > LONGEST:
            raise Refused(400, "Bad Request: message is too long")
        return self._post(given, html)

    async def _sendPhoto(self, given: Json) -> Json:  # noqa: N802
        if len(given["photo"]) > _PICTURE:
            raise Refused(400, "Bad Request: PHOTO_SAVE_FILE_INVALID")
        return self._post(given, given.get("caption") or "", photo=given["photo"], filename=given["filename"])

    async def _sendDocument(self, given: Json) -> Json:  # noqa: N802
        return self._post(given, given.get("caption") or "", document=given["document"], filename=given["filename"])

    def _shown(self, given: Json) -> Json:
        found = [each for each in self.chats[given["chat_id"]] if each["message_id"] == given["message_id"]]
        if not found:
            raise Refused(400, "Bad Request: message to edit not found")
        return found[0]

    async def _editMessageText(self, given: Json) -> Json:  # noqa: N802
        message, markup = self._shown(given), self._markup(given)
        if message["html"] == given["text"] and message["reply_markup"] == markup:
            raise Refused(400, _UNMODIFIED)
        edits = message.get("edits", 0) + 1
        message.update(html=given["text"], read=plain(given["text"]), reply_markup=markup, edits=edits)
        return _answered(message)

    async def _editMessageReplyMarkup(self, given: Json) -> Json:  # noqa: N802
        message, markup = self._shown(given), self._markup(given)
        if message["reply_markup"] == markup:
            raise Refused(400, _UNMODIFIED)
        message["reply_markup"] = markup
        return _answered(message)

    async def _answerCallbackQuery(self, _given: Json) -> bool:  # noqa: N802
        return True

    async def _sendChatAction(self, given: Json) -> bool:  # noqa: N802
        if given["chat_id"] in self.blocked_by:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return True

    async def _getFile(self, given: Json) -> Json:  # noqa: N802
        path = f"documents/{given['file_id']}"
        if path not in self.files:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        size = len(self.files[path])
        if size > _FILE:
            raise Refused(400, "Bad Request: file is too big")
        return {"file_id": given["file_id"], "file_unique_id": "u", "file_size": size, "file_path": path}

    async def _setMyCommands(self, given: Json) -> bool:  # noqa: N802
        for command in given["commands"]:
            if not command["command"].isalnum() or command["command"] != command["command"].lower():
                raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
        return True

    async def _setWebhook(self, given: Json) -> bool:  # noqa: N802
        self.webhook = given
        return True

    async def _deleteWebhook(self, _given: Json) -> bool:  # noqa: N802
        self.webhook = {}
        return True

    async def _leaveChat(self, given: Json) -> bool:  # noqa: N802
        self.left.append(given["chat_id"])
        return True

    async def _getUpdates(self, given: Json) -> list[Json]:  # noqa: N802
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        self.updates = [each for each in self.updates if each["update_id"] >= given.get("offset", 0)]
        for _ in range(20):
            if self.updates:
                break
            await asyncio.sleep(0.02)
        return self.updates[:100]


def _answered(message: Json) -> Json:
    shown = {key: message[key] for key in ("message_id", "from", "chat", "date")}
    return shown | {"text": message["read"]}
