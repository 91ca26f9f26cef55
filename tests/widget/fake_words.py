"""What the fake API says, by what the customer wrote."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]
STATIC = Path(__file__).parents[2] / "bot" / "static" / "widget"
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Expose-Headers": "Retry-After",
}

GREETING = {
    "fr": "Bonjour, je suis Aulne, l’assistant de Maison Alder. Que puis-je faire pour vous\u202f?",
    "en": "Hello, I am Aulne, the assistant of Maison Alder. What can I do for you?",
}
QUEUED = "Votre demande est transmise. Vous êtes en position 2\u00a0; tout ce que vous avez dit est transmis avec elle."
RELEASED = "Claire a quitté la conversation. Je reprends la suite."
ANSWER = (
    "Vous avez 30\u00a0jours à partir de la réception pour retourner un article inutilisé, dans sa boîte. "
    "Le retour est gratuit dans toutes nos boutiques\u00a0; en point relais, 4,50\u00a0€ sont déduits du remboursement."
)
SENTENCE = "Le retour est gratuit en magasin, et coûte 4,50\u00a0€ en point relais."
PASSAGE = (
    "L’article doit être inutilisé, dans sa boîte, et reçu il y a 30\u00a0jours au plus. "
    f"{SENTENCE} Le remboursement part dans les 7\u00a0jours qui suivent son arrivée à notre entrepôt."
)
NO_HELP = "Cela ne m’aide pas"
SCRIPT_TITLE = "<img src=x onerror=\"document.title='hacked'\">"


def answer(url: str = "/aide/retourner-un-article") -> dict[str, Any]:
    """An answer card."""
    return {
        "kind": "answer",
        "text": ANSWER,
        "answer": {
            "article_id": "return-an-item",
            "version": 3,
            "locale": "fr",
            "title": "Retourner un article",
            "answer": ANSWER,
            "passage": PASSAGE,
            "sentence": SENTENCE,
            "url": url,
            "score": 0.93,
        },
    }


def choices(*titles: str) -> list[dict[str, str]]:
    """Choices with opaque ids."""
    return [{"title": title, "payload": f"opaque-{index}"} for index, title in enumerate(titles)]


def no_help(message_id: str) -> dict[str, Any]:
    """What a no beneath an answer becomes."""
    return {"author": "customer", "kind": "text", "text": NO_HELP, "client_message_id": f"feedback:{message_id}"}


def asks(text: str, *titles: str) -> dict[str, Any]:
    """A question back, with choices."""
    return {"kind": "choices", "text": text, "choices": choices(*titles)}


def in_english() -> dict[str, Any]:
    """An answer that exists in English only."""
    shown = answer("/help/the-guarantee")
    only = {"locale": "en", "title": "The guarantee", "passage": ANSWER, "sentence": None}
    return {**shown, "text": "Two years, on everything.", "answer": {**shown["answer"], **only}}


def reply(text: str) -> dict[str, Any]:
    """The reply to `text`."""
    if "retour" in text:
        return answer()
    if "garantie" in text:
        return in_english()
    if "livraison" in text:
        titles = ["Suivre ma commande", "Les délais de livraison", "Rien de tout cela"]
        return asks("Que voulez-vous savoir sur la livraison\u202f?", *titles)
    if "aide pas" in text:
        titles = ["Retour en point relais", "Échanger un article", "Aucun de ces sujets", "Parler à un conseiller"]
        return asks("L’un de ces sujets est-il plus proche de votre question\u202f?", *titles)
    if "script" in text:
        return {**answer("javascript:document.title='hacked'"), "text": SCRIPT_TITLE, "choices": choices(SCRIPT_TITLE)}
    link = "Votre colis\u00a0: https://suivi.maison-alder.test/MA-104233."
    return {"kind": "text", "text": link if "lien" in text else f"Vous avez écrit\u00a0: {text}"}


def subject_of(identity: str | None) -> str | None:
    """Whom an identity is about; the fake does not check it."""
    if identity is None:
        return None
    payload = identity.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["sub"])


def slip() -> list[Json]:
    """What the advisor will see."""

    def line(kind: str, label: str, text: str, *, editable: bool = False, fixed: bool = False) -> Json:
        shown = {"id": kind, "kind": kind, "label": label, "text": text, "struck": False}
        return shown | {"editable": editable, "fixed": fixed}

    return [
        line("question", "Votre demande", "où est ma commande ?", editable=True),
        line("contact", "Vous appeler au", "+33 6 12 34 56 78", editable=True),
        line("order", "Une commande", "MA-104233 · Lampe Aulne"),
        line("page", "Une page que vous avez vue", "unmotsansfin" * 12),
        line("identity", "Qui vous êtes", "Camille Laurent, identité vérifiée", fixed=True),
        line("transcript", "Notre conversation", "Tous les messages échangés ici", fixed=True),
    ]


def revise(lines: list[Json], changes: list[Json]) -> None:
    """What the customer changed, as the service does it."""
    for change in changes:
        line = next(line for line in lines if line["id"] == change["id"])
        line["struck"] = change.get("struck", line["struck"])
        if "text" in change:
            original = line.pop("original", line["text"])
            line["text"] = change["text"]
            line |= {"original": original} if change["text"] != original else {}


def title_of(messages: list[Json], payload: str) -> str | None:
    """What stands on the button with this payload."""
    choices = (choice for message in messages for choice in message.get("choices", []))
    return next((str(choice["title"]) for choice in choices if choice["payload"] == payload), None)
