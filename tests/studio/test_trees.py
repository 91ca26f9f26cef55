"""A guided diagnosis is mended, tried as a customer would, read, published, put away and restored; for real."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from tests.bot.conftest import Bot
from tests.desk.conftest import OpenDesk
from tests.desk.test_looks import overflow, violations
from tests.studio.conftest import Json, Studio, opener
from tests.studio.test_keyboard import Keys

SAVED = re.compile("^Enregistré à")
QUESTION = "La lampe est branchée. S’allume-t-elle ?"


async def looks_right(page: Page) -> None:
    for width, theme in ((360, "dark"), (1440, "light")):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)
        assert await violations(page) == [], width
        assert await overflow(page) == [], width


async def mends(page: Page) -> None:
    """A text is changed, a step removed and brought back."""
    card = page.locator("[data-node=plug]")
    await card.get_by_label("Question en français").fill(QUESTION)
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    await page.get_by_role("button", name="Supprimer l’étape 6").click()
    lost = page.locator("[data-node=plug] .form-problem")
    await expect(lost).to_have_text("Ne mène nulle part\u00a0: choisissez une étape.")
    await page.get_by_role("button", name="Demander une relecture").click()
    await expect(page.locator("desk-toasts")).to_contain_text("Corrigez d’abord")
    await page.get_by_role("button", name="Annuler la modification").click()
    await expect(page.locator("[data-node=socket_was_dead]")).to_have_count(1)
    await expect(page.locator(".form-problem:not(.form-problem--warning)")).to_have_count(0)


async def tries(page: Page) -> None:
    """By press, by words, back, and in the other language."""
    chat = page.locator("tree-try")
    await chat.get_by_role("button", name="Non, rien de cela").click()
    here = page.locator(".tree-node--tried")
    await expect(here).to_have_attribute("data-node", "bulb")
    await chat.get_by_label("Écrire comme un client").fill("bonjour")
    await page.keyboard.press("Enter")
    await expect(chat.locator(".tree-log")).to_contain_text("Pas compris")
    await chat.get_by_label("Écrire comme un client").fill("toujours pas")
    await page.keyboard.press("Enter")
    await expect(here).to_have_attribute("data-node", "plug")
    await expect(chat.locator(".tree-bubble").last).to_have_text(QUESTION)
    await chat.get_by_role("button", name="Elle clignote").click()
    await chat.get_by_role("button", name=re.compile("^Non")).click()
    await expect(chat.locator(".tree-over")).to_contain_text("la réparation est enregistrée")
    await chat.get_by_role("button", name="Revenir").click()
    await expect(here).to_have_attribute("data-node", "dimmer")
    await chat.get_by_role("button", name="Anglais").click()
    await expect(chat.locator(".tree-bubble").first).to_contain_text("burning smell")
    # A danger that is typed: what the chat says, and no more questions.
    await chat.get_by_label("Écrire comme un client").fill("there are sparks")
    await page.keyboard.press("Enter")
    await expect(chat.locator(".tree-over")).to_contain_text("un danger (Feu ou appareil dangereux)")
    await expect(chat.locator(".tree-bubble").last).to_contain_text("call 18 or 112")
    await expect(chat.get_by_label("Écrire comme un client")).to_be_disabled()
    await expect(chat.locator(".tree-answer")).to_have_count(0)


async def test_a_diagnosis_is_mended_tried_and_sent_to_be_read(house: Bot, new_page: OpenDesk) -> None:
    page = await opener(house, new_page)("ines", path="/studio/trees")
    await page.get_by_role("link", name="Ma lampe ne s’allume plus").click()
    await page.wait_for_selector("tree-outline .tree-node")
    await mends(page)
    await tries(page)
    await looks_right(page)
    await page.get_by_role("button", name="Demander une relecture").click()
    await page.locator("dialog").get_by_role("button", name="Demander une relecture").click()
    await expect(page.locator(".editor-line .badge")).to_contain_text("en relecture", ignore_case=True)
    zoe = Studio(await house.desk("zoe", "writer"))
    _, kept = await zoe.call("GET", "trees/lamp")
    assert kept["draft"]["state"] == "in_review"
    assert kept["draft"]["form"]["nodes"]["plug"]["question"]["fr"].startswith("La lampe est branchée.")
    await page.get_by_role("link", name="Diagnostics guidés").last.click()
    lamp = page.locator(".tree-row", has_text="Ma lampe")
    await expect(lamp).to_contain_text("Modification en relecture")
    assert await violations(page) == []


BADGE = ".editor-line .badge"
CHOICE = "nodes.node-1.choices"


def field(page: Page, place: str) -> Locator:
    return page.locator(f"[data-field='{place}']")


async def fills(keys: Keys, texts: dict[str, str]) -> None:
    for place, text in texts.items():
        await keys.to(field(keys.page, place))
        await keys.page.keyboard.type(text)


async def leads_to_last(keys: Keys, place: str) -> None:
    """By the last entry of where a choice leads: a new end, with an advisor. Passing the others makes none of them."""
    page = keys.page
    steps = await page.locator(".tree-node").count()
    await keys.to(field(page, place))
    await page.keyboard.press("End")
    for key in ("ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"):
        await page.keyboard.press(key)
    await expect(page.locator(".tree-node")).to_have_count(steps)
    await page.keyboard.press("Enter")
    await expect(page.locator(".tree-node")).to_have_count(steps + 1)
    await expect(field(page, f"nodes.node-{steps + 1}.say.fr")).to_be_focused()


async def told(page: Page, words: str, badge: str) -> None:
    """Said, shown, and right to look at; what was pressed by a key leaves nobody at the top of the page."""
    await expect(page.locator("desk-toasts")).to_contain_text(words)
    await expect(page.locator(BADGE)).to_have_text(badge)
    assert await page.evaluate("document.activeElement !== document.body"), badge
    await looks_right(page)
    await page.set_viewport_size({"width": 1440, "height": 900})


async def writes_a_new_one(keys: Keys) -> str:
    """A question with two choices that end with an advisor, one of them a danger; its id."""
    page = keys.page
    await keys.press("link", "Nouveau diagnostic")
    await page.wait_for_selector("tree-outline .tree-node")
    await looks_right(page)
    await page.set_viewport_size({"width": 1440, "height": 900})
    await fills(keys, {"title.fr": "Mon four ne chauffe plus", "title.en": "My oven stays cold"})
    await fills(keys, {"words.fr": "four", "words.en": "oven"})
    await fills(keys, {"nodes.node-1.question.fr": "Voyez-vous des étincelles ?"})
    await fills(keys, {"nodes.node-1.question.en": "Do you see sparks?"})
    await fills(keys, {f"{CHOICE}.0.label.fr": "Oui", f"{CHOICE}.0.label.en": "Yes"})
    await leads_to_last(keys, f"{CHOICE}.0.next")
    await page.keyboard.type("Coupez le courant.")
    await fills(keys, {"nodes.node-2.say.en": "Switch it off."})
    await keys.to(field(page, f"{CHOICE}.1.label.fr"), "Shift+Tab")
    await page.keyboard.type("Non")
    await fills(keys, {f"{CHOICE}.1.label.en": "No"})
    await leads_to_last(keys, f"{CHOICE}.1.next")
    await page.keyboard.type("Un conseiller vous aide.")
    await fills(keys, {"nodes.node-3.say.en": "An advisor helps you."})
    await expect(page.locator(".form-problem")).to_have_text([])
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    return page.url.rsplit("/", 1)[-1]


async def approved_by_two(writer: Studio, reviewer: Studio, form: Json) -> Json:
    """The draft of a tree that somebody else has read, kept without a page."""
    _, whole = await writer.call("GET", f"trees/{form['id']}")
    place = f"trees/{form['id']}/draft"
    sent = {"form": form, "revision": whole["draft"] and whole["draft"]["revision"]}
    status, kept = await writer.call("PUT", place, sent)
    assert status == 200, kept
    status, read = await reviewer.call("POST", f"{place}/approve", {"revision": kept["draft"]["revision"]})
    assert status == 200, read
    return dict(read["draft"])


async def test_a_diagnosis_goes_its_whole_way_by_keyboard(house: Bot, new_page: OpenDesk) -> None:
    page = await opener(house, new_page)("ines", path="/studio/trees")
    ines = Keys(page)
    tree_id = await writes_a_new_one(ines)
    await ines.press("button", "Demander une relecture", "Shift+Tab")
    await page.keyboard.type("Relisez la question.")
    await ines.to(page.get_by_role("dialog").get_by_role("button", name="Demander une relecture"))
    await page.keyboard.press("Enter")
    await told(page, "Envoyé en relecture", "En relecture")
    # A second person, who finds it in the list.
    other = await opener(house, new_page)("rene", "reviewer", path="/studio/trees")
    rene = Keys(other)
    row = other.locator(".tree-row", has_text="Mon four ne chauffe plus")
    await expect(row).to_contain_text("En relecture")
    await rene.to(row)
    await other.keyboard.press("Enter")
    await expect(other.locator(".editor-strip")).to_contain_text("Relisez la question.")
    await rene.press("button", "Approuver")
    await told(other, "Approuvé", "Approuvé")
    await page.reload()
    await page.wait_for_selector("tree-outline .tree-node")
    await ines.press("button", "Publier")
    await told(page, "le chat suit déjà ce diagnostic", "En ligne")
    await expect(page.locator(".editor-buttons button")).to_have_count(0)  # a danger is put away by who publishes
    await put_away_and_back(Keys(await opener(house, new_page)("paul", "publisher", path=f"/studio/trees/{tree_id}")))
    zoe = Studio(await house.desk("zoe", "writer"))
    _, whole = await zoe.call("GET", f"trees/{tree_id}")
    assert whole["published"]["nodes"]["node-3"]["say"]["en"] == "An advisor helps you."
    await takes_up_the_first(ines, zoe, Studio(await house.desk("remi", "reviewer")), whole["published"])


async def put_away_and_back(paul: Keys) -> None:
    """By the message at the foot of the page, then by the button in the head."""
    page = paul.page
    await page.wait_for_selector("tree-outline .tree-node")
    await paul.choose("Archiver")
    await told(page, "Diagnostic archivé", "Archivé")
    await paul.press("button", "Annuler")
    await expect(page.locator(BADGE)).to_have_text("En ligne")
    await paul.choose("Archiver")
    await expect(page.locator(BADGE)).to_have_text("Archivé")
    await paul.press("button", "Remettre en ligne", "Shift+Tab")
    await told(page, "Diagnostic remis en ligne", "En ligne")


async def takes_up_the_first(ines: Keys, zoe: Studio, remi: Studio, form: Json) -> None:
    """Another version is published; the first one comes back from the history, is thrown away, and put back."""
    page, place = ines.page, f"trees/{form['id']}"
    other = form | {"title": {"fr": "Mon four reste froid", "en": "My oven stays cold"}}
    draft = await approved_by_two(zoe, remi, other)
    assert (await zoe.call("POST", f"{place}/draft/publish", {"revision": draft["revision"]}))[0] == 200
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Mon four reste froid")
    await ines.to(page.locator(".editor-tab[aria-selected=true]"))
    await ines.to(page.get_by_role("tab", name="Historique"), "ArrowRight")
    shown, rows = page.locator(".history-shown"), page.locator(".history-row")
    await expect(rows).to_have_count(6)  # put away and back online twice between the two
    await expect(shown.locator("ins").first).to_contain_text("reste froid")
    await expect(shown.get_by_role("button")).to_have_count(0)  # what is online stands
    await ines.to(rows.last)
    await page.keyboard.press("Enter")
    await expect(shown.get_by_role("heading", level=2)).to_have_text("Première version")
    await ines.press("button", "Reprendre cette version")
    await told(page, "reprise dans un brouillon", "En ligne · brouillon non publié")
    title = field(page, "title.fr")
    await expect(title).to_have_value("Mon four ne chauffe plus")
    await ines.choose("Supprimer le brouillon")
    await expect(title).to_have_value("Mon four reste froid")
    await ines.press("button", "Annuler")
    await expect(title).to_have_value("Mon four ne chauffe plus")
    await meets_another(ines, zoe, place)


async def meets_another(ines: Keys, zoe: Studio, place: str) -> None:
    """Two write at once: theirs is chosen, one's own is one undo away."""
    page = ines.page
    _, whole = await zoe.call("GET", place)
    theirs = whole["draft"]["form"] | {"title": {"fr": "Mon four est froid", "en": "My oven is cold"}}
    sent = {"form": theirs, "revision": whole["draft"]["revision"]}
    assert (await zoe.call("PUT", f"{place}/draft", sent))[0] == 200
    await ines.to(field(page, "title.fr"), "Shift+Tab")
    await page.keyboard.press("End")
    await page.keyboard.insert_text(" du tout")  # at once: what is typed after a pause would be in the dialog
    dialog = page.get_by_role("dialog", name="Deux versions")
    await expect(dialog.get_by_role("listitem")).to_have_text(["Titre et mots des clients"])
    await looks_right(page)
    await page.keyboard.press("Escape")
    await looks_right(page)
    await ines.press("button", "Voir la différence", "Shift+Tab")
    await expect(dialog.get_by_label("Ma version")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await ines.press("button", "Garder cette version")
    await expect(field(page, "title.fr")).to_have_value("Mon four est froid")
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    await ines.press("button", "Annuler la modification", "Shift+Tab")
    await expect(field(page, "title.fr")).to_have_value("Mon four ne chauffe plus du tout")
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    _, whole = await zoe.call("GET", place)
    assert whole["draft"]["form"]["title"]["fr"] == "Mon four ne chauffe plus du tout"
    assert whole["published"]["title"]["fr"] == "Mon four reste froid"


async def test_a_new_diagnosis_has_nothing_against_its_name(house: Bot, new_page: OpenDesk) -> None:
    page = await opener(house, new_page)("ines", path="/studio/trees/new")
    title = field(page, "title.fr")
    await title.fill("Mon fourneau")
    # Whoever reads the page in another language at once goes on with the same diagnosis.
    for language in ("en", "fr"):
        await page.locator(f".language[lang={language}]").click()
        await expect(page.locator(f".language[lang={language}]")).to_have_attribute("aria-pressed", "true")
        await expect(title).to_have_value("Mon fourneau")
    await title.fill("Mon fourneau ne chauffe plus")
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    await expect(page.locator("[data-place='title.en'] .form-problem")).to_have_text("Texte manquant en anglais.")
    await expect(page.locator("[data-place=''] .form-problem")).to_have_count(0)
    await expect(page).to_have_url(re.compile("/studio/trees/mon-fourneau-[0-9a-f]{4}$"))
