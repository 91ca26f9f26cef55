"""Whose personal data a conversation may touch: bot decides it here, and nowhere else.

The decision travels, signed, to ``actions``, whose back-office client checks it once more. ``assurance`` grows in this
order: ``anonymous`` (nothing known) → ``channel`` (the channel knows the account) → ``claimed`` (an address was
given) → ``verified`` (the host site signed who it is, or the code sent to the address came back).
"""

from __future__ import annotations

from datetime import timedelta

from bot.db.models import Conversation
from bot.db.people import Customer
from bot.identity.tokens import sign_identity
from bot.services import Services

VERIFIED, CLAIMED, CHANNEL, ANONYMOUS = "verified", "claimed", "channel", "anonymous"
HOST_METHOD, EMAIL_METHOD = "host_jwt", "email_code"


def assurance_of(services: Services, conversation: Conversation) -> str:
    """How sure we are now: what was proven too long ago is a claim like any other."""
    if conversation.assurance != VERIFIED:
        return conversation.assurance
    settings, proven_at = services.settings, conversation.verified_at
    hours = settings.host_proof_hours if conversation.method == HOST_METHOD else settings.email_proof_hours
    fresh = proven_at is not None and services.clock() < proven_at + timedelta(hours=hours)
    return VERIFIED if fresh else CLAIMED


def may_see_personal_data(services: Services, conversation: Conversation) -> bool:
    """Only of somebody who has proved who they are, in this conversation and not too long ago."""
    return assurance_of(services, conversation) == VERIFIED


def claim(services: Services, conversation: Conversation) -> None:
    """The customer says who they are: noted, and no right comes with it. A proof is not undone by it."""
    if not may_see_personal_data(services, conversation):
        conversation.assurance = CLAIMED


def identity_token(services: Services, conversation: Conversation, person: Customer) -> str:
    """The proof for ``actions``, made afresh for each attempt; it names nobody who was not proven."""
    return sign_identity(
        services.settings.identity_secret,
        reference=person.reference if may_see_personal_data(services, conversation) else None,
        conversation_id=conversation.id,
        assurance=assurance_of(services, conversation),
        now=services.clock(),
    )
