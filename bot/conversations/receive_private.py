"""Private pages: what one shows, and what a customer types on it, which enters the conversation masked."""

from __future__ import annotations

from bot import notify
from bot.conversations.messages import PRIVATE_PREFIX, Draft, append, lock_conversation
from bot.conversations.receive import keep_code_typed, new_turn, tell_of_code
from bot.db.identity import PrivatePage
from bot.db.models import Conversation
from bot.handoff.snooze import woken_by_customer
from bot.identity.challenge import Typed, code_typed
from bot.identity.code_limits import heard_from
from bot.identity.codes import MASK
from bot.identity.private import checked_value, keep_value, open_page, use
from bot.prepared.proof import address_given
from bot.prepared.records import awaits_proof
from bot.services import Services


async def look_at(services: Services, token: str) -> tuple[PrivatePage, Conversation]:
    """The page behind a link, without using it up: programs that preview links open it too. Raises ``Refusal``."""
    async with services.db.read() as session:
        return await open_page(services, session, token)


async def reveal(services: Services, token: str) -> tuple[PrivatePage, str]:
    """What the page shows; the second time it is gone. Raises ``Refusal``."""
    async with services.db.write() as session:
        page, conversation = await open_page(services, session, token)
        await lock_conversation(session, conversation.id)
        page, _ = await open_page(services, session, token)
        return page, use(services, page)


async def receive_private(services: Services, token: str, raw: str, address: str) -> Conversation:
    """A value typed on a page becomes a masked message of the customer's, with its turn. Raises ``Refusal``."""
    now, code = services.clock(), None
    async with services.db.write() as session:
        page, conversation = await open_page(services, session, token)
        conversation = await lock_conversation(session, conversation.id)
        page, _ = await open_page(services, session, token)
        value, key = checked_value(str(page.field), raw), PRIVATE_PREFIX + page.id
        heard_from(services, conversation, address)
        woke = conversation.owner == "advisor" and await woken_by_customer(session, conversation, now)
        if page.field == "code":
            typed = await code_typed(services, session, conversation, value, now, asked=True)
            code = typed or Typed(MASK)
            page.used_at = now
            said = await keep_code_typed(services, session, conversation, key, code)
        elif conversation.owner == "advisor":
            draft = Draft("customer", MASK, client_message_id=key, data={"masked": True})
            said = [await append(session, services.channels, conversation, draft, now)]
            page.used_at = now
            row = await awaits_proof(session, conversation)
            if row is not None and page.field == "email":
                said += await address_given(services, session, conversation, row, value)
        else:
            draft = Draft("customer", MASK, client_message_id=key, data={"masked": True})
            said = [await append(session, services.channels, conversation, draft, now)]
            keep_value(services, page, said[0], value)
            session.add(new_turn(said[0], None, now))
    notify.told(services, conversation, said if code is None else said[:1])
    if woke:
        notify.state_changed(services, conversation)
    if code is not None:
        await tell_of_code(services, conversation, said, code)
    return conversation
