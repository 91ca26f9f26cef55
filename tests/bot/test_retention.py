"""``retention`` of service.yml holds: what is older goes, and what is not stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import retention
from bot.db.gaps import Gap, GapQuestion
from bot.db.models import Conversation, File, Message, UnansweredQuestion
from bot.db.people import AuditEntry, Promise
from bot.forgetting import forget_one
from bot.retention import Retaining
from service import Service
from service.model import Retention
from tests.bot.conftest import Bot, Customer
from tests.bot.test_files import PNG, send

DAY = 86_400
RULES = Retention(conversations_days=100, files_days=10, unanswered_days=50, audit_days=150)


@pytest.fixture(autouse=True)
def only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's own look would come at any moment of the test."""

    async def never(*_: Any) -> None:
        pass

    monkeypatch.setattr(retention, "every", never)


@pytest.fixture
async def bot(make_bot: Any, company: Service) -> Bot:
    made: Bot = await make_bot(rules=company.model_copy(update={"retention": RULES}))
    return made


async def count(bot: Bot, table: type) -> int:
    async with bot.services.db.read() as session:
        return int((await session.execute(select(func.count()).select_from(table))).scalar_one())


async def look(bot: Bot) -> dict[str, int]:
    return await Retaining(bot.services).keep_to_it()


async def asked(bot: Bot, **body: Any) -> Customer:
    customer = await bot.customer(**body)
    await customer.ask("mystère de la lampe")
    return customer


async def test_what_is_old_goes_in_its_time(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_AT_ONCE", 2)  # several batches
    first = await asked(bot)
    await send(first, PNG, key="p")
    for _ in range(4):
        await asked(bot)
    waits, owed = await asked(bot), await asked(bot)
    await waits.post("handoff", {})
    async with bot.services.db.write() as session:
        gap = Gap(id="g", state="closed", created_at=bot.clock(), changed_at=bot.clock())
        session.add(gap)
        await session.flush()
        for row in (await session.execute(select(UnansweredQuestion))).scalars():
            session.add(GapQuestion(question_id=row.id, gap_id="g", conversation_id=row.conversation_id, place=0))
        person = (await session.get_one(Conversation, owed.id)).customer_id
        session.add(
            Promise(
                customer_id=person,
                conversation_id=owed.id,
                kind="answer",
                text="",
                due_at=bot.clock() + timedelta(days=400),
                created_at=bot.clock(),
            )
        )
        session.add(AuditEntry(at=bot.clock(), action="signed_in", target="u"))
    assert await look(bot) == {"conversations": 0, "files": 0, "unanswered": 0, "audit": 0}
    bot.clock.forward(11 * DAY)
    assert (await look(bot))["files"] == 1
    assert (await count(bot, File), await count(bot, UnansweredQuestion)) == (0, 7)
    assert any(one["kind"] == "file" for one in (await first.read())["messages"]), "that it was sent is still said"
    bot.clock.forward(40 * DAY)
    assert (await look(bot))["unanswered"] == 7
    assert (await count(bot, UnansweredQuestion), await count(bot, GapQuestion), await count(bot, Gap)) == (0, 0, 1)
    assert (await count(bot, Conversation), await count(bot, Message)) != (0, 0)
    bot.clock.forward(50 * DAY)
    await asked(bot)
    assert (await look(bot))["conversations"] == 5
    async with bot.services.db.read() as session:
        left = set((await session.execute(select(Conversation.id))).scalars())
    assert {waits.id, owed.id} < left, "what somebody waits for, or is owed, stays until that is over"
    assert len(left) == 3
    assert await count(bot, AuditEntry) >= 1
    bot.clock.forward(50 * DAY)
    assert (await look(bot))["audit"] >= 1
    assert (await look(bot))["audit"] == 0


async def test_a_file_that_was_erased_after_its_time_is_told_as_such(bot: Bot) -> None:
    customer = await asked(bot)
    url = (await send(customer, PNG))[1]["message"]["file"]["url"]
    await customer.post("handoff", {})
    bot.clock.forward(11 * DAY)
    assert (await look(bot))["files"] == 1
    at_the_desk = {"Authorization": f"Bearer {(await bot.desk('claire')).token}"}
    for path, headers, locale, code, words in (
        (url, customer.headers, "fr", "file_erased", "Ce fichier a été effacé"),
        (url.replace("/v1/", "/v1/desk/"), at_the_desk, "en", "file_erased", "has been erased"),
        (f"{url}x", customer.headers, "fr", "unknown_file", "n’existe pas"),
    ):
        async with bot.client.get(path, headers=headers | {"Accept-Language": locale}) as response:
            told = (await response.json())["error"]
            assert (response.status, told["code"], words in told["message"]) == (404, code, True), told


def cut_off(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], set[str]]:
    """The conversations that were tried, and those, still to be named, that cannot be erased."""
    tried, fails = list[str](), set[str]()

    async def tries(services: Any, conversation_id: str, before: Any) -> int:
        tried.append(conversation_id)
        if conversation_id in fails:
            raise ConnectionError
        return await forget_one(services, conversation_id, before)

    monkeypatch.setattr(retention, "forget_one", tries)
    return tried, fails


async def failed(retaining: Retaining) -> list[type[Exception]]:
    with pytest.raises(ExceptionGroup) as caught:
        await retaining.keep_to_it()
    return [type(each) for each in caught.value.exceptions]


async def test_what_fails_holds_nothing_else_up_and_is_tried_again(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversation that cannot be erased; then none of them can, as the switchboard is away; then a whole step."""
    monkeypatch.setattr(retention, "_AT_ONCE", 2)
    monkeypatch.setattr(retention, "_MOST_IN_A_ROW", 3)
    ids = sorted([(await asked(bot)).id for _ in range(5)])
    bot.clock.forward(151 * DAY)
    tried, fails = cut_off(monkeypatch)
    fails.add(ids[1])
    retaining = Retaining(bot.services)
    assert await failed(retaining) == [ConnectionError]
    assert (await count(bot, Conversation), await count(bot, UnansweredQuestion)) == (1, 0)
    more = [(await asked(bot)).id for _ in range(4)]
    bot.clock.forward(151 * DAY)
    tried.clear()
    fails.update(more)
    assert await failed(retaining) == [ConnectionError] * 3, "and no more of them: nothing of that kind can be done now"
    assert len(tried) == 3
    assert await count(bot, UnansweredQuestion) == 0

    async def breaks(*_: Any) -> int:
        raise TimeoutError

    fails.clear()
    with monkeypatch.context() as broken:
        broken.setattr(Retaining, "_conversations", breaks)
        assert await failed(retaining) == [TimeoutError]
    assert (await retaining.keep_to_it())["conversations"] == 5


async def test_however_many_can_never_be_erased_those_behind_them_are(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_AT_ONCE", 2)
    monkeypatch.setattr(retention, "_MOST_IN_A_ROW", 3)
    for _ in range(9):
        await asked(bot)
    async with bot.services.db.read() as session:
        ids = list((await session.execute(select(Conversation.id).order_by(Conversation.id))).scalars())
    bot.clock.forward(151 * DAY)
    tried, fails = cut_off(monkeypatch)
    fails.update(ids[:4])
    retaining = Retaining(bot.services)
    assert await failed(retaining) == [ConnectionError] * 3
    assert tried == ids[:3]
    assert await count(bot, Conversation) == 9, "the first look came to none that can be"
    assert await failed(retaining) == [ConnectionError] * 4
    assert tried[3:] == [*ids[3:], *ids[:3]], "the next goes on behind them, and tries them again at its end"
    assert await count(bot, Conversation) == 4
    fails.clear()
    assert (await retaining.keep_to_it())["conversations"] == 4
