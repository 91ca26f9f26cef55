"""Conversations for the fake desk: shaped by the contract, rich enough to show every part of the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

USERS: dict[str, Json] = {
    "claire@maison-alder.test": {
        "id": "u-claire",
        "name": "Claire Morel",
        "role": "advisor",
        "locales": ["fr", "en"],
        "presence": "available",
    },
    "hugo@maison-alder.test": {
        "id": "u-hugo",
        "name": "Hugo Bernard",
        "role": "advisor",
        "locales": ["fr"],
        "presence": "available",
    },
}
PASSWORD = "relais-demo"

CAMILLE_SUMMARY = (
    "Une démarche a échoué\u00a0: «\u00a0mon colis MA-104233 n’a pas bougé depuis mardi, il est où ??\u00a0»\n"
    "Déjà tenté\u00a0: articles montrés\u00a0: Mon colis n’avance plus · "
    "démarche «\u00a0track_order\u00a0»\u00a0: failed\n"
    "Camille Roussel, identité vérifiée, Cercle Or, 4 commande(s)"
)
TRACKING: Json = {
    "article_id": "delivery-parcel-stuck",
    "version": "a41f",
    "locale": "fr",
    "title": "Mon colis n’avance plus",
    "answer": "Un colis qui n’a pas bougé depuis 5 jours ouvrés fait l’objet d’une enquête auprès du transporteur. "
    "Vous recevez une réponse sous 10 jours ouvrés.",
    "url": "/aide/mon-colis-n-avance-plus",
    "score": 0.71,
}
RETURNS_EN: Json = {
    "article_id": "returns-how",
    "version": "77c0",
    "locale": "en",
    "title": "Return an item",
    "answer": "You have 30 days from receipt to return an unused item in its box. "
    "It is free in any of our shops, or €4.50 by pick-up point.",
    "url": "/help/return-an-item",
    "score": 0.64,
}


def ago(**parts: float) -> str:
    """An ISO instant that many minutes, hours or days before now."""
    return (datetime.now(UTC) - timedelta(**parts)).isoformat()


def message(number: int, author: str, text: str, minutes: float, **extra: Any) -> Json:
    """One message of the contract; `number` is its seq."""
    base = {"id": f"m-{number}", "seq": number, "author": author, "kind": "text", "text": text}
    return {**base, "created_at": ago(minutes=minutes), **extra}


def camille_messages() -> list[Json]:
    """A verified customer, a failed tracking task, an answer that did not help."""
    answer = {key: value for key, value in TRACKING.items() if key != "answer"}
    choices = [{"title": "Oui, merci", "payload": "c1"}, {"title": "Non", "payload": "c2"}]
    return [
        message(1, "bot", "Bonjour ! Je suis l’assistant de Maison Alder. Que puis-je faire pour vous ?", 9),
        message(2, "customer", "Bonjour, mon colis MA-104233 n’a pas bougé depuis mardi, il est où ??", 8.6),
        message(3, "bot", TRACKING["answer"], 8.5, answer=answer, choices=choices),
        message(4, "customer", "oui mais ça fait déjà 6 jours, c’est pour un anniversaire samedi", 7.9),
        message(5, "bot", "Je n’arrive pas à joindre le suivi du transporteur pour la commande MA-104233.", 7.7),
        message(6, "customer", "Je veux parler à quelqu’un s’il vous plaît", 7.1),
        message(7, "bot", "Bien sûr. Je vous mets en relation avec un conseiller.", 7.0),
        message(8, "system", "Demande transmise à un conseiller.", 7.0, kind="notice"),
        message(9, "bot", "Réponse perdue : le suivi a finalement répondu « en cours de tri ».", 6.8, internal=True),
        message(10, "customer", "J’ai aussi le mail du transporteur : https://transporteur.test/suivi/8R4471", 5.2),
    ]


def emma_messages() -> list[Json]:
    """An English-speaking visitor whose question found no answer."""
    return [
        message(1, "bot", "Hello! I am Maison Alder’s assistant. How can I help?", 4),
        message(2, "customer", "Can I send back a lamp I bought as a gift, without the receipt?", 3.4),
        message(3, "bot", "I have not found an article that answers this. Would you like to talk to an advisor?", 3.3),
        message(4, "customer", "yes please", 3.1),
        message(5, "system", "Passed to an advisor.", 3.1, kind="notice"),
    ]


def short_messages(text: str, minutes: float) -> list[Json]:
    """The shortest conversation: a greeting and one sentence."""
    return [
        message(1, "bot", "Bonjour ! Que puis-je faire pour vous ?", minutes + 0.5),
        message(2, "customer", text, minutes),
    ]


def handoff(name: str, waiting: float, **extra: Any) -> Json:
    """One item of the list; `waiting` in minutes."""
    base: Json = {
        "handoff_id": f"h-{name}",
        "conversation_id": f"c-{name}",
        "status": "requested",
        "requested_at": ago(minutes=waiting),
        "waiting_seconds": int(waiting * 60),
        "customer_name": None,
        "assurance": "anonymous",
        "locale": "fr",
        "channel": "web",
        "reason": "customer_request",
        "topic": None,
        "summary": "",
        "priority": 0,
        "advisor": None,
        "contact": {"mode": "chat"},
        "offered_to": None,
        "offered_until": None,
        "overflow": False,
    }
    return {**base, **extra}


def handoffs() -> list[Json]:
    """Four people in the queue, one with a colleague."""
    hugo = {"id": "u-hugo", "name": "Hugo Bernard"}
    return [
        handoff(
            "marc",
            17,
            customer_name="Marc-Antoine Delahaye",
            reason="sensitive_topic",
            topic="products",
            assurance="claimed",
            priority=100,
            contact={"mode": "call_now", "phone": "+33 6 12 34 56 78"},
            summary="La prise de sa lampe a chauffé et noirci. Demande à être appelé.",
        ),
        handoff(
            "camille",
            7,
            customer_name="Camille Roussel",
            reason="task_failed",
            topic="delivery",
            assurance="verified",
            summary=CAMILLE_SUMMARY,
        ),
        handoff(
            "emma",
            3,
            customer_name="Emma Clarke",
            reason="no_answer",
            topic="returns",
            locale="en",
            summary="Wants to return a gift without a receipt.",
        ),
        handoff(
            "tg",
            0.4,
            customer_name="Yanis",
            channel="telegram",
            assurance="channel",
            reason="not_helpful",
            topic="loyalty",
            summary="Ne retrouve pas ses points Le Cercle.",
        ),
        handoff(
            "lea",
            31,
            customer_name="Léa Fontaine",
            status="accepted",
            advisor=hugo,
            topic="refunds",
            assurance="verified",
            summary="Remboursement attendu depuis 9 jours.",
        ),
    ]
