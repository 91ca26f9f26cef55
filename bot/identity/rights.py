"""Whose personal data a conversation may touch: bot decides it here, and nowhere else.

The decision travels, signed, to ``actions``, whose back-office client checks it once more. ``assurance`` grows in this
order: ``anonymous`` (nothing known) → ``channel`` (the channel knows the account) → ``claimed`` (an address was
given) → ``verified`` (the host site signed who it is, or the code sent to the address came back).
"""

from __future__ import annotations

from bot.db.models import Conversation
from bot.db.people import Customer
from bot.identity.tokens import sign_identity
from bot.services import Services

VERIFIED, CLAIMED, CHANNEL, ANONYMOUS = "verified", "claimed", "channel", "anonymous"


def may_see_personal_data(conversation: Conversation) -> bool:
    """Only of somebody who has proved who they are, in this conversation."""
    return conversation.assurance == VERIFIED


def claim(conversation: Conversation) -> None:
    """The customer says who they are: noted, and no right comes with it. A proof is not undone by it."""
    if not may_see_personal_data(conversation):
        conversation.assurance = CLAIMED


def identity_token(services: Services, conversation: Conversation, person: Customer) -> str:
    """The proof for ``actions``, made afresh for each attempt; it names nobody who was not proven."""
    return sign_identity(
        services.settings.identity_secret,
        reference=person.reference if may_see_personal_data(conversation) else None,
        conversation_id=conversation.id,
        assurance=conversation.assurance,
        now=services.clock(),
    )
