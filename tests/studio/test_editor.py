"""The list and the editor: written, previewed, mended, published, merged, undone, taken up again."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from tests.bot.conftest import Bot
from tests.desk.conftest import OpenDesk
from tests.desk.test_team_pages import looks_right
from tests.studio.conftest import Studio, form, found, opener
from tests.studio.test_articles_api import PICTURE

SAVED = re.compile("^Enregistré à")
# What scrolls cuts off a ring that reaches past it: its first tab and row stand away from its edges.
RING_IS_WHOLE = """(box) => {
  const [outer, inner] = [box, box.querySelector("[role=tab]")].map((one) => one.getBoundingClientRect());
  return getComputedStyle(box).overflowY === "auto" && inner.left - outer.left >= 4 && inner.top - outer.top >= 4;
}"""


async def opened(page: Page, house: Bot, article_id: str, locale: str = "fr") -> None:
    await page.goto(str(house.client.make_url(f"/studio/articles/{article_id}?locale={locale}")))
    await page.wait_for_selector("article-form")


async def test_an_article_is_written_mended_and_published(house: Bot, new_page: OpenDesk) -> None:
    page = await opener(house, new_page)("ines")
    await page.get_by_role("link", name="Nouvel article").click()
    await page.get_by_role("textbox", name="Titre").fill("Comment rincer le hamac ?")
    await page.get_by_role("textbox", name="Questions des clients").fill("rincer hamac\nlaver le hamac\nhamac sale")
    await page.get_by_role("textbox", name="Réponse du chat").fill("Un. Deux. Trois. Quatre.")
    status = page.locator(".editor-status")
    await expect(status).to_have_text(SAVED)
    await expect(page.locator(".form-field--answer .form-problem")).to_contain_text("3 au plus")
    await page.get_by_role("button", name="Publier").click()
    await expect(page.get_by_role("textbox", name="Réponse du chat")).to_be_focused()
    await page.get_by_role("textbox", name="Réponse du chat").fill("Rincez à l’eau claire.")
    await page.get_by_label("Sujet", exact=True).select_option("products")
    body = page.get_by_role("textbox", name="Texte complet")
    await body.fill("Sans savon.")
    await body.select_text()
    await page.keyboard.press("Control+b")
    await expect(body).to_have_value("**Sans savon.**")
    await body.press("ArrowRight")
    await page.locator(".md-bar input[type=file]").set_input_files(
        {"name": "le-hamac.png", "mimeType": "image/png", "buffer": PICTURE}
    )
    await expect(body).to_have_value(re.compile(r"!\[le hamac\]\(/pictures/[0-9a-f]{32}\.png\)"))
    await expect(page.locator(".preview-chat")).to_contain_text("Rincez à l’eau claire.")
    await page.get_by_role("button", name="Dans le centre d’aide").click()
    await expect(page.frame_locator(".preview-page").locator(".prose strong")).to_have_text("Sans savon.")
    await expect(page.frame_locator(".preview-page").locator(".prose img")).to_have_js_property("naturalWidth", 1)
    await expect(page.locator(".form-problem:not(.form-problem--warning)")).to_have_count(0)
    await looks_right(page)
    await page.get_by_role("button", name="Publier").click()
    await expect(page.locator("desk-toasts")).to_contain_text("Publié")
    await expect(page.locator(".editor-line .badge")).to_have_text("En ligne")
    await body.fill("Sans savon, à l’eau.")
    await expect(page.locator(".editor-line .badge")).to_have_text("En ligne · brouillon non publié")
    await page.goto(page.url.replace("locale=fr", "locale=en"))
    await expect(page.locator(".editor-languages [aria-pressed=true]")).to_contain_text("Anglais")
    await expect(page.locator("html")).to_have_attribute("lang", "fr")
    name = page.url.partition("/articles/")[2].partition("?")[0]
    told = await found(house, "mon hamac est sale", name)
    assert told["results"][0]["title"] == "Comment rincer le hamac\u202f?", "its mark stays on the line"
    await page.get_by_role("link", name="Articles").last.click()
    search = page.get_by_role("searchbox", name="Chercher un article")
    await search.fill("hamac")
    await expect(page.locator(".list-row")).to_have_count(1)
    await expect(page.locator(".list-row")).to_contain_text("Anglais à écrire")
    await looks_right(page)
    await search.press("ArrowDown")
    await expect(page.locator(".list-row").first).to_be_focused()
    await search.fill("introuvable")
    await page.get_by_role("button", name="Effacer les filtres").click()
    await expect(search).to_be_focused()


@pytest.mark.long
async def test_two_writers_at_once_lose_nothing(house: Bot, new_page: OpenDesk) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    draft = await zoe.save(form("panier", body="Une ligne.\n\nUne autre."))
    page = await opener(house, new_page)("ines")
    await opened(page, house, "panier")
    # What does not touch is taken together.
    theirs = await zoe.save(draft["form"] | {"title": "Laver un panier d’osier"}, draft["revision"])
    await page.get_by_role("textbox", name="Texte complet").fill("Une ligne.\n\nUne autre, plus longue.")
    await expect(page.locator("desk-toasts")).to_contain_text("Zoe a aussi modifié cet article")
    await expect(page.get_by_role("textbox", name="Titre")).to_have_value("Laver un panier d’osier")
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    # What touches is for a person to say.
    _, now = await zoe.call("GET", "articles/panier")
    theirs = now["locales"]["fr"]["draft"]
    assert theirs["form"]["body"] == "Une ligne.\n\nUne autre, plus longue."
    await zoe.save(theirs["form"] | {"answer": "À l’eau."}, theirs["revision"])
    await page.get_by_role("textbox", name="Réponse du chat").fill("À sec.")
    dialog = page.get_by_role("dialog", name="Deux versions à réunir")
    await expect(dialog.locator("del")).to_contain_text("l’eau.")
    await looks_right(page)
    # As long as it waits nothing goes out, theirs neither, and what is typed meanwhile stays.
    await page.keyboard.press("Escape")
    await page.get_by_role("textbox", name="Texte complet").fill("Une ligne.\n\nUne autre, encore plus longue.")
    await page.get_by_role("button", name="Publier").click()
    await expect(dialog).to_have_count(1)
    assert (await zoe.call("GET", "articles/panier"))[1]["locales"]["fr"]["published"] is None
    await dialog.get_by_role("button", name="L’autre version (Zoe)").click()
    await page.keyboard.press("End")
    await page.keyboard.type(" Ou à sec.")
    await dialog.get_by_role("button", name="Garder ce résultat").click()
    await expect(page.get_by_role("textbox", name="Réponse du chat")).to_have_value("À l’eau. Ou à sec.")
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    _, now = await zoe.call("GET", "articles/panier")
    assert now["locales"]["fr"]["draft"]["form"]["answer"] == "À l’eau. Ou à sec."
    assert now["locales"]["fr"]["draft"]["form"]["body"].endswith("encore plus longue.")


async def test_what_somebody_published_meanwhile_stays(house: Bot, new_page: OpenDesk) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    assert (await zoe.step("publish", await zoe.save(form("hamster"))))[0] == 200
    page = await opener(house, new_page)("ines", path="/studio/articles/hamster?locale=fr")
    body = page.get_by_role("textbox", name="Texte complet")
    await expect(body).to_have_value(re.compile("Retirez"))
    assert (await zoe.step("publish", await zoe.save(form("hamster", answer="À l’eau."))))[0] == 200
    await body.fill("Sans savon.")
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    await page.get_by_role("button", name="Publier").click()
    await expect(page.get_by_role("textbox", name="Réponse du chat")).to_have_value("À l’eau.")
    await expect(page.locator("desk-toasts")).to_contain_text("Relisez", ignore_case=True)
    await expect(page.locator(".editor-status")).to_have_text(SAVED)
    await page.get_by_role("button", name="Publier").click()
    await expect(page.locator(".editor-line .badge")).to_have_text("En ligne")
    _, now = await zoe.call("GET", "articles/hamster")
    online = now["locales"]["fr"]["published"]
    assert (online["answer"], online["body"]) == ("À l’eau.", "Sans savon.")


@pytest.mark.long
async def test_undo_history_and_the_other_language(house: Bot, new_page: OpenDesk) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    for answer in ("Première réponse.", "Seconde réponse."):
        draft = await zoe.save(form("cadre", answer=answer))
        assert (await zoe.step("publish", draft))[0] == 200
    page = await opener(house, new_page)("ines")
    await opened(page, house, "cadre")
    await page.get_by_role("tab", name="Historique").click()
    await expect(page.locator(".history-row")).to_have_count(2)
    await expect(page.locator(".history-shown ins")).to_contain_text("Seconde")
    await looks_right(page)
    await expect(page.get_by_role("button", name="Reprendre cette version")).to_have_count(0)  # it stands already
    await page.locator(".history-row").last.click()
    await page.get_by_role("button", name="Reprendre cette version").click()
    await expect(page.get_by_role("textbox", name="Réponse du chat")).to_have_value("Première réponse.")
    await page.get_by_role("button", name="Autres actions").click()
    await page.get_by_role("menuitem", name="Supprimer le brouillon").click()
    await expect(page.get_by_role("textbox", name="Réponse du chat")).to_have_value("Seconde réponse.")
    await page.get_by_role("button", name="Annuler", exact=True).click()
    await expect(page.get_by_role("textbox", name="Réponse du chat")).to_have_value("Première réponse.")
    await page.get_by_role("button", name="Autres actions").click()
    await page.get_by_role("menuitem", name="Archiver").click()
    await expect(page.locator("desk-toasts")).to_contain_text("Article archivé")
    await expect(page.locator(".editor-line .badge")).to_have_text("Brouillon")
    await page.get_by_role("button", name="Annuler", exact=True).last.click()
    await expect(page.locator(".editor-line .badge")).to_have_text("En ligne · brouillon non publié")
    await page.get_by_role("tab", name="Historique").focus()
    assert await page.locator(".editor-beside").evaluate(RING_IS_WHOLE)
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("tab", name="Essayer")).to_be_focused()
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator(".twin-note")).to_contain_text("Pas encore écrit")
    await page.locator("article-twin").get_by_role("textbox", name="Titre").fill("How to wash a frame?")
    await expect(page.locator(".twin-note")).to_contain_text("Il manque ici")
    await expect(page.locator(".twin-state")).to_have_text(SAVED)
    await looks_right(page)
    # Whoever follows a link at once leaves nothing behind.
    await page.locator("article-twin").get_by_role("textbox", name="Titre").fill("How to clean a frame?")
    await page.get_by_role("link", name="Articles").first.click()
    await page.wait_for_selector(".list-row")
    async with asyncio.timeout(30):
        while True:
            _, now = await zoe.call("GET", "articles/cadre")
            if now["locales"]["en"]["draft"]["form"]["title"] == "How to clean a frame?":
                break
            await asyncio.sleep(0.1)


@pytest.mark.long
async def test_a_reviewer_sends_back_then_approves(house: Bot, new_page: OpenDesk) -> None:
    ines = Studio(await house.desk("ines", "writer"))
    draft = await ines.save(form("bougie", title="Ma bougie a pris feu"))
    assert (await ines.step("submit", draft, note="Vérifié par la sécurité"))[0] == 200
    page = await opener(house, new_page)("remi", "reviewer", width=820, color_scheme="dark")
    await opened(page, house, "bougie")
    await expect(page.locator(".editor-strip")).to_contain_text("une autre personne doit approuver")
    await expect(page.locator(".editor-strip")).to_contain_text("Vérifié par la sécurité")
    await page.get_by_role("button", name="Renvoyer à l’auteur").click()
    dialog = page.locator("dialog")
    await dialog.get_by_role("button", name="Renvoyer à l’auteur").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Dites à l’auteur")
    await dialog.get_by_label("Ce qu’il faut changer").fill("Ajoutez le 18")
    await dialog.get_by_role("button", name="Renvoyer à l’auteur").click()
    await expect(page.locator(".editor-line .badge")).to_have_text("Brouillon")
    assert (await ines.step("submit", draft))[0] == 200
    await page.reload()
    await page.get_by_role("button", name="Approuver").click()
    await expect(page.locator(".editor-line .badge")).to_have_text("Approuvé")
    await expect(page.locator(".editor-languages").get_by_role("button", name="Français")).to_contain_text("Approuvé")
    await page.get_by_role("button", name="Publier").click()
    await expect(page.locator(".editor-line .badge")).to_have_text("En ligne")


async def test_an_article_opens_on_what_helps_and_is_about_the_same_in_both_languages(
    house: Bot, new_page: OpenDesk
) -> None:
    zoe = Studio(await house.desk("zoe", "writer"))
    assert (await zoe.step("publish", await zoe.save(form("paillasson"))))[0] == 200
    page = await opener(house, new_page)("ines")
    await opened(page, house, "paillasson")
    tab = page.get_by_role("tab", selected=True)
    await page.get_by_role("tab", name="Historique").click()
    await expect(page.locator(".history-row")).to_have_count(1)
    await opened(page, house, "new")
    await expect(tab).to_have_text("Aperçu")
    await expect(page.get_by_role("tab", name="Historique")).to_have_count(0)
    topic = page.locator(".editor-form").get_by_label("Sujet", exact=True)
    await topic.select_option("returns")
    await page.get_by_role("textbox", name="Titre").fill("Rendre un paillasson")
    # Whoever reads the page in another language at once goes on with the same article.
    await page.locator(".language[lang=en]").click()
    await expect(page.get_by_role("textbox", name="Title")).to_have_value("Rendre un paillasson")
    await page.locator(".language[lang=fr]").click()
    await expect(page.get_by_role("textbox", name="Titre")).to_have_value("Rendre un paillasson")
    await page.locator(".editor-languages").get_by_role("button", name="Anglais").click()
    await expect(topic).to_have_value("returns")
    # It is a beginning, and nothing that was written: the other language stays to be written.
    (kept,) = [
        one
        for one in (await zoe.call("GET", "articles?q=paillasson"))[1]["articles"]
        if one["title"] != "Comment laver paillasson ?"
    ]
    assert set((await zoe.call("GET", f"articles/{kept['article_id']}"))[1]["locales"]) == {"fr"}
    await opened(page, house, "paillasson")
    await expect(tab).to_have_text("Historique")
