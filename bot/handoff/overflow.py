"""Nobody with the right skill can come: the company's rule applies, and the customer is told so, once."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append, lock_conversation
from bot.db.models import WAITING, Conversation, Handoff, Message
from bot.errors import Refusal
from bot.handoff.calling import COMMAND, first_moment
from bot.handoff.floor import as_waiting, overflow_after, see_floor
from bot.identity.private import is_confidential
from bot.routing.floor import Advisor
from bot.routing.overflow import ANOTHER_SKILL, CALL_BACK, SHOP, rule_for, somebody_skilled
from bot.services import Services
from bot.texts import say
from bot.when import day_and_hour

# The button of the shop rule: it gives up waiting, since the assistant does no task for somebody who waits.
LEAVE_FOR_SHOP = "/leave_for_shop"
FIND_SHOP = "/find_shop"


async def apply_rules(services: Services) -> None:
    """Looks at all who wait and were told nothing yet. Outside opening hours they were told when somebody comes."""
    now = services.clock()
    if not services.service.is_open(now):
        return
    async with services.db.read() as session:
        query = select(Handoff.id).where(Handoff.status.in_(WAITING), Handoff.overflow_rule.is_(None))
        untold = set((await session.execute(query)).scalars())
        if not untold:
            return
        seen = await see_floor(services, session)
        due, floor = {one.handoff_id for one in seen.queue} & untold, seen.advisors
        found = (await session.execute(select(Handoff).where(Handoff.id.in_(due)))).scalars().all()
        there = {row.id: await session.get(Conversation, row.conversation_id) for row in found}
    for handoff in found:
        conversation = there[handoff.id]
        if conversation is None or _decided(services, handoff, conversation, floor, now) is None:
            continue
        # Whoever was erased meanwhile is told nothing.
        with suppress(Refusal):
            await _apply(services, handoff, floor, now)


def _decided(
    services: Services, handoff: Handoff, conversation: Conversation, floor: list[Advisor], now: datetime
) -> tuple[str, Draft] | None:
    """The rule, and what is said of it; a colleague is spoken of once one is asked."""
    one, rules = as_waiting(services, handoff, conversation.locale), services.service.overflow_for(handoff.skill)
    may_choose = handoff.contact["mode"] == "chat" and is_confidential(services, conversation)
    possible = {CALL_BACK, SHOP} if may_choose else set()
    if first_moment(services) is None:
        possible -= {CALL_BACK}
    rule = rule_for(one, rules, possible, floor, now, overflow_after(services))
    if rule is None:
        return None
    asked = next((advisor for advisor in floor if advisor.id == handoff.offered_to), None)
    if rule == ANOTHER_SKILL and (asked is None or one.skill in asked.skills):
        return None
    return rule, _said(services, conversation.locale, handoff.skill, rule, somebody_skilled(one, floor))


def _said(services: Services, locale: str, skill: str, rule: str, busy: bool) -> Draft:
    team = services.service.skill(skill)
    name = team.label.in_locale(locale) if team else skill
    why = say(locale, "overflow_busy" if busy else "overflow_away", team=name)
    text = f"{why} {say(locale, f'overflow_{rule}')}"
    choices: list[tuple[str, str]] = []
    first = first_moment(services)
    if rule == CALL_BACK and first is not None:
        when = day_and_hour(locale, first)
        command = COMMAND + json.dumps({"mode": "call_at", "at": first.isoformat()})
        later = COMMAND + json.dumps({"mode": "call_at"})
        choices = [(say(locale, "choice_call_first", when=when), command), (say(locale, "choice_call_other"), later)]
    elif rule == SHOP:
        choices = [(say(locale, "choice_find_shop"), LEAVE_FOR_SHOP)]
    return Draft("system", text, kind="notice", choices=choices)


async def _apply(services: Services, found: Handoff, floor: list[Advisor], now: datetime) -> None:
    async with services.db.write() as session:
        conversation = await lock_conversation(session, found.conversation_id)
        message = await _told(services, session, conversation, found.id, floor, now)
    if message is not None:
        notify.told(services, conversation, [message])


async def _told(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    handoff_id: str,
    floor: list[Advisor],
    now: datetime,
) -> Message | None:
    """Once, whichever process comes first, and only while it is still so."""
    handoff = await session.get_one(Handoff, handoff_id, with_for_update=True, populate_existing=True)
    if handoff.status not in WAITING or handoff.overflow_rule is not None:
        return None
    decided = _decided(services, handoff, conversation, floor, now)
    if decided is None:
        return None
    handoff.overflow_rule, draft = decided
    return await append(session, services.channels, conversation, draft, now)
