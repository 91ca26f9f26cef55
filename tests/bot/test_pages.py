"""Pages, the API's document, sign-in, and both languages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yarl

from bot.texts import sentences
from tests.bot.conftest import PASSWORD, Bot

PLACEHOLDER = re.compile(r"{(\w+)}")


def test_french_and_english_say_the_same_things() -> None:
    french, english = sentences("fr"), sentences("en")
    assert french.keys() == english.keys()
    for key, sentence in french.items():
        assert set(PLACEHOLDER.findall(sentence)) == set(PLACEHOLDER.findall(english[key])), key


def test_french_typography() -> None:
    for key, sentence in sentences("fr").items():
        assert not re.search(r" [?!;:»]|« |'", sentence), key


async def test_every_route_of_the_api_is_documented(bot: Bot) -> None:
    async with bot.client.get("/api/openapi.json") as response:
        document = await response.json()
    documented = {
        (method.upper(), f"/api/v1{path}")
        for path, item in document["paths"].items()
        for method in item
        if method in ("get", "post", "delete", "put", "patch")
    }
    served = {
        (route.method, route.resource.canonical)
        for route in bot.client.app.router.routes()
        if route.resource and route.resource.canonical.startswith("/api/v1") and route.method != "HEAD"
    }
    assert served == documented


async def test_the_help_centre_shows_safe_html(bot: Bot) -> None:
    async with bot.client.get("/aide/delais-de-livraison") as response:
        page = await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert response.status == 200
    assert '<h2 id="s-delais">Délais</h2>' in page
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page
    assert "unsafe" not in policy
    async with bot.client.get("/aide") as response:
        assert "Quels sont les délais" in await response.text()
    async with bot.client.get("/help/nothing-here") as response:
        assert response.status == 404
        assert "withdrawn" in await response.text()


async def test_an_address_that_leads_nowhere_is_a_page_in_a_browser_and_json_to_a_program(bot: Bot) -> None:
    html = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "fr"}
    opened = {**html, "Sec-Fetch-Mode": "navigate"}
    token = (await bot.desk("claire")).token
    kept = {"relais_desk": token}
    file = "/api/v1/desk/conversations/none/files/none"
    for path, headers, said, way in (
        ("/nowhere", html, "Cette page n’existe pas.", 'href="/aide"'),
        ("/desk/nowhere", html, "Cette page n’existe pas.", 'href="/desk"'),
        ("/studio/sent", html, "Cette page n’existe pas.", 'href="/desk"'),
        ("/studio/sent", html | {"Accept-Language": "de"}, "Cette page n’existe pas.", 'href="/desk"'),
        (file, opened, "Cette conversation n’existe pas ou n’existe plus.", 'href="/desk"'),
        (file, opened | {"Accept-Language": "en"}, "This conversation does not exist, or", 'href="/desk"'),
    ):
        async with bot.client.get(path, headers=headers, cookies=kept) as response:
            page = await response.text()
        assert (response.status, response.content_type) == (404, "text/html"), path
        assert said in page
        assert way in page
        assert response.headers["Cache-Control"] == "no-store"
    for path, headers in (("/nowhere", {"Accept": "*/*"}), (file, html)):
        async with bot.client.get(path, headers=headers, cookies=kept) as response:
            assert set((await response.json())["error"]) == {"code", "message"}


async def test_signing_in_with_the_cookie_needs_the_csrf_token(bot: Bot) -> None:
    await bot.desk("claire")
    body = {"email": "claire@maison-alder.test", "password": PASSWORD}
    async with bot.client.post("/api/v1/desk/session", json=body) as response:
        csrf = (await response.json())["csrf"]
        cookie = response.cookies["relais_desk"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    cookies = {"relais_desk": cookie.value}
    async with bot.client.get("/desk", cookies=cookies) as response:
        assert "relais-desk" in await response.text()
    async with bot.client.delete("/api/v1/desk/session", cookies=cookies) as response:
        assert (await response.json())["error"]["code"] == "bad_csrf"
    headers = {"X-CSRF-Token": csrf}
    async with bot.client.delete("/api/v1/desk/session", cookies=cookies, headers=headers) as response:
        assert response.status == 200
    async with bot.client.get("/desk", cookies=cookies, allow_redirects=False) as response:
        assert response.status == 302


async def test_wrong_passwords_are_refused_alike_and_throttled(make_bot: Any) -> None:
    bot: Bot = await make_bot(sign_ins_per_minute=4)
    await bot.desk("claire")
    bot.clock.forward(7200)
    bot.clock.hold()
    answers = []
    for email in ("claire@maison-alder.test", "nobody@maison-alder.test"):
        async with bot.client.post("/api/v1/desk/session", json={"email": email, "password": "wrong"}) as response:
            answers.append((response.status, await response.json()))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401
    statuses = []
    for _ in range(4):
        body = {"email": "claire@maison-alder.test", "password": "wrong"}
        async with bot.client.post("/api/v1/desk/session", json=body) as response:
            statuses.append(response.status)
    assert statuses[-1] == 429


async def test_a_writer_has_no_desk(bot: Bot) -> None:
    ines = await bot.desk("ines", "writer")
    async with bot.client.get("/desk", headers={"Authorization": f"Bearer {ines.token}"}) as response:
        assert (response.status, response.url.path) == (200, "/studio"), "their place is the studio"


async def test_health_names_the_parts(bot: Bot) -> None:
    for _ in range(100):
        async with bot.client.get("/healthz") as response:
            body = await response.json()
            if response.status == 200:
                break
    assert set(body["parts"]) == {"record", "switchboard", "rasa", "actions", "knowledge_base"}


def command(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    secrets = {"RELAIS_SECRET": "s" * 32, "IDENTITY_SECRET": "i" * 32}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=root,
        env={"PATH": "/usr/bin:/bin", **secrets, **environment},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.timeout(300)  # six programs, one after the other
def test_users_add(tmp_path: Path) -> None:
    var = {"RELAIS_VAR": str(tmp_path)}
    arguments = ("users", "add", "zoe@maison-alder.test", "--name", "Zoé", "--skills", "delivery")
    short = command(*arguments, stdin="short\n", **var)
    assert short.returncode == 1
    assert "10 characters" in short.stderr
    assert command(*arguments, stdin="long enough indeed\n", **var).returncode == 0
    listed = command("users", "list", **var)
    assert "zoe@maison-alder.test\tZoé\tadvisor\tactive\tfr\tdelivery" in listed.stdout, listed.stderr
    assert command("users", "disable", "zoe@maison-alder.test", **var).returncode == 0
    assert "\tdisabled\t" in command("users", "list", **var).stdout
    assert "no user" in command("users", "disable", "nobody@maison-alder.test", **var).stderr


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"RELAIS_SECRET": "short"}, "RELAIS_SECRET"),
        ({"PORT": "many"}, "PORT"),
        ({"RELAIS_DEMO": "1", "RELAIS_HOST": "0.0.0.0"}, "RELAIS_DEMO"),
    ],
)
def test_a_bad_setting_stops_the_start_with_a_sentence(tmp_path: Path, environment: dict[str, str], named: str) -> None:
    result = command("migrate", **{"RELAIS_VAR": str(tmp_path), **environment})
    assert result.returncode == 1
    assert named in result.stderr
    assert "Traceback" not in result.stderr


def test_demo_users_are_refused_without_the_demo(tmp_path: Path) -> None:
    result = command("users", "seed-demo", RELAIS_VAR=str(tmp_path))
    assert result.returncode == 1
    assert "RELAIS_DEMO" in result.stderr


async def test_signing_in_works_without_a_script(bot: Bot) -> None:
    await bot.desk("claire")
    form = {"email": "claire@maison-alder.test", "password": PASSWORD}
    async with bot.client.post("/desk/login", data=form, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/desk")
        assert response.cookies["relais_desk"]["httponly"]
    wrong = form | {"password": "wrong"}
    async with bot.client.post("/desk/login?locale=en", data=wrong, allow_redirects=False) as response:
        assert response.status == 401
        assert "Wrong e-mail or password" in await response.text()
    headers = {"Origin": "http://shop.test"}
    async with bot.client.post("/desk/login", data=form, headers=headers, allow_redirects=False) as response:
        assert response.status == 403


async def test_who_must_sign_in_first_is_brought_back_with_what_the_address_asked_for(bot: Bot) -> None:
    page = "/studio/articles?state=draft&q=lampe%20%C3%A9"
    async with bot.client.get(yarl.URL(page, encoded=True), allow_redirects=False) as response:
        assert response.status == 302
        assert yarl.URL(response.headers["Location"]).query["next"] == page
