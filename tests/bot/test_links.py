"""One person on two channels: linked with consent, unlinked when they like, erased together."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from bot.db.identity import CustomerLink, OneTimeCode
from bot.db.models import Conversation
from bot.db.people import AuditEntry, Identity
from bot.db.people import Customer as Person
from bot.erase import erase_customer
from tests.bot.conftest import Bot, Customer
from tests.bot.proving import KNOWN
from tests.bot.test_feedback import rows
from tests.bot.test_handoff import identity
from tests.bot.test_private import Public, arrives, code_mailed, dialogue, on_public

Json = dict[str, Any]
MINE: list[Json] = [{"text": "Voici vos données."}, {"custom": {"task": {"name": "see_my_data", "outcome": "done"}}}]


async def web_then_public(make_bot: Any) -> tuple[Bot, Customer, Public]:
    """Camille, known on the web, proves her address on the public channel."""
    public = await on_public(make_bot, account="tg-7")
    web = await public.bot.customer(identity=identity(public.bot))
    await web.ask("bonjour")
    await proves(public)
    return public.bot, web, public


async def proves(public: Public, count: int = 1) -> None:
    await public.ask(KNOWN, 2)
    code = await code_mailed(public.bot, count)
    await public.ask(code)


async def press(customer: Customer, message: Json, number: int) -> Json:
    choice = message["choices"][number]["payload"]
    _, body = await customer.post("messages", {"client_message_id": f"p{choice}", "choice": choice})
    return (await customer.until(1, body["message"]["seq"]))[0]


async def past(bot: Bot, customer: Customer) -> list[str]:
    """The past conversations that an advisor is shown."""
    await customer.post("handoff", {})
    desk = bot.claire = bot.claire or await bot.desk("claire")
    handoff = (await desk.queue())[0]["handoff_id"]
    await desk.call("POST", f"handoffs/{handoff}/accept")
    _, found = await desk.call("GET", f"handoffs/{handoff}")
    await desk.call("POST", f"handoffs/{handoff}/release", {"outcome": "resolved"})
    return [each["conversation_id"] for each in found["context"]["who"]["past_conversations"]]


async def question(public: Public) -> Json:
    """The question for consent, which came with the answer to the code."""
    return (await public.customer.read())["messages"][-1]


async def test_two_channels_are_linked_on_a_yes_and_unlinked_under_my_data(make_bot: Any) -> None:
    bot, web, public = await web_then_public(make_bot)
    asked = await question(public)
    assert [choice["title"] for choice in asked["choices"]] == ["Oui, relier", "Non, garder séparé"]
    async with bot.services.db.read() as session:
        here = await session.get_one(Conversation, public.customer.id)
        there = await session.get_one(Conversation, web.id)
    assert (here.assurance, here.method) == ("verified", "email_code")
    assert (here.customer_id != there.customer_id, here.proven_customer_id) == (True, there.customer_id)
    assert "séparer" in (await press(public.customer, asked, 0))["text"]
    assert bot.neighbours.requests[-1].get("command") == "/identity_proven", "Rasa knows nothing of links"
    later = await arrives(bot, public.channel, "tg-7")
    assert await past(bot, later.customer) != []
    assert web.id in await past(bot, later.customer)
    bot.neighbours.replies = lambda request: MINE
    await web.ask("mes données")
    shown = (await web.read())["messages"][-1]
    assert shown["choices"][0]["title"] == "Ne plus relier"
    undone = await press(web, shown, 0)
    assert "ne sont plus reliés" in undone["text"]
    assert web.id not in await past(bot, later.customer)
    assert "sont reliés" in (await press(web, undone, 0))["text"], "and it can be taken back"
    assert web.id in await past(bot, later.customer)
    actions = [entry.action for entry in await rows(bot, AuditEntry) if entry.action.startswith("identity_")]
    assert [action for action in actions if "link" in action] == [
        "identity_linked",
        "identity_unlinked",
        "identity_linked",
    ]
    assert await rows(bot, Identity) != []
    async with bot.services.db.read() as session:
        customers = (await session.execute(select(Conversation.customer_id, Conversation.channel))).all()
    assert len({customer for customer, channel in customers if channel == "public"}) == 1, "nobody was rewritten"


async def test_a_no_keeps_them_apart_and_is_not_asked_again(make_bot: Any) -> None:
    bot, web, public = await web_then_public(make_bot)
    assert "restent séparés" in (await press(public.customer, await question(public), 1))["text"]
    later = await arrives(bot, public.channel, "tg-7")
    assert web.id not in await past(bot, later.customer)
    await proves(later, 2)
    assert "choices" not in await question(later)
    assert web.id in await past(bot, later.customer), "who has proved to be her is served as her, in this conversation"
    (link,) = await rows(bot, CustomerLink)
    assert link.status == "declined"


async def test_only_the_proven_person_makes_a_link(make_bot: Any) -> None:
    """A button of before does nothing for somebody who holds the channel and has not proved to be that person."""
    bot, _, public = await web_then_public(make_bot)
    asked = await question(public)
    async with bot.services.db.write() as session:
        conversation = await session.get_one(Conversation, public.customer.id)
        conversation.assurance, conversation.proven_customer_id = "channel", None
    assert "n’est plus disponible" in (await press(public.customer, asked, 0))["text"]
    assert [link.status for link in await rows(bot, CustomerLink)] == ["offered"]


async def test_the_question_waits_for_the_end_of_the_task(make_bot: Any) -> None:
    public = await on_public(make_bot, account="tg-7")
    await public.bot.customer(identity=identity(public.bot))
    public.bot.neighbours.slots = {"requested_slot": "task_input"}
    await proves(public)
    assert "choices" not in await question(public)
    public.bot.neighbours.slots = {}
    await public.ask("oui", 2)
    assert len((await question(public))["choices"]) == 2


async def test_on_one_channel_nobody_is_asked(make_bot: Any) -> None:
    bot: Bot = await make_bot(relais_demo=True)
    bot.neighbours.replies = dialogue
    first = await bot.customer(identity=identity(bot))
    visitor = await bot.customer()
    await visitor.ask(KNOWN)
    await visitor.ask(await code_mailed(bot))
    assert await rows(bot, CustomerLink) == []
    assert await past(bot, visitor) == [first.id]


async def test_erasing_takes_what_is_linked_and_every_address_given(make_bot: Any) -> None:
    bot, _, public = await web_then_public(make_bot)
    await press(public.customer, await question(public), 0)
    stranger = await bot.customer()
    await stranger.ask(KNOWN)
    other = await arrives(bot, public.channel, "tg-8")
    await other.ask("e-mail")
    async with bot.services.db.read() as session:
        person = (await session.execute(select(Person.id).where(Person.reference == "C-1001"))).scalar_one()
    assert await erase_customer(bot.services, person) == 2
    assert [row.subject for row in await rows(bot, Identity)] == ["tg-8"]
    assert await rows(bot, CustomerLink) == []
    assert await rows(bot, OneTimeCode) == [], "their address was given by a stranger too"
    async with bot.services.db.read() as session:
        left = (await session.execute(select(func.count()).select_from(Conversation))).scalar_one()
    assert left == 2
    assert (await stranger.ask("encore là"))["text"].startswith("écho")
