"""A promise is a record with a deadline: spoken of before it is missed, said when it was, closed when it is kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.identity import Mail
from bot.db.people import AuditEntry
from bot.promises.rules import warn_moment
from bot.promises.watching import look
from service import Service
from service.levels import PromiseRules
from tests.bot.conftest import OPEN_HOUR, SUNDAY, Bot, Customer, Desk
from tests.bot.mail_server import mail_server
from tests.bot.test_handoff import taken

Json = dict[str, Any]


async def promised(desk: Desk, customer: Customer, due_at: datetime, **wish: Any) -> Json:
    body = {"kind": "reply", "text": "Le délai exact de la lampe", "due_at": due_at.isoformat()} | wish
    status, answer = await desk.call("POST", f"conversations/{customer.id}/promises", body)
    assert status == 201, answer
    return answer["promise"]


async def notices(customer: Customer) -> list[str]:
    return [each["text"] for each in (await customer.read())["messages"] if each["kind"] == "notice"]


async def alerts(desk: Desk) -> list[tuple[str, str]]:
    status, body = await desk.call("GET", "alerts")
    assert status == 200
    return [(each["what"], each["state"]) for each in body["alerts"] if each["kind"] == "promise"]


async def listed(desk: Desk, query: str = "") -> list[Json]:
    status, body = await desk.call("GET", f"promises{query}")
    assert status == 200, body
    return body["promises"]


async def actions(bot: Bot, target: str) -> list[str]:
    async with bot.services.db.read() as session:
        found = select(AuditEntry.action).where(AuditEntry.target == target).order_by(AuditEntry.id)
        return list((await session.execute(found)).scalars())


async def test_the_supervisor_is_alerted_and_the_customer_told_once_before_it_is_missed(
    bot: Bot, make_bot: Any
) -> None:
    customer = await bot.customer(locale="fr")
    claire, _ = await taken(bot, customer)
    marc = await bot.desk("marc", "supervisor")
    other = await make_bot()  # a second process watches the same record
    promise = await promised(claire, customer, bot.clock() + timedelta(hours=8))
    made = (await notices(customer))[-1]
    assert made.startswith("Claire vous promet une réponse")
    assert "Le délai exact de la lampe" in made
    assert "mardi 24 novembre à 19" in made
    bot.clock.forward(5.9 * 3600)
    await look(bot.services)
    assert await alerts(marc) == []
    before = len(await notices(customer))
    bot.clock.forward(0.2 * 3600)
    await asyncio.gather(*(look(one.services) for one in (bot, other, bot, other)))
    await look(other.services)
    assert await alerts(marc) == [("reply", "warning")]
    said = (await notices(customer))[before:]
    assert len(said) == 1, said
    assert "pas oublié" in said[0]
    status, answer = await claire.call("POST", f"promises/{promise['promise_id']}/kept")
    assert (status, answer["promise"]["status"], answer["promise"]["kept_by"]["name"]) == (200, "kept", "Claire")
    again = await claire.call("POST", f"promises/{promise['promise_id']}/kept")
    assert again == (status, answer)
    bot.clock.forward(5 * 3600)
    await look(bot.services)
    assert await alerts(marc) == []
    assert len(await notices(customer)) == before + 1
    assert await actions(bot, promise["promise_id"]) == ["promise_made", "promise_warned", "promise_kept"]


@pytest.mark.parametrize("wanted", [True, False])
async def test_supervisors_get_one_mail_without_the_customer_in_it(
    make_bot: Any, company: Service, wanted: bool
) -> None:
    rules = company.model_copy(update={"promises": company.promises.model_copy(update={"mail_supervisors": wanted})})
    async with mail_server() as server:
        bot: Bot = await make_bot(rules=rules, smtp_url=server.url(), mail_from="relais@maison-alder.test")
        customer = await bot.customer(locale="fr")
        claire, _ = await taken(bot, customer)
        await bot.desk("marc", "supervisor")
        await bot.desk("ada", "admin")
        await promised(claire, customer, bot.clock() + timedelta(hours=8))
        bot.clock.forward(7 * 3600)
        await look(bot.services)
        await look(bot.services)
        async with bot.services.db.read() as session:
            waiting = (await session.execute(select(Mail.recipient))).scalars().all()
        assert list(waiting) == (["marc@maison-alder.test"] if wanted else [])
        if wanted:
            (mail,) = await server.until(1)
            text = mail.get_content()
            assert "une promesse est à tenir au plus tard mardi 24 novembre" in str(mail["subject"])
            assert "une réponse" in text
            assert "Promis par\u00a0: Claire" in text
            assert "lampe" not in text


async def test_what_was_missed_is_said_once_and_can_still_be_kept(bot: Bot) -> None:
    customer = await bot.customer(locale="en")
    claire, handoff = await taken(bot, customer)
    marc = await bot.desk("marc", "supervisor")
    promise = await promised(claire, customer, bot.clock() + timedelta(hours=2), kind="other", text="Send the form")
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    before = len(await notices(customer))
    bot.clock.forward(3 * 3600)
    for _ in range(3):
        await look(bot.services)
    said = (await notices(customer))[before:]
    assert len(said) == 1, said
    assert "“Send the form”" in said[0]
    assert "sorry" in said[0]
    assert await alerts(marc) == [("other", "late")]
    (row,) = await listed(marc, "?status=missed")
    assert (row["state"], row["missed_at"] is not None) == ("late", True)
    # Whoever serves the customer next sees it.
    await customer.post("handoff", {})
    hugo = await bot.desk("hugo")
    _, context = await hugo.call("GET", f"handoffs/{(await hugo.queue())[0]['handoff_id']}")
    (shown,) = context["context"]["who"]["promises_open"]
    assert (shown["promise_id"], shown["status"], shown["text"]) == (promise["promise_id"], "missed", "Send the form")
    status, answer = await hugo.call("POST", f"promises/{promise['promise_id']}/kept")
    assert (status, answer["promise"]["status"]) == (200, "kept")
    assert answer["promise"]["missed_at"] is not None
    assert await alerts(marc) == []


async def test_another_deadline_and_a_withdrawal_are_told_to_the_customer(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    claire, _ = await taken(bot, customer)
    promise = await promised(claire, customer, bot.clock() + timedelta(hours=1), text="")
    path = f"promises/{promise['promise_id']}"
    bot.clock.forward(50 * 60)
    await look(bot.services)
    later = (bot.clock() + timedelta(days=1)).isoformat()
    for _ in range(2):
        status, answer = await claire.call("PATCH", path, {"due_at": later})
        assert (status, answer["promise"]["state"], answer["promise"]["alerted_at"]) == (200, "fine", None)
    said = await notices(customer)
    assert [text for text in said if "au lieu de" in text] == [said[-1]]
    for _ in range(2):
        status, answer = await claire.call("POST", f"{path}/cancelled")
        assert (status, answer["promise"]["status"]) == (200, "cancelled")
    said = await notices(customer)
    assert [text for text in said if "n’est plus prévu" in text] == [said[-1]]
    for tail in ("/kept", ""):
        status, error = await claire.call("POST" if tail else "PATCH", path + tail, {"due_at": later})
        assert (status, error["error"]["code"]) == (409, "promise_over")
    assert await listed(claire) == []


IMPOSSIBLE: list[tuple[Json, str]] = [
    ({"kind": "erasure"}, "bad_promise"),
    ({"kind": "other", "text": "  "}, "bad_promise"),
    ({"text": "x" * 301}, "bad_request"),
    ({"text": "\x00"}, "bad_request"),
    ({"due_at": None}, "bad_due"),
    ({"due_at": "demain"}, "bad_due"),
    ({"due_at": "2026-11-25T12:00:00"}, "bad_due"),
    ({"due_at": "2026-11-24T09:00:00Z"}, "bad_due"),
    ({"due_at": "2030-01-01T09:00:00Z"}, "bad_due"),
    ({"due_at": "0001-01-01T00:00:00+14:00"}, "bad_due"),
    ({"kind": "call_back", "phone": "12"}, "bad_contact"),
]


async def test_what_cannot_be_promised(bot: Bot) -> None:
    customer = await bot.customer()
    claire, _ = await taken(bot, customer)
    for wish, code in IMPOSSIBLE:
        body = {"kind": "reply", "text": "", "due_at": "2026-11-25T12:00:00Z"} | wish
        status, error = await claire.call("POST", f"conversations/{customer.id}/promises", body)
        assert (status, error["error"]["code"]) == (422, code), wish


async def test_who_may_promise_and_who_may_look(bot: Bot) -> None:
    customer, alone = await bot.customer(), await bot.customer()
    claire, _ = await taken(bot, customer)
    hugo, marc, ines = await bot.desk("hugo"), await bot.desk("marc", "supervisor"), await bot.desk("ines", "writer")
    body = {"kind": "reply", "text": "oui", "due_at": "2026-11-25T12:00:00Z", "client_promise_id": "p1"}
    path = f"conversations/{customer.id}/promises"
    status, error = await hugo.call("POST", path, body)
    assert (status, error["error"]["code"]) == (403, "not_your_conversation")
    assert (await claire.call("POST", f"conversations/{alone.id}/promises", body))[0] == 404
    first, second = await claire.call("POST", path, body), await claire.call("POST", path, body)
    assert (first[0], second[0], first[1]) == (201, 200, second[1])
    assert (await marc.call("POST", path, body))[0] == 201
    promise = first[1]["promise"]["promise_id"]
    assert {row["made_by"]["name"] for row in await listed(hugo)} == {"Claire", "Marc"}
    assert await listed(hugo, "?mine=1") == []
    assert len(await listed(marc, "?mine=1")) == 1
    assert (await claire.call("GET", "promises?status=nonsense"))[0] == 422
    assert (await hugo.call("GET", "alerts"))[0] == 403
    for method, tail in (
        ("GET", "promises"),
        ("GET", "alerts"),
        ("POST", path),
        ("PATCH", f"promises/{promise}"),
        ("POST", f"promises/{promise}/kept"),
        ("POST", f"promises/{promise}/cancelled"),
        ("POST", f"promises/{promise}/attempts"),
    ):
        assert (await ines.call(method, tail, body if method != "GET" else None))[0] == 403
    assert (await hugo.call("POST", "promises/nothing/kept"))[0] == 404


async def test_releasing_for_a_call_back_promises_one_in_opening_hours(bot: Bot) -> None:
    bot.clock.set(SUNDAY - timedelta(days=1))  # a Saturday at 11:00 in Paris: a day later nobody is there
    customer = await bot.customer(locale="fr")
    claire, handoff = await taken(bot, customer)
    await claire.call("POST", f"handoffs/{handoff}/release", {"outcome": "callback"})
    (row,) = await listed(claire)
    assert (row["kind"], row["due_at"]) == ("call_back", datetime(2026, 11, 30, 9, tzinfo=UTC).isoformat())
    messages = (await customer.read())["messages"]
    assert "un appel, au plus tard lundi 30 novembre à 10" in messages[-2]["text"]
    assert messages[-1]["rating_requested"] is True


async def test_what_a_task_accepted_for_later_is_promised(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    bot.neighbours.replies = lambda request: [
        {"text": "C’est enregistré."},
        {"custom": {"promise": {"kind": "enquiry", "subject": "RP-12"}}},
    ]
    sent = await customer.say("ma lampe est cassée")
    _, told = await customer.until(2, sent["seq"])
    assert told["text"].startswith("Notre équipe vous promet la réponse à votre dossier")
    (row,) = await listed(await bot.desk("claire"))
    due = datetime.fromisoformat(row["due_at"])
    assert timedelta(days=9, hours=23) < due - OPEN_HOUR < timedelta(days=10, hours=1)
    assert (row["kind"], row["text"], row["made_by"]) == ("enquiry", "Donner la réponse du dossier RP-12", None)


@pytest.mark.parametrize(
    ("minutes", "before"),
    [(600, 150), (40, 15), (20, 10), (2, 1), (0, 0)],  # a quarter of it, but 15 minutes, but never its first half
)
def test_when_a_promise_is_spoken_of(minutes: int, before: int) -> None:
    due = OPEN_HOUR + timedelta(minutes=minutes)
    assert warn_moment(PromiseRules(), OPEN_HOUR, due) == due - timedelta(minutes=before)
