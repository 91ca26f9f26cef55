"""Fixtures for all tests: the whole product, started once, and a real browser."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, Playwright, async_playwright, expect

from tests.closing import CLOSE_SECONDS, closed
from tests.harness import Stack

TESTS = Path(__file__).parent
LONGEST_NAME = 500
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure() -> None:
    """In the background of a shell Ctrl-C is ignored, and would be by whatever a test starts and interrupts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A test's name is in each report that a worker sends: values of megabytes are not told in full."""
    return f"{argname}-{len(val)}-long" if isinstance(val, (str, bytes)) and len(val) > LONGEST_NAME else None


PRODUCT = "product"
# What the tests of these folders share takes long to start.
STARTED_ONCE = ("rasa", "actions", "dialogues", "knowledge_base", "help", "studio", "encoder")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests run in one worker, so do those of a folder that shares much, and all that use the product.

    The long groups come first: what is left for the end is short, and neither worker waits for the other. Rasa's own
    need no articles: while they run, the product encodes them for all that come after.
    """
    first = (PRODUCT, *STARTED_ONCE)
    groups = {item: _group(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: first.index(groups[item]) if groups[item] in first else len(first))


def _group(item: pytest.Item) -> str:
    path = item.path.relative_to(TESTS)
    if isinstance(item, pytest.Function) and "stack" in item.fixturenames:
        return PRODUCT
    return path.parts[0] if path.parts[0] in STARTED_ONCE else path.as_posix()


_STARTED = pytest.StashKey[Stack]()


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """Every process, in demo mode; shared by all tests, so leave it healthy."""
    with Stack() as started:
        request.session.stash[_STARTED] = started
        yield started


@pytest.hookimpl(trylast=True)  # after what the test itself tears down
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """All that use the product stand together: after the last of them it would only take a part of the machine."""
    stash = item.session.stash
    if _STARTED in stash and (nextitem is None or _group(nextitem) != PRODUCT):
        stash[_STARTED].stop()
        del stash[_STARTED]


class Chromium:
    """One for all modules; another one where a module left it hanging or ended."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._browser: Browser | None = None

    async def ready(self) -> Browser:
        """A browser that answers and holds nothing of those before."""
        if self._browser is not None and not await _is_good(self._browser):
            await self.close()
        if self._browser is None:
            executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
            assert executable, "browser tests need chromium: apt-get install chromium"
            self._browser = await self._playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        return self._browser

    async def close(self) -> None:
        """The next one is another."""
        browser, self._browser = self._browser, None
        if browser is not None:
            await closed(browser.close())


async def _is_good(browser: Browser) -> bool:
    if browser.contexts or not browser.is_connected():
        return False
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            page = await browser.new_page()
            await page.evaluate("1")
            await page.close()
    except (TimeoutError, Error):
        return False
    return True


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    """By playwright's async API: its sync one cannot share a thread with asyncio tests."""
    # A page on a busy machine is slow, not wrong.
    expect.set_options(timeout=20_000)
    async with async_playwright() as playwright:
        started = Chromium(playwright)
        yield started
        await started.close()


@pytest.fixture(scope="module")
async def browser(chromium: Chromium) -> Browser:
    """Looked at before each module, so that one that hangs spoils no more."""
    return await chromium.ready()
