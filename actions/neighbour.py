"""What the clients of our neighbours have in common: one session, a time limit, one kind of error."""

from __future__ import annotations

from typing import Any

import aiohttp


class NeighbourError(Exception):
    """A neighbour could not be reached, took too long, or answered something that is not in its contract.

    `status` is what it answered, None when it did not.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Neighbour:
    """An HTTP service we talk to in JSON. `open` inside the running loop before the first call, `close` at the end."""

    def __init__(self, base_url: str, *, timeout_seconds: float, headers: dict[str, str] | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._headers = headers or {}
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the session."""
        self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)

    async def close(self) -> None:
        """Give the connections back."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and JSON body of the answer. Raises NeighbourError."""
        if self._session is None:
            raise RuntimeError("the client is used before open() or after close()")
        url = self._base_url + path
        try:
            async with self._session.request(method, url, json=body, params=params, headers=headers) as response:
                if response.status >= 500:
                    raise NeighbourError(f"{method} {path.split('/')[1]}: status {response.status}", response.status)
                return response.status, await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # The path's first part only: the rest may hold a customer's reference or an order number.
            raise NeighbourError(f"{method} {path.split('/')[1]}: {type(error).__name__}") from error
