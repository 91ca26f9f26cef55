"""Canned replies: read by advisors, edited by supervisors, seeded in the demo alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.words.canned import unknown_variables
from tests.bot.conftest import Bot

Json = dict[str, Any]
REPLY: Json = {
    "shortcut": "/Merci",
    "title": "Remercier",
    "topic": "contact",
    "texts": {"fr": "Merci {prénom} <b>!</b>\r\n", "en": " "},
}


async def test_a_supervisor_edits_what_advisors_read(bot: Bot) -> None:
    claire, marc = await bot.desk("claire"), await bot.desk("marc", "supervisor")
    assert (await claire.call("POST", "replies", REPLY))[0] == 403
    status, added = await marc.call("POST", "replies", REPLY)
    assert status == 201
    reply = added["reply"]
    assert (reply["shortcut"], reply["texts"]) == ("merci", {"fr": "Merci {prénom} <b>!</b>"})
    assert (await marc.call("POST", "replies", REPLY))[0] == 200, "the very same again adds nothing"
    other = REPLY | {"title": "Autre"}
    assert (await marc.call("POST", "replies", other))[1]["error"]["code"] == "shortcut_taken"
    status, second = await marc.call("POST", "replies", other | {"shortcut": "autre", "texts": {"en": "Hi {nobody}"}})
    assert (status, second["reply"]["unknown"]) == (201, ["nobody"])
    tail = f"replies/{second['reply']['id']}"
    assert (await marc.call("PUT", tail, other))[1]["error"]["code"] == "shortcut_taken"
    assert (await marc.call("PUT", tail, other | {"shortcut": "autre2"}))[0] == 200
    assert (await marc.call("PUT", "replies/none", other | {"shortcut": "x"}))[0] == 404
    status, listed = await claire.call("GET", "replies")
    assert [each["shortcut"] for each in listed["replies"]] == ["autre2", "merci"]
    assert listed["replies"][0]["updated_by"] == "Marc"
    assert listed["values"]["brand"] == "Maison Alder"
    assert "prénom" in listed["variables"]["first_name"]
    assert (await claire.call("DELETE", tail))[0] == 403
    for _ in range(2):
        assert (await marc.call("DELETE", tail))[0] == 200
    assert len((await claire.call("GET", "replies"))[1]["replies"]) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"shortcut": "été"}, "bad_shortcut"),
        ({"shortcut": "a b"}, "bad_shortcut"),
        ({"shortcut": 3}, "bad_request"),
        ({"title": " "}, "bad_reply_title"),
        ({"topic": "weather"}, "bad_request"),
        ({"texts": {"fr": " "}}, "empty_message"),
        ({"texts": {"de": "Danke"}}, "bad_request"),
        ({"texts": "Merci"}, "bad_request"),
        ({"texts": {"fr": "a" * 5000}}, "message_too_long"),
    ],
)
async def test_what_is_wrong_is_said(bot: Bot, change: Json, code: str) -> None:
    marc = await bot.desk("marc", "supervisor")
    status, answer = await marc.call("POST", "replies", REPLY | change)
    assert (status in (413, 422), answer["error"]["code"]) == (True, code)


async def test_the_demo_begins_with_good_ones_in_both_languages(make_bot: Any) -> None:
    demo: Bot = await make_bot(relais_demo=True)
    claire, marc = await demo.desk("claire"), await demo.desk("marc", "supervisor")
    seeded = (await claire.call("GET", "replies"))[1]["replies"]
    assert 8 <= len(seeded) <= 10
    for reply in seeded:
        assert set(reply["texts"]) == {"fr", "en"}
        assert reply["unknown"] == []
        assert len(re.findall(r"\{", reply["texts"]["fr"])) == len(re.findall(r"\{", reply["texts"]["en"]))
        assert not re.search(r" [?!;:]|'", reply["texts"]["fr"]), reply["shortcut"]
    await marc.call("DELETE", f"replies/{seeded[0]['id']}")
    await make_bot(relais_demo=True)
    left = (await claire.call("GET", "replies"))[1]["replies"]
    assert len(left) == len(seeded) - 1, "a second start adds nothing"


def test_unknown_variables_are_told() -> None:
    assert unknown_variables({"fr": "{prénom} {Commande} {date}", "en": "{first_name} {} {a b}"}) == ["a b", "date"]
