"""The ten scenarios, in French as the customers of the demo speak it. Each begins with somebody new."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.scenarios.playing import ALWAYS, NEVER, Guest, House

Scenario = Callable[[Guest, House], Awaitable[None]]
# Which of them is unclear to the search depends on its weights; one of them always is.
VAGUE = ("ma lampe", "carte", "colis", "échange", "livraison samedi", "garantie lampe", "paiement refusé", "points")
ASKED_BACK = "un de ces sujets"
EMAIL = "camille.laurent@maison-alder.test"


async def question(guest: Guest, _house: House) -> None:
    """A question gets its article, and the guest says that it helped."""
    await guest.says("quels sont les délais de livraison ?")
    await guest.reads("délais de livraison")
    await guest.finds_helpful()


async def clarify(guest: Guest, _house: House) -> None:
    """A vague question is asked back, and a press on what was meant brings it."""
    for vague in VAGUE:
        await guest.says(vague)
        lines = (await guest.reads()).splitlines()
        if any(ASKED_BACK in line for line in lines):
            break
    else:
        raise AssertionError("nothing was asked back")
    await guest.presses(lines[1])
    await guest.reads(lines[1])


async def task_with_identity(guest: Guest, house: House) -> None:
    """An order is tracked once its owner has proved who they are; nothing personal passes a public channel."""
    await guest.says("où est ma commande MA-104233 ?")
    await guest.reads("e-mail")
    await guest.gives(EMAIL)
    await guest.reads("code")
    await guest.gives(await house.code_for(EMAIL))
    await guest.reads("104233", "olis")


async def picture(guest: Guest, house: House) -> None:
    """A picture goes to the advisor with the conversation."""
    await guest.sends_picture(PNG)
    await guest.reads("votre fichier")
    await guest.asks_for_advisor()
    row, context = await house.takes()
    await guest.reads("Claire a rejoint")
    assert any("." in line["text"] for line in context["transcript"] if line["author"] == "customer")
    await release(house, row)


async def handoff(guest: Guest, house: House) -> None:
    """A human, with the whole story, and nobody repeats themselves."""
    await guest.says("quels sont les frais de retour ?")
    await guest.reads("retour")
    await guest.asks_for_advisor()
    await guest.reads("dans la file")
    row, context = await house.takes()
    assert "retour" in context["why"]["question"]
    assert context["channel"] == house.channel
    await guest.reads("Claire a rejoint")
    await house.writes(row, "Bonjour, je regarde cela avec vous.")
    await guest.sees_typing()
    await guest.reads("Claire", "je regarde cela avec vous")
    await guest.says("merci beaucoup")
    await release(house, row)
    await guest.reads("a quitté la conversation")


async def out_of_hours(guest: Guest, house: House) -> None:
    """At night the request is kept, and it is said when somebody comes."""
    await house.opens(NEVER | {"sun": ["10:00-11:00"]})
    try:
        await guest.asks_for_advisor()
        await guest.reads("absents", "dimanche")
        row, _ = await house.takes()
        await guest.reads("Claire a rejoint")
        await release(house, row)
    finally:
        await house.opens(ALWAYS)


async def call_back(guest: Guest, house: House) -> None:
    """A call at a chosen moment, to a number that is given where it is nobody else's business."""
    await guest.says("je voudrais être rappelé")
    await guest.reads("Maintenant", "À un autre moment")
    await guest.presses("À un autre moment")
    await guest.reads("Quel jour")
    await guest.says("demain à 11h")
    await guest.reads("numéro")
    await guest.gives("06 12 34 56 78")
    await guest.reads("11 h", "C'est bien cela")
    await guest.says("oui")
    await guest.reads("noté", "11 h")
    row = await house.waiting()
    assert row["contact"]["phone"] == "+33612345678"
    await house.takes()
    await release(house, row)


async def rating(guest: Guest, house: House) -> None:
    """After an advisor, one says how it went."""
    await guest.asks_for_advisor()
    row, _ = await house.takes()
    await guest.reads("Claire a rejoint")
    await release(house, row)
    await guest.reads("a quitté la conversation")
    await guest.rates(5)


async def erase(guest: Guest, _house: House) -> None:
    """What was said is gone, and the guest is somebody new."""
    await guest.says("quels sont les délais de livraison ?")
    await guest.reads("livraison")
    await guest.is_forgotten()


async def language(guest: Guest, _house: House) -> None:
    """The other language, from now on."""
    await guest.speaks("en")
    await guest.says("how long does delivery take?")
    await guest.reads("delivery")


async def release(house: House, row: dict[str, str]) -> None:
    """The conversation is over for the advisor."""
    await (await house.advisor()).release(row["handoff_id"])


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000a49444154789c6360000000000200015e2e2b1b0000000049454e44ae426082"
)
TEN: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        question,
        clarify,
        task_with_identity,
        picture,
        handoff,
        out_of_hours,
        call_back,
        rating,
        erase,
        language,
    )
}
