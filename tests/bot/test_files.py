"""Files from customers."""

from __future__ import annotations

import io
from typing import Any

import pytest
from aiohttp import FormData

from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.test_feedback import quiet

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


async def send(customer: Customer, content: bytes, name: str = "lampe.png", key: str = "f1") -> tuple[int, Any]:
    form = FormData(quote_fields=False)
    form.add_field("client_message_id", key)
    form.add_field("file", io.BytesIO(content), filename=name, content_type="image/png")
    async with customer.client.post(customer.url("files"), data=form, headers=customer.headers) as response:
        return response.status, await response.json()


async def test_a_picture_is_kept_once_and_given_back_as_a_download(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    status, body = await send(customer, PNG)
    assert status == 202
    assert (await send(customer, PNG))[0] == 200
    message = body["message"]
    assert (message["kind"], message["text"]) == ("file", "lampe.png")
    assert message["file"]["size"] == len(PNG)
    async with bot.client.get(message["file"]["url"], headers=customer.headers) as response:
        assert await response.read() == PNG
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in response.headers["Content-Security-Policy"]
    reply = (await customer.until(1, message["seq"]))[0]
    assert reply["choices"][0]["title"] == "Parler à un conseiller"
    assert bot.neighbours.requests == []
    stranger = await bot.customer()
    async with bot.client.get(message["file"]["url"], headers=stranger.headers) as response:
        assert response.status == 401
    claire = await bot.desk("claire")
    await customer.post("handoff", {})
    path = message["file"]["url"].replace("/api/v1/", "/api/v1/desk/")
    async with bot.client.get(path, headers={"Authorization": f"Bearer {claire.token}"}) as response:
        assert await response.read() == PNG


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<svg onload=alert(1)>", 415, "bad_file"),
        (b"PK\x03\x04" + b"\x00" * 30, 415, "bad_file"),
        (b"", 415, "bad_file"),
        (PNG + b"\x00" * 9_000_000, 413, "file_too_large"),
    ],
)
async def test_other_files_are_refused(bot: Bot, content: bytes, status: int, code: str) -> None:
    customer = await bot.customer()
    got, body = await send(customer, content, "photo.jpg")
    assert (got, body["error"]["code"]) == (status, code)
    assert len((await customer.read())["messages"]) == 1


async def test_a_name_is_only_a_name(bot: Bot) -> None:
    customer = await bot.customer()
    _, body = await send(customer, PNG, "../../etc/passwd\u202e.png")
    assert body["message"]["text"] == "passwd.png"
    status, body = await customer.post("files", {"client_message_id": "x"})
    assert (status, body["error"]["code"]) == (415, "bad_request")


async def test_a_picture_that_a_task_waits_for_goes_to_it(bot: Bot) -> None:
    customer = await bot.customer()
    bot.neighbours.slots = {"requested_slot": "task_input", "task_step": "photos"}
    await customer.ask("ma lampe est arrivée cassée")
    _, sent = await send(customer, PNG)
    await customer.until(1, sent["message"]["seq"])
    file_id = sent["message"]["file"]["url"].rpartition("/")[2]
    assert bot.neighbours.requests[-1]["command"] == '/send_file{"file_id": "' + file_id + '"}'
    await customer.post("handoff", {})
    asked = len(bot.neighbours.requests)
    await send(customer, PNG, key="f2")
    await quiet(bot)
    assert len(bot.neighbours.requests) == asked, "a human will see it"


async def test_an_advisor_sends_a_file_once_and_only_in_hand(bot: Bot) -> None:
    customer, claire, hugo = await bot.customer(), await bot.desk("claire"), await bot.desk("hugo")
    await customer.post("handoff", {})
    (waiting,) = await claire.queue()
    await claire.call("POST", f"handoffs/{waiting['handoff_id']}/accept")
    found = [await from_desk(claire, customer, PNG, "plan.png") for _ in range(2)]
    assert [status for status, _ in found] == [202, 200]
    assert (await from_desk(hugo, customer, PNG, "plan.png"))[0] == 403
    assert (await from_desk(claire, customer, b"PK\x03\x04 no picture", "plan.png", "f2"))[0] == 415
    (message,) = [each for each in (await customer.read())["messages"] if "file" in each]
    assert (message["author_name"], message["text"], message["kind"]) == ("Claire", "plan.png", "file")
    for url in (message["file"]["url"], message["file"]["url"].replace("/v1/", "/v1/desk/")):
        headers = customer.headers if "desk" not in url else {"Authorization": f"Bearer {claire.token}"}
        async with bot.client.get(url, headers=headers) as response:
            assert await response.read() == PNG


async def from_desk(desk: Desk, customer: Customer, content: bytes, name: str, key: str = "f1") -> tuple[int, Any]:
    form = FormData(quote_fields=False)
    form.add_field("client_message_id", key)
    form.add_field("file", io.BytesIO(content), filename=name, content_type="image/png")
    url, headers = f"/api/v1/desk/conversations/{customer.id}/files", {"Authorization": f"Bearer {desk.token}"}
    async with desk.client.post(url, data=form, headers=headers) as response:
        return response.status, await response.json()
