"""The one way in which the clients speak HTTP: JSON in, JSON out, failures as ``NeighbourError``."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bot.errors import NeighbourError


async def call(session: aiohttp.ClientSession, method: str, url: str, *, body: Any = None, within: float) -> Any:
    """The decoded answer. Raises ``NeighbourError``: permanent for a 4xx, to be tried again for the rest."""
    async with asked(session, method, url, aiohttp.ClientTimeout(total=within), json=body) as response:
        answer = await decoded(response)
        if response.status >= 400:
            found = answer.get("error") if isinstance(answer, dict) else None
            details = found if isinstance(found, dict) else {}
            code = str(details.get("code", f"http_{response.status}"))
            raise NeighbourError(code, str(details.get("message", ""))[:500], permanent=response.status < 500)
        return answer


@asynccontextmanager
async def asked(
    session: aiohttp.ClientSession, method: str, url: str, limit: aiohttp.ClientTimeout, **sent: Any
) -> AsyncGenerator[aiohttp.ClientResponse]:
    """The response, whatever its status. Raises ``NeighbourError`` when none comes, or breaks off within the block."""
    try:
        async with session.request(method, url, timeout=limit, **sent) as response:
            yield response
    except TimeoutError as error:  # before OSError, which it is as well
        raise NeighbourError("timeout", f"{url}: no answer in {limit.total or limit.sock_read:g} s") from error
    except (aiohttp.ClientError, OSError) as error:
        raise NeighbourError("unreachable", f"{url}: {type(error).__name__}") from error


async def decoded(response: aiohttp.ClientResponse) -> Any:
    """The JSON of an answer, whatever its status. Raises ``NeighbourError``."""
    try:
        return await response.json(content_type=None)
    except ValueError as error:
        raise NeighbourError("nonsense", f"{response.url}: not JSON (status {response.status})") from error
