"""Questions to the actions about a task, signed for one purpose; the customer's own proof goes along, if any."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.models import Conversation
from bot.identity.links import person_of
from bot.identity.rights import identity_token
from bot.identity.tokens import sign_desk_asks
from bot.neighbours.actions import Asking
from bot.services import Services

Json = dict[str, Any]
DESCRIBE, CHECK, PERFORM = "action_describe_task", "action_check_task", "action_perform_task_prepared"


async def asking(
    services: Services, session: AsyncSession, conversation: Conversation, purpose: str, asked: Json
) -> Asking:
    """The question as it is sent; without proof the token names nobody, and nothing personal comes back."""
    person = await person_of(session, conversation)
    signed = sign_desk_asks(
        services.settings.identity_secret,
        purpose=purpose,
        asked=asked,
        conversation_id=conversation.id,
        now=services.clock(),
    )
    theirs, rules = identity_token(services, conversation, person), services.company.for_tasks
    return Asking(conversation.id, conversation.locale, asked, signed, theirs, rules)


async def list_tasks(services: Services, user_id: str) -> list[Json]:
    """Every task that can be prepared, with its names. Raises ``NeighbourError``."""
    asked: Json = {"task": None}
    # It is about nobody's conversation: the token bears the asker's id in its place.
    signed = sign_desk_asks(
        services.settings.identity_secret, purpose=DESCRIBE, asked=asked, conversation_id=user_id, now=services.clock()
    )
    answer = await services.actions.for_the_desk(DESCRIBE, Asking(user_id, "fr", asked, signed, ""))
    tasks: list[Json] = answer["tasks"]
    return tasks
