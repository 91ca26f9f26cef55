"""`python -m actions.contract`: the demo shop keeps the contract, and a back office that breaks it is found out."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from actions.contract.__main__ import main
from actions.contract.reads import check_reads
from actions.contract.session import Session
from actions.contract.writes import check_writes
from demo.app import create_app
from demo.back_office import BASE
from tests.demo.office import BEARER, TOKEN, Client, Office, settings

ROOT = Path(__file__).parents[2]
SCRATCH = ["MA-104901", "MA-104902", "MA-104903"]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def contract(*arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "actions.contract", *arguments,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 100)
    return process.returncode or 0, out.decode(), err.decode()


def at(client: Client) -> tuple[str, ...]:
    return "--url", str(client.make_url(BASE)), "--token", TOKEN


async def test_the_demo_shop_keeps_it_and_reading_changes_nothing(client: Client, office: Office) -> None:
    code, out, err = await contract(*at(client), "--customer", "C-1001")
    lines = out.splitlines()
    assert (code, err) == (0, ""), out
    assert len(lines) > 25
    assert all(line.startswith("ok   GET ") for line in lines[:-1]), out
    assert lines[-1].endswith("checks passed")
    assert await office.changes() == []


async def test_the_demo_shop_keeps_it_when_orders_are_changed(client: Client, office: Office) -> None:
    orders = [argument for number in SCRATCH for argument in ("--order", number)]
    code, out, _ = await contract(*at(client), "--customer", "C-1017", "--write", *orders, "--json")
    summary = json.loads(out)
    assert (code, summary["failed"]) == (0, 0), [each for each in summary["results"] if each["problem"]]
    called = " ".join(result["call"] for result in summary["results"])
    for part in ("cancellation", "delivery-address", "returns", "problems", "/repairs", "tracking-requests"):
        assert f"{part} again" in called or f"{part}, twice" in called
    assert [name for name, _ in await office.changes()] == [
        "delivery_address", "cancellation", "problem", "repair", "return",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "arguments", [["--customer", "C-1001"], ["--url", "http://x", "--token", "t", "--customer", "C", "--write"], []]
)
def test_wrong_arguments_are_told_in_a_sentence(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("BACK_OFFICE_URL", "BACK_OFFICE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    try:
        code = main(arguments)
    except SystemExit as error:
        code = int(str(error.code))
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert "needed" in said.err or "goes with" in said.err or "required" in said.err


def forgetful() -> Any:
    """A back office that takes every key for a new one."""
    seen = 0

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal seen
        if "Idempotency-Key" not in request.headers:
            return await handler(request)
        seen += 1
        headers = {**request.headers, "Idempotency-Key": f"never-the-same-{seen}"}
        return await handler(request.clone(headers=headers))

    return middleware


def changed(path: str, field: str, value: Any) -> Any:
    """A back office that answers one call with another value."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if request.path.endswith(path) and isinstance(response, web.Response) and response.status == 200:
            body = json.loads(response.text or "")
            for part in body.values() if path != "/C-1017" else [body]:
                for each in part if isinstance(part, list) else [part]:
                    each[field] = value
            return web.json_response(body)
        return response

    return middleware


async def found_wrong(tmp_path: Path, middleware: Any) -> set[str]:
    app = create_app(settings(tmp_path))
    app.middlewares.append(middleware)
    async with TestClient(TestServer(app), headers=BEARER) as client:
        url = str(client.make_url(BASE))
        async with Session(url, TOKEN, "C-1017", lambda _result: None) as session:
            await check_reads(session, "37000")
            await check_writes(session, SCRATCH)
    return {result.call for result in session.results if result.problem}


@pytest.mark.parametrize(
    ("middleware", "call"),
    [
        (forgetful(), "POST /orders/MA-104901/cancellation again"),
        (forgetful(), "POST /orders/MA-104903/returns again"),
        (changed("/C-1017", "customer_id", "C-1001"), "GET /customers/C-1017"),
        (changed("/orders", "customer_id", "C-1001"), "GET /customers/C-1017/orders"),
        (changed("/guarantees", "until", "soon"), "GET /customers/C-1017/guarantees"),
        (changed("/invoice", "url", "javascript:alert(1)"), "GET /orders/MA-104903/invoice"),
        (changed("/loyalty", "points", "many"), "GET /customers/C-1017/loyalty"),
        (changed("/shops", "hours", {}), "GET /shops?near=37000"),
        (changed("/orders", "placed_at", "2026-01-01T10:00:00+01:00"), "GET /orders/MA-104903"),
        (changed("/cancellation", "refund_eur", "0 €"), "POST /orders/MA-104901/cancellation"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_back_office_that_breaks_it_is_found_out(tmp_path: Path, middleware: Any, call: str) -> None:
    assert call in await found_wrong(tmp_path, middleware)


async def test_a_back_office_in_trouble_fails(client: Client, office: Office) -> None:
    await office.mode(mode="nonsense")
    code, out, _ = await contract(*at(client), "--customer", "C-1001")
    assert code == 1
    assert "FAIL GET /customers/C-1001 → the customer: customer_id: Field required" in out
    # The token is still asked for; an export that does not name the customer is none.
    assert out.splitlines()[-1] == "1 of 10 checks passed"
