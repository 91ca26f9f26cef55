"""The objects around the answers: {"order": …}, {"refunds": […]}."""

from __future__ import annotations

from pydantic import BaseModel, Field

from actions.back_office import models


class TrackingReply(BaseModel):
    """Of a tracking request."""

    tracking: models.Tracking


class CancellationReply(BaseModel):
    """Of a cancellation."""

    cancellation: models.Cancellation


class DeliveryReply(BaseModel):
    """Of a change of address."""

    delivery: models.Delivery


class ReturnReply(BaseModel):
    """Of a return."""

    # `return` is a word of the language.
    announced: models.Return = Field(alias="return")


class RefundsReply(BaseModel):
    """Of an order's refunds."""

    refunds: list[models.Refund]


class ProblemReply(BaseModel):
    """Of a problem."""

    problem: models.Problem


class RepairReply(BaseModel):
    """Of a repair."""

    repair: models.Repair


class GuaranteesReply(BaseModel):
    """Of a customer's guarantees."""

    guarantees: list[models.Guarantee]


class InvoiceReply(BaseModel):
    """Of an order's invoice."""

    invoice: models.Invoice


class LoyaltyReply(BaseModel):
    """Of a customer's points."""

    loyalty: models.Loyalty


class ErasureReply(BaseModel):
    """Of an erasure."""

    erasure: models.Erasure


class ClosureReply(BaseModel):
    """Of a closure."""

    closure: models.Closure


class ShopsReply(BaseModel):
    """Of a search for shops."""

    shops: list[models.Shop]
