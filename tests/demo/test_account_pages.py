"""The customer's own pages: orders as they are now, signed links, a new e-mail address confirmed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from demo.app import create_app
from tests.demo.office import A_PROBLEM, A_REPAIR, A_RETURN, BEARER, NANTES, Client, MovableClock, Office, settings


@pytest.fixture
async def client(tmp_path: Path, clock: MovableClock) -> AsyncIterator[Client]:
    jar = CookieJar(unsafe=True)
    async with TestClient(
        TestServer(create_app(settings(tmp_path), clock=clock)), headers=BEARER, cookie_jar=jar
    ) as made:
        yield made


async def page(client: Client, url: str, status: int = 200) -> str:
    answer = await client.get(urlsplit(url).path + ("?lang=en" if url.endswith("lang=en") else ""))
    html = await answer.text()
    assert answer.status == status, html
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)
    return html


async def test_the_orders_page_shows_what_was_changed_to_who_is_signed_in(client: Client, office: Office) -> None:
    assert "MA-1" not in await page(client, "/commandes")
    await client.post("/session", data={"customer_id": "C-1001"})
    before = await page(client, "/commandes")
    for shown in ("MA-104233", "Expédiée, en retard", "MA-104871", "En préparation", "153\u00a0€"):
        assert shown in before
    assert "Annulée" not in before
    assert "MA-104790" not in before
    await office.change("PATCH", "/orders/MA-104871/delivery-address", NANTES | {"city": "<b>Nantes"})
    await office.change("POST", "/orders/MA-104871/cancellation")
    await office.change("POST", "/orders/MA-104530/returns", A_RETURN)
    await office.change("POST", "/orders/MA-104530/problems", A_PROBLEM)
    await office.change("POST", "/repairs", A_REPAIR)
    after = await page(client, "/commandes")
    for shown in ("Annulée", "&lt;b&gt;Nantes", "Retour R-104530-1, demandé", "Signalement P-104530-1", "Réparation"):
        assert shown in after
    assert "Cancelled" in await page(client, "/commandes?lang=en")


async def test_an_invoice_opens_for_a_quarter_of_an_hour_without_signing_in(
    client: Client, office: Office, clock: MovableClock
) -> None:
    url = (await office.read("/orders/MA-104233/invoice"))["invoice"]["url"]
    html = await page(client, url)
    for shown in ("Facture F-104233", "8 rue Crébillon", "Lampe Alder Atelier", "153\u00a0€", "25,50\u00a0€"):
        assert shown in html
    assert "<script" not in html
    clock.now += timedelta(minutes=16)
    assert "rue Crébillon" not in await page(client, url, 410)
    english = (await office.read("/orders/MA-102550/invoice"))["invoice"]["url"]
    assert "Invoice F-102550" in await page(client, english)


async def test_a_label_opens_until_the_return_ends(client: Client, office: Office, clock: MovableClock) -> None:
    made = await office.change("POST", "/orders/MA-104530/returns", A_RETURN | {"method": "pickup_point"})
    clock.now += timedelta(days=30)
    html = await page(client, made["return"]["label_url"])
    assert "R-104530-1" in html
    assert "8 rue Crébillon" in html


async def test_forged_links_open_nothing(client: Client, office: Office) -> None:
    url = (await office.read("/orders/MA-104233/invoice"))["invoice"]["url"]
    told, _, sign = url.rpartition(".")
    # Not its last letter, of which some bits say nothing.
    forged_sign = ("A" if sign[0] != "A" else "B") + sign[1:]
    for forged in (f"{told}.{forged_sign}", "/documents/MA-104233", "/email/x"):
        await page(client, forged, 410)
    await page(client, url.replace("/documents/", "/email/"), 410)
    assert (await client.post(urlsplit(url).path.replace("/documents/", "/email/"))).status == 410


async def test_a_new_e_mail_address_counts_once_its_link_is_pressed(client: Client, office: Office) -> None:
    contact, new = "/customers/C-1001/contact", "camille@exemple.test"
    await office.change("PATCH", contact, {"email": new})
    await client.post("/session", data={"customer_id": "C-1001"})
    [link] = re.findall(r'href="([^"]*/email/[^"]*)"', await page(client, "/commandes"))
    assert new in await page(client, link)  # a mail program that opens links confirms nothing
    assert (await office.read("/customers/C-1001"))["email"] != new
    path = urlsplit(link).path
    assert (await client.post(path, headers={"Sec-Fetch-Site": "cross-site"})).status == 403
    assert "Adresse confirmée" in await (await client.post(path)).text()
    customer = await office.read("/customers/C-1001")
    assert (customer["email"], "pending_email" in customer) == (new, False)
    assert (await office.read(f"/customers/lookup?email={new}"))["customer_id"] == "C-1001"
    assert (await client.post(path)).status == 410


async def test_a_link_for_an_address_no_longer_wanted_is_over(client: Client, office: Office) -> None:
    await client.post("/session", data={"customer_id": "C-1001"})
    await office.change("PATCH", "/customers/C-1001/contact", {"email": "first@exemple.test"})
    [first] = re.findall(r'href="([^"]*/email/[^"]*)"', await page(client, "/commandes"))
    await office.change("PATCH", "/customers/C-1001/contact", {"email": "second@exemple.test"})
    assert (await client.post(urlsplit(first).path)).status == 410
    assert (await office.read("/customers/C-1001"))["email"] == "camille.laurent@maison-alder.test"
