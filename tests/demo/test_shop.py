"""The shop's pages and its sign-in, over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from pydantic import ValidationError

from demo.app import create_app
from demo.catalogue import Catalogue
from demo.settings import Settings

ROOT = Path(__file__).parents[2]
KEY = "a-key-of-the-shop-that-signs-identities"
CHAT = "https://chat.maison-alder.test"
Client = TestClient[Request, Application]


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    raw = {"relais_var": tmp_path, "back_office_token": "t", "host_keys": {"demo": KEY}, "public_url": CHAT}
    app = create_app(Settings.model_validate(raw))
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as made:
        yield made


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_is_in_its_language_with_one_script_and_nothing_inline(client: Client, language: str) -> None:
    query = "?lang=en" if language == "en" else ""
    for path in ["/", "/commandes", *(f"/produit/{product.slug}" for product in Catalogue.load().products)]:
        answer = await client.get(path + query)
        html = await answer.text()
        assert answer.status == 200
        assert f'<html lang="{language}">' in html
        scripts = re.findall(r"<script[^>]*>", html)
        widget = f'src="{CHAT}/widget/relais.js" data-locale="{language}" data-name="Maison Alder"'
        assert scripts == [f'<script type="module" {widget} data-identity-url="/identity">']
        assert not re.search(r"<style|\sstyle=|\son\w+=", html)
        for inside in re.findall(r'(?:href|src)="(/[^"]*)"', html):
            assert (await client.get(inside.split("#")[0])).status == 200, inside
            if language == "en" and not inside.startswith("/static"):
                assert "lang=en" in inside or inside == path, inside


async def test_the_policy_allows_the_chat_and_nothing_else(client: Client) -> None:
    policy = (await client.get("/")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert f"script-src 'self' {CHAT};" in policy
    assert f"connect-src 'self' {CHAT} wss://chat.maison-alder.test;" in policy
    assert "unsafe" not in policy


async def test_an_unknown_product_has_a_page_of_its_own(client: Client) -> None:
    answer = await client.get("/produit/<script>")
    assert answer.status == 404
    assert "Cette page n’existe pas" in await answer.text()


async def test_signing_in_gives_a_fresh_signed_identity_each_time(client: Client) -> None:
    assert await (await client.get("/identity")).json() == {"identity": None}
    form = {"customer_id": "C-1003", "back": "/produit/carafe-onde?lang=en"}
    signed_in = await client.post("/session", data=form, allow_redirects=False)
    assert (signed_in.status, signed_in.headers["Location"]) == (303, form["back"])
    assert {"HttpOnly", "SameSite=Lax"} <= {part.strip() for part in signed_in.headers["Set-Cookie"].split(";")}
    assert "Emily Carter" in await (await client.get("/")).text()

    answers = [await client.get("/identity") for _ in range(2)]
    assert answers[0].headers["Cache-Control"] == "no-store"
    tokens = [(await answer.json())["identity"] for answer in answers]
    claims = [jwt.decode(token, KEY, algorithms=["HS256"], audience="relais") for token in tokens]
    assert jwt.get_unverified_header(tokens[0])["kid"] == "demo"
    assert claims[0]["sub"] == "C-1003"
    assert claims[0]["email"] == "emily.carter@maison-alder.test"
    assert 0 < claims[0]["exp"] - claims[0]["iat"] <= 600
    assert claims[0]["jti"] != claims[1]["jti"]

    await client.post("/session/end", data={"back": "/"})
    assert await (await client.get("/identity")).json() == {"identity": None}


async def test_a_forged_cookie_signs_nobody_in(client: Client) -> None:
    for cookie in ("C-1001", "IkMtMTAwMSI.aaaaaa.forged", ""):
        answer = await client.get("/identity", headers={"Cookie": f"maison_alder_session={cookie}"})
        assert await answer.json() == {"identity": None}


async def test_sign_in_refuses_strangers_and_other_sites(client: Client) -> None:
    assert (await client.post("/session", data={"customer_id": "C-1004"})).status == 400
    other_site = {"Sec-Fetch-Site": "cross-site"}
    assert (await client.post("/session", data={"customer_id": "C-1001"}, headers=other_site)).status == 403
    form = {"customer_id": "C-1001", "back": "//elsewhere.test/"}
    assert (await client.post("/session", data=form, allow_redirects=False)).headers["Location"] == "/"


def test_the_texts_of_both_languages_are_level_and_in_french_typography() -> None:
    folder = ROOT / "demo" / "locales"
    french, english = (json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("fr", "en"))
    assert list(french) == list(english)
    texts = [*french.values()]
    for product in Catalogue.load().products:
        assert set(product.title) == set(product.line) == set(product.story) == {"fr", "en"}
        texts += [product.title["fr"], product.line["fr"], product.story["fr"]]
    for text in texts:
        assert not re.search(r"[^\u202f\u00a0][?!;:]|\d €|'", text), text


def test_each_product_has_a_drawing_without_script() -> None:
    for product in Catalogue.load().products:
        drawing = (ROOT / "demo" / "static" / "products" / f"{product.slug}.svg").read_text("utf-8")
        assert drawing.startswith("<svg ")
        assert "<script" not in drawing


@pytest.mark.parametrize("keys", [{}, {"other": "x" * 40}, {"demo": "short"}])
def test_a_missing_or_weak_key_stops_the_start_with_a_sentence(keys: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"HOST_KEYS|at least 32 characters"):
        Settings.model_validate({"back_office_token": "t", "host_keys": keys})


async def test_the_document_names_every_call_of_the_api(client: Client) -> None:
    document = (ROOT / "docs" / "back-office.md").read_text("utf-8")
    app = client.server.app  # type: ignore[attr-defined]
    calls = [
        (route.method, route.resource.canonical.removeprefix("/back-office/v1"))
        for route in app.router.routes()
        if route.resource.canonical.startswith("/back-office/v1") and route.method != "HEAD"
    ]
    assert len(calls) == 24
    for method, path in calls:
        assert f"`{method} {path}`" in document, (method, path)
