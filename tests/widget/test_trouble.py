"""When the network, the service or the token fails: nothing lost, nothing doubled, everything said."""

from __future__ import annotations

import asyncio

from playwright.async_api import Route, expect

from tests.waiting import until
from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi, RefusedError


def ids(api: FakeApi) -> list[str]:
    return [body["client_message_id"] for body in api.posts]


async def test_a_lost_live_connection_comes_back_and_misses_nothing(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.say("avant")
    await expect(chat.log).to_contain_text("Vous avez écrit\u00a0: avant")
    api.sockets_open = False
    await api.drop_sockets()
    await api.add("bot", "dit pendant la coupure")
    # Fetched while the live connection is away.
    await expect(chat.log).to_contain_text("dit pendant la coupure")
    api.sockets_open = True
    await api.add("bot", "dit après")
    await expect(chat.log).to_contain_text("dit après")
    await expect(chat.entries()).to_have_count(5)


async def test_a_line_that_died_without_a_word_is_replaced(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    await until(lambda: api.talk.sockets, "the line stands")
    dead = next(iter(api.talk.sockets))
    api.talk.sockets.clear()
    await chat.say("m’entendez-vous ?")
    # It has been received, but what tells of it has gone nowhere.
    await expect(chat.own("m’entendez-vous ?")).to_contain_text("Reçu à")
    await expect(chat.log).to_contain_text("Vous avez écrit\u00a0: m’entendez-vous ?")
    await until(lambda: len(api.talk.sockets) == 1, "another line stands")
    assert dead not in api.talk.sockets


async def test_a_message_whose_answer_was_lost_is_sent_again_under_the_same_id(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    api.lose_next_answer = True
    await api.drop_sockets()
    await chat.say("une seule fois")
    await expect(chat.own("une seule fois")).to_contain_text("Reçu à")
    assert len(ids(api)) >= 2
    assert len(set(ids(api))) == 2
    assert len(api.talk.received) == 2
    await expect(chat.own("une seule fois")).to_have_count(1)


async def test_messages_written_offline_leave_in_order_when_the_network_is_back(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.page.context.set_offline(True)
    await expect(chat.dialog).to_contain_text("Vous êtes hors connexion")
    for text in ("un", "deux", "trois"):
        await chat.say(text)
    await expect(chat.own("trois")).to_contain_text("Envoi en cours")
    assert not api.talks
    await chat.page.context.set_offline(False)
    await expect(chat.own("trois")).to_contain_text("Reçu à")
    assert [body["text"] for body in api.talk.received] == ["un", "deux", "trois"]
    await expect(chat.log.locator(".customer")).to_have_count(3)


async def test_a_message_not_sent_yet_survives_a_reload(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    api.refusals = [RefusedError(503, "unavailable", "Le service redémarre.", retry_after=60)]
    await chat.say("gardé")
    await expect(chat.own("gardé")).to_contain_text("Envoi en cours")
    await expect(chat.alert).to_contain_text("Le service redémarre.")
    await chat.page.reload()
    await expect(chat.own("gardé")).to_contain_text("Reçu à")
    assert len(set(ids(api))) == 2
    assert len(api.talk.received) == 2


async def test_too_many_messages_is_said_and_waited_for(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    api.refusals = [RefusedError(429, "rate_limited", "Vous écrivez très vite. Un instant…", retry_after=1)]
    seen = asyncio.Event()

    async def retried(route: Route) -> None:
        if api.posts:
            await seen.wait()
        await route.continue_()

    await chat.page.route("**/messages", retried)
    await chat.say("vite")
    await expect(chat.alert).to_contain_text("Vous écrivez très vite")
    seen.set()
    await expect(chat.own("vite")).to_contain_text("Reçu à")
    await expect(chat.alert).to_have_count(0)
    assert len(ids(api)) == 2
    assert len(set(ids(api))) == 1


async def test_a_refused_message_can_be_sent_again_or_edited(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    api.refusals = [
        RefusedError(422, "bad_request", "Ce message est refusé."),
        RefusedError(422, "bad_request", "Encore refusé."),
    ]
    await chat.say("premier")
    bubble = chat.own("premier")
    await expect(bubble).to_contain_text("Non envoyé. Ce message est refusé.")
    await bubble.get_by_role("button", name="Réessayer").click()
    await expect(bubble).to_contain_text("Encore refusé.")
    await bubble.get_by_role("button", name="Modifier").click()
    await expect(bubble).to_have_count(0)
    await expect(chat.field).to_have_value("premier")
    await chat.field.press("Enter")
    await expect(chat.own("premier")).to_contain_text("Reçu à")
    # The retry was the same message, the edited one is another.
    assert ids(api)[0] == ids(api)[1] != ids(api)[2]


async def test_a_stale_token_is_renewed_without_a_word(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    before = api.talk.token
    api.expire_token()
    await api.drop_sockets()
    await chat.say("toujours là ?")
    await expect(chat.log).to_contain_text("Vous avez écrit\u00a0: toujours là")
    assert len(api.talks) == 1
    assert api.talk.token not in (before, f"expired-{before}")
    await expect(chat.alert).to_have_count(0)


async def test_an_unknown_conversation_gives_way_to_a_new_one(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.say("ancienne")
    await expect(chat.log).to_contain_text("Vous avez écrit")
    first = api.talk.id
    await api.drop_sockets()
    api.forget()
    await chat.say("nouvelle")
    await expect(chat.log).to_contain_text("n’est plus disponible")
    await expect(chat.own("nouvelle")).to_contain_text("Reçu à")
    await expect(chat.own("ancienne")).to_have_count(0)
    assert len(api.talks) == 1
    assert api.talk.id != first
    assert [body["text"] for body in api.talk.received] == ["nouvelle"]


async def test_a_conversation_unknown_on_return_gives_way_too(chat: Chat, api: FakeApi) -> None:
    await chat.begin()
    await chat.page.goto("about:blank")
    api.forget()
    await chat.visit()
    await expect(chat.log).to_contain_text("n’est plus disponible")
    await expect(chat.log).to_contain_text("Bonjour, je suis Aulne")
    assert len(api.talks) == 1
