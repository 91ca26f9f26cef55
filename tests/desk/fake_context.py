"""The handoff contexts of the fake desk: one with every field filled, and a plain one."""

from __future__ import annotations

from tests.desk.fake_data import CAMILLE_SUMMARY, RETURNS_EN, TRACKING, Json, ago


def camille_orders() -> list[Json]:
    """One order late, one being returned, two past."""
    lamp = {"sku": "LA-1", "title": "Lampe à poser Alder Atelier", "quantity": 1, "price_eur": 89.0}
    bowls = {"sku": "BO-2", "title": "Bol grès", "quantity": 4, "price_eur": 9.5}
    late = {
        "number": "MA-104233",
        "status": "shipped",
        "placed_at": ago(days=9),
        "total_eur": 127.0,
        "late": True,
        "lines": [lamp, bowls],
        "returns": [],
        "refunds": [],
        "delivery": {
            "mode": "home",
            "carrier": "Colissimo",
            "tracking_url": "https://transporteur.test/8R4471",
            "expected_on": ago(days=2),
            "address_city": "Nantes",
        },
    }
    returned = {
        "number": "MA-103870",
        "status": "delivered",
        "placed_at": ago(days=24),
        "total_eur": 39.9,
        "lines": [{"title": "Bouilloire Lin", "quantity": 1}],
        "late": False,
        "delivery": {"delivered_at": ago(days=20)},
        "returns": [{"status": "in_transit", "requested_at": ago(days=4)}],
        "refunds": [{"status": "pending", "amount_eur": 39.9}],
    }
    old = [
        {
            "number": f"MA-10{n}",
            "status": "delivered",
            "placed_at": ago(days=d),
            "total_eur": 54.0,
            "late": False,
            "lines": [{"title": "Suspension rotin", "quantity": 1}],
            "delivery": {"delivered_at": ago(days=d - 4)},
        }
        for n, d in ((2210, 120), (1177, 300))
    ]
    return [late, returned, *old]


def camille_context() -> Json:
    """Every field of the handoff context."""
    return {
        "schema_version": "1.0",
        "handoff_id": "h-camille",
        "conversation_id": "c-camille",
        "channel": "web",
        "locale": "fr",
        "created_at": ago(minutes=7),
        "deadline": None,
        "contact": {"mode": "chat"},
        "who": {
            "customer_id": "C-1001",
            "display_name": "Camille Roussel",
            "assurance": "verified",
            "verified_at": ago(minutes=9),
            "method": "host_jwt",
            "segment": "or",
            "customer_since": "2021-03-14",
            "identities": [
                {"kind": "email", "subject": "camille.roussel@maison-alder.test"},
                {"kind": "telegram", "subject": "@camille_r"},
            ],
            "orders": camille_orders(),
            "past_conversations": [
                {
                    "conversation_id": "c-old",
                    "created_at": ago(days=21),
                    "channel": "telegram",
                    "topic": "returns",
                    "outcome": "resolved",
                    "summary": "Étiquette de retour pour la bouilloire.",
                }
            ],
            "promises_open": [{"text": "Réponse de l’enquête transporteur", "due_at": ago(days=-6)}],
        },
        "why": {
            "reason": "task_failed",
            "topic": "delivery",
            "question": "mon colis MA-104233 n’a pas bougé depuis mardi, il est où ??",
            "summary": CAMILLE_SUMMARY,
            "intents": [{"name": "track_order", "confidence": 0.93}, {"name": "complaint", "confidence": 0.05}],
            "slots": {"order_number": "MA-104233", "locale": "fr", "topic": None},
            "questions_asked": ["mon colis MA-104233 n’a pas bougé", "ça fait déjà 6 jours"],
            "same_case": [
                {
                    "conversation_id": "c-telegram",
                    "channel": "telegram",
                    "question": "il est où mon colis MA-104233 ?",
                    "asked_at": ago(minutes=25),
                    "handoff_id": None,
                    "status": None,
                }
            ],
            "articles_shown": [
                {
                    "article_id": TRACKING["article_id"],
                    "version": "a41f",
                    "title": TRACKING["title"],
                    "score": 0.71,
                    "helpful": False,
                }
            ],
            "tasks_tried": [
                {
                    "name": "track_order",
                    "step": "tracking",
                    "outcome": "failed",
                    "detail": "MA-104233: back office unavailable",
                },
                {
                    "name": "cancel_order",
                    "step": "order",
                    "outcome": "failed",
                    "detail": "MA-102550: refused: not_cancellable",
                },
            ],
            "pages_seen": [
                {"url": "https://maison-alder.test/", "title": "Accueil", "seen_at": ago(minutes=14)},
                {
                    "url": "https://maison-alder.test/compte/commandes",
                    "title": "Mes commandes",
                    "seen_at": ago(minutes=10),
                },
            ],
            "page": {"url": "https://maison-alder.test/compte/commandes/MA-104233", "title": "Commande MA-104233"},
        },
        "best_person": {"skill": "delivery", "locale": "fr", "priority": 10, "preferred_advisor": "u-claire"},
        "transcript": [],
        "suggestions": [
            TRACKING,
            {
                **TRACKING,
                "article_id": "delivery-times",
                "title": "Délais de livraison",
                "answer": "La livraison à domicile prend 3 à 5 jours ouvrés, l’express arrive le "
                "jour ouvré suivant pour une commande avant 13 h.",
            },
        ],
    }


def plain_context(item: Json) -> Json:
    """A context with little in it: an unknown visitor, nothing tried."""
    phone = item["contact"]
    suggestions = [RETURNS_EN] if item["locale"] == "en" else []
    return {
        "schema_version": "1.0",
        "handoff_id": item["handoff_id"],
        "conversation_id": item["conversation_id"],
        "channel": item["channel"],
        "locale": item["locale"],
        "created_at": item["requested_at"],
        "contact": phone,
        "who": {
            "customer_id": None,
            "display_name": item["customer_name"],
            "assurance": item["assurance"],
            "method": None,
            "verified_at": None,
            "identities": [],
            "segment": None,
            "customer_since": None,
            "orders": [],
            "past_conversations": [],
            "promises_open": [],
        },
        "why": {
            "reason": item["reason"],
            "topic": item["topic"],
            "question": item["summary"],
            "summary": "",
            "intents": [],
            "slots": {},
            "questions_asked": [],
            "articles_shown": [],
            "tasks_tried": [],
            "pages_seen": [],
            "page": None,
        },
        "best_person": {"skill": item["topic"], "locale": item["locale"], "priority": item["priority"]},
        "transcript": [],
        "suggestions": suggestions,
    }
