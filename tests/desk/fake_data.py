"""Conversations for the fake desk: shaped by the contract, rich enough to show every part of the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

USERS: dict[str, Json] = {
    "claire@maison-alder.test": {"id": "u-claire", "name": "Claire Morel", "role": "advisor", "locales": ["fr", "en"]},
    "hugo@maison-alder.test": {"id": "u-hugo", "name": "Hugo Bernard", "role": "advisor", "locales": ["fr"]},
}
PASSWORD = "relais-demo"

CAMILLE_SUMMARY = (
    "Une démarche a échoué\u00a0: «\u00a0mon colis MA-104233 n’a pas bougé depuis mardi, il est où ??\u00a0»\n"
    "Déjà tenté\u00a0: articles montrés\u00a0: Mon colis n’avance plus · démarche «\u00a0track_order\u00a0»\u00a0: failed\n"
    "Camille Roussel, identité vérifiée, Cercle Or, 4 commande(s)"
)
TRACKING = {
    "article_id": "delivery-parcel-stuck",
    "version": "a41f",
    "locale": "fr",
    "title": "Mon colis n’avance plus",
    "answer": "Un colis qui n’a pas bougé depuis 5 jours ouvrés fait l’objet d’une enquête auprès du transporteur. "
    "Vous recevez une réponse sous 10 jours ouvrés.",
    "url": "/aide/mon-colis-n-avance-plus",
    "score": 0.71,
}
RETURNS_EN = {
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
    }
    return {**base, **extra}


def handoffs() -> list[Json]:
    """Four people in the queue, one with a colleague."""
    hugo = {"id": "u-hugo", "name": "Hugo Bernard"}
    return [
        handoff("marc", 17, customer_name="Marc-Antoine Delahaye", reason="sensitive_topic", topic="products",
                assurance="claimed", priority=100, contact={"mode": "call_now", "phone": "+33 6 12 34 56 78"},
                summary="La prise de sa lampe a chauffé et noirci. Demande à être appelé."),
        handoff("camille", 7, customer_name="Camille Roussel", reason="task_failed", topic="delivery",
                assurance="verified",
                summary=CAMILLE_SUMMARY),
        handoff("emma", 3, customer_name="Emma Clarke", reason="no_answer", topic="returns", locale="en",
                summary="Wants to return a gift without a receipt."),
        handoff("tg", 0.4, customer_name="Yanis", channel="telegram", assurance="channel", reason="not_helpful",
                topic="loyalty", summary="Ne retrouve pas ses points Le Cercle."),
        handoff("lea", 31, customer_name="Léa Fontaine", status="accepted", advisor=hugo, topic="refunds",
                assurance="verified", summary="Remboursement attendu depuis 9 jours."),
    ]


def camille_orders() -> list[Json]:
    """One order late, one being returned, two past."""
    lamp = {"sku": "LA-1", "title": "Lampe à poser Alder Atelier", "quantity": 1, "price_eur": 89.0}
    bowls = {"sku": "BO-2", "title": "Bol grès", "quantity": 4, "price_eur": 9.5}
    late = {"number": "MA-104233", "status": "shipped", "placed_at": ago(days=9), "total_eur": 127.0, "late": True,
            "lines": [lamp, bowls], "returns": [], "refunds": [],
            "delivery": {"mode": "home", "carrier": "Colissimo", "tracking_url": "https://transporteur.test/8R4471",
                         "expected_on": ago(days=2), "address_city": "Nantes"}}
    returned = {"number": "MA-103870", "status": "delivered", "placed_at": ago(days=24), "total_eur": 39.9,
                "lines": [{"title": "Bouilloire Lin", "quantity": 1}], "late": False,
                "delivery": {"delivered_at": ago(days=20)},
                "returns": [{"status": "in_transit", "requested_at": ago(days=4)}],
                "refunds": [{"status": "pending", "amount_eur": 39.9}]}
    old = [{"number": f"MA-10{n}", "status": "delivered", "placed_at": ago(days=d), "total_eur": 54.0, "late": False,
            "lines": [{"title": "Suspension rotin", "quantity": 1}], "delivery": {"delivered_at": ago(days=d - 4)}}
           for n, d in ((2210, 120), (1177, 300))]
    return [late, returned, *old]


def camille_context() -> Json:
    """Every field of the handoff context."""
    return {
        "schema_version": "1.0", "handoff_id": "h-camille", "conversation_id": "c-camille", "channel": "web",
        "locale": "fr", "created_at": ago(minutes=7), "deadline": None, "contact": {"mode": "chat"},
        "who": {
            "customer_id": "C-1001", "display_name": "Camille Roussel", "assurance": "verified",
            "verified_at": ago(minutes=9), "method": "host_jwt", "segment": "or", "customer_since": "2021-03-14",
            "identities": [{"kind": "email", "subject": "camille.roussel@maison-alder.test"},
                           {"kind": "telegram", "subject": "@camille_r"}],
            "orders": camille_orders(),
            "past_conversations": [{"conversation_id": "c-old", "created_at": ago(days=21), "channel": "telegram",
                                    "topic": "returns", "outcome": "resolved",
                                    "summary": "Étiquette de retour pour la bouilloire."}],
            "promises_open": [{"text": "Réponse de l’enquête transporteur", "due_at": ago(days=-6)}],
        },
        "why": {
            "reason": "task_failed", "topic": "delivery",
            "question": "mon colis MA-104233 n’a pas bougé depuis mardi, il est où ??",
            "summary": CAMILLE_SUMMARY,
            "intents": [{"name": "track_order", "confidence": 0.93}, {"name": "complaint", "confidence": 0.05}],
            "slots": {"order_number": "MA-104233", "locale": "fr", "topic": None},
            "questions_asked": ["mon colis MA-104233 n’a pas bougé", "ça fait déjà 6 jours"],
            "articles_shown": [{"article_id": TRACKING["article_id"], "version": "a41f", "title": TRACKING["title"],
                                "score": 0.71, "helpful": False}],
            "tasks_tried": [{"name": "track_order", "step": "tracking", "outcome": "failed",
                             "detail": "Le transporteur n’a pas répondu dans les temps."}],
            "pages_seen": [{"url": "https://maison-alder.test/", "title": "Accueil", "seen_at": ago(minutes=14)},
                           {"url": "https://maison-alder.test/compte/commandes", "title": "Mes commandes",
                            "seen_at": ago(minutes=10)}],
            "page": {"url": "https://maison-alder.test/compte/commandes/MA-104233", "title": "Commande MA-104233"},
        },
        "best_person": {"skill": "delivery", "locale": "fr", "priority": 10, "preferred_advisor": "u-claire"},
        "transcript": [],
        "suggestions": [TRACKING, {**TRACKING, "article_id": "delivery-times", "title": "Délais de livraison",
                                   "answer": "La livraison à domicile prend 3 à 5 jours ouvrés, l’express arrive le "
                                             "jour ouvré suivant pour une commande avant 13 h."}],
    }


def plain_context(item: Json) -> Json:
    """A context with little in it: an unknown visitor, nothing tried."""
    phone = item["contact"]
    suggestions = [RETURNS_EN] if item["locale"] == "en" else []
    return {
        "schema_version": "1.0", "handoff_id": item["handoff_id"], "conversation_id": item["conversation_id"],
        "channel": item["channel"], "locale": item["locale"], "created_at": item["requested_at"], "contact": phone,
        "who": {"customer_id": None, "display_name": item["customer_name"], "assurance": item["assurance"],
                "method": None, "verified_at": None, "identities": [], "segment": None, "customer_since": None,
                "orders": [], "past_conversations": [], "promises_open": []},
        "why": {"reason": item["reason"], "topic": item["topic"], "question": item["summary"], "summary": "",
                "intents": [], "slots": {}, "questions_asked": [], "articles_shown": [], "tasks_tried": [],
                "pages_seen": [], "page": None},
        "best_person": {"skill": item["topic"], "locale": item["locale"], "priority": item["priority"]},
        "transcript": [], "suggestions": suggestions,
    }
