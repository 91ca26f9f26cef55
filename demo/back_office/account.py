"""Changes to a customer's account."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from demo import rules
from demo.back_office import bodies
from demo.back_office.shared import CLOCK, DATABASE, checked, customer_of
from demo.database import Change, Effect, Record
from demo.errors import ApiError
from demo.moments import one_month_later
from demo.rendering import customer_json

# As the shop's own forms check it: one @, a dot behind it, no space; whether it exists is shown by the link.
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_PHONE = re.compile(r"\+[1-9]\d{7,14}")


async def change_contact(request: web.Request, body: dict[str, Any]) -> Change:
    """Change the phone number at once, the e-mail address once the link sent to the new one is opened."""
    form = checked(bodies.Contact, body)
    customer = await customer_of(request)
    columns: Record = {}
    if form.phone is not None:
        columns["phone"] = _checked_phone(form.phone)
    if form.email is not None and form.email.lower() != customer["email"].lower():
        columns["pending_email"] = await _checked_email(request, form.email)
    status = "pending_confirmation" if "pending_email" in columns else "changed"
    shown = customer_json({**customer, **columns}, request.app[CLOCK]())
    columns = columns or {"phone": customer["phone"]}
    return _change("contact", customer, {"customer": shown, "status": status}, **columns)


async def erase(request: web.Request, body: dict[str, Any]) -> Change:
    """Ask to be forgotten: done within a month, as the law has it."""
    checked(bodies.Nothing, body)
    customer = await customer_of(request)
    done_by = customer["erasure_by"] or one_month_later(rules.today(request.app[CLOCK]())).isoformat()
    answer = {"erasure": {"status": "requested", "done_by": done_by}}
    return _change("erasure", customer, answer, erasure_by=done_by)


async def close(request: web.Request, body: dict[str, Any]) -> Change:
    """Close the account, at any time but while an order is under way."""
    checked(bodies.Nothing, body)
    customer = await customer_of(request)
    if customer["closed_on"]:
        raise ApiError(409, "already_closed", "This account is closed already.")
    orders = await request.app[DATABASE].orders_of(customer["customer_id"])
    if any(order["status"] in ("in_preparation", "shipped") for order in orders):
        raise ApiError(409, "open_orders", "An account with an order under way cannot be closed.")
    closed_on = rules.today(request.app[CLOCK]()).isoformat()
    answer = {"closure": {"status": "closed", "effective_on": closed_on}}
    return _change("closure", customer, answer, closed_on=closed_on)


def _checked_phone(phone: str) -> str:
    """In international form; a number that begins with one 0 is French."""
    digits = re.sub(r"[\s.\-()]", "", phone)
    number = f"+33{digits[1:]}" if re.fullmatch(r"0[1-9]\d{8}", digits) else re.sub(r"^00", "+", digits)
    if not _PHONE.fullmatch(number):
        raise ApiError(422, "phone_invalid", "This is no phone number.")
    return number


async def _checked_email(request: web.Request, email: str) -> str:
    if not _EMAIL.fullmatch(email):
        raise ApiError(422, "email_invalid", "This is no e-mail address.")
    if await request.app[DATABASE].customer_with_email(email):
        raise ApiError(409, "email_taken", "Another account has this e-mail address.")
    return email


def _change(operation: str, customer: Record, answer: Record, **columns: Any) -> Change:
    effect = Effect("customers", customer["customer_id"], columns)
    return Change(operation, customer["customer_id"], None, answer, (effect,))
