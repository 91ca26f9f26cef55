"""Everything else that a customer meets: advisors, files, corrections, commands, groups, private pages."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.channels.protocol import Upload
from bot.conversations.files import keep_file
from bot.conversations.messages import Draft, append, lock_conversation
from bot.db.channels import Consent
from bot.db.models import Base, Conversation, Feedback, File, Message, Rating
from bot.db.people import Customer
from bot.db.telegram import TelegramChat, TelegramMessage, TelegramPlace
from tests.bot.conftest import Desk
from tests.bot.test_files import PNG
from tests.telegram.fake_api import FakeTelegram, Fault, broken
from tests.telegram.html import Refused
from tests.telegram.person import Person, push, titles, until_titles
from tests.telegram.test_talking import rows, said

Json = dict[str, Any]


async def taken(desk: Desk) -> Json:
    """The first who waits, accepted."""
    first = next(row for row in await desk.queue() if row["advisor"] is None)
    status, _ = await desk.call("POST", f"handoffs/{first['handoff_id']}/accept")
    assert status == 200
    return first


async def test_a_handoff_from_the_queue_to_the_rating(camille: Person) -> None:
    ahead = await camille.bot.customer()
    await ahead.post("handoff", {})
    claire = await camille.bot.desk("claire")
    (place,) = await camille.ask("/conseiller")
    assert "n°\u00a02" in place["read"]
    assert (await camille.ask("/advisor"))[0]["read"].endswith("n°\u00a02 dans la file.")
    await taken(claire)
    async with asyncio.timeout(30):
        while "n°\u00a01" not in place["read"]:
            await asyncio.sleep(0.05)
    handoff = await taken(claire)
    await camille.until_read("Claire a rejoint")
    async with asyncio.timeout(30):
        while await rows(camille, TelegramPlace):
            await asyncio.sleep(0.05)
    assert place["read"] == "Claire s’occupe de votre demande."
    assert len([text for text in camille.reads if "dans la file" in text]) == 1, "one message that is edited, one asked"
    tail = f"conversations/{handoff['conversation_id']}"
    await claire.call("POST", f"{tail}/typing", {"on": True})
    async with asyncio.timeout(30):
        while not camille.telegram.of("sendChatAction"):
            await asyncio.sleep(0.02)
    await claire.call("POST", f"{tail}/messages", {"client_message_id": "a1", "text": "Bonjour <Camille> & co"})
    reply = await camille.until_read("& co")
    assert reply["html"] == "<b>Claire</b>\nBonjour &lt;Camille&gt; &amp; co"
    await camille.say("Merci !")
    await claire.call("POST", f"handoffs/{handoff['handoff_id']}/release", {"outcome": "resolved"})
    asked = await camille.until_read("satisfait")
    assert titles(asked) == ["1 ⭐", "2 ⭐", "3 ⭐", "4 ⭐", "5 ⭐"]
    await camille.press(asked, "4 ⭐")
    await until_titles(asked, ["✓ ⭐⭐⭐⭐"])
    assert [row.score for row in await rows(camille, Rating)] == [4]
    assert "Merci !" in await said(camille)


async def test_the_place_is_tried_again_when_telegram_does_not_take_it(camille: Person) -> None:
    ahead = await camille.bot.customer()
    await ahead.post("handoff", {})
    (place,) = await camille.ask("/conseiller")
    camille.telegram.faults.append(broken("editMessageText"))
    async with camille.bot.client.delete(ahead.url("handoff"), headers=ahead.headers) as response:
        assert response.status == 200
    async with asyncio.timeout(30):
        while "n°\u00a01" not in place["read"]:
            await asyncio.sleep(0.05)
    assert camille.telegram.faults == []


async def test_the_assistant_types_while_it_thinks(camille: Person) -> None:
    camille.bot.neighbours.hold = asyncio.Event()
    await camille.say("réfléchis")
    async with asyncio.timeout(30):
        while not camille.telegram.of("sendChatAction"):
            await asyncio.sleep(0.02)
    camille.bot.neighbours.hold.set()
    await camille.until_read("réfléchis")


async def test_pictures_and_documents_come_in_checked(camille: Person) -> None:
    await camille.photo(PNG, "voici la lampe")
    await camille.until_read("voici la lampe")
    (file,) = await rows(camille, File)
    assert (file.media_type, file.name.startswith("photo-")) == ("image/png", True)
    assert (await said(camille))[1:] == ["voici la lampe"]
    await camille.document("facture.pdf", b"%PDF-1.4 facture")
    await camille.document("virus.jpg", b"PK\x03\x04 a zip in disguise")
    await camille.until_read("Ce fichier n’est pas accepté")
    await camille.document("film.jpg", PNG, size=30 * 1024 * 1024)
    await camille.until_read("trop volumineux")
    assert sorted(file.media_type for file in await rows(camille, File)) == ["application/pdf", "image/png"]


async def test_a_file_that_telegram_hands_over_later_keeps_its_place(camille: Person) -> None:
    camille.telegram.faults += [broken("getFile"), Fault("file", Refused(502, "Bad Gateway"))]
    await camille.photo(PNG)
    await camille.say("et ensuite")
    await camille.until_read("et ensuite")
    names = await said(camille)
    assert (names[0].startswith("photo-"), names[1:]) == (True, ["et ensuite"])


async def test_files_go_out_as_pictures_or_documents(camille: Person) -> None:
    services = camille.bot.services
    (conversation,) = await rows(camille, Conversation)
    files = (Upload("lampe.png", "image/png", PNG), Upload("bon.pdf", "application/pdf", b"%PDF-1.4 bon"))
    camille.telegram.faults.append(broken("sendPhoto"))
    for upload in files:
        async with services.db.write() as session:
            locked = await lock_conversation(session, conversation.id)
            draft = Draft("advisor", upload.name, "file", "Claire")
            message = await append(session, services.channels, locked, draft, services.clock())
            keep_file(session, message, upload)
    picture, document = (await camille.until(3))[1:]
    assert (picture["photo"], picture["read"]) == (PNG, "Claire")
    assert (document["document"], document["filename"]) == (b"%PDF-1.4 bon", "bon.pdf")


async def test_a_correction_is_answered_and_marked(camille: Person) -> None:
    update = await camille.say("une lmape")
    await camille.until_read("une lmape")
    await camille.edit(update["message"], "une lampe")
    await camille.until_read("une lampe")
    await camille.edit(update["message"], "une lampe")
    await camille.ask("voilà")
    assert await said(camille) == ["une lmape", "une lampe", "voilà"]
    first, second = [
        row for row in sorted(await rows(camille, Message), key=lambda row: row.seq) if row.text[:3] == "une"
    ]
    assert second.data == {"edits": first.id}


async def test_what_cannot_be_read_is_said(camille: Person) -> None:
    voice = {"file_id": "v", "file_unique_id": "v", "duration": 3}
    await camille.send(camille.update(message=camille.message(voice=voice)))
    assert "envoyez une photo ou un PDF" in (await camille.until(2))[1]["read"]
    (answer,) = await camille.ask("x" * 4090)
    assert "trop long" in answer["read"]
    for text in ("🙂🙂🙂", "مرحبا كيف الحال", "e\u0301\u200f"):
        (answer,) = await camille.ask(text)
        assert answer["read"].endswith(text)


async def test_the_language_is_chosen_and_kept(camille: Person) -> None:
    (asked,) = await camille.ask("/langue")
    assert titles(asked) == ["Français", "English"]
    await camille.press(asked, "English")
    await camille.until_read("we’ll continue in English")
    await until_titles(asked, ["✓ English"])
    (helped,) = await camille.ask("/help")
    assert "/advisor – Talk to an advisor" in helped["read"]
    camille.bot.clock.forward(timedelta(days=2).total_seconds())
    (helped,) = await camille.ask("/start")
    assert "/advisor" in helped["read"], "a later conversation begins in it"
    assert len(await rows(camille, Conversation)) == 2


async def test_who_wants_to_know_presses_and_may_undo_it(camille: Person) -> None:
    (silence,) = await camille.ask("le mystère de la lampe ?")
    await until_titles(silence, ["Prévenez-moi quand vous aurez la réponse"])
    await camille.press(silence, "Prévenez-moi")
    agreed = await camille.until_read("je vous l’écrirai ici")
    assert [each.granted for each in await rows(camille, Consent)] == [True]
    await camille.press(agreed, "Annuler")
    await camille.until_read("C’est annulé")
    assert [each.granted for each in await rows(camille, Consent)] == [True, False]


async def test_my_data_is_asked_of_the_assistant(camille: Person) -> None:
    (reply,) = await camille.ask("/mesdonnees")
    assert reply["read"] == "écho : /see_my_data"
    assert await said(camille) == ["Voir mes données"]


async def test_forgetting_asks_first_then_erases_everything(camille: Person) -> None:
    (card,) = await camille.ask("Quel délai ?")
    await camille.press(card, "👎")
    await camille.until_read("Autre chose ?")
    await camille.photo(PNG)
    await camille.until_read("votre fichier")
    (asked,) = await camille.ask("/oublier")
    assert titles(asked) == ["Oui, tout effacer", "Non, garder"]
    await camille.press(asked, "Non")
    await camille.until_read("rien n’est effacé")
    assert len(await rows(camille, Feedback)) == 1, "else the rest proves little"
    (asked,) = await camille.ask("/forget")
    camille.telegram.faults.append(broken())
    press = camille.press_update(asked, "Oui")
    await camille.send(press)
    await camille.until_read("ne garde plus rien")
    await camille.send(press)
    await camille.until_handled()
    for model in (Conversation, Message, File, Feedback, Customer, TelegramChat, TelegramMessage):
        assert await rows(camille, model) == [], model.__tablename__
    held = json.dumps([await all_of(camille, table) for table in Base.metadata.sorted_tables], default=str)
    assert str(camille.id) not in held
    (greeting,) = await camille.ask("/start")
    assert "je suis" in greeting["read"].lower(), "somebody new"


async def all_of(person: Person, table: Any) -> list[Any]:
    async with person.bot.services.db.read() as session:
        return [tuple(row) for row in (await session.execute(select(table))).all()]


async def test_groups_are_declined_once(camille: Person) -> None:
    group = {"id": -100123, "type": "supergroup", "title": "Famille"}
    bot_user = {"id": 123456789, "is_bot": True, "first_name": "Maison Alder"}
    member = {"user": bot_user, "status": "member"}
    change = {"chat": group, "from": camille.user, "date": 1, "old_chat_member": member | {"status": "left"}}
    await camille.send(camille.update(my_chat_member=change | {"new_chat_member": member}))
    for text in ("bonjour", "/start@maison_alder_bot"):
        await camille.send(camille.update(message=camille.message(text=text) | {"chat": group}))
    async with asyncio.timeout(30):
        while len(camille.telegram.left) < 3:
            await asyncio.sleep(0.02)
    (said_there,) = camille.telegram.chats[-100123]
    assert "écrivez-moi en privé" in said_there["read"]
    assert len(await rows(camille, Conversation)) == 1


async def test_what_is_personal_stays_on_private_pages(camille: Person) -> None:
    def dialogue(request: Json) -> list[Json]:
        text = request.get("text") or request["command"]
        if text == "facture":
            return [{"text": "Facture F-1 : 49,90 €", "custom": {"confidential": True, "title": "Votre facture"}}]
        if text == "adresse":
            return [{"text": "Où faut-il livrer ?"}, {"custom": {"ask_private": {"field": "address"}}}]
        return [{"text": f"reçu {len(text)}"}]

    camille.bot.neighbours.replies = dialogue
    (shown,) = await camille.ask("facture")
    path = re.findall(r"http://\S+(/p/\S+)", shown["read"])[0]
    async with camille.bot.client.post(path) as response:
        assert "49,90" in await response.text()
    (asked,) = await camille.ask("adresse")
    path = re.findall(r"http://\S+(/p/\S+)", asked["read"])[0]
    async with camille.bot.client.post(path, data={"value": "12 rue des Aulnes"}) as response:
        assert response.status == 200
    await camille.until_read("reçu 17")
    passed = json.dumps([[name, str(given)] for name, given in camille.telegram.calls], ensure_ascii=False)
    assert "49,90" not in passed
    assert "Aulnes" not in passed


async def test_long_polling_needs_no_webhook(on_telegram: Any, telegram: FakeTelegram) -> None:
    person = Person(telegram, await on_telegram("polling"))
    second = await on_telegram("polling")
    telegram.updates += [person.update(message=person.message(text=text)) for text in ("/start", "un", "deux")]
    await person.until_read("deux")
    assert await said(person) == ["un", "deux"]
    async with asyncio.timeout(30):
        while telegram.updates:
            await asyncio.sleep(0.02)
    assert await push(person.bot.client, person.update(message=person.message(text="faux"))) == 404
    await person.bot.client.close()
    person.bot = second
    telegram.updates.append(person.update(message=person.message(text="trois")))
    await person.until_read("trois")
