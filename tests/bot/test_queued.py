"""Who waits and asks for a person again is told their place; what else they ask is looked for among the articles."""

from __future__ import annotations

import pytest

from bot.turns.queued import wants_a_person
from tests.bot.conftest import Bot

WANTED = (
    "je veux un conseiller", "humain", "un conseiller ?", "passez-moi quelqu’un", "Une vraie personne, s’il vous plaît",
    "je veux parler à un humain", "Est-ce que je peux parler à quelqu’un ?", "Bonjour puis-je parler à un conseiller ?",
    "Pouvez-vous me passer un conseiller ?", "j’ai besoin d’un conseiller", "j'ai besoin de quelqu'un maintenant",
    "Mettez-moi en relation avec un conseiller humain", "je voudrais joindre un conseiller", "Non. Je veux un agent !",
    "je voudrais parler directement à quelqu’un de votre équipe", "Je veux parler à un conseiller pour ma commande",
    "transférez-moi vers un opérateur svp", "je peux avoir besoin de discuter avec une vraie personne",
    "je veux un humain, pas un robot", "Puis-je avoir quelqu’un au téléphone ?", "parler à une personne réelle",
    "I need a human", "agent please", "someone?", "I would like to speak to a real person please", "get me a person",
    "Can I talk to someone?", "Could I please speak with an advisor?", "Can you put me through to an agent please?",
    "I want to talk to someone about my order", "connect me with a human being", "I’d like an advisor now, thanks",
    "I don’t want a robot, I want a person", "hi, can i chat with a representative?", "I want to reach someone",
    "I need to speak to someone urgently", "I want a human not a bot", "can I get a human?",
)  # fmt: skip
ASKED = (
    "Comment joindre l'agent de livraison ?", "Puis-je passer par une autre personne pour le retrait ?",
    "j'ai besoin d'une personne pour monter le canapé", "personne ne m'a livré", "quelqu’un peut-il signer pour moi ?",
    "Je voudrais une personne à la livraison à l'étage, est-ce possible ?", "je voudrais offrir une lampe à quelqu'un",
    "Faut-il parler à l’agent de livraison ?", "Puis-je parler à l’agent de livraison ?", "agent d’entretien pour cuir",
    "je veux transférer ma carte cadeau à une autre personne", "Une autre personne peut-elle venir chercher le colis ?",
    "j’ai besoin de quelqu’un pour porter l’armoire", "je ne veux plus parler à un conseiller",
    "Je veux une personne de plus pour le montage", "Qui me passe un agent quand le colis arrive ?",
    "il risque de n’y avoir personne ici", "je ne vais parler à personne",
    "How do I reach the delivery agent?", "can someone else sign for it?", "I need someone to carry the sofa upstairs",
    "I need a person to sign for it", "Can I transfer my gift card to another person?", "nobody delivered it",
    "Can I talk to the delivery agent?", "Do I have to speak to an advisor to cancel?", "How do I become an agent?",
    "I would like a person to help me assemble it", "I want someone at home when it is delivered, can I choose?",
    "Puis-je avoir une personne pour le montage ?", "Can I have a person sign for me?", "I need an agent code",
    "I don’t want to talk to a person", "Could somebody else pick it up?", "Who do I give it to, the agent?",
)  # fmt: skip


@pytest.mark.parametrize("text", WANTED)
def test_asking_for_a_person_is_that(text: str) -> None:
    assert wants_a_person(text)


@pytest.mark.parametrize("text", ASKED)
def test_a_question_with_a_person_in_it_is_a_question(text: str) -> None:
    assert not wants_a_person(text)


async def test_a_question_about_a_person_gets_its_article_while_waiting(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    await customer.post("handoff", {})
    assert (await customer.ask("Comment joindre l’agent de livraison ?"))["kind"] == "answer"
    assert (await customer.ask("j’ai besoin d’un agent"))["kind"] == "text"
