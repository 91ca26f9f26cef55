"""The history of a guided diagnosis: what each version changed, and what changed since, as a writer reads it."""

from __future__ import annotations

import copy
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from knowledge_base.content import history
from tests.bot.conftest import Bot
from tests.desk.conftest import OpenDesk
from tests.knowledge_base.conftest import Served
from tests.studio.conftest import Json, Studio, opener
from tests.studio.test_keyboard import Keys
from tests.studio.test_small_tree import kettle, published
from tests.studio.test_trees import SAVED, field, looks_right


def iron() -> Json:
    form = kettle() | {"id": "iron", "title": {"fr": "Mon fer fuit", "en": "My iron drips"}}
    nodes = form["nodes"] = copy.deepcopy(form["nodes"])
    nodes["node-1"]["question"] = {"fr": "Le réservoir du fer est-il fendu ?", "en": "Is the tank of the iron cracked?"}
    return form


def mended() -> Json:
    """A title, a text, the answers and where they lead; a step comes, one goes, one ends in another way."""
    form = iron() | {"title": {"fr": "Mon fer goutte", "en": "My iron drips"}}
    nodes = form["nodes"]
    nodes["node-1"]["question"]["fr"] = "Le réservoir du fer est-il fendu ou percé ?"
    yes, no = nodes["node-1"]["choices"]
    unsure = {"label": {"fr": "Je ne sais pas", "en": "Not sure"}, "next": "node-4", "words": {"fr": ["bof"], "en": []}}
    nodes["node-1"]["choices"] = [no | {"next": "node-4"}, yes, unsure]
    nodes["node-2"] = nodes["node-2"] | {"end": "repair", "diagnosis": "réservoir fendu"}
    del nodes["node-3"]
    nodes["node-4"] = nodes["node-2"] | {
        "end": "fix",
        "say": {"fr": "Détartrez-le.", "en": "Descale it."},
        "diagnosis": None,
        "otherwise": "node-2",
    }
    return form


def row(part: Locator, name: str) -> Locator:
    """What differs in one field."""
    return part.locator("dl > div").filter(has=part.page.get_by_text(name, exact=True)).locator("dd")


async def opened(page: Page, versions: int) -> Locator:
    await page.get_by_role("tab", name="Historique").click()
    await expect(page.locator(".history-row")).to_have_count(versions)
    return page.locator(".history-shown")


async def reads_what_it_changed(shown: Locator) -> None:
    await expect(shown.get_by_role("heading", level=2)).to_have_text("Ce que cette version a changé")
    told = "Le diagnostic lui-même, 2 étapes modifiées, 1 étape ajoutée, 1 étape supprimée"
    await expect(shown.locator(".tree-change-told")).to_have_text(told)
    await expect(shown.page.locator("tree-history [role=status]")).to_contain_text(told)
    await expect(shown.get_by_role("heading", level=3)).to_have_text(
        [
            "Le diagnostic lui-même",
            "Étape modifiée 1. Le réservoir du fer est-il fendu ou percé\u202f?",
            "Étape ajoutée 2. Détartrez-le.",
            "Étape modifiée 3. On vous aide.",
            "Étape supprimée On la répare.",
        ]
    )
    top, first, added, ends, removed = [shown.locator(".tree-change").nth(place) for place in range(5)]
    await expect(row(top, "Titre en français").locator("del")).to_contain_text("fuit")
    await expect(row(top, "Titre en français").locator("ins")).to_contain_text("goutte")
    await expect(row(first, "Question en français").locator("ins")).to_contain_text("ou percé")
    await expect(row(first, "Question en anglais")).to_have_count(0)
    await expect(first.get_by_role("heading", level=4)).to_have_text(
        ["Choix 1\u00a0: Non", "Choix 3 ajouté\u00a0: Je ne sais pas"]
    )
    leads = row(first.locator(".tree-change-choice").first, "Mène à")
    await expect(leads.locator("del")).to_have_text("retiré : On la répare.", use_inner_text=False)
    await expect(leads.locator("ins")).to_have_text("ajouté : 2. Détartrez-le.", use_inner_text=False)
    await expect(row(first, "Ordre des choix").locator("ins")).to_contain_text("Non · Oui · Je ne sais pas")
    await expect(row(added, "Si cela ne suffit pas").locator("ins")).to_contain_text("3. On vous aide.")
    await expect(row(ends, "Nature de l’étape").locator("del")).to_contain_text("Fin\u00a0: conseiller")
    await expect(row(ends, "Pour le conseiller et l’atelier").locator("ins")).to_contain_text("réservoir fendu")
    await expect(removed.locator("ins")).to_have_count(0)
    await expect(row(removed, "Réponse en français").locator("del")).to_contain_text("On la répare.")


async def test_a_writer_reads_what_a_version_changed_and_what_changed_since(house: Bot, new_page: OpenDesk) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    for form in (iron(), mended()):
        await published(zoe, form)
    page = await opener(house, new_page)("ines", path="/studio/trees/iron")
    shown = await opened(page, 2)
    await reads_what_it_changed(shown)
    await expect(page.get_by_role("button", name="Reprendre cette version")).to_have_count(0)  # it stands already
    await looks_right(page)
    await page.set_viewport_size({"width": 1440, "height": 900})
    # By keyboard: the first version, then what changed since.
    keys = Keys(page)
    await keys.to(page.locator(".history-row").last)
    await page.keyboard.press("Enter")
    heading = shown.get_by_role("heading", level=2)
    await expect(heading).to_have_text("Première version")
    await expect(shown.locator("del")).to_have_count(0)
    await keys.press("button", "À l’état actuel")
    await expect(heading).to_have_text("Ce qui a changé depuis")
    await expect(page.get_by_role("button", name="À l’état actuel")).to_have_attribute("aria-pressed", "true")
    await expect(shown.locator("h3 .badge--bad")).to_have_text("Étape supprimée")
    # What stands is compared with itself, then with what is being written.
    await page.locator(".history-row").first.click()
    await expect(shown.locator(".page-note")).to_have_text("Aucune différence.")
    await field(page, "nodes.node-4.say.fr").fill("Détartrez-le bien.")
    await expect(row(shown, "Réponse en français").locator("ins")).to_contain_text("bien.")
    await expect(heading).to_have_text("Ce qui a changé depuis, brouillon compris")
    await looks_right(page)
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    await page.locator(".language[lang=en]").click()
    await expect(shown.locator(".tree-change-told")).to_have_text(
        "The diagnosis itself, 2 steps changed, 1 step added, 1 step removed"
    )
    await expect(shown.get_by_role("heading", level=4).last).to_have_text("Choice 3, new: Not sure")


async def test_what_changed_nothing_and_what_cannot_be_read_say_so(
    house: Bot, library: Served, new_page: OpenDesk
) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    fan = kettle() | {"id": "fan", "title": {"fr": "Mon ventilateur grince", "en": "My fan squeaks"}}
    await published(zoe, fan)
    for turn in ("archive", "unarchive"):
        assert (await zoe.call("POST", f"trees/fan/{turn}"))[0] == 200
    trees: Path = library.var / "trees"
    sound = (trees / "fan.yml").read_text("utf-8")
    for text in ("id: fan\nnodes: [", sound):
        (trees / "fan.yml").write_text(text, "utf-8")
        history.commit(trees, ["fan.yml"], "By hand")
    page = await opener(house, new_page)("ines", path="/studio/trees/fan")
    shown = await opened(page, 5)
    before = "La version précédente ne peut plus être lue\u00a0: impossible de dire ce que celle-ci a changé."
    restore = page.get_by_role("button", name="Reprendre cette version")
    rows = page.locator(".history-row")
    for place, words, can in (
        (0, before, 0),
        (1, "Cette version ne peut plus être lue.", 0),
        (2, "Aucune différence.", 1),
    ):
        await rows.nth(place).click()
        await expect(shown.locator(".page-note")).to_have_text(words)
        await expect(page.locator("tree-history [role=status]")).to_contain_text(words)
        await expect(restore).to_have_count(can)
    await looks_right(page)
    await restore.click()
    await expect(page.locator("desk-toasts")).to_contain_text("reprise dans un brouillon")


async def test_what_follows_the_writing_takes_no_focus_and_is_not_read_aloud(house: Bot, new_page: OpenDesk) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    form = kettle() | {"id": "oven"}
    await published(zoe, form)
    page = await opener(house, new_page)("ines", path="/studio/trees/oven")
    shown = await opened(page, 1)
    await page.get_by_role("button", name="À l’état actuel").click()
    told = page.locator("tree-history [role=status]")
    await expect(told).to_contain_text("Aucune différence.")
    await field(page, "nodes.node-2.say.fr").fill("On arrive.")
    restore = page.get_by_role("button", name="Reprendre cette version")
    await expect(row(shown, "Réponse en français").locator("ins")).to_contain_text("arrive")
    await field(page, "nodes.node-2.say.fr").fill("On accourt.")
    await restore.focus()
    await expect(row(shown, "Réponse en français").locator("ins")).to_contain_text("accourt")
    await expect(restore).to_be_focused()
    await expect(told).to_contain_text("Aucune différence.")
