"""What no article answers: grouped, ranked by what it costs, decided on, closed when an article answers it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.gaps import GapArticle, GapQuestion
from bot.db.models import UnansweredQuestion
from bot.studio import gap_grouping
from bot.studio.gap_grouping import group_new
from tests.bot.conftest import Bot, Customer, Desk
from tests.bot.neighbours import ARTICLE
from tests.bot.test_handoff import identity

Json = dict[str, Any]
Holds = Callable[[], Any]


@pytest.fixture
async def bot(make_bot: Any, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """Groups by itself when it starts, and then when a test has asked all that it compares."""
    monkeypatch.setattr(gap_grouping, "_LOOK_EVERY_SECONDS", 3600.0)
    made: Bot = await make_bot()
    return made


@pytest.fixture
async def writer(bot: Bot) -> Desk:
    await groups(bot)
    return await bot.desk("ines", "writer")


async def groups(bot: Bot) -> None:
    """From now on; what was published before is asked of no gap, though the neighbour answers everything with it."""

    async def is_known() -> bool:
        async with bot.services.db.read() as session:
            return (await session.execute(select(GapArticle.article_id))).first() is not None

    await until(is_known)
    bot.neighbours.groups_questions = True


async def studio(desk: Desk, method: str, tail: str = "", body: Json | None = None) -> tuple[int, Json]:
    headers = {"Authorization": f"Bearer {desk.token}"}
    async with desk.client.request(method, f"/api/v1/studio/gaps{tail}", json=body, headers=headers) as response:
        return response.status, await response.json()


async def gaps(desk: Desk, asked: str = "") -> dict[str, Json]:
    """By the words of the typical question."""
    status, body = await studio(desk, "GET", asked)
    assert status == 200, body
    return {gap["typical"]["text"]: gap for gap in body["gaps"]}


async def until(holds: Holds, seconds: float = 30.0) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := await holds()):
            await asyncio.sleep(0.05)
    return found


async def grouped(bot: Bot, desk: Desk) -> dict[str, Json]:
    """Once no question is in no gap: grouped now, if the bot has not done it by itself."""

    async def none_waits() -> bool:
        await group_new(bot.services)
        _, body = await studio(desk, "GET")
        return body["waiting"] == 0 and body["grouping"]["state"] == "done"

    await until(none_waits)
    return await gaps(desk)


async def unanswered(bot: Bot, *texts: str, locale: str = "fr", **more: Any) -> list[Customer]:
    asking = []
    for text in texts:
        customer = await bot.customer(locale=locale, **more)
        await customer.ask(text)
        asking.append(customer)
    return asking


async def handled(customer: Customer, desk: Desk, clock: Any, reply: str) -> None:
    """An advisor replies, ten minutes pass, and it is over."""
    await customer.post("handoff", {})
    handoff = next(row for row in await desk.queue() if row["conversation_id"] == customer.id)["handoff_id"]
    await desk.call("POST", f"handoffs/{handoff}/accept")
    said = {"client_message_id": f"r-{customer.id}", "text": reply}
    assert (await desk.call("POST", f"conversations/{customer.id}/messages", said))[0] == 202
    clock.forward(600)
    await desk.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})


async def test_gaps_are_ranked_by_the_handoffs_they_caused_and_say_nothing_of_whose(bot: Bot, writer: Desk) -> None:
    claire = await bot.desk("claire")
    _, _, named = await unanswered(
        bot, "mystère de la lampe", "mystère d’une lampe", "mystère de la lampe",
        identity=None,
    )  # fmt: skip
    camille = await bot.customer(locale="fr", identity=identity(bot, sub="C-1001", name="Camille Laurent"))
    await camille.ask("mystère du tapis")
    reply = "Bonjour Camille, un tapis se nettoie à sec, jamais à la machine. Écrivez à camille@a.test."
    await handled(camille, claire, bot.clock, reply)
    found = await grouped(bot, writer)
    assert list(found) == ["mystère du tapis", "mystère de la lampe"], "the one that cost a handoff comes first"
    tapis, lampe = found.values()
    assert (tapis["handoffs"], tapis["minutes"], tapis["cost_eur"]) == (1, 10, 6.5)
    assert (lampe["questions"], lampe["conversations"], lampe["handoffs"]) == (3, 3, 0)
    assert (lampe["channels"], lampe["locales"], lampe["weeks"][-1]) == ({"web": 3}, {"fr": 3}, 3)
    status, behind = await studio(writer, "GET", f"/{tapis['gap_id']}")
    assert status == 200
    (told,) = behind["replies"]
    assert told["text"] == "Bonjour [nom], un tapis se nettoie à sec, jamais à la machine. Écrivez à [e-mail]."
    for secret in ("Camille", "Laurent", "camille@a.test", camille.id, named.id):
        assert secret not in str(behind) + str(found)
    _, behind = await studio(writer, "GET", f"/{lampe['gap_id']}")
    assert [(one["text"], one["count"]) for one in behind["wordings"]] == [
        ("mystère de la lampe", 2),
        ("mystère d’une lampe", 1),
    ]


async def test_what_asks_nothing_comes_after_every_question(bot: Bot, writer: Desk) -> None:
    await unanswered(bot, "mystère ????", "mystère ????", "mystère de la lampe")
    found = await grouped(bot, writer)
    assert [(gap["questions"], gap["wordless"]) for gap in found.values()] == [(1, False), (2, True)]
    # One question among them, and it is one.
    await unanswered(bot, "un mystère ????")
    found = await grouped(bot, writer)
    assert [(gap["questions"], gap["wordless"]) for gap in found.values()] == [(3, False), (1, False)]


async def test_new_questions_join_their_gap_and_regrouping_keeps_its_id(bot: Bot, writer: Desk) -> None:
    await unanswered(bot, "mystère de la lampe")
    lampe = (await grouped(bot, writer))["mystère de la lampe"]["gap_id"]
    await unanswered(bot, "un autre mystère de lampe", "mystère du tapis")
    found = await grouped(bot, writer)
    assert found["mystère de la lampe"]["gap_id"] == lampe
    assert found["mystère de la lampe"]["questions"] == 2
    sent = [each["text"] for asked in bot.neighbours.grouped[1:] for each in asked["questions"]]
    assert "mystère de la lampe" not in sent, "what is grouped is not grouped again"
    assert (await studio(writer, "PUT", f"/{found['mystère du tapis']['gap_id']}/state", {"state": "dismissed"}))[
        0
    ] == 200
    before = len(bot.neighbours.grouped)
    status, body = await studio(writer, "POST", "/regroup")
    assert (status, body["grouping"]["state"]) == (202, "asked")
    assert (await studio(writer, "POST", "/regroup"))[0] == 409
    marc = await bot.desk("marc", "supervisor")
    [noted] = (await marc.call("GET", "audit?action=gaps_regrouped"))[1]["entries"]
    assert (noted["actor"]["name"], noted["sentence"]) == ("Ines", "a fait regrouper les questions sans réponse")

    async def again() -> bool:
        await group_new(bot.services)
        return len(bot.neighbours.grouped) > before

    await until(again)
    found = await grouped(bot, writer)
    everything = bot.neighbours.grouped[before]
    assert sorted(each["text"] for each in everything["questions"]) == [
        "mystère de la lampe",
        "un autre mystère de lampe",
    ]
    assert [known["examples"][0]["text"] for known in everything["known"]] == ["mystère du tapis"], (
        "decided: not taken apart"
    )
    assert {gap["gap_id"] for gap in found.values() if gap["state"] == "open"} == {lampe}


async def test_a_gap_is_dismissed_and_put_back(bot: Bot, writer: Desk) -> None:
    await unanswered(bot, "mystère de la lampe")
    gap = (await grouped(bot, writer))["mystère de la lampe"]["gap_id"]
    status, answer = await studio(writer, "PUT", f"/{gap}/state", {"state": "dismissed"})
    assert (status, answer) == (200, {"state": "dismissed", "before": "open"})
    assert await gaps(writer, "?state=open") == {}
    await unanswered(bot, "encore un mystère de lampe")
    await grouped(bot, writer)
    assert (await gaps(writer, "?state=dismissed"))["mystère de la lampe"]["questions"] == 2, "it stays dismissed"
    assert (await studio(writer, "PUT", f"/{gap}/state", {"state": answer["before"]}))[0] == 200
    assert list(await gaps(writer, "?state=open")) == ["mystère de la lampe"]
    for method, tail, body, code in (
        ("PUT", f"/{gap}/state", {"state": "gone"}, 422),
        ("PUT", "/nobody/state", {"state": "open"}, 404),
        ("GET", "/nobody", None, 404),
        ("GET", "?days=0", None, 422),
        ("GET", "?days=0030999999", None, 422),
        ("GET", "?state=lost", None, 422),
    ):
        assert (await studio(writer, method, tail, body))[0] == code, tail


async def test_a_published_article_closes_the_gap_that_it_answers(bot: Bot, writer: Desk) -> None:
    """Also when nobody pressed “write this article”; and one that answers too little closes nothing."""
    await unanswered(
        bot,
        "mystère de la lampe",
        "mystère d’une lampe",
        "mystère du tapis",
        "le mystère du tapis",
        "second mystère du tapis",
    )
    await grouped(bot, writer)
    bot.neighbours.answers = {
        "mystère de la lampe": "lamp", "mystère d’une lampe": "lamp", "second mystère du tapis": "lamp"
    }  # fmt: skip
    publish(bot, "lamp")

    async def closed() -> dict[str, Json]:
        return await gaps(writer, "?state=closed")

    (lampe,) = (await until(closed)).values()
    assert (lampe["article_id"], lampe["asked"], lampe["answered"]) == ("lamp", 2, 2)
    (tapis,) = (await gaps(writer, "?state=open")).values()
    assert (tapis["asked"], tapis["answered"]) == (3, 1), "asked, and not enough"
    bot.clock.forward(60)
    helped = await bot.customer(locale="fr")
    bot.neighbours.replies = lambda _request: [
        {"custom": {"answer": ARTICLE | {"article_id": "lamp", "confidence": 0.9}}}
    ]
    await helped.ask("et cette lampe ?")
    bot.neighbours.replies = lambda request: [
        {"custom": {"unanswered": {"question": request["text"], "decision": "abstain"}}}, {"text": "Je ne sais pas."}
    ]  # fmt: skip
    await unanswered(bot, "troisième mystère de lampe")
    await grouped(bot, writer)
    _, behind = await studio(writer, "GET", f"/{lampe['gap_id']}")
    assert (behind["since"]["asked"], behind["since"]["answered"]) == (2, 1)
    assert behind["state"] == "closed", "one question more does not open it"
    (row,) = (await gaps(writer, "?state=closed")).values()
    assert row["since"] == behind["since"], "the list says so too"
    await unanswered(bot, "quatrième mystère de lampe", "cinquième mystère de lampe")
    await grouped(bot, writer)
    assert lampe["gap_id"] in {gap["gap_id"] for gap in (await gaps(writer, "?state=open")).values()}


async def test_a_closed_gap_stays_for_a_month_however_old_its_questions_are(bot: Bot, writer: Desk) -> None:
    bot.neighbours.answers = {}  # nothing that is published closes one by itself
    await unanswered(bot, "mystère de la lampe", "mystère du tapis")
    found = await grouped(bot, writer)
    bot.clock.forward(70 * 86_400)
    writer = await bot.desk("zoe", "writer")
    lampe = found["mystère de la lampe"]["gap_id"]
    assert (await studio(writer, "PUT", f"/{lampe}/state", {"state": "closed"}))[0] == 200
    bot.clock.forward(29 * 86_400)
    writer = await bot.desk("claire", "writer")
    _, body = await studio(writer, "GET", "?days=7&state=closed")
    (row,) = body["gaps"]
    assert (row["typical"]["text"], row["questions"], body["counts"]["closed"]) == ("mystère de la lampe", 0, 1)
    assert (row["since"]["asked"], row["since"]["answered"]) == (0, 0)
    assert await gaps(writer, "?days=7&state=closed&locale=en") == {}
    _, behind = await studio(writer, "GET", f"/{lampe}?days=7")
    assert [one["text"] for one in behind["wordings"]] == ["mystère de la lampe"]
    assert await gaps(writer, "?days=7&state=open") == {}
    bot.clock.forward(2 * 86_400)
    writer = await bot.desk("hugo", "writer")
    assert await gaps(writer, "?days=7") == {}


def publish(bot: Bot, article_id: str, version: str = "v1") -> None:
    bot.neighbours.article = ARTICLE | {"article_id": article_id, "version": version, "slug": article_id}
    bot.neighbours.revision += 1
    others = [row for row in bot.neighbours.published if row["article_id"] != article_id]
    bot.neighbours.published = [*others, bot.neighbours.article]


async def test_a_question_taken_back_leaves_its_gap(bot: Bot, writer: Desk) -> None:
    customer = await bot.customer(locale="fr")
    answer = await customer.ask("Quel délai ?")
    await customer.post("feedback", {"message_id": answer["id"], "helpful": False})
    assert list(await grouped(bot, writer)) == ["Quel délai ?"]
    await customer.post("feedback", {"message_id": answer["id"], "helpful": True})
    async with bot.services.db.read() as session:
        assert (await session.execute(select(UnansweredQuestion))).first() is None
        assert (await session.execute(select(GapQuestion))).first() is None
    assert await gaps(writer) == {}
