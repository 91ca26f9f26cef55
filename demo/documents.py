"""Links to pages for one customer that open without signing in: signed, and for a short while."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

PATH = "/documents/"
CONFIRM_PATH = "/email/"
# An invoice is opened where the link is shown; a label is printed when there is time, until the return ends.
SECONDS = {"invoice": 15 * 60, "label": 31 * 24 * 3600, "email": 24 * 3600}


class Documents:
    """Makes the links and reads them; `base_url` is the public address of the shop."""

    def __init__(self, key: str, base_url: str) -> None:
        self._serializer = URLSafeTimedSerializer(key, salt="maison-alder-documents")
        self._base_url = base_url

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
        for kind, seconds in SECONDS.items():
            try:
                content = self._serializer.loads(token, max_age=seconds)
            except BadSignature:
                continue
            if isinstance(content, list) and content and content[0] == kind:
                return [str(part) for part in content]
        return None

    def _url(self, path: str, *content: str) -> str:
        return f"{self._base_url}{path}{self._serializer.dumps(list(content))}"
