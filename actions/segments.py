"""The segment of a customer who proved who they are: some articles are meant for one segment alone."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable

from rasa_sdk import Tracker

from actions import conversation
from actions.back_office import BackOffice, BackOfficeError, Customer, NoSuchOrderError, NotVerifiedError

REMEMBERED_SECONDS = 600.0
# A back office in trouble must not slow every question down: it is asked again a little later.
AFTER_FAILURE_SECONDS = 30.0
PATIENCE_SECONDS = 1.0
MOST_REMEMBERED = 10_000


class Segments:
    """Asks the back office once for a customer and a while, and never without proof: slots carry no rights."""

    def __init__(self, office: BackOffice, clock: Callable[[], float] = time.monotonic) -> None:
        self._office = office
        self._clock = clock
        self._known: OrderedDict[str, tuple[str | None, float]] = OrderedDict()

    async def of(self, tracker: Tracker) -> str | None:
        """ "or", "standard"…; None for anybody who is not verified, or when the back office does not say."""
        try:
            customer = self._office.customer(conversation.identity_token(tracker), tracker.sender_id)
        except NotVerifiedError:
            return None
        segment, until = self._known.get(customer.reference, (None, 0.0))
        if self._clock() < until:
            return segment
        segment = await _asked(customer)
        lasting = REMEMBERED_SECONDS if segment else AFTER_FAILURE_SECONDS
        self._known[customer.reference] = (segment, self._clock() + lasting)
        self._known.move_to_end(customer.reference)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return segment


async def _asked(customer: Customer) -> str | None:
    try:
        return (await asyncio.wait_for(customer.profile(), PATIENCE_SECONDS)).segment
    except (TimeoutError, BackOfficeError, NoSuchOrderError):
        return None
