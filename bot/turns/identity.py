"""What a turn leaves behind about who is speaking: a code to send, a link made or undone, a question about one."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft
from bot.db.models import Conversation
from bot.identity.challenge import ask_for_code
from bot.identity.links import decide, due_question, shown_links
from bot.identity.private import is_confidential
from bot.services import Services
from bot.texts import say
from bot.turns.result import Result

_MY_DATA = "see_my_data"


async def identity_drafts(
    services: Services, session: AsyncSession, conversation: Conversation, result: Result
) -> list[Draft]:
    """What the assistant adds of its own to a turn's replies, inside the transaction that writes them."""
    outcome, drafts = result.outcome, []
    if outcome.link is not None:
        drafts += await decide(services, session, conversation, outcome.link)
    if outcome.identify is not None:
        drafts += await _code(services, session, conversation, result)
    if any(task["name"] == _MY_DATA and task["outcome"] == "done" for task in outcome.tasks):
        drafts += await shown_links(services, session, conversation)
    # Not in the middle of a task, and not to somebody who is about to get a human.
    if outcome.wish is None and conversation.owner == "bot" and not result.slots.get("requested_slot"):
        drafts += await due_question(services, session, conversation)
    return drafts


async def _code(services: Services, session: AsyncSession, conversation: Conversation, result: Result) -> list[Draft]:
    drafts = await ask_for_code(services, session, conversation, result.outcome.identify or {}, services.clock())
    asked = any((draft.private or {}).get("field") == "code" for draft in result.outcome.drafts)
    if drafts or asked or is_confidential(services, conversation):
        return drafts
    name = services.service.brand.assistant_name
    text = say(conversation.locale, "code_where")
    return [Draft("bot", text, author_name=name, told_rasa=True, private={"field": "code"})]
