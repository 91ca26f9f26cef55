"""What is said to who waits for an advisor where no article answers: their place, or that their words are kept."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft
from bot.conversations.state import open_handoff
from bot.db.models import WAITING, Message
from bot.handoff.floor import wait_of
from bot.services import Services
from bot.texts import say
from bot.turns.claim import Claimed
from bot.when import opening_sentence

_PERSON = (
    r"(?:vraie? |real |live )?"
    r"(?:humain|personne|quelqu.un|conseill[eè]re?|agente?|op[eé]rat(?:eur|rice)"
    r"|human(?: being)?|person|someone|somebody|advis[oe]r|agent|representative|operator)"
    r"(?: humaine?| r[eé]elle| physique)?\b"
)
_ONE = rf"\W+(?:(?:une?|an?|the|le|la|one of your|une? de vos) |l.|(?!personne)){_PERSON}"
_SPEAK = (
    r"(?:\b(?<!veux pas )(?<!veux plus )(?<!n.t want to )"
    r"(?:parler|discuter|[eé]changer|speak|talk|chat|(?:joindre|reach)(?= une? | quelqu| an? | some))"
    r"|\b(?:passe[rz]?|transf[eé]re[rz]?|mett(?:ez|re))\W+moi|\bme (?:passer|transf[eé]rer|mettre)"
    r"|\b(?:mise? en relation|put me|connect me|transfer me))"
    r"(?:\W+(?:à|a|au|avec|vers|en relation|en contact|directement|maintenant|tout de suite|plutôt|enfin"
    r"|to|with|through|directly|now|please)\b){0,3}"
)
_WANT = (
    r"\b(?:(?<!n.t )(?:want|need)|(?:i.d|i would) (?:like|prefer)|get me|give me|can i (?:get|have)"
    r"|veux|voudrais|souhait(?:e|erais)|aimerais|pr[eé]f[eè]re(?:rais)?|avoir|besoin d(?:e\b|(?=.une?\b)))"
)
_END = (
    r"(?:\W+(?:please|thanks|thank you|now|right away|asap|urgently|here|on the phone|from your team|not an? \w+"
    r"|svp|stp|s.il (?:vous|te) pla[iî]t|merci|maintenant|tout de suite|vite|rapidement|d.urgence|ici"
    r"|(?:et )?pas une? \w+|au t[eé]l[eé]phone|(?:de )?chez vous|de votre [eé]quipe|du service clients?))*\W*$"
)
_ABOUT = r"\W+(?:about|regarding|because|au sujet|à propos|concernant|pour|de m(?:a|on|es)|car|parce)\b[^?.,;]*\W*$"
_ALONE = re.compile(rf"^\W*(?:une? |an? |the )?{_PERSON}{_END}", re.IGNORECASE)
# "I want to talk to a real person about my order"; "I need a human", but not for what.
_ASKED = re.compile(rf"{_SPEAK}{_ONE}(?:{_END}|{_ABOUT})|{_WANT}{_ONE}{_END}", re.IGNORECASE)
# What ends in a question mark is a question, unless it begins as a request does.
_REQUEST = re.compile(
    r"^\W*(?:(?:hello|hi|hey|bonjour|bonsoir|salut|please|svp|s.il vous pla[iî]t|and|et|but|mais|ok)\W+)*"
    r"(?:(?:can|could|may) (?:i|you|we)|i(?:.d| would| want| need)|is it possible to"
    r"|puis.je|pourrais.je|(?:est.ce que )?(?:je|on|vous) (?:peux|peut|pourrais|pourrait|pouvez|pourriez|veux|voudrais)"
    r"|peut.on|pouvez.vous|pourriez.vous|(?:est.ce|serait).(?:il )?possible de|j.aimerais|j.ai besoin)\b",
    re.IGNORECASE,
)
_LONGEST = 80  # what is longer tells something, which an article may answer
_ADDED = "added"  # in the data of the message that says that words are kept
_SAID_LATELY = timedelta(minutes=1)


def wants_a_person(text: str) -> bool:
    """Whether ``text`` asks for what is asked for already, and nothing else."""
    if len(text) > _LONGEST:
        return False
    if _ALONE.match(text):
        return True
    may_ask = not text.rstrip().endswith("?") or _REQUEST.match(text) is not None
    return may_ask and _ASKED.search(text) is not None


async def place_again(services: Services, claimed: Claimed, locale: str) -> list[Draft]:
    """Where their request stands; nothing if it does not wait any more."""
    async with services.db.read() as session:
        handoff = await open_handoff(session, claimed.conversation.id)
        if handoff is None or handoff.status not in WAITING:
            return []
        if handoff.contact["mode"] != "chat":
            text = say(locale, "waiting_call")
        elif not services.service.is_open(services.clock()):
            opening = opening_sentence(services.service, locale, services.clock())
            text = say(locale, "waiting_closed", opening=opening)
        else:
            place = (await wait_of(services, session, handoff, locale)).position
            text = say(locale, "waiting_first" if place == 1 else "waiting_place", place=place)
    return [Draft("bot", text, author_name=services.service.brand.assistant_name)]


async def added(services: Services, session: AsyncSession, message: Message, locale: str) -> list[Draft]:
    """That what they wrote is with their request; not again when that is what they were told just now."""
    query = (
        select(Message)
        .where(Message.conversation_id == message.conversation_id, Message.internal.is_(False))
        .where(Message.author != "customer")
        .order_by(Message.seq.desc())
        .limit(1)
    )
    last = (await session.execute(query)).scalar_one_or_none()
    if last is not None and _ADDED in last.data and services.clock() - last.created_at < _SAID_LATELY:
        return []
    text = say(locale, "waiting_added")
    return [Draft("bot", text, author_name=services.service.brand.assistant_name, data={_ADDED: True})]
