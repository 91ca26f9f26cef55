"""What the widget costs the page that holds it: bytes on the wire, and nothing that moves."""

from __future__ import annotations

import gzip
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from playwright.async_api import Request, expect

from bot.web.widget_files import lean
from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi
from tests.widget.fake_words import STATIC

KB = 1024
SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((each) => each.hadRecentInput || (sum += each.value)))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 400);
})"""


class Loaded:
    """The widget's files that a page asked for."""

    def __init__(self, chat: Chat) -> None:
        self.files: set[str] = set()
        chat.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if path.startswith("/widget/"):
            self.files.add(path.removeprefix("/widget/"))

    @property
    def weight(self) -> int:
        """Compressed, as bot serves them."""
        return sum(len(gzip.compress(lean(STATIC / file), 9, mtime=0)) for file in self.files)


async def test_all_of_a_first_open_stays_under_30_kb(chat: Chat, api: FakeApi) -> None:
    loaded = Loaded(chat)
    await chat.visit()
    await expect(chat.launcher).to_be_visible()
    await chat.page.wait_for_load_state("networkidle")
    assert "relais.js" in loaded.files
    assert "panel.js" not in loaded.files, "the chat itself comes when it is opened"
    assert loaded.weight < 10 * KB
    await chat.launcher.click()
    await expect(chat.log).to_contain_text("Bonjour, je suis Aulne")
    await chat.say("un retour")
    await expect(chat.own("un retour")).to_contain_text("Reçu à")
    await chat.page.wait_for_load_state("networkidle")
    folders = {str(PurePosixPath(file).parent) for file in loaded.files}
    assert folders == {".", "locales"}, "what is rarely needed comes later"
    assert 15 * KB < loaded.weight <= 30 * KB, loaded.weight


def test_what_comes_later_is_small_too() -> None:
    for folder in ("later", "slip"):
        for path in (STATIC / folder).iterdir():
            assert len(gzip.compress(lean(path), 9)) < 4 * KB, path.name


def test_only_comments_and_indentation_are_left_out() -> None:
    for path in STATIC.rglob("*.js"):
        source = path.read_text("utf-8").splitlines()
        # A text that goes over several lines would lose its spaces.
        assert all(line.count("`") % 2 == 0 for line in source), path.name
        code = [line.strip() for line in source]
        code = [line for line in code if line and not line.startswith(("//", "/**", "* ", "*/"))]
        assert [line for line in lean(path).decode().splitlines() if line] == code, path.name


async def test_nothing_on_the_page_moves_for_it(chat: Chat, api: FakeApi) -> None:
    await chat.visit("/produit/lampe-atelier")
    await expect(chat.launcher).to_be_visible()
    height = "document.documentElement.scrollHeight"
    before = await chat.page.evaluate(height)
    assert await chat.page.evaluate(SHIFTS) == 0
    await chat.launcher.click()
    await expect(chat.log).to_contain_text("Aulne")
    await expect(chat.dialog.get_by_role("button", name="Comment faire un retour")).to_be_visible()
    assert await chat.page.evaluate(SHIFTS) < 0.01
    assert await chat.page.evaluate(height) == before
