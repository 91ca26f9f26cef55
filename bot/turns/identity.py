"""What a turn leaves behind about who is speaking: a code to send, a link made or undone, a question about one."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft
from bot.db.models import Conversation
from bot.identity.challenge import ask_for_code
from bot.identity.links import decide, due_question, shown_links
from bot.identity.private import is_confidential
from bot.services import Services
from bot.texts import say
from bot.turns.replies import Outcome
from bot.turns.result import Result

_MY_DATA = "see_my_data"


async def identity_drafts(
    services: Services, session: AsyncSession, conversation: Conversation, result: Result
) -> list[Draft]:
    """A turn's replies and what the assistant adds of its own, inside the transaction that writes them."""
    outcome = result.outcome
    drafts = list(outcome.drafts)
    if outcome.link is not None:
        drafts += await decide(services, session, conversation, outcome.link)
    if outcome.identify is not None:
        drafts = await _with_code(services, session, conversation, outcome)
    if any(task["name"] == _MY_DATA and task["outcome"] == "done" for task in outcome.tasks):
        drafts += await shown_links(services, session, conversation)
    # Not in the middle of a task, and not to somebody who is about to get a human.
    if outcome.wish is None and conversation.owner == "bot" and not result.slots.get("requested_slot"):
        drafts += await due_question(services, session, conversation)
    return drafts


async def _with_code(
    services: Services, session: AsyncSession, conversation: Conversation, outcome: Outcome
) -> list[Draft]:
    """The replies once a code was asked for; where none may be sent now, the action's "it is sent" would be untrue."""
    refused = await ask_for_code(services, session, conversation, outcome.identify or {}, services.clock())
    if refused:
        return refused if len(outcome.drafts) == 1 else [*outcome.drafts, *refused]
    asked = any((draft.private or {}).get("field") == "code" for draft in outcome.drafts)
    if asked:
        return list(outcome.drafts)
    if is_confidential(services, conversation):
        return [*outcome.drafts[:-1], *(replace(draft, private={"field": "code"}) for draft in outcome.drafts[-1:])]
    name = services.service.brand.assistant_name
    text = say(conversation.locale, "code_where")
    return [*outcome.drafts, Draft("bot", text, author_name=name, told_rasa=True, private={"field": "code"})]
