"""Plays a conversation message by message, as bot would pass it on, and tells what did not go as written."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.dialogues.form import ANYTHING, Conversation, Step
from tests.dialogues.speech import other_language, plain
from tests.dialogues.stage import SLOW_SECONDS, Stage

AT_ONCE = 4
TRIES = 3
Reply = dict[str, Any]


@dataclass
class Played:
    """How it went: `problems` name file and line; `transcript` is what was said."""

    problems: list[str] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    seconds: float = 0.0


async def play_all(stage: Stage, conversations: Sequence[Conversation]) -> dict[str, Played]:
    """Several at once, no two of one customer; those that trouble the shop come last, one by one."""
    played: dict[str, Played] = {}
    locks = {customer: asyncio.Lock() for each in conversations for customer in each.customers}
    places = asyncio.Semaphore(AT_ONCE)

    async def one(conversation: Conversation) -> None:
        held = [locks[customer] for customer in conversation.customers]
        for lock in held:  # in the order of their names, so that no two wait for each other
            await lock.acquire()
        try:
            async with places:
                for customer in conversation.customers:
                    await stage.reset(customer)
                played[conversation.id] = await _Play(stage, conversation).play()
        finally:
            for lock in held:
                lock.release()

    await asyncio.gather(*(one(each) for each in conversations if not each.alone))
    for each in conversations:
        if each.alone:
            await one(each)
    return played


class _NotAsWrittenError(Exception):
    """A step did not go as written; what follows would mean nothing."""


class _Play:
    def __init__(self, stage: Stage, conversation: Conversation) -> None:
        self._stage, self._conversation = stage, conversation
        self._id = uuid.uuid4().hex
        self._customer = conversation.signed_in
        self._language = conversation.language
        self._last: str | None = None
        self._replies: list[Reply] = []
        self._tasks: dict[str, str] = {}
        self._handoffs: list[str] = []
        self._expected: Counter[str] = Counter()
        self._troubled = "ok"
        self._told_at = 0.0
        self.played = Played()

    async def play(self) -> Played:
        began, step = time.monotonic(), self._conversation.steps[0]
        try:
            for step in self._conversation.steps:
                await self._take(step)
            await self._nothing_else(step)
        except _NotAsWrittenError as problem:
            self.played.problems.append(f"{self._conversation.file.name}:{step.line}: {problem}")
        finally:
            if self._troubled != "ok":
                await self._stage.mode("ok")
                # A slow shop may make a change after Relais has given up on it: not in the next conversation. It was
                # asked before Relais said so.
                over = self._told_at + SLOW_SECONDS + 0.5
                await asyncio.sleep(max(0.0, over - time.monotonic()) if self._troubled == "slow" else 0)
        self.played.seconds = time.monotonic() - began
        return self.played

    async def _take(self, step: Step) -> None:
        match step.kind:
            case "customer":
                await self._say({"text": step.word}, step.word)
            case "presses":
                await self._say({"command": self._button(step.word)}, f"[{step.word}]")
            case "sends_photo":
                command = "/send_file" + json.dumps({"file_id": step.word})
                await self._say({"command": command}, f"[photo {step.word}]")
            case "proves":
                self._customer = step.word
                await self._say({"command": "/identity_proven"}, "[right code]")
            case "signs_in":
                self._customer = step.word
            case "goes_on_in":
                self._language = step.word
            case "back_office":
                self._troubled = step.word if step.word != "ok" else self._troubled
                await self._stage.mode(step.word)
            case _:
                await self._check(step)

    async def _say(self, said: dict[str, str], shown: str) -> None:
        self.played.transcript.append(f"  customer:  {shown}")
        metadata: dict[str, Any] = {"channel": "web"}
        if self._customer:
            metadata["identity_token"] = self._stage.token(self._id, self._customer)
        message_id = f"{self._id}-{uuid.uuid4().hex[:8]}"
        body = {
            "conversation_id": self._id, "message_id": message_id, "locale": self._language,
            "metadata": metadata, "last_message_id": self._last, "restore": None, **said,
        }  # fmt: skip
        status, answer = await self._turn(body)
        self._told_at = time.monotonic()
        if status != 200:
            raise _NotAsWrittenError(f"the assistant failed on “{shown}”: {answer}")
        self._last, self._replies = message_id, answer["replies"]
        for line in self._lines():
            self.played.transcript.append(f"  assistant: {line}")
        self.played.transcript.append(f"             ({answer['intent']['name']} {answer['intent']['confidence']:.2f})")
        self._note()
        self._in_language()

    async def _turn(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """As bot does: the same message again when a turn failed, for nothing of it was kept."""
        for _ in range(TRIES - 1):
            status, answer = await self._stage.turn(body)
            if status != 503:
                return status, answer
            await asyncio.sleep(0.5)
        return await self._stage.turn(body)

    def _note(self) -> None:
        for kind, record in self._records():
            if kind == "task":
                self._tasks[record["name"]] = record["outcome"]
                shown = f"{record['name']} {record['outcome']} at {record['step']}: {record['detail']}"
                self.played.transcript.append(f"             ({shown})")
            if kind == "handoff":
                self._handoffs.append(record["reason"])

    def _in_language(self) -> None:
        for reply in self._replies:
            article = (reply.get("custom") or {}).get("answer")
            if article is None and other_language(reply.get("text") or "", self._language):
                raise _NotAsWrittenError(f"said in the other language than {self._language}: {reply['text']}")

    async def _check(self, step: Step) -> None:
        heard = plain(" ".join(self._lines()))
        match step.kind:
            case "assistant":
                missing = [words for words in step.words if plain(words) not in heard]
                self._expect(not missing, f"not said: {missing}")
            case "not_said":
                said = [words for words in step.words if plain(words) in heard]
                self._expect(not said, f"said after all: {said}")
            case "answer":
                shown = [record["article_id"] for kind, record in self._records() if kind == "answer"]
                self._expect(step.word in shown, f"the article {step.word} was not shown but {shown}")
            case "task":
                name, outcome = step.word.split()
                known = self._tasks.get(name, "never begun")
                self._expect(known == outcome, f"the record of {name} is “{known}”, not “{outcome}”")
            case "handoff":
                self._expect(self._handoffs == [step.word], f"handed over for {self._handoffs or 'no reason'}")
                self._handoffs.clear()
            case "shop_holds" | "shop_lacks":
                await self._check_held(step)
            case _:
                await self._check_changed(step)

    async def _check_held(self, step: Step) -> None:
        held = plain(json.dumps(await self._stage.held(self._customer or ""), ensure_ascii=False))
        wanted = step.kind == "shop_holds"
        wrong = [words for words in step.words if (plain(words) in held) != wanted]
        self._expect(not wrong, f"the shop {'does not hold' if wanted else 'holds'} {wrong}")

    async def _check_changed(self, step: Step) -> None:
        if step.kind == "done":
            self._expected[step.word] += 1
        made = await self._made(step.word)
        if step.kind == "done":
            times = made[step.word]
            self._expect(times == self._expected[step.word], f"the shop did it {times} times; it did {dict(made)}")
        elif step.word == ANYTHING:
            self._expect(made == self._expected, f"the shop did {dict(made)}")
        else:
            self._expect(made[step.word] == self._expected[step.word], f"the shop did {dict(made)}")

    async def _nothing_else(self, last: Step) -> None:
        """What nobody wrote down must not have happened."""
        made = await self._made(last.word)
        self._expect(made == self._expected, f"in the end the shop did {dict(made)}, written is {dict(self._expected)}")
        self._expect(not self._handoffs, f"handed over for {self._handoffs}, and no “handoff:” says so")

    async def _made(self, asked: str) -> Counter[str]:
        """What the shop did for this customer; looking up parcels only when that is asked."""
        found: Counter[str] = Counter()
        for change in await self._stage.changes():
            if self._id in change["idempotency_key"] or change["customer_id"] in self._conversation.customers:
                order = f" of {change['number']}" if change["number"] else ""
                found[f"{change['operation']}{order}"] += 1
        if any(name.startswith("tracking") for name in (asked, *self._expected)):
            for request in await self._stage.tracked():
                if self._id in request["idempotency_key"]:
                    found[f"tracking of {request['number']}"] += 1
        return found

    def _button(self, title: str) -> str:
        found = {plain(b["title"]): b["payload"] for reply in self._replies for b in reply.get("buttons") or []}
        if plain(title) not in found:
            raise _NotAsWrittenError(f"there is no button “{title}”, but {list(found)}")
        return str(found[plain(title)])

    def _lines(self) -> list[str]:
        shown = []
        for reply in self._replies:
            article = (reply.get("custom") or {}).get("answer") or {}
            text = reply.get("text") or article.get("answer") or ""
            line = " ".join([text, *(f"[{button['title']}]" for button in reply.get("buttons") or [])]).strip()
            shown += [line] if line else []
        return shown

    def _records(self) -> list[tuple[str, Any]]:
        return [pair for reply in self._replies for pair in (reply.get("custom") or {}).items()]

    def _expect(self, true: bool, otherwise: str) -> None:
        if not true:
            raise _NotAsWrittenError(otherwise)
