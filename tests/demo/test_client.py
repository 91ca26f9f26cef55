"""The client that Relais uses, against the demo shop: rights, refusals, and what is known when a call fails."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import jwt
import pytest
from aiohttp import web

from actions.back_office import (
    Address,
    BackOffice,
    BackOfficeError,
    Customer,
    Item,
    NoSuchOrderError,
    NotVerifiedError,
    RefusedError,
)
from demo.back_office import BASE
from tests.demo.office import TOKEN, Client, Office

SECRET = "the-secret-that-bot-and-actions-share"
HERE = Address(line1="4 rue Kervégan", postcode="44000", city="Nantes")


def signed(**claims: Any) -> str:
    now = datetime.now(UTC)
    standard = {
        "iss": "relais-bot",
        "aud": "relais-actions",
        "cid": "c-1",
        "iat": now,
        "exp": now + timedelta(minutes=5),
    }
    return jwt.encode({**standard, **claims}, SECRET, algorithm="HS256")


@asynccontextmanager
async def patient(url: str, seconds: float = 30.0) -> AsyncIterator[BackOffice]:
    """The client, which waits so long for an answer."""
    made = BackOffice(url, TOKEN, SECRET, timeout_seconds=seconds)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def relais(client: Client) -> AsyncIterator[BackOffice]:
    async with patient(str(client.make_url(BASE))) as made:
        yield made


@pytest.fixture
def camille(relais: BackOffice) -> Customer:
    return relais.customer(signed(sub="C-1001", assurance="verified"), "c-1")


async def test_each_change_of_a_customer(camille: Customer, office: Office) -> None:
    prepared, delivered = await camille.order("MA-104871"), await camille.order("MA-104530")
    lamp, cups = Item(sku="LMP-GLT-03"), Item(sku="TBL-LCH-03")
    moved = await camille.change_address(prepared, HERE, idempotency_key="1")
    assert moved.address_city == "Nantes"
    cancelled = await camille.cancel(prepared, idempotency_key="2", reason="autre")
    assert (cancelled.status, cancelled.refund_eur, cancelled.refunded_by) == ("cancelled", 0, None)
    label = await camille.create_return(delivered, [cups], reason="…", method="pickup_point", idempotency_key="3")
    assert label.label_url
    assert label.refund_eur == 19.5
    problem = await camille.report_problem(
        delivered, [lamp], kind="broken", description="…", wish="refund", idempotency_key="4", file_ids=["f"]
    )
    assert (problem.status, problem.resolution, problem.amount_eur) == ("accepted", "refund", 59.0)
    assert [refund.status for refund in await camille.refunds(delivered)] == ["issued", "waiting_parcel"]
    repair = await camille.repair(delivered, "LMP-GLT-03", symptom="…", idempotency_key="5", diagnosis="…")
    assert (repair.under, repair.price_eur, repair.days) == ("legal_guarantee", 0, (10, 15))
    changed = await camille.change_contact(email="new@exemple.test", idempotency_key="6")
    assert (changed.status, changed.customer.email) == ("pending_confirmation", "camille.laurent@maison-alder.test")
    assert (await camille.erase(idempotency_key="7")).done_by > date(2026, 3, 11)
    assert [name for name, _ in await office.changes()] == [
        "delivery_address", "cancellation", "return", "problem", "repair", "contact", "erasure",
    ]  # fmt: skip
    again = await camille.cancel(prepared, idempotency_key="2", reason="autre")
    assert again == cancelled


async def test_each_read_of_a_customer(camille: Customer, relais: BackOffice) -> None:
    assert (await camille.profile()).phone == "+33639980101"
    assert (await camille.loyalty()).expiring[0].points == 190
    assert {"alder_atelier", "legal_guarantee", "none"} == {each.under for each in await camille.guarantees()}
    invoice = await camille.invoice(await camille.order("MA-104233"))
    assert invoice is not None
    assert invoice.total_eur == 153.0
    assert await camille.invoice(await camille.order("MA-104871")) is None
    assert (await camille.export())["customer"]["name"] == "Camille Laurent"
    assert [shop.city for shop in await relais.shops("Nantes", limit=2)] == ["Nantes", "Angers"]
    order = await camille.order("MA-104530")
    assert (order.returns_until, order.problems_until) == (date(2026, 4, 5), date(2026, 3, 13))


async def test_an_order_of_somebody_else_does_not_exist(camille: Customer, relais: BackOffice, office: Office) -> None:
    julien = relais.customer(signed(sub="C-1002", assurance="verified"), "c-1")
    theirs = await julien.order("MA-104872")
    with pytest.raises(NoSuchOrderError):
        await camille.order("MA-104872")
    for call in (
        camille.cancel(theirs, idempotency_key="1"),
        camille.change_address(theirs, HERE, idempotency_key="2"),
        camille.repair(theirs, "LMP-GLT-03", symptom="…", idempotency_key="3"),
        camille.refunds(theirs),
        camille.invoice(theirs),
    ):
        with pytest.raises(NoSuchOrderError):
            await call
    assert await office.changes() == []


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("cancel", "not_cancellable"),
        ("change_address", "not_changeable"),
        ("close", "open_orders"),
        ("email", "email_taken"),
        ("shops", "place_unknown"),
    ],
)
async def test_a_refusal_has_its_code(camille: Customer, relais: BackOffice, call: str, code: str) -> None:
    shipped = await camille.order("MA-104233")
    calls: dict[str, Callable[[], Awaitable[Any]]] = {
        "cancel": lambda: camille.cancel(shipped, idempotency_key="1"),
        "change_address": lambda: camille.change_address(shipped, HERE, idempotency_key="1"),
        "close": lambda: camille.close(idempotency_key="1"),
        "email": lambda: camille.change_contact(email="julien.morel@maison-alder.test", idempotency_key="1"),
        "shops": lambda: relais.shops("Zzyzx"),
    }
    with pytest.raises(RefusedError) as refused:
        await calls[call]()
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("mode", "patience", "maybe_done"), [("down", 30.0, False), ("nonsense", 30.0, True), ("slow", 0.5, True)]
)
async def test_a_failure_tells_whether_it_may_have_happened(
    client: Client, camille: Customer, office: Office, mode: str, patience: float, *, maybe_done: bool
) -> None:
    order = await camille.order("MA-104871")
    await office.mode(mode=mode, seconds=120)
    async with patient(str(client.make_url(BASE)), patience) as relais:
        hasty = relais.customer(signed(sub="C-1001", assurance="verified"), "c-1")
        with pytest.raises(BackOfficeError) as failed:
            await hasty.cancel(order, idempotency_key="1")
        assert failed.value.maybe_done is maybe_done
        with pytest.raises(BackOfficeError) as read:
            await hasty.order("MA-104871")
        assert read.value.maybe_done is False


async def test_nothing_was_done_where_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # ours, and silent, as long as the block lasts
        async with patient(f"http://127.0.0.1:{taken.getsockname()[1]}") as nowhere:
            with pytest.raises(BackOfficeError) as failed:
                await nowhere.customer(signed(sub="C-1001", assurance="verified"), "c-1").close(idempotency_key="1")
    assert failed.value.maybe_done is False


async def test_one_message_may_ask_for_two_changes(camille: Customer) -> None:
    prepared = await camille.order("MA-104871")
    moved = await camille.change_address(prepared, HERE, idempotency_key="message-1")
    cancelled = await camille.cancel(prepared, idempotency_key="message-1")
    assert (moved.address_city, cancelled.status) == ("Nantes", "cancelled")


async def test_an_account_found_by_a_loose_search_is_nobodys(aiohttp_server: Any) -> None:
    async def loose(_: web.Request) -> web.Response:
        return web.json_response({"customer_id": "C-1", "email": "strasse@maison-alder.test"})

    app = web.Application()
    app.router.add_get(f"{BASE}/customers/lookup", loose)
    server = await aiohttp_server(app)
    async with patient(str(server.make_url(BASE))) as office:
        found = [
            await office.lookup(signed(purpose="lookup", email=f"{name}@maison-alder.test"), "c-1")
            for name in ("Strasse", "straße")
        ]
    assert [account and account.customer_id for account in found] == ["C-1", None]


async def test_a_lookup_needs_its_own_token_which_gives_no_other_right(relais: BackOffice) -> None:
    lookup = signed(purpose="lookup", email="Camille.Laurent@maison-alder.test")
    account = await relais.lookup(lookup, "c-1")
    assert account is not None
    assert account.customer_id == "C-1001"
    assert await relais.lookup(signed(purpose="lookup", email="nobody@maison-alder.test"), "c-1") is None
    verified = signed(sub="C-1001", assurance="verified")
    for token, conversation in ((verified, "c-1"), (lookup, "c-2"), (None, "c-1"), ("x.y.z", "c-1")):
        with pytest.raises(NotVerifiedError):
            await relais.lookup(token, conversation)
    for claims in ({}, {"sub": "C-1001"}, {"assurance": "verified"}, {"sub": "C-1001", "assurance": "claimed"}):
        with pytest.raises(NotVerifiedError):
            relais.customer(signed(**claims), "c-1")
    with pytest.raises(NotVerifiedError):
        relais.customer(lookup, "c-1")
