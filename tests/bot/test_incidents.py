"""An incident in front: questions about it get it first, and everything else goes on as it did."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from actions.tasks.registry import TASKS
from bot.db.incidents import IncidentTold
from bot.incidents.front import TASK_TOPICS
from bot.incidents.words import speaks_of
from tests.bot.conftest import Bot
from tests.bot.neighbours import ARTICLE, default_replies
from tests.bot.outside_chat import OutsideChat
from tests.bot.preparing_incidents import FORM, past_undo, studio_of
from tests.bot.test_handoff import identity

Json = dict[str, Any]


async def test_the_next_question_on_its_topic_gets_it_first_and_the_ordinary_answer_by_a_button(bot: Bot) -> None:
    studio = await studio_of(bot)
    customer = await bot.customer(locale="fr")
    assert (await customer.ask("Quel est le délai ?"))["kind"] == "answer", "as long as nothing is in front"
    incident = await studio.on(await studio.prepare())
    assert incident["run"]["told"] == {"asked": 0, "queued": 0}

    other = await bot.customer(locale="fr")
    first = await other.ask("Quel est le délai ?")
    assert first["text"] == FORM["answer"]["fr"]
    titles = [choice["title"] for choice in first["choices"]]
    assert titles == [f"Lire aussi\u00a0: {ARTICLE['title']}", "Suivre"], "what the ordinary answer offered stays"
    bot.neighbours.replies = lambda request: [{"custom": {"answer": ARTICLE}}] if request["command"] else []
    await other.post("messages", {"client_message_id": "press", "choice": first["choices"][0]["payload"]})
    shown = (await other.until(2, first["seq"]))[-1]
    assert (shown["kind"], shown["answer"]["article_id"]) == ("answer", ARTICLE["article_id"])
    assert bot.neighbours.requests[-1]["command"].startswith("/choose_article")

    bot.neighbours.replies = default_replies
    sent = await other.say("Et le délai pour la Corse ?")
    again = await other.until(2, sent["seq"])
    assert [each["kind"] for each in again] == ["notice", "answer"], "told in full once, then by its notice"
    assert again[0]["text"] == FORM["notice"]["fr"]
    about = await other.ask("Le délai à cause de la grève du transporteur ?")
    assert about["text"] == FORM["answer"]["fr"], "its own words bring it back"
    assert (await studio.call("GET", f"/{incident['id']}"))[1]["incident"]["run"]["told"]["asked"] == 1


async def test_its_own_words_put_it_before_what_nothing_answers(bot: Bot) -> None:
    studio = await studio_of(bot)
    await studio.on(await studio.prepare(topics=[]))
    customer = await bot.customer(locale="fr")
    assert (await customer.ask("Quel est le délai ?"))["kind"] == "answer", "by its words alone"
    told = await customer.ask("Un mystère : les transporteurs sont en grève ?")
    assert told["text"] == FORM["answer"]["fr"]
    english = await bot.customer(locale="en")
    assert (await english.ask("mystère, is there a strike of the carrier today?"))["text"] == FORM["answer"]["en"]


@pytest.mark.parametrize(
    ("text", "is_about"),
    [
        ("Les transporteurs sont-ils en grève ?", True),
        ("GREVE du transporteur, mon colis est où", True),
        ("Y a-t-il une grève chez le transporteur ?", True),
        ("Avez-vous une grève entre transporteurs ?", True),
        ("Mon transporteur est passé", False),
        ("Bonjour", False),
    ],
)
def test_words_count_in_any_order_and_with_any_ending(text: str, is_about: bool) -> None:
    assert speaks_of(text, "fr", FORM["phrases"]["fr"]) is is_about


async def test_danger_a_person_and_a_task_are_never_overridden(bot: Bot) -> None:
    studio = await studio_of(bot)
    await studio.on(await studio.prepare())
    danger = next(topic for topic in bot.services.service.danger_topics)
    phrase = danger.phrases.fr[0].replace("*", "").replace("...", "")
    customer = await bot.customer(locale="fr")
    await customer.say(f"{phrase}, la grève des transporteurs")
    async with asyncio.timeout(30):
        while (await customer.read())["state"]["owner"] != "queue":
            await asyncio.sleep(0.02)
    assert all(FORM["answer"]["fr"] not in message["text"] for message in (await customer.read())["messages"])

    asks = await bot.customer(locale="fr")
    await asks.say("Un conseiller, à cause de la grève des transporteurs")
    async with asyncio.timeout(30):
        while (await asks.read())["state"]["owner"] != "queue":
            await asyncio.sleep(0.02)

    tracks = await bot.customer(locale="fr")
    asks_who = {"text": "Quel est votre numéro de commande ?", "custom": {"ask_private": {"field": "email"}}}
    bot.neighbours.slots = {"task": "track_order", "requested_slot": "task_input"}
    bot.neighbours.replies = lambda _: [asks_who]
    bot.neighbours.intent = "track_order"
    sent = await tracks.say("Où en est ma commande ?")
    told = await tracks.until(2, sent["seq"])
    assert [(each["kind"], each["text"]) for each in told] == [
        ("notice", FORM["notice"]["fr"]),
        ("text", "Quel est votre numéro de commande ?"),
    ], "the task goes on, after the notice"
    sent = await tracks.say("Plutôt la commande de la grève des transporteurs")
    assert [each["text"] for each in await tracks.until(1, sent["seq"])] == ["Quel est votre numéro de commande ?"]


def test_topics_of_tasks_are_those_of_the_tasks() -> None:
    assert {name: TASKS[name].topic for name in TASK_TOPICS} == TASK_TOPICS


async def test_who_waits_is_told_once_in_place_and_can_still_be_spared(bot: Bot) -> None:
    studio = await studio_of(bot)
    waits, elsewhere = await bot.customer(locale="en"), await bot.customer(locale="fr")
    bot.neighbours.replies = lambda _: [{"custom": {"handoff": {"reason": "customer_request", "topic": "delivery"}}}]
    await waits.ask("A person please")
    bot.neighbours.replies = lambda _: [{"custom": {"handoff": {"reason": "customer_request", "topic": "returns"}}}]
    await elsewhere.ask("Une personne")
    incident = await studio.prepare()
    assert (await studio.call("GET", f"/{incident['id']}"))[1]["reach"] == {"waiting": 1, "told": 0}
    seq = (await waits.read())["messages"][-1]["seq"]
    bot.clock.hold()
    await studio.on(incident)
    status, body = await studio.call("POST", f"/{incident['id']}/undo")
    assert (status, body["incident"]["run"]) == (200, None)
    bot.clock.hold(on=False)
    past_undo(bot)
    await studio.on(incident)
    past_undo(bot)
    async with asyncio.timeout(30):
        while not (told := [one for one in (await waits.read(seq))["messages"] if FORM["answer"]["en"] in one["text"]]):
            await asyncio.sleep(0.02)
    claire = (await studio_of(bot, "claire", "advisor")).desk
    handoff = next(each for each in await claire.queue() if each["conversation_id"] == waits.id)
    _, card = await claire.call("GET", f"handoffs/{handoff['handoff_id']}")
    assert [each["name"] for each in card["context"]["why"]["incidents"]] == [FORM["name"]]
    assert [(one["author"], one["kind"]) for one in told] == [("system", "notice")]
    assert told[0]["text"].startswith(FORM["answer"]["en"])
    assert (await waits.read())["state"]["handoff"]["position"] == 1, "the place is kept"
    assert (await studio.call("GET", f"/{incident['id']}"))[1]["reach"] == {"waiting": 0, "told": 1}
    assert (await studio.call("POST", f"/{incident['id']}/undo"))[0] == 409, "too late"
    assert all("grève" not in message["text"] for message in (await elsewhere.read())["messages"])


async def test_news_reach_those_who_asked_once_each_and_the_end_comes_by_itself(bot: Bot) -> None:
    studio = await studio_of(bot)
    incident = await studio.on(
        await studio.prepare(), ends_at=(bot.clock() + timedelta(hours=2)).isoformat(), tell_at_end=True
    )
    asked, silent = await bot.customer(locale="fr"), await bot.customer(locale="fr")
    first = await asked.ask("Quel est le délai ?")
    news = {"text": {"fr": "Reprise demain.", "en": "Back tomorrow."}}
    bot.clock.hold()
    status, body = await studio.call("POST", f"/{incident['id']}/updates", news)
    assert (status, body["incident"]["run"]["updates"][0]["sent"]) == (201, False)
    assert (await studio.call("DELETE", f"/{incident['id']}/updates/1"))[0] == 200, "thought better of it"
    assert (await studio.call("POST", f"/{incident['id']}/updates", news))[0] == 201
    bot.clock.hold(on=False)
    past_undo(bot)
    assert [each["text"] for each in await asked.until(1, first["seq"])] == ["Reprise demain."]
    assert (await studio.call("DELETE", f"/{incident['id']}/updates/1"))[0] == 409
    bot.clock.forward(7200)
    texts = [each["text"] for each in await asked.until(2, first["seq"])]
    assert texts == ["Reprise demain.", FORM["over"]["fr"]]
    _, body = await studio.call("GET", f"/{incident['id']}")
    assert (body["incident"]["run"], body["incident"]["last_run"]["ended_by"]) == (None, None)
    assert len((await silent.read())["messages"]) == 1, "who did not ask hears nothing"
    assert (await asked.ask("Quel est le délai ?"))["kind"] == "answer"


async def test_the_notice_is_in_every_chat_and_in_the_help_centre_while_it_lasts(bot: Bot) -> None:
    studio, customer = await studio_of(bot), await bot.customer(locale="en")

    async def help_page(tag: str = "") -> tuple[int, str, str]:
        async with bot.client.get("/help", headers={"If-None-Match": tag} if tag else {}) as response:
            return response.status, response.headers["ETag"], await response.text()

    async def start() -> list[str]:
        async with bot.client.get("/api/v1/widget/start?locale=en&url=&title=") as response:
            return [each["text"] for each in (await response.json())["notices"]]

    _, before, page = await help_page()
    assert FORM["notice"]["en"] not in page
    assert (await help_page(before))[0] == 304
    socket = await bot.client.ws_connect(f"/api/v1/conversations/{customer.id}/live")
    await socket.send_json({"token": customer.token, "after": 1000})
    assert "notices" not in (await socket.receive_json())["state"]

    incident = await studio.on(await studio.prepare())
    async with asyncio.timeout(30):
        frame = await socket.receive_json()
    assert [each["text"] for each in frame["state"]["notices"]] == [FORM["notice"]["en"]]
    assert await start() == [FORM["notice"]["en"]]
    status, during, page = await help_page(before)
    assert (status, FORM["notice"]["en"] in page) == (200, True)
    assert (await help_page(during))[0] == 304

    await studio.call("POST", f"/{incident['id']}/off", {"tell": False})
    async with asyncio.timeout(30):
        assert "notices" not in (await socket.receive_json())["state"]
    await socket.close()
    assert await start() == []
    assert (await help_page(during))[:2] == (200, before), "the page of before, with its tag of before"


async def test_writers_prepare_and_who_publishes_switches(bot: Bot) -> None:
    writer, publisher = await studio_of(bot, "ines", "writer"), await studio_of(bot)
    incident = await writer.prepare()
    revision = {"revision": incident["revision"]}
    assert (await writer.call("POST", f"/{incident['id']}/on", revision))[0] == 403
    changed = {"form": FORM | {"name": "Grève, suite"}} | revision
    assert (await writer.call("PUT", f"/{incident['id']}", changed))[0] == 200
    status, body = await publisher.call("POST", f"/{incident['id']}/on", revision)
    assert (status, body["error"]["code"]) == (409, "incident_changed"), "not what was read is switched on"
    await publisher.on(incident | {"revision": 2})
    _, body = await writer.call("PUT", f"/{incident['id']}", {"form": FORM, "revision": 2})
    assert body["error"]["code"] == "incident_in_front", "customers would read it at once"
    assert (await writer.call("DELETE", f"/{incident['id']}"))[0] == 409
    bad = FORM | {"phrases": {"fr": ["où est-ce ?"], "en": []}}
    status, body = await writer.call("POST", body={"form": bad})
    assert (status, body["error"]["field"]) == (422, "phrases.fr"), "a phrase that is about everything"
    supervisor = await studio_of(bot, "marc", "supervisor")
    _, audit = await supervisor.desk.call("GET", "audit")
    assert {"incident_prepared", "incident_changed", "incident_switched_on"} <= {
        each["action"] for each in audit["entries"]
    }


async def test_one_can_be_tried_before_it_is_switched_on(bot: Bot) -> None:
    studio = await studio_of(bot)
    asked = {"form": FORM, "locale": "fr"}
    _, topic = await studio.call("POST", "/try", asked | {"question": "Quel délai ?"})
    assert (topic["in_front"], topic["because"], topic["ordinary"]["title"]) == (True, "topic", ARTICLE["title"])
    bot.neighbours.decision = "clarify"
    assert (await studio.call("POST", "/try", asked | {"question": "Le colis ?"}))[1]["because"] == "topics"
    bot.neighbours.decision = "abstain"
    _, none = await studio.call("POST", "/try", asked | {"question": "Quel délai ?"})
    assert (none["in_front"], none["because"]) == (False, None)


async def test_news_goes_out_on_a_channel_of_its_own_and_once_to_a_person_with_two_conversations(
    chat: OutsideChat,
) -> None:
    bot = chat.bot
    assert bot is not None
    studio = await studio_of(bot)
    incident = await studio.on(await studio.prepare())
    await chat.say("Quel est le délai ?")
    await chat.hears("Une grève retarde")
    one = await bot.customer(locale="fr", identity=identity(bot, jti="1"))
    await one.ask("Quel est le délai ?")
    bot.clock.forward(26 * 3600)
    studio = await studio_of(bot, "zoe")
    other = await bot.customer(locale="fr", identity=identity(bot, jti="2"))
    assert other.id != one.id
    await other.ask("Quel est le délai ?")
    before = len((await one.read())["messages"])
    news = {"text": {"fr": "Reprise demain.", "en": "Tomorrow."}}
    assert (await studio.call("POST", f"/{incident['id']}/updates", news))[0] == 201
    past_undo(bot)
    await chat.hears("Reprise demain.")
    async with asyncio.timeout(30):
        while (await other.read())["messages"][-1]["text"] != "Reprise demain.":
            await asyncio.sleep(0.02)
        while True:
            _, body = await studio.call("GET", f"/{incident['id']}")
            if body["incident"]["run"]["updates"][0]["reached"] == 2:
                break
            await asyncio.sleep(0.02)
    async with bot.services.db.read() as session:
        rows = (await session.execute(select(IncidentTold))).scalars().all()
    assert sorted((row.news, row.elsewhere) for row in rows) == [(1, False), (1, False), (1, True)]
    assert len((await one.read())["messages"]) == before, "they read it where they asked last"
    assert chat.texts.count("Reprise demain.") == 1
