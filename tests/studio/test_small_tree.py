"""A small diagnosis beside others who change it, and through its writer's own changes of mind."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.bot.conftest import Bot
from tests.desk.conftest import OpenDesk
from tests.studio.conftest import Json, Studio, opener
from tests.studio.test_trees import BADGE, SAVED, field


def kettle() -> Json:
    """A small one that a writer may publish alone."""

    def both(text: str) -> Json:
        return {"fr": text, "en": text}

    def leads(label: str, to: str) -> Json:
        return {"label": both(label), "next": to, "words": {"fr": [], "en": []}}

    choices = [leads("Oui", "node-2"), leads("Non", "node-3")]
    nodes = {
        "node-1": {"question": both("Est-elle entartrée ?"), "choices": choices},
        "node-2": {"end": "human", "say": both("On vous aide.")},
        "node-3": {"end": "repair", "say": both("On la répare.")},
    }
    words = {"fr": ["bouilloire"], "en": ["kettle"]}
    return {"id": "kettle", "title": both("Ma bouilloire fuit"), "words": words, "start": "node-1", "nodes": nodes}


async def published(writer: Studio, form: Json) -> None:
    place = f"trees/{form['id']}/draft"
    status, kept = await writer.call("PUT", place, {"form": form, "revision": None})
    assert status == 200, kept
    status, done = await writer.call("POST", f"{place}/publish", {"revision": kept["draft"]["revision"]})
    assert status == 200, done


async def test_what_somebody_published_meanwhile_stays(house: Bot, new_page: OpenDesk) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    await published(zoe, kettle())
    page = await opener(house, new_page)("ines", path="/studio/trees/kettle")
    status, question = page.locator(".editor-status"), field(page, "nodes.node-1.question.fr")
    await expect(question).to_have_value("Est-elle entartrée ?")
    await published(zoe, kettle() | {"title": {"fr": "Ma bouilloire goutte", "en": "My kettle drips"}})
    await question.fill("Du calcaire ?")
    await expect(status).to_have_text(SAVED)
    await page.get_by_role("button", name="Publier").click()
    dialog = page.get_by_role("dialog", name="Deux versions")
    await expect(dialog.get_by_role("listitem")).to_have_count(2)
    _, whole = await zoe.call("GET", "trees/kettle")
    assert whole["published"]["title"]["fr"] == "Ma bouilloire goutte"
    await dialog.get_by_role("button", name="Garder cette version").click()
    await expect(status).to_have_text(SAVED)
    await page.get_by_role("button", name="Publier").click()
    await expect(page.locator(BADGE)).to_have_text("En ligne")
    _, whole = await zoe.call("GET", "trees/kettle")
    assert whole["published"]["nodes"]["node-1"]["question"]["fr"] == "Du calcaire ?"


CHOICE = "nodes.node-1.choices"


async def changes_a_mind(page: Page) -> None:
    """A removed step is not another one of the same number, and comes back without what was typed since."""
    question, second = field(page, "nodes.node-1.question.fr"), field(page, f"{CHOICE}.1.next")
    await page.get_by_role("button", name="Supprimer l’étape 3").click()
    await field(page, f"{CHOICE}.0.next").select_option("new:human")
    await field(page, "nodes.node-4.say.fr").fill("Un instant.")
    await expect(second.locator("option:checked")).to_have_text("Étape supprimée")
    await question.fill("Y a-t-il du calcaire ?")
    await page.locator("desk-toasts").get_by_role("button", name="Annuler").click()
    await expect(second).to_have_value("node-3")
    await expect(question).to_have_value("Y a-t-il du calcaire ?")
    await expect(page.locator("[data-node=node-4]")).to_have_count(1)


async def tries_while_it_changes(page: Page) -> None:
    """What was pressed stays pressed; what met no answer was not; what stands in the log is not read aloud again."""
    chat = page.locator("tree-try")
    bubbles = chat.locator(".tree-bubble")
    await expect(bubbles).to_have_text(["Y a-t-il du calcaire ?"])
    await page.route("**/trees/try", lambda route: route.abort())
    await chat.get_by_role("button", name="Oui").click()
    await expect(chat.get_by_role("alert")).to_have_count(1)
    await page.unroute("**/trees/try")
    await bubbles.first.evaluate("(bubble) => (bubble.wasRead = true)")
    await chat.get_by_role("button", name="Non", exact=True).click()
    await expect(bubbles).to_have_text(["Y a-t-il du calcaire ?", "Non", "On la répare."])
    await expect(chat.get_by_role("alert")).to_have_count(0)
    await field(page, f"{CHOICE}.1.next").select_option("node-2")
    await expect(bubbles).to_have_text(["Y a-t-il du calcaire ?", "Non", "On vous aide."])
    async with page.expect_response("**/trees/try"):
        await field(page, f"{CHOICE}.0.label.fr").fill("Certes")
    await expect(page.locator("[data-node=node-4] .tree-way")).to_have_text("Certes")
    await expect(chat.locator(".tree-note")).to_have_count(0)
    assert await bubbles.first.evaluate("(bubble) => bubble.wasRead")
    await page.get_by_role("button", name="Supprimer le choix 2").click()
    await expect(bubbles).to_have_count(1)
    await expect(chat.get_by_role("button", name="Certes")).to_be_visible()


async def takes_all_back(page: Page) -> None:
    """By keyboard: who has nothing more to undo stays in the head."""
    undo = page.get_by_role("button", name="Annuler la modification")
    await undo.focus()
    while await undo.is_enabled():
        await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await expect(page.locator(".editor-status")).to_have_text(SAVED)


async def test_a_writer_changes_their_mind(house: Bot, new_page: OpenDesk) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    form = kettle() | {"id": "toaster"}
    assert (await zoe.call("PUT", "trees/toaster/draft", {"form": form, "revision": None}))[0] == 200
    page = await opener(house, new_page)("ines", path="/studio/trees/toaster")
    await page.wait_for_selector("tree-outline .tree-node")
    # Another window of this browser looks at a history; here nothing is turned over.
    await page.evaluate("localStorage.setItem('relais.studio.trees.panel', JSON.stringify('history'))")
    await page.get_by_role("button", name="Demander une relecture").click()
    await page.get_by_role("dialog").get_by_role("button", name="Demander une relecture").click()
    await expect(page.locator(BADGE)).to_have_text("En relecture")
    await expect(page.get_by_role("tab", selected=True)).to_have_text("Essayer")
    await changes_a_mind(page)
    await tries_while_it_changes(page)
    await takes_all_back(page)
