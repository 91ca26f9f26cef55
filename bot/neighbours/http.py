"""The one way in which the clients speak HTTP: JSON in, JSON out, failures as ``NeighbourError``."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.errors import NeighbourError


async def call(session: aiohttp.ClientSession, method: str, url: str, *, body: Any = None, within: float) -> Any:
    """The decoded answer. Raises ``NeighbourError``: permanent for a 4xx, to be tried again for the rest."""
    try:
        limit = aiohttp.ClientTimeout(total=within)
        async with session.request(method, url, json=body, timeout=limit) as response:
            return await _decode(response)
    except (aiohttp.ClientError, OSError) as error:
        raise NeighbourError("unreachable", f"{url}: {type(error).__name__}") from error
    except TimeoutError as error:
        raise NeighbourError("timeout", f"{url}: no answer in {within:g} s") from error


async def _decode(response: aiohttp.ClientResponse) -> Any:
    try:
        answer = await response.json(content_type=None)
    except ValueError as error:
        raise NeighbourError("nonsense", f"{response.url}: not JSON (status {response.status})") from error
    if response.status >= 400:
        found = answer.get("error") if isinstance(answer, dict) else None
        details = found if isinstance(found, dict) else {}
        code = str(details.get("code", f"http_{response.status}"))
        raise NeighbourError(code, str(details.get("message", ""))[:500], permanent=response.status < 500)
    return answer
