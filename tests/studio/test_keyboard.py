"""Nothing in the studio needs a mouse, and where one is can be seen: an article's whole way, by keyboard alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from tests.bot.conftest import Bot
from tests.desk.conftest import OpenDesk
from tests.studio.conftest import opener
from tests.studio.test_editor import SAVED

MOST_STOPS = 90
# A ring around it, or around what holds it: of the thing in focus or of one that it stands in.
SEEN = """() => {
  for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) return true;
    if (style.boxShadow !== "none" && at === document.activeElement) return true;
  }
  return false;
}"""


@dataclass
class Keys:
    """Somebody without a mouse."""

    page: Page

    async def to(self, wanted: Locator, key: str = "Tab") -> None:
        """Go on by ``key`` until ``wanted`` is in focus."""
        await expect(wanted).to_be_visible()
        for _ in range(MOST_STOPS):
            await self.page.keyboard.press(key)
            if await wanted.evaluate("(one) => one === document.activeElement"):
                assert await self.page.evaluate(SEEN), f"no ring around {wanted}"
                return
        raise AssertionError(f"no key leads to {wanted}")

    async def press(self, role: str, name: str, key: str = "Tab") -> None:
        await self.to(self.page.get_by_role(role, name=name, exact=True), key)  # type: ignore[arg-type]
        await self.page.keyboard.press("Enter")

    async def write(self, name: str, text: str) -> None:
        await self.to(self.page.get_by_role("textbox", name=name))
        await self.page.keyboard.type(text)

    async def choose(self, action: str) -> None:
        """One of the other actions of the editor's head."""
        await self.press("button", "Autres actions", "Shift+Tab")
        await self.to(self.page.get_by_role("menuitem", name=action), "ArrowDown")
        await self.page.keyboard.press("Enter")


async def test_an_article_goes_its_whole_way_by_keyboard(house: Bot, new_page: OpenDesk) -> None:
    page = await opener(house, new_page)("ines", "publisher")
    keys = Keys(page)
    await keys.press("link", "Nouvel article")
    await keys.write("Titre", "Comment plier la table ?")
    await keys.write("Questions des clients", "plier la table\nreplier ma table\ntable pliante fermée")
    await keys.write("Réponse du chat", "Levez le loquet, puis poussez.")
    topic = page.get_by_label("Sujet", exact=True)
    await keys.to(topic)
    while await topic.input_value() != "products":  # letters would have to come within a second of each other
        await page.keyboard.press("ArrowDown")
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    # Beside the form: from one tab to the next, and a question tried.
    await keys.to(page.locator(".editor-tab[aria-selected=true]"))
    await keys.to(page.get_by_role("tab", name="Essayer"), "ArrowRight")
    await keys.to(page.get_by_role("combobox", name="Une question, comme un client la poserait"))
    await page.keyboard.type("ma table se replie comment")
    await page.keyboard.press("Enter")
    await expect(page.locator(".editor-panel")).to_contain_text("Comment plier la table")
    await keys.press("button", "Publier", "Shift+Tab")
    toasts = page.locator("desk-toasts")
    await expect(toasts).to_contain_text("Publié")
    await expect(page.locator(".editor-line .badge")).to_have_text("En ligne")
    # Away, and back.
    await keys.choose("Archiver")
    await expect(toasts).to_contain_text("Article archivé")
    await keys.press("button", "Annuler")
    await expect(page.locator(".editor-line .badge")).to_have_text("En ligne")
    # Found again in the list.
    await keys.to(page.locator("#main").get_by_role("link", name="Articles", exact=True), "Shift+Tab")
    await page.keyboard.press("Enter")
    search = page.get_by_role("searchbox", name="Chercher un article")
    await keys.to(search)
    await page.keyboard.type("plier")
    await expect(page.locator(".list-row")).to_have_count(1)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox", name="Titre")).to_have_value(re.compile("plier la table"))
