"""The client of the company's back office. `BackOffice.customer` is the only way to a person's data."""

from __future__ import annotations

from typing import Any, TypeVar

import aiohttp
import structlog
from pydantic import BaseModel, ValidationError

from actions.back_office import rights
from actions.back_office.customer import Customer
from actions.back_office.envelopes import ShopsReply
from actions.back_office.errors import BackOfficeError, NoSuchOrderError, RefusedError
from actions.back_office.models import Account, Shop
from actions.neighbour import Neighbour, NeighbourError

TIMEOUT_SECONDS = 4.0
READS = frozenset({"GET"})

log = structlog.get_logger(__name__)
Model = TypeVar("Model", bound=BaseModel)


class BackOffice(Neighbour):
    """Client of the back office. `open` it inside the running loop, `close` it at the end."""

    def __init__(
        self, base_url: str, token: str, identity_secret: str, *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        super().__init__(base_url, timeout_seconds=timeout_seconds, headers={"Authorization": f"Bearer {token}"})
        self._identity_secret = identity_secret

    def customer(self, identity_token: str | None, conversation_id: str) -> Customer:
        """The door to one customer's data.

        Raises NotVerifiedError unless bot signed, for this very conversation, that the customer proved who they are.
        """
        return Customer(self, rights.verified_reference(identity_token, conversation_id, self._identity_secret))

    async def lookup(self, lookup_token: str | None, conversation_id: str) -> Account | None:
        """Whose account the e-mail address in `lookup_token` is, None when nobody's; for one-time codes alone.

        The token is bot's, with `purpose` "lookup", `email` and `cid`. Raises NotVerifiedError without it, and
        BackOfficeError.
        """
        email = rights.email_to_look_up(lookup_token, conversation_id, self._identity_secret)
        try:
            account = await self.ask("GET", "/customers/lookup", Account, params={"email": email})
        except NoSuchOrderError:
            return None
        if account.email.strip().lower() != email.strip().lower():
            # A search that takes ß for ss or drops dots would send a stranger the code to somebody's account.
            log.error("back_office_lookup_inexact")
            return None
        return account

    def check_desk_asks(self, token: str | None, conversation_id: str, purpose: str, asked: Any) -> None:
        """Raises NotVerifiedError unless bot asks this, for `purpose`, on behalf of the desk."""
        rights.check_desk_asks(token, conversation_id, self._identity_secret, purpose, asked)

    async def shops(self, near: str, *, limit: int = 3) -> list[Shop]:
        """The shops nearest to a postcode or a town, nearest first; needs no identity. Raises BackOfficeError.

        Raises RefusedError "place_unknown" when the back office does not know the place.
        """
        reply = await self.ask("GET", "/shops", ShopsReply, params={"near": near, "limit": str(limit)})
        return reply.shops

    async def ask(
        self,
        method: str,
        path: str,
        form: type[Model],
        *,
        body: Any = None,
        params: dict[str, str] | None = None,
        key: str | None = None,
    ) -> Model:
        """The answer in its agreed form; `key` is what makes a change happen once: the id of the customer's message.

        The path goes with it, for one message may ask for two changes.

        Raises NoSuchOrderError (404), RefusedError (409, 422) or BackOfficeError.
        """
        headers = {"Idempotency-Key": change_key(key, path)} if key else None
        change = method not in READS
        try:
            status, answer = await self._call(method, path, body=body, params=params, headers=headers)
        except NeighbourError as error:
            log.warning("back_office_unavailable", cause=str(error))
            raise BackOfficeError(str(error), maybe_done=change and _may_have_arrived(error)) from error
        if status in (409, 422):
            raise _refusal(answer)
        if status == 404:
            raise NoSuchOrderError
        if status not in (200, 201):
            log.error("back_office_refused", status=status)
            raise BackOfficeError(f"status {status}")
        try:
            return form.model_validate(answer)
        except ValidationError as error:
            log.warning("back_office_nonsense", form=form.__name__, problems=error.error_count())
            raise BackOfficeError("nonsense", maybe_done=change) from error


def change_key(message_id: str, path: str) -> str:
    """The idempotency key of the change that a message asks for at `path`."""
    return f"{message_id}:{path}"


def _may_have_arrived(error: NeighbourError) -> bool:
    """False when no connection was made, and for 503, by which a back office says that it did nothing."""
    return error.status != 503 and not isinstance(error.__cause__, aiohttp.ClientConnectorError)


def _refusal(answer: Any) -> RefusedError | BackOfficeError:
    """The refusal with its code; a refusal without one is nonsense."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("code"), str):
        log.warning("back_office_nonsense", form="error")
        return BackOfficeError("a refusal without a code")
    return RefusedError(error["code"], str(error.get("message", "")))
