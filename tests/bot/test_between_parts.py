"""Where two parts of the desk meet: nothing is doubled, lost, or seen by whom it is not meant for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from bot.channels.registry import default_channels
from bot.clocks import watching
from bot.clocks.reading import read_runs
from bot.db.models import Conversation, Handoff, OutboxItem
from bot.db.people import User
from bot.db.together import Snooze
from bot.db.webhooks import HandoffEvent
from bot.errors import NeighbourError
from bot.handoff import snooze
from bot.handoff.request import Wish, request_handoff
from bot.users import put_user
from tests.bot.conftest import HASH, PASSWORD, Bot
from tests.bot.mail_server import mail_server
from tests.bot.preparing import offered, press
from tests.bot.proving import KNOWN
from tests.bot.test_handoff import identity, taken
from tests.bot.test_offers import time_goes_by
from tests.bot.test_outbox import PushedChannel, settled, started
from tests.bot.test_private import LINK, Public, on_public
from tests.bot.test_slip import lines, put, waiting
from tests.bot.test_snooze import put_off


class HeldChannel(PushedChannel):
    """Takes as long over a delivery as it is held."""

    def __init__(self) -> None:
        super().__init__()
        self.go, self.entered = asyncio.Event(), asyncio.Event()

    async def deliver(self, conversation_id: str, message: dict[str, Any]) -> None:
        if not self.failures:
            self.entered.set()
            await self.go.wait()
        await super().deliver(conversation_id, message)


async def test_a_press_on_try_again_does_not_double_what_is_on_its_way(make_bot: Any) -> None:
    bot, _, customer = await started(make_bot)
    channel = HeldChannel()
    bot.services.channels["pushed"] = channel
    await make_bot(channels={**default_channels(), "pushed": channel})
    channel.failures = [NeighbourError("flood", "", retry_after=0.1)]
    claire = await bot.desk("claire")
    await customer.say("un")
    await asyncio.wait_for(channel.entered.wait(), 30)
    await customer.post("handoff", {})
    async with bot.services.db.read() as session:
        item = (await session.execute(select(OutboxItem).order_by(OutboxItem.seq))).scalars().first()
    assert item is not None
    assert (await claire.call("POST", f"conversations/{customer.id}/messages/{item.message_id}/retry"))[0] == 200
    await asyncio.sleep(1.2)
    channel.go.set()
    await settled(bot, 2)
    assert channel.delivered.count("écho : un") == 1


async def test_a_reply_under_the_id_of_a_note_is_refused_and_not_taken_for_sent(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, _ = await taken(bot, customer)
    body = {"client_message_id": "1", "text": "fragile, à ménager"}
    assert (await claire.call("POST", f"conversations/{customer.id}/notes", body))[0] == 202
    reply = body | {"text": "Bonjour !"}
    status, answer = await claire.call("POST", f"conversations/{customer.id}/messages", reply)
    assert (status, answer["error"]["code"]) == (422, "bad_client_message_id")


async def test_what_is_typed_on_a_private_page_wakes_it_too(make_bot: Any) -> None:
    async with mail_server() as mails:
        public: Public = await on_public(make_bot, smtp_url=mails.url(), mail_from="A <aide@maison-alder.test>")
        customer = public.customer
        claire, handoff = await taken(public.bot, customer)
        _, card = await offered(claire, customer)
        await press(customer, card)
        (path,) = LINK.findall((await customer.read())["messages"][-1]["text"])
        await put_off(public.bot, claire, handoff)
        assert (await public.call("POST", path, value=KNOWN))[0] == 200
        assert (await claire.queue())[0]["woken_by"] == "customer"


async def test_undoing_a_release_as_spam_gives_back_no_call_that_was_withdrawn_before(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    await customer.post("handoff", {"contact": "call_now", "phone": "+33 6 12 34 56 78"})
    claire = await bot.desk("claire")
    handoff = (await claire.queue())[0]["handoff_id"]
    await claire.call("POST", f"handoffs/{handoff}/accept")
    (call,) = (await claire.call("GET", "promises"))[1]["promises"]
    assert (await claire.call("POST", f"promises/{call['promise_id']}/cancelled"))[0] == 200
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "spam"})
    assert (await claire.call("POST", f"handoffs/{handoff}/reopen"))[0] == 200
    assert (await claire.call("GET", "promises"))[1]["promises"] == []


async def test_days_out_of_every_calendar_are_refused(bot: Bot) -> None:
    claire = await bot.desk("claire")
    for asked in ("from=0001-01-01", "to=9999-12-31"):
        status, answer = await claire.call("GET", f"search?q=lampe&{asked}")
        assert (status, answer["error"]["code"]) == (422, "bad_request")


async def test_nobody_waits_for_an_account_that_was_closed_halfway(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    await taken(bot, customer)
    async with bot.services.db.write() as session:  # the process died before it gave back what she had
        await session.execute(update(User).values(status="disabled", seen_at=None))
    await time_goes_by(bot)
    assert (await customer.read())["state"]["owner"] == "queue"


async def test_a_danger_never_moves_one_back_who_stands_at_the_head(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, handoff = await taken(bot, customer)
    await claire.call("POST", f"handoffs/{handoff}/transfer", {"to_skill": "general"})
    before = await _queue_at(bot)
    await request_handoff(bot.services, customer.id, Wish("sensitive_topic", skill="sensitive"))
    assert await _queue_at(bot) <= before


async def _queue_at(bot: Bot) -> Any:
    async with bot.services.db.read() as session:
        return (await session.execute(select(Handoff.queue_at))).scalar_one()


async def test_a_question_that_was_struck_out_stands_in_no_list_of_calls(bot: Bot) -> None:
    customer = await waiting(bot, {"contact": "call_now", "phone": "+33 6 12 34 56 78"})
    claire = await bot.desk("claire")
    question = (await lines(customer))["question"]["id"]
    assert "bleue" in str((await claire.call("GET", "promises"))[1])
    await put(customer, {"id": question, "text": "où est mon colis ?"})
    (row,) = (await claire.call("GET", "promises"))[1]["promises"]
    assert row["question"] == "où est mon colis ?"
    await put(customer, {"id": question, "struck": True})
    (row,) = (await claire.call("GET", "promises"))[1]["promises"]
    assert not row["question"]


async def test_who_joined_as_a_supervisor_and_is_none_any_more_replies_no_longer(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    _, handoff = await taken(bot, customer)
    marc = await bot.desk("marc", "supervisor")
    await marc.call("POST", f"handoffs/{handoff}/join")
    async with bot.services.db.write() as session:
        await session.execute(update(User).where(User.name == "Marc").values(role="advisor"))
    reply = {"client_message_id": "1", "text": "Bonjour."}
    assert (await marc.call("POST", f"conversations/{customer.id}/messages", reply))[0] == 403


async def test_a_moment_that_was_moved_at_the_last_second_is_kept(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, handoff = await taken(bot, customer)
    await put_off(bot, claire, handoff, hours=5)
    async with bot.services.db.read() as session:
        row = (await session.execute(select(Snooze))).scalar_one()
    before = row.until - timedelta(hours=5)
    assert await snooze._wake(bot.services, row.handoff_id, row.conversation_id, before) is False
    assert (await claire.queue())[0]["snoozed_until"] is not None


async def test_who_was_answered_meanwhile_is_not_told_that_we_are_late(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, _ = await taken(bot, customer)
    bot.clock.forward(49 * 3600)
    claire = await bot.desk("claire")
    async with bot.services.db.read() as session:
        (handoff,) = (await session.execute(select(Handoff))).scalars()
        found = (await read_runs(bot.services, session, [handoff]))[handoff.id]
    late = next(run for run in found if run.clock == "customer")
    body = {"client_message_id": "1", "text": "Je suis là."}
    assert (await claire.call("POST", f"conversations/{customer.id}/messages", body))[0] == 202
    await watching._write(bot.services, watching._Change(handoff.id, customer.id, late))
    assert (await customer.read())["messages"][-1]["text"] == "Je suis là."


async def test_signing_in_on_another_page_shows_the_card_again(bot: Bot) -> None:
    customer = await bot.customer(locale="fr", identity=identity(bot))
    claire, _ = await taken(bot, customer)
    async with bot.services.db.write() as session:
        await session.execute(update(Conversation).values(verified_at=bot.clock().replace(year=2020)))
    prepared, card = await offered(claire, customer)
    await press(customer, card)
    async with bot.client.post("/api/v1/conversations", json={"identity": identity(bot), "resume": True}) as response:
        opened = await response.json()
    assert opened["conversation_id"] == customer.id
    assert opened["messages"][-1]["prepared"]["id"] == prepared


async def test_an_office_that_signs_in_at_the_same_moment_need_not_wait(bot: Bot) -> None:
    names = [f"advisor{number}" for number in range(5)]
    for name in names:
        email = f"{name}@maison-alder.test"
        await put_user(bot.services.db, bot.clock, email, name, "advisor", HASH, ["fr"], [])

    async def signs_in(name: str) -> int:
        body = {"email": f"{name}@maison-alder.test", "password": PASSWORD}
        async with bot.client.post("/api/v1/desk/session", json=body) as response:
            return response.status

    assert set(await asyncio.gather(*map(signs_in, names))) == {200}


async def test_an_address_with_a_nul_is_refused_before_any_database_sees_it(bot: Bot) -> None:
    claire = await bot.desk("claire")
    for path in ("handoffs/%00", "conversations/a%00/messages", "promises?conversation=%00", "tags?q=%00"):
        assert (await claire.call("GET", path))[0] == 422


async def test_the_same_number_again_is_told_to_nobody_twice(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    await customer.post("handoff", {"contact": "call_now", "phone": "+33 6 12 34 56 78"})
    claire = await bot.desk("claire")
    (call,) = (await claire.call("GET", "promises"))[1]["promises"]
    for _ in range(2):
        await claire.call("PATCH", f"promises/{call['promise_id']}", {"phone": "+33 6 98 76 54 32"})
    async with bot.services.db.read() as session:
        types = list((await session.execute(select(HandoffEvent.type))).scalars())
    assert types.count("context_changed") == 1
