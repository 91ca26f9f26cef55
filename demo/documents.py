"""Links to pages for one customer that open without signing in: signed, and for a while."""

from __future__ import annotations

from datetime import timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from demo.moments import Clock

PATH = "/documents/"
CONFIRM_PATH = "/email/"
# An invoice is opened where the link is shown; a label is printed when there is time, until the return ends.
LIFETIME = {"invoice": timedelta(minutes=15), "label": timedelta(days=31), "email": timedelta(days=1)}


class Documents:
    """Makes the links and reads them; `base_url` is the public address of the shop."""

    def __init__(self, key: str, base_url: str, clock: Clock) -> None:
        self._serializer = URLSafeSerializer(key, salt="maison-alder-documents")
        self._base_url = base_url
        self._clock = clock

    def invoice_url(self, number: str) -> str:
        """Opens the invoice of an order."""
        return self._url(PATH, "invoice", number)

    def label_url(self, number: str, return_id: str) -> str:
        """Opens the label of a return."""
        return self._url(PATH, "label", number, return_id)

    def confirmation_url(self, customer_id: str, email: str) -> str:
        """Confirms that an e-mail address is the customer's."""
        return self._url(CONFIRM_PATH, "email", customer_id, email)

    def read(self, token: str) -> list[str] | None:
        """What a link was made for, [kind, …]; None when it is forged or over."""
        try:
            until, *content = self._serializer.loads(token)
        except BadSignature:
            return None
        return content if self._clock().timestamp() < until else None

    def _url(self, path: str, kind: str, *about: str) -> str:
        until = int((self._clock() + LIFETIME[kind]).timestamp())
        return f"{self._base_url}{path}{self._serializer.dumps([until, kind, *about])}"
