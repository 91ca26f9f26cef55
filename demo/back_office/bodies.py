"""The bodies that calls of the API take."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
FileId = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Form(BaseModel):
    """A form that says so when it is given what it does not know."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Nothing(Form):
    """No field at all."""


class Item(Form):
    """So many of one article."""

    sku: Short
    quantity: int = Field(1, ge=1, le=1000)


class Cancellation(Form):
    """POST /orders/{number}/cancellation."""

    reason: Text | None = None


class Address(Form):
    """PATCH /orders/{number}/delivery-address."""

    name: Short | None = None
    line1: Short
    line2: Short | None = None
    postcode: Short
    city: Short
    country: Short = "FR"


class Return(Form):
    """POST /orders/{number}/returns."""

    lines: list[Item] = Field(min_length=1, max_length=50)
    reason: Text
    method: Literal["shop", "pickup_point"]


class Problem(Form):
    """POST /orders/{number}/problems."""

    kind: Literal["broken", "missing", "wrong"]
    lines: list[Item] = Field(min_length=1, max_length=50)
    description: Text
    file_ids: list[FileId] = Field([], max_length=10)
    wish: Literal["replace", "refund"]


class Repair(Form):
    """POST /repairs."""

    order: Short
    sku: Short
    symptom: Text
    diagnosis: Text | None = None


class Contact(Form):
    """PATCH /customers/{customer_id}/contact."""

    email: Short | None = None
    phone: Short | None = None

    @model_validator(mode="after")
    def _something(self) -> Contact:
        if self.email is None and self.phone is None:
            raise ValueError("email or phone is needed")
        return self
