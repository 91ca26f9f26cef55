"""Who waits and asks for a person again is told their place; what else they ask is looked for among the articles."""

from __future__ import annotations

import pytest

from bot.turns.person import wants_a_person
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
    "Transfer me to a human agent", "I would like to talk to a human agent",
    "Je veux parler à un conseiller, c'est urgent", "Je veux parler à un conseiller, ça fait 20 minutes",
    "talk to a human!!! this is ridiculous", "j'aimerais parler à quelqu'un par téléphone",
    "parler à quelqu'un du service après-vente", "I want to speak to an advisor in English",
    "can i get a real person please", "put me through to someone", "is there a human i can talk to?",
    "i need to speak with somebody now", "Can you connect me with customer service, please",
    "let me talk to an agent!!", "I want a human", "speak to a representative", "agent please",
    "I'd like to speak with a real human being about my refund", "Get me a human.",
    "could i please talk to a person instead of a bot", "human", "pls transfer me to an advisor asap",
    "I want to talk to someone on the phone", "I dont want a bot, I want a person",
    "may I speak with an agent in French?", "I'd rather talk to a human", "connect me to a live agent",
    "hi, can someone help me? i want to talk to a human", "parler a un conseiller svp", "jveux un humain",
    "je voudrais parler a qqn", "passez-moi un conseiller", "pouvez vous me passer quelqu'un ?", "un conseiller svp !!",
    "je souhaite être mis en relation avec un conseiller", "est-ce que je peux parler à une vraie personne ?",
    "conseiller", "jaimerais parler a quelquun", "je veux parler à un être humain, pas à un robot",
    "mettez moi en contact avec un agent", "j'aimerais parler à un conseiller en anglais",
    "Bonjour, je voudrais parler à un conseiller. Merci.", "transférez-moi vers un humain s'il vous plaît",
    "je préfère parler à un humain", "puis-je avoir quelqu'un au téléphone ?",
    "je peux parler à une personne du service client ?", "Je veux parler à un conseiller maintenant",
    "je veux plus parler au robot, je veux un conseiller", "How long before I can talk to someone?",
    "quand vais-je enfin pouvoir parler à quelqu'un ?", "I've been waiting 20 min, get me a human",
    "pourquoi je ne peux pas parler à un humain ?", "Why can't I talk to a real person",
    "je n'arrive pas à parler à un conseiller", "comment je fais pour parler à un conseiller", "HUMAN!!!",
    "UN CONSEILLER !!!", "je voudrais un conseiller s.v.p", "un vrai humain svp", "I would rather speak to a person",
    "plz let me speak 2 a human", "i need 2 talk to someone", "Could you transfer me to one of your agents?",
    "I demand to speak to a manager", "je veux parler à un responsable", "passez moi le service client",
    "je veux parler à un conseiller qui connaît ma commande", "give me an agent, not a bot",
    "Stop, je veux une vraie personne", "c'est trop long, je veux parler à quelqu'un", "is an advisor available?",
    "y a-t-il un conseiller disponible ?", "jaimerai parler avec un conseillé", "jvoudrais parler a un conseiler stp",
    "talk to a person", "Where is my order? I want to talk to a human",
    "je souhaiterais échanger avec un conseiller de votre équipe", "Can I speak to someone in French please?",
    "peut-on me passer quelqu'un ?", "conseiller s'il vous plaît, c'est urgent",
    "I want an advisor because nothing works", "mettez-moi avec un conseiller",
    "puis-je échanger avec un membre de votre équipe ?", "Any human here?", "yo can i just talk to a human already",
    "this bot is useless, agent!", "Hello? Is there a real person?", "I want to chat with a live person now please",
    "put me on with an advisor", "i'd like to be connected to an agent",
    "you are not helping, let me speak to a manager", "bjr je veux parler a une personne reelle",
    "je voudrai etre mis en contact avec un conseillé svp", "vous pouvez me transférer à quelqu'un ?",
    "faites-moi parler à quelqu'un", "on peut avoir un conseiller ?", "je veux juste parler à un humain !!!",
    "un agent svp vite", "ça ne répond pas, passez-moi un humain", "est-il possible de parler à un conseiller ?",
    "Could I have an advisor please, it's been an hour", "jpeux avoir un humain",
    "Où est mon colis ? Je veux parler à un conseiller",
    "bonjour, il y a quelqu'un ?", "is anybody there", "transferez moi", "je ne veux pas parler à un robot",
    "service client svp", "How do I talk to a human?",
    "I've asked three times, transfer me to an agent", "ok now get me a person", "i would love to talk to a human",
    "is it possible to chat with an agent?", "ARE THERE ANY HUMANS HERE", "tell me how to speak to a real agent",
    "I'm tired of waiting, connect me with someone", "hey can u put me through to a human pls",
    "let me chat with an advisor!", "speak to advisor", "jai besoin de parler a quelqun",
    "vous pouvez me mettre en relation avec qqn ?", "je demande à parler à un responsable",
    "bon, un conseiller maintenant", "il me faut un humain", "svp mettez-moi en contact avec une personne",
    "je souhaite discuter avec un agent humain", "et un vrai conseiller, c'est possible ?",
    "personne ne répond, je veux un conseiller", "j'exige de parler à quelqu'un",
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
    "je ne souhaite pas parler à un conseiller", "je n'ai plus besoin d'un conseiller",
    "I'd rather not talk to a human", "Do your agents work on Sundays?", "I don't want to talk to anyone",
    "no need for an advisor, thanks", "Can someone else collect my parcel?", "I don't need a human anymore",
    "how much does it cost to call an advisor?", "The delivery person never came",
    "I already spoke to an agent yesterday, where is my refund?", "Can I add another person to my account?",
    "is the estate agent offer still valid", "please don't transfer me to an agent",
    "I would prefer not to speak to a person", "Quels sont les horaires des conseillers ?",
    "je veux pas parler à un humain", "pas besoin de conseiller, merci",
    "Est-ce que quelqu'un d'autre peut récupérer mon colis ?",
    "j'ai déjà parlé à un conseiller hier, où est mon remboursement ?", "la personne qui a livré a cassé le vase",
    "ne me passez pas un conseiller", "je n'ai pas envie de parler à quelqu'un",
    "Combien de personnes peuvent dormir dans ce canapé-lit ?", "inutile de me transférer à un conseiller",
    "Comment offrir une carte cadeau à quelqu'un ?", "plus besoin d'un humain",
    "I want to talk to the seller about the lamp", "Can I give the gift to someone in another country?",
    "je veux envoyer la facture à quelqu'un d'autre", "puis-je parler à mon livreur ?",
    "Can someone else be present for the delivery?", "Faut-il être une personne majeure pour commander ?",
    "Une personne seule peut-elle monter cette armoire ?", "Combien de personnes faut-il pour porter le lit ?",
    "How many people do I need to assemble it?", "Does someone need to be home?",
    "Is there someone at the store on Sunday?", "Dois-je passer par un conseiller pour annuler ?",
    "Must I speak with an advisor to return it?", "J'ai pas envie de discuter avec un humain",
    "no i dont want an agent", "non merci, pas de conseiller", "je ne veux pas être transféré à un conseiller",
    "finalement je n'ai plus besoin de parler à quelqu'un", "I no longer need to speak to anyone",
    "I changed my mind, I don't need an advisor", "do not connect me to an agent",
    "Can I cancel without talking to someone?", "Je peux annuler sans parler à un conseiller ?",
    "I was able to talk to someone, thanks", "j'ai pu parler à un conseiller, merci",
    "Is it free to talk to an advisor?", "c'est payant de parler à un conseiller ?",
    "je veux un humain, comment annuler ma commande ?", "quelqu'un a volé mon colis", "someone stole my parcel",
    "the person at the door refused it", "I need the agent's name who took my order",
    "un agent d'entretien pour la table", "Je voudrais une lampe pour une personne âgée",
    "I need a chair for a person of 120 kg", "avez-vous un fauteuil pour personne à mobilité réduite ?",
    "Est-ce que je parle à un humain ?", "Are you a human?", "am i talking to a real person?",
    "qui est le conseiller qui m'a répondu ?", "no thanks I don't want to be transferred to an agent",
    "I don't wish to be connected with an advisor", "je ne veux pas attendre un conseiller, comment annuler ?",
    "laissez tomber le conseiller", "forget the agent", "How long does an advisor keep my data?",
    "Quelqu'un a ouvert mon colis", "Can somebody deliver to the third floor?", "I want someone to pick up my old sofa",
    "je veux que quelqu'un reprenne mon ancien canapé", "I need to contact the carrier",
    "je souhaite faire un cadeau à une personne de ma famille", "May someone else use my voucher?",
    "I gave it to a person at the desk", "Puis-je parler à un vendeur du magasin de Lyon ?", "what does an advisor do?",
    "an agent from your shop broke my door", "je refuse de parler à un conseiller",
    "pas la peine de me passer un conseiller", "I never asked to talk to an agent",
    "How do I contact customer service?", "customer service in Dutch",
    "à partir de quelle heure je peux parler à quelqu'un", "until what hour can I chat with somebody",
    "I want to talk to someone at the store", "my robot vacuum is broken", "Can my husband talk to an advisor?",
    "I need a person to fix the machine",
    "I have an agent at home", "can an agent of mine collect it?", "my advisor said the refund was sent",
    "le conseiller m'a dit que c'était remboursé", "Which advisor handled my order?", "how do I rate the advisor?",
    "je veux noter le conseiller", "a person signed for my parcel but not me",
    "un livreur peut-il appeler une personne à l'arrivée ?", "Faut-il quelqu'un pour réceptionner ?",
    "I need two people to lift it", "we don't need to speak to anybody", "je ne veux surtout pas parler à quelqu'un",
    "je n'ai pas demandé à parler à un conseiller", "stop, no human please",
    "Is the warranty valid for another person?", "combien coûte un appel avec un conseiller ?",
    "I want to give it to somebody for Christmas", "est-ce que je dois être là ou quelqu'un d'autre ?",
    "cancel the agent, I found it",
)  # fmt: skip


@pytest.mark.parametrize("text", WANTED)
def test_asking_for_a_person_is_that(text: str) -> None:
    assert wants_a_person(text)


@pytest.mark.parametrize("text", ASKED)
def test_a_question_with_a_person_in_it_is_a_question(text: str) -> None:
    assert not wants_a_person(text)


@pytest.mark.parametrize(
    "words", ["parler a un ", "real human ", "i want ", "pas besoin de ", "please now ", "quelqu un "]
)
def test_what_goes_round_in_circles_is_read_to_its_end(words: str) -> None:
    assert not wants_a_person((words * 40)[:75] + " zzz?")


async def test_a_question_about_a_person_gets_its_article_while_waiting(bot: Bot) -> None:
    customer = await bot.customer(locale="fr")
    await customer.post("handoff", {})
    assert (await customer.ask("Comment joindre l’agent de livraison ?"))["kind"] == "answer"
    assert (await customer.ask("j’ai besoin d’un agent"))["kind"] == "text"
    for again in ("Je veux parler à un conseiller, ça fait 20 minutes", "jveux un humain"):
        assert "déjà transmise" in (await customer.ask(again))["text"]
