"""The identity of a conversation's customer, as it travels to ``actions``."""

from __future__ import annotations

from bot.db.models import Conversation
from bot.db.people import Customer
from bot.identity.tokens import sign_identity
from bot.services import Services


def identity_token(services: Services, conversation: Conversation, customer: Customer) -> str:
    """A fresh token with today's assurance; made for each attempt, because it lives for minutes."""
    return sign_identity(
        services.settings.identity_secret,
        reference=customer.reference,
        conversation_id=conversation.id,
        assurance=conversation.assurance,
        now=services.clock(),
    )
