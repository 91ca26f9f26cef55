"""What the checks send."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from actions.back_office import envelopes

ADDRESS: dict[str, Any] = {"line1": "1 rue de l’Essai", "postcode": "37000", "city": "Tours", "country": "FR"}
BAD_ADDRESSES: tuple[tuple[dict[str, Any], str], ...] = (
    ({**ADDRESS, "postcode": "1"}, "address_invalid"),
    ({**ADDRESS, "country": "US"}, "country_not_served"),
)
RETURN: dict[str, Any] = {"reason": "contract", "method": "shop"}
PROBLEM: dict[str, Any] = {"kind": "broken", "description": "contract", "file_ids": ["contract"], "wish": "replace"}
# The form of the answer to a call, by the last part of its path.
FORMS: dict[str, type[BaseModel]] = {
    "cancellation": envelopes.CancellationReply,
    "delivery-address": envelopes.DeliveryReply,
    "returns": envelopes.ReturnReply,
    "problems": envelopes.ProblemReply,
    "repairs": envelopes.RepairReply,
}
