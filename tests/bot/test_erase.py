"""Erasing a person: nothing of theirs is left in any store, and nothing of anybody else is touched."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.channels import ChannelThread, Consent, DeepLink
from bot.db.gaps import Gap, GapQuestion, GapTelling
from bot.db.identity import CustomerLink, Mail, OneTimeCode, PrivatePage
from bot.db.incidents import IncidentRun, IncidentTold
from bot.db.models import Base, Conversation, Message, UnansweredQuestion
from bot.db.people import AuditEntry, Promise
from bot.db.promises import ClockRecord
from bot.db.slip import SlipChange
from bot.db.telegram import TelegramChat, TelegramMessage, TelegramPlace
from bot.db.webhooks import HandoffEvent, WebhookDelivery
from bot.db.widget import DeskReading
from bot.erase import PAST_KEY, TRACKER_KEY, erase_customer
from bot.erasing import keep_promises
from bot.errors import Refusal
from tests.bot.conftest import OPEN_HOUR, Bot, Customer, Desk
from tests.bot.test_files import PNG, send
from tests.bot.test_handoff import identity

# What is of the desk's people and of the company, and no customer's.
OURS = {"users", "user_sessions", "audit", "account_links", "sign_in_tries", "company_settings", "article_opinions"}
OURS |= {"review_mornings", "review_reminders", "scheduled_publications"}
OURS |= {"incidents", "incident_runs", "incident_updates", "topic_counts", "topic_rises", "gaps", "gap_runs", "sent_on"}
OURS |= {"articles_apart", "article_openings", "gap_articles", "import_pictures", "article_imports"}
# Of an update that is done only its number stays.
KEPT = OURS | {
    "article_pictures",
    "users",
    "user_sessions",
    "audit",
    "files",
    "outbox",
    "canned_replies",
    "telegram_updates",
}


async def a_life(bot: Bot, reference: str) -> Customer:
    """A customer of whom every table keeps something."""
    page = {"url": "http://shop.test/", "title": "Accueil"}
    customer = await bot.customer(
        identity=identity(bot, sub=reference, jti=reference, name=f"N {reference}"), page=page
    )
    answer = await customer.ask("Quel délai ?")
    await customer.post("feedback", {"message_id": answer["id"], "helpful": False})
    await customer.until(2, answer["seq"])
    await customer.ask("mystère")
    await send(customer, PNG, key=reference)
    await customer.until(9)
    await customer.post("handoff", {})
    desk = await bot.desk(f"claire-{reference.lower()}")
    handoff = next(row for row in await desk.queue() if row["conversation_id"] == customer.id)["handoff_id"]
    await desk.call("POST", f"handoffs/{handoff}/accept")
    await desk.call("POST", f"conversations/{customer.id}/messages/{answer['id']}/article-wish")
    await worked_on_together(bot, customer, desk, handoff)
    await desk.call("POST", f"conversations/{customer.id}/prepared", {"task": "cancel_order"})
    await desk.call("POST", f"handoffs/{handoff}/release", {"outcome": "callback"})
    await customer.post("rating", {"score": 4})
    await proofs(bot, customer)
    await words_given(bot, customer, desk)
    return customer


async def words_given(bot: Bot, customer: Customer, desk: Desk) -> None:
    """A call that was tried, and a clock that was nearly missed."""
    _, body = await desk.call("GET", f"promises?conversation={customer.id}")
    (promise,) = body["promises"]
    await desk.call("POST", f"promises/{promise['promise_id']}/attempts", {"outcome": "no_answer"})
    now = bot.clock()
    async with bot.services.db.write() as session:
        row = ClockRecord(
            handoff_id=promise["handoff_id"],
            conversation_id=customer.id,
            clock="resolution",
            started_at=now,
            due_at=now,
            warned_at=now,
        )
        session.add(row)


async def worked_on_together(bot: Bot, customer: Customer, desk: Desk, handoff: str) -> None:
    """What several people on one conversation leave behind; it ends with ``desk`` having it again."""
    other = await bot.desk(f"hugo-{desk.name.lower()}")
    _, me = await other.call("GET", "me")
    note = {"client_message_id": "note", "text": "regarde", "mentions": [me["user"]["id"]]}
    await desk.call("POST", f"conversations/{customer.id}/notes", note)
    await desk.call("PUT", f"handoffs/{handoff}/tags", {"tags": ["colis perdu"]})
    later = {"until": (bot.clock() + timedelta(hours=1)).isoformat(), "reason": "attend le colis"}
    await desk.call("POST", f"handoffs/{handoff}/snooze", later)
    await customer.post("read", {"seq": 1})
    assert (await desk.call("POST", f"handoffs/{handoff}/transfer", {"to_skill": "general"}))[0] == 200
    await desk.call("POST", f"handoffs/{handoff}/accept")


async def proofs(bot: Bot, customer: Customer) -> None:
    """What proving an address, a private page and a second channel leave behind."""
    now = bot.clock()
    async with bot.services.db.write() as session:
        person = (await session.get_one(Conversation, customer.id)).customer_id
        code = OneTimeCode(
            conversation_id=customer.id, email=f"{person}@a.test".lower(), code_hash="", created_at=now, expires_at=now
        )
        page = PrivatePage(conversation_id=customer.id, title="", created_at=now, expires_at=now)
        link = CustomerLink(
            customer_id=person, linked_to=person, conversation_id=customer.id, channel="web", created_at=now
        )
        thread = ChannelThread(conversation_id=customer.id, channel="web", account=person, created_at=now)
        ours = {"conversation_id": customer.id, "channel": "web"}
        deep = DeepLink(token_hash=person, created_at=now, expires_at=now, **ours)
        consent = Consent(customer_id=person, purpose="history", granted=True, at=now, **ours)
        session.add_all([code, page, link, thread, deep, consent])
        await session.flush()
        mail = Mail(
            conversation_id=customer.id, code_id=code.id, recipient=code.email, next_attempt_at=now, created_at=now
        )
        events = select(HandoffEvent).where(HandoffEvent.conversation_id == customer.id, HandoffEvent.number == 1)
        event = (await session.execute(events)).scalar_one()
        ours = {"handoff_id": event.handoff_id, "conversation_id": customer.id}
        due = WebhookDelivery(event_id=event.id, target=1, next_attempt_at=now, created_at=now, **ours)
        session.add_all([mail, due, SlipChange(line="question", text="autre", changed_at=now, **ours)])
        session.add(DeskReading(conversation_id=customer.id, read_seq=1, read_at=now))
        await session.flush()
        await on_telegram(session, customer, person, event.handoff_id)
        await in_a_gap(session, bot, customer, person)


async def in_a_gap(session: AsyncSession, bot: Bot, customer: Customer, person: str) -> None:
    """Their questions in a gap, whose answer they are owed."""
    now, theirs = bot.clock(), UnansweredQuestion.conversation_id == customer.id
    gap = Gap(state="open", created_at=now, changed_at=now)
    session.add(gap)
    await session.flush()
    ours: Any = {"gap_id": gap.id, "conversation_id": customer.id}
    for question_id in (await session.execute(select(UnansweredQuestion.id).where(theirs))).scalars():
        session.add(GapQuestion(question_id=question_id, place=0, **ours))
    session.add(GapTelling(customer_id=person, question_id="q", article_id="a", created_at=now, **ours))


async def on_telegram(session: AsyncSession, customer: Customer, person: str, handoff_id: str) -> None:
    """A chat, what it shows of ours, and a place in the queue."""
    first = select(Message.id).where(Message.conversation_id == customer.id, Message.seq == 1)
    message_id, chat_id = (await session.execute(first)).scalar_one(), zlib.crc32(customer.id.encode())
    theirs: Any = {"conversation_id": customer.id, "telegram_id": 1}
    session.add(TelegramChat(chat_id=chat_id, customer_id=person))
    session.add(TelegramMessage(message_id=message_id, part=0, **theirs))
    session.add(TelegramPlace(handoff_id=handoff_id, shown="1", **theirs))
    run = IncidentRun(incident_id="i", name="Grève", started_at=OPEN_HOUR, tells_from=OPEN_HOUR)
    session.add(run)
    await session.flush()
    session.add(IncidentTold(run_id=run.id, conversation_id=customer.id, how="asked", at=OPEN_HOUR))


async def counts(bot: Bot) -> dict[str, int]:
    async with bot.services.db.read() as session:
        return {
            table.name: int((await session.execute(select(func.count()).select_from(table))).scalar_one())
            for table in Base.metadata.sorted_tables
        }


async def test_nothing_is_left_of_a_person_and_nobody_else_is_touched(bot: Bot) -> None:
    await a_life(bot, "C-1")
    alone = await counts(bot)
    erased = await a_life(bot, "C-2")
    both = await counts(bot)
    empty = [name for name, count in alone.items() if count == 0 and name not in KEPT]
    assert empty == [], "the life above must leave something in every table, or this test proves little"
    redis = bot.services.redis
    assert isinstance(redis, Redis)
    await redis.set(TRACKER_KEY.format(erased.id), "theirs")
    await redis.set(PAST_KEY.format(erased.id), "theirs of before")
    await redis.set(TRACKER_KEY.format("another"), "somebody's")
    async with bot.services.db.read() as session:
        customer_id = (await session.get_one(Conversation, erased.id)).customer_id
        assert (await session.execute(select(func.count()).select_from(Promise))).scalar_one() == 2
        # What nothing answered and what did not help, of either.
        assert (await session.execute(select(func.count()).select_from(UnansweredQuestion))).scalar_one() == 4
    assert await erase_customer(bot.services, customer_id) == 1
    after = await counts(bot)
    for name, count in after.items():
        if name not in OURS | {"customers"}:
            assert count == alone[name], name
    assert after["customers"] == both["customers"] - 1
    assert await redis.get(TRACKER_KEY.format(erased.id)) is None
    assert await redis.get(PAST_KEY.format(erased.id)) is None
    assert await redis.get(TRACKER_KEY.format("another")) == b"somebody's"
    async with bot.client.get(erased.url("messages"), headers=erased.headers) as response:
        assert response.status == 404
    async with bot.services.db.read() as session:
        entry = (await session.execute(select(AuditEntry).where(AuditEntry.action == "customer_erased"))).scalar_one()
    assert entry.target == customer_id
    with pytest.raises(Refusal):
        await erase_customer(bot.services, customer_id)


def asks_to_be_forgotten(request: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"text": f"écho : {request.get('text')}"}, {"custom": {"erase_conversations": {}}}]


async def promised(bot: Bot) -> list[Promise]:
    async with bot.services.db.read() as session:
        return list((await session.execute(select(Promise))).scalars())


async def test_who_asks_to_be_forgotten_has_a_day_to_read_the_answer(
    make_bot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.erasing._LOOK_EVERY_SECONDS", 3600.0)  # the test looks
    bot: Bot = await make_bot()
    stays = await bot.customer(identity=identity(bot, sub="C-1", jti="1"))
    await stays.ask("bonjour")
    goes = await bot.customer(identity=identity(bot, sub="C-2", jti="2"))
    bot.neighbours.replies = asks_to_be_forgotten
    await goes.ask("effacez mes données")
    await goes.ask("oui")  # once is enough
    (promise,) = await promised(bot)
    assert (promise.kind, promise.conversation_id) == ("erasure", goes.id)
    bot.clock.forward(23 * 3600)
    assert await keep_promises(bot.services) == 0
    bot.clock.forward(2 * 3600)
    assert await keep_promises(bot.services) == 1
    async with bot.services.db.read() as session:
        assert list((await session.execute(select(Conversation.id))).scalars()) == [stays.id]
    assert await keep_promises(bot.services) == 0


async def test_nobody_unproven_can_have_anything_erased(bot: Bot) -> None:
    bot.neighbours.replies = asks_to_be_forgotten
    await (await bot.customer()).ask("effacez mes données")
    assert await promised(bot) == []
