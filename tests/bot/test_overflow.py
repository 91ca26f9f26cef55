"""Nobody with the right skill can come: the rule of service.yml applies, says so once, and the queue goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.handoff.offering import Offering
from bot.routing.floor import Advisor, Waiting
from bot.routing.offers import suited
from bot.routing.overflow import rule_for
from tests.bot.conftest import OPEN_HOUR, SUNDAY, Bot, Customer
from tests.bot.test_offers import advisor, asking, id_of, offered_to, sit

Json = dict[str, Any]
ALL = ("another_skill", "call_back", "shop")
SOON = timedelta(minutes=5)
ANY = {"call_back", "shop"}


def waiting(**changes: Any) -> Waiting:
    values: Json = {
        "handoff_id": "h",
        "skill": "payment",
        "locale": "fr",
        "requested_at": OPEN_HOUR,
        "queue_at": OPEN_HOUR,
    }
    return Waiting(**values | changes)


def person(*skills: str, locale: str = "fr", load: int = 0) -> Advisor:
    return Advisor("+".join(skills), frozenset(skills), frozenset([locale]), 4, load)


@pytest.mark.parametrize(
    ("rules", "floor", "waited", "rule"),
    [
        (ALL, [person("payment")], 60, None),  # somebody who can is there
        (ALL, [person("payment", load=4)], 240, None),  # and will be free soon
        (ALL, [person("payment", load=4)], 300, "call_back"),  # or not: nobody else has room
        (ALL, [person("payment", load=4), person("general")], 300, "another_skill"),
        (ALL, [person("general")], 0, "another_skill"),
        (ALL, [person("general", locale="en")], 60, "call_back"),  # who speaks another language is no help
        (ALL, [person("general", load=4)], 60, "call_back"),
        (ALL, [], 30, None),  # somebody may be about to sit down
        (ALL, [], 60, "call_back"),
        (("shop", "another_skill"), [person("general")], 60, "shop"),
        (("another_skill",), [], 3600, None),
        ((), [person("general")], 3600, None),
    ],
)
def test_the_first_rule_that_helps(rules: Any, floor: list[Advisor], waited: int, rule: str | None) -> None:
    now = OPEN_HOUR + timedelta(seconds=waited)
    assert rule_for(waiting(), rules, ANY, floor, now, SOON) == rule


def test_what_is_not_possible_is_passed_over() -> None:
    now = OPEN_HOUR + timedelta(minutes=2)
    assert rule_for(waiting(), ALL, {"shop"}, [], now, SOON) == "shop"
    assert rule_for(waiting(), ALL, set(), [], now, SOON) is None


def test_where_no_colleague_may_take_it_the_skill_is_waited_for() -> None:
    floor = [person("general"), person("payment", locale="en")]
    assert suited(waiting(), floor, OPEN_HOUR, SOON)[0] == [floor[0]]
    assert suited(waiting(to_others=False), floor, OPEN_HOUR, SOON)[0] == [floor[1]]
    assert suited(waiting(to_others=False), floor[:1], OPEN_HOUR + 2 * SOON, SOON)[0] == []


async def notices(customer: Customer) -> list[Json]:
    return [each for each in (await customer.read())["messages"] if each["kind"] == "notice"]


async def test_a_colleague_who_answers_is_announced_once(bot: Bot) -> None:
    hugo = await advisor(bot, "hugo", ["payment"], ["fr"])
    line = await sit(bot, hugo)
    customer = await asking(bot)  # for the general skill
    await offered_to(hugo, await id_of(hugo))
    for _ in range(3):
        await Offering(bot.services).look()
    told = [each["text"] for each in await notices(customer) if "Un collègue va vous répondre" in each["text"]]
    assert len(told) == 1
    assert "Accueil et magasins" in told[0]
    await line.close()


async def test_a_call_at_the_first_opening_is_offered_and_kept(bot: Bot) -> None:
    customer = await asking(bot)
    await Offering(bot.services).look()
    assert len(await notices(customer)) == 1, "not at once"
    bot.clock.forward(61)
    for _ in range(2):
        await Offering(bot.services).look()
    told = (await notices(customer))[1:]
    assert len(told) == 1
    assert "Aucun spécialiste" in told[0]["text"]
    first, other = told[0]["choices"]
    assert first["title"] == "Être appelé mardi 24 novembre à 14\u00a0h"  # it is 11 h in Paris
    assert other["title"] == "Choisir un autre moment"
    status, sent = await customer.post("messages", {"client_message_id": "b1", "choice": first["payload"]})
    assert status == 202
    asked = (await customer.until(1, sent["message"]["seq"]))[0]
    assert "numéro" in asked["text"]
    await customer.say("06 12 34 56 78")
    await customer.until(1, asked["seq"] + 1)
    row = (await (await bot.desk("claire")).queue())[0]
    assert (row["contact"]["mode"], row["contact"]["at"]) == ("call_at", "2026-11-24T14:00:00+01:00")


async def test_the_shop_rule_gives_the_assistant_back(make_bot: Any, company: Any) -> None:
    handoff = company.handoff.model_copy(update={"overflow": ("shop",)})
    changed = company.model_copy(update={"handoff": handoff})
    bot = await make_bot(rules=changed)
    customer = await asking(bot)
    bot.clock.forward(61)
    await Offering(bot.services).look()
    told = (await notices(customer))[-1]
    (choice,) = told["choices"]
    assert choice["title"] == "Ne plus attendre et trouver un magasin"
    assert (await customer.read())["state"]["owner"] == "queue", "the place is kept until then"
    _, sent = await customer.post("messages", {"client_message_id": "s1", "choice": choice["payload"]})
    await customer.until(2, sent["message"]["seq"])
    assert (await customer.read())["state"]["owner"] == "bot"
    assert bot.neighbours.requests[-1]["command"] == "/find_shop"
    assert await (await bot.desk("claire")).queue() == []


async def test_a_danger_is_not_sent_to_a_shop_and_a_closed_service_says_when_it_opens(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    await customer.ask("il y a une odeur de gaz et ma lampe a pris feu")
    bot.clock.forward(120)
    await Offering(bot.services).look()
    assert not [each for each in await notices(customer) if "Aucun spécialiste" in each["text"]]
    bot.clock.set(SUNDAY)
    late = await asking(bot)
    bot.clock.forward(120)
    await Offering(bot.services).look()
    assert len(await notices(late)) == 1
