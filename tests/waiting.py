"""Waiting for the thing itself: what another process tells a moment later, a page that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from playwright.async_api import Page, Route

# A document's animations are not those of the trees in its shadow, where the chat is.
_SETTLED = """Promise.allSettled([...document.querySelectorAll("*")]
  .reduce((roots, each) => each.shadowRoot ? [...roots, each.shadowRoot] : roots, [document])
  .flatMap((root) => root.getAnimations())
  .filter((each) => each.effect.getTiming().iterations !== Infinity && each.effect.target?.checkVisibility())
  .map((each) => each.finished))"""


async def until(holds: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Looks again and again until `holds()`; AssertionError naming `what` when that takes longer than `seconds`."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not holds():
        assert asyncio.get_running_loop().time() < deadline, f"{what}: not within {seconds:.0f} s"
        await asyncio.sleep(0.02)


async def settled(page: Page) -> None:
    """Transitions are over or were broken off; what nobody sees may never end one."""
    await page.evaluate(_SETTLED)


async def stopped_clock(page: Page) -> None:
    """The page's clock stands: however slow the machine is, what it would do after a while is not done."""
    await page.clock.install()
    await page.clock.pause_at(await page.evaluate("Date.now() / 1000 + 60"))  # it cannot be put back


async def held_on_its_way(page: Page, url: str) -> asyncio.Event:
    """What the page sends there leaves once the event is set."""
    go = asyncio.Event()

    async def hold(route: Route) -> None:
        await go.wait()
        await route.continue_()

    await page.route(url, hold)
    return go
