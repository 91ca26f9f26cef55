"""What the chat costs a page that holds it: bytes by when they come, and the page's first paint with and without it."""

from __future__ import annotations

import asyncio
import gzip
import shutil
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Request, async_playwright

from bench.figures import percentile
from bench.talk import say
from bot.web.widget_files import FOLDER, lean
from tests.harness import Stack

Json = dict[str, Any]
LOADS = 20
WARM_UP = 2
_MARKS = """() => new Promise((done) => {
  let shift = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((each) => (shift += each.value)))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const [page] = performance.getEntriesByType("navigation");
    done({ first_paint_ms: paint?.startTime ?? 0, load_ms: page.loadEventEnd, layout_shift: shift });
  }, 300);
})"""


def measure() -> Json:
    """Both, over the whole product."""
    with Stack() as stack:
        return asyncio.run(_measure(stack.shop_url))


async def _measure(shop: str) -> Json:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = await playwright.chromium.launch(executable_path=executable, args=arguments)
        closed, opened = await _files(browser, shop)
        found: Json = {
            "closed_kb": _kilobytes(closed),
            "first_open_kb": _kilobytes(opened),
            "later_kb": _kilobytes({*_all()} - opened),
            "files": {"closed": len(closed), "first_open": len(opened)},
        }
        say("first paint")
        found |= await _paints(browser, shop)
        await browser.close()
    return found


def _all() -> list[str]:
    return [str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.*") if not path.name.startswith("en.")]


def _kilobytes(files: set[str]) -> float:
    """As they are served, compressed."""
    return round(sum(len(gzip.compress(lean(FOLDER / file), 9, mtime=0)) for file in files) / 1024, 1)


async def _files(browser: Browser, shop: str) -> tuple[set[str], set[str]]:
    """What a page asks for before the chat is opened, and until it is."""
    page, asked = await browser.new_page(locale="fr-FR"), set[str]()

    def note(request: Request) -> None:
        path = urlsplit(request.url).path
        if path.startswith("/widget/"):
            asked.add(path.removeprefix("/widget/"))

    page.on("request", note)
    await page.goto(shop, wait_until="networkidle")
    launcher = page.get_by_role("button", name="Ouvrir la discussion")
    await launcher.wait_for()
    closed = set(asked)
    await launcher.click()
    await page.get_by_role("log").get_by_text("Alba").first.wait_for()
    await page.wait_for_load_state("networkidle")
    await page.close()
    return closed, asked


async def _paints(browser: Browser, shop: str) -> Json:
    """Turn by turn, each load in a browser profile of its own."""
    found: dict[str, list[Json]] = {"with": [], "without": []}
    for turn in range(WARM_UP + LOADS):
        for kind, marks in found.items():
            context = await browser.new_context(locale="fr-FR")
            page = await context.new_page()
            if kind == "without":
                await page.route("**/widget/**", lambda route: route.abort())
            measured = await _load(page, shop)
            if turn >= WARM_UP:
                marks.append(measured)
            await context.close()
    return {kind: _summary(marks) for kind, marks in found.items()}


async def _load(page: Page, shop: str) -> Json:
    await page.goto(shop, wait_until="load")
    marks: Json = await page.evaluate(_MARKS)
    return marks


def _summary(marks: list[Json]) -> Json:
    middle = {name: round(percentile([each[name] for each in marks], 0.5), 1) for name in ("first_paint_ms", "load_ms")}
    return middle | {"layout_shift": round(max(each["layout_shift"] for each in marks), 4)}


def show(found: Json) -> str:
    """A few lines."""
    files, later = found["files"], found["later_kb"]
    lines = [f"on the wire: {found['closed_kb']} KB with the page ({files['closed']} files)"]
    lines += [f"{found['first_open_kb']} KB once opened ({files['first_open']}), {later} KB more if all of it is used"]
    for kind in ("without", "with"):
        one = found[kind]
        lines.append(
            f"{kind:>8} the chat: first paint {one['first_paint_ms']:.0f} ms, loaded {one['load_ms']:.0f} ms, "
            f"layout shift {one['layout_shift']}"
        )
    return "\n".join(lines)
