"""What all calls of the API need: the application's parts, and the customer or order of the address."""

from __future__ import annotations

from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from demo.database import Database, Record
from demo.documents import Documents
from demo.errors import ApiError
from demo.moments import Clock
from demo.places import Atlas

BASE = "/back-office/v1"
DATABASE = web.AppKey("database", Database)
CLOCK: web.AppKey[Clock] = web.AppKey("clock")
ATLAS = web.AppKey("atlas", Atlas)
DOCUMENTS = web.AppKey("documents", Documents)
Body = TypeVar("Body", bound=BaseModel)


async def customer_of(request: web.Request) -> Record:
    """The customer of the address. Raises ApiError (404)."""
    row = await request.app[DATABASE].customer(request.match_info["customer_id"])
    if row is None:
        raise ApiError(404, "customer_not_found", "There is no such customer.")
    return row


async def order_of(request: web.Request) -> Record:
    """The order of the address. Raises ApiError (404)."""
    return await order_numbered(request, request.match_info["number"])


async def order_numbered(request: web.Request, number: str) -> Record:
    """The order of this number. Raises ApiError (404)."""
    row = await request.app[DATABASE].order(number)
    if row is None:
        raise ApiError(404, "order_not_found", "There is no such order.")
    return row


async def json_object(request: web.Request) -> dict[str, Any]:
    """The body; no body is an empty object. Raises ApiError (400)."""
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ApiError(400, "bad_request", "The body must be a JSON object.")
    return body


def checked(form: type[Body], body: dict[str, Any]) -> Body:
    """The body in its agreed form. Raises ApiError (400) that names the first field that has another."""
    try:
        return form.model_validate(body)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "body"
        raise ApiError(400, "bad_request", f"{where}: {problem['msg']}.") from error
