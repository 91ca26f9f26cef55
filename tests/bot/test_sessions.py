"""Signing in: waits that grow, sessions one can see and end, one's own password."""

from __future__ import annotations

from typing import Any

from aiohttp import WSMsgType

from bot.accounts.sessions import agent_of, coarse
from bot.accounts.tries import seconds_after
from tests.bot.accounts import desk_with, session_of, sign_in, user
from tests.bot.conftest import PASSWORD, Bot

CLAIRE = "claire@maison-alder.test"
NOBODY = "nobody@maison-alder.test"
NEW = "trois chats et un piano"


def test_the_wait_grows_and_stops_growing() -> None:
    waits = [seconds_after(failures, 5) for failures in range(1, 20)]
    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4:8] == [2, 4, 8, 16]
    assert waits[-1] == 900


async def guess(bot: Bot, email: str, times: int, address: str = "203.0.113.9") -> list[tuple[int, str]]:
    """Wrong passwords, each after the wait for the one before is over."""
    answers = []
    for _ in range(times):
        bot.clock.forward(1000)
        status, body = await sign_in(bot, email, "wrong", **{"X-Forwarded-For": address})
        answers.append((status, body["error"]["code"]))
    return answers


async def test_guessing_waits_longer_each_time_whether_the_account_exists_or_not(make_bot: Any) -> None:
    bot: Bot = await make_bot(sign_ins_per_minute=1000, behind_proxy=True)
    await bot.desk("claire")
    for email, address in ((CLAIRE, "203.0.113.9"), (NOBODY, "203.0.113.10")):
        assert await guess(bot, email, 10, address) == [(401, "wrong_credentials")] * 10
        # The right password has to wait too, or guessing would go on.
        status, body = await sign_in(bot, email, **{"X-Forwarded-For": address})
        assert (status, body["error"]["code"]) == (429, "sign_in_wait")
    assert "secondes" in body["error"]["message"]
    bot.clock.forward(70)
    assert (await sign_in(bot, CLAIRE, **{"X-Forwarded-For": "203.0.113.9"}))[0] == 200
    wrong = [(await sign_in(bot, CLAIRE, "wrong", **{"X-Forwarded-For": "203.0.113.9"}))[0] for _ in range(5)]
    assert wrong == [401] * 5, "it starts anew"


async def test_who_signed_in_from_there_before_is_not_locked_out_by_others(make_bot: Any) -> None:
    bot: Bot = await make_bot(sign_ins_per_minute=1000, behind_proxy=True)
    await bot.desk("claire")
    home = {"X-Forwarded-For": "198.51.100.7"}
    assert (await sign_in(bot, CLAIRE, **home))[0] == 200
    await guess(bot, CLAIRE, 10)
    assert (await sign_in(bot, CLAIRE, **{"X-Forwarded-For": "192.0.2.1"}))[0] == 429
    assert (await sign_in(bot, CLAIRE, **home))[0] == 200


async def test_one_address_that_tries_many_accounts_waits_too(make_bot: Any) -> None:
    bot: Bot = await make_bot(sign_ins_per_minute=1000, behind_proxy=True)
    address = {"X-Forwarded-For": "203.0.113.9"}
    for count in range(24):
        bot.clock.forward(60 if count > 18 else 0)  # after the wait for the one before
        assert (await sign_in(bot, f"{count}@maison-alder.test", "wrong", **address))[0] == 401
    assert (await sign_in(bot, "new@maison-alder.test", "wrong", **address))[0] == 429
    bot.clock.forward(3 * 3600)
    for count in range(10):
        assert (await sign_in(bot, f"later{count}@maison-alder.test", "wrong", **address))[0] == 401, "forgiven in time"


async def test_sessions_are_listed_and_ended_and_their_line_closes_at_once(bot: Bot) -> None:
    claire = await bot.desk("claire")
    hugo = await bot.desk("hugo")
    other = await session_of(bot, CLAIRE)
    third = await session_of(bot, CLAIRE)
    bot.client.session.cookie_jar.clear()
    socket = await bot.client.ws_connect("/api/v1/desk/live")
    await socket.send_json({"token": other})
    assert (await socket.receive_json(timeout=30))["type"] == "ready"
    _, body = await claire.call("GET", "sessions")
    assert len(body["sessions"]) == 3
    assert [row["current"] for row in body["sessions"]].count(True) == 1
    listed = {row["id"]: row for row in body["sessions"] if not row["current"]}
    assert {row["agent"] for row in listed.values()} == {"Firefox · Linux"}
    assert {row["address"] for row in listed.values()} == {"88.121.*.*"}
    assert other not in str(body)
    _, theirs = await desk_with(bot, other).call("GET", "sessions")
    mine = next(row["id"] for row in theirs["sessions"] if row["current"])
    assert (await hugo.call("DELETE", f"sessions/{mine}"))[0] == 404
    assert (await claire.call("DELETE", f"sessions/{mine}"))[0] == 200
    while (message := await socket.receive(timeout=30)).type is WSMsgType.TEXT:
        pass
    assert (message.type, message.data) == (WSMsgType.CLOSE, 4401)
    assert (await desk_with(bot, other).call("GET", "me"))[0] == 401
    assert (await claire.call("DELETE", "sessions"))[1] == {"ended": 1}
    assert (await desk_with(bot, third).call("GET", "me"))[0] == 401
    assert (await claire.call("GET", "me"))[0] == 200
    assert (await hugo.call("GET", "me"))[0] == 200


async def test_a_session_says_when_it_was_last_used(bot: Bot) -> None:
    claire = await bot.desk("claire")
    _, before = await claire.call("GET", "sessions")
    bot.clock.forward(120)
    await claire.call("GET", "me")
    _, after = await claire.call("GET", "sessions")
    assert after["sessions"][0]["last_seen_at"] > before["sessions"][0]["last_seen_at"]
    bot.clock.forward(12 * 3600)
    assert (await claire.call("GET", "sessions"))[0] == 401


async def test_ones_own_password_asks_for_the_old_one_and_ends_the_other_sessions(make_bot: Any) -> None:
    bot: Bot = await make_bot(sign_ins_per_minute=1000)
    claire = await bot.desk("claire")
    other = desk_with(bot, await session_of(bot, CLAIRE))
    status, body = await claire.call("PUT", "me/password", {"current": "wrong", "new": NEW})
    assert (status, body["error"]["code"], body["error"]["field"]) == (422, "password_wrong", "current")
    status, body = await claire.call("PUT", "me/password", {"current": PASSWORD, "new": "Claire12345"})
    assert (status, body["error"]["code"], body["error"]["field"]) == (422, "password_yours", "password")
    assert (await claire.call("PUT", "me/password", {"current": PASSWORD, "new": NEW}))[0] == 200
    assert (await claire.call("GET", "me"))[0] == 200
    assert (await other.call("GET", "me"))[0] == 401
    assert (await sign_in(bot, CLAIRE, PASSWORD))[0] == 401
    assert (await sign_in(bot, CLAIRE, NEW))[0] == 200
    statuses = [(await claire.call("PUT", "me/password", {"current": "no", "new": NEW}))[0] for _ in range(6)]
    assert statuses[-1] == 429, "a stolen session must not try passwords"


async def test_ones_own_name_and_languages(bot: Bot) -> None:
    claire = await bot.desk("claire")
    status, body = await claire.call("PUT", "me", {"name": "  Claire   Martin ", "locales": ["en"], "role": "admin"})
    assert status == 200
    assert (body["user"]["name"], body["user"]["locales"], body["user"]["role"]) == ("Claire Martin", ["en"], "advisor")
    wrong: list[dict[str, Any]] = [
        {"name": ""},
        {"name": "a\nb" * 40},
        {"name": "<b>"},
        {"locales": []},
        {"locales": ["de"]},
        {"locales": "fr"},
    ]
    for bad in wrong:
        status, body = await claire.call("PUT", "me", bad)
        assert (status, body["error"]["field"]) == (422, next(iter(bad))), bad
    assert (await user(bot, CLAIRE)).name == "Claire Martin"


def test_what_is_kept_of_browsers_and_addresses() -> None:
    chrome = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
    )
    assert agent_of(chrome) == "Chrome · Windows"
    assert agent_of("curl/8.5.0 <script>") == "curl/8.5.0"
    assert agent_of(None) is None
    assert coarse("2a01:0e0a:01b2:ffff::1") == "2a01:e0a:1b2::"
    assert coarse("127.0.0.1") == "localhost"
    assert coarse("?") is None
