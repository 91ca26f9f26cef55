"""A customer changes what they agree to: written down, and done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import notify
from bot.conversations.messages import lock_conversation
from bot.db.models import Message
from bot.errors import Refusal
from bot.handoff.leaving import cancel_within
from bot.identity.consents import ANSWERING, DEFAULTS, TELLING, note, shown, withdraw_questions
from bot.identity.links import LINKING, links_of, settle
from bot.services import Services

Json = dict[str, Any]


async def change(services: Services, conversation_id: str, wanted: Mapping[str, Any]) -> list[Json]:
    """Notes each ``{purpose: granted}`` and does what follows from it; what holds now. Raises ``Refusal`` (422)."""
    if not wanted or any(name not in DEFAULTS or not isinstance(granted, bool) for name, granted in wanted.items()):
        raise Refusal("bad_consent", 422)
    now, said = services.clock(), list[Message]()
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        owner = conversation.owner
        if wanted.get(LINKING) is False:
            for link in await links_of(session, conversation):
                await settle(session, conversation, link, False, now)
        if wanted.get(TELLING) is False:
            await withdraw_questions(session, conversation, now)
        for purpose, granted in wanted.items():
            await note(session, conversation, purpose, granted=granted, now=now)
        if wanted.get(ANSWERING) is False:
            notice = await cancel_within(services, session, conversation)
            said = [notice] if notice is not None else []
        answer = await shown(session, conversation, services.service.brand.name)
    notify.told(services, conversation, said)
    if conversation.owner != owner:
        notify.state_changed(services, conversation)
    return answer
