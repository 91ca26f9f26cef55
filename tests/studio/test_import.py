"""Import and export at the studio's door and on its page."""

from __future__ import annotations

import asyncio
import json
import os
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import expect
from sqlalchemy import select

from bot.db.people import AuditEntry
from knowledge_base.content.parsing import parse_article
from tests.bot.conftest import Bot
from tests.desk.test_team_pages import looks_right
from tests.knowledge_base.conftest import GIFT_CARD
from tests.studio.conftest import OpenStudio, Studio, form

Json = dict[str, Any]
TEMPLATES = Path(__file__).resolve().parents[2] / "bot/static/studio/import"


def source(stem: str, count: int = 3) -> bytes:
    rows = [{"id": f"{stem}-{n}", "title": f"Le {stem} {n} ?", "body": f"Réponse {n}."} for n in range(count)]
    rows.append({"id": f"{stem}-fire", "title": f"Mon {stem} a pris feu", "body": "Sortez."})
    return "\n".join([*map(json.dumps, rows), json.dumps({"title": ""})]).encode()


async def send(who: Studio, name: str, data: bytes) -> Json:
    form = aiohttp.FormData({"locale": "fr", "topic": "products"})
    form.add_field("file", data, filename=name)
    headers = {"Authorization": f"Bearer {who.desk.token}"}
    async with who.desk.client.post("/api/v1/studio/imports", data=form, headers=headers) as response:
        assert response.status == 202, await response.text()
        return await ended(who, (await response.json())["job"])


async def ended(who: Studio, job: str) -> Json:
    while (told := (await who.call("GET", f"imports/jobs/{job}"))[1])["state"] == "running":
        await asyncio.sleep(0.05)
    return told


async def test_a_file_is_tried_by_a_writer_and_landed_by_who_publishes(house: Bot) -> None:
    ines, paul = Studio(await house.desk("ines", "writer")), Studio(await house.desk("paul", "publisher"))
    job = await send(ines, "notes.exe", b"MZ")
    assert job["error"] == {
        "code": "import_kind",
        "message": "Choisissez un fichier .csv, .jsonl, .md ou .html, ou un dossier Markdown compressé (.zip).",
    }
    dry = (await send(ines, "faq.jsonl", source("pouf")))["result"]
    assert dry["counts"] == {"new": 4, "changed": 0, "same": 0, "refused": 1}
    assert [row["article_id"] for row in dry["rows"] if row.get("second")] == ["pouf-fire"]
    place, wish = f"imports/{dry['import']}/apply", {"with_refused": True}
    assert (await ines.call("POST", place, wish))[0] == 403
    status, begun = await paul.call("POST", place, wish)
    assert status == 202, begun
    done = (await ended(paul, begun["job"]))["result"]
    assert (done["new"], done["review"], done["refused"], done["searchable"]) == (3, 1, 1, True)
    found = await house.services.knowledge.search("le pouf 1", "fr")
    assert found["results"][0]["article_id"].startswith("pouf-")
    assert (await paul.call("GET", "articles/pouf-fire"))[1]["locales"]["fr"]["draft"]["state"] == "in_review"
    headers = {"Authorization": f"Bearer {ines.desk.token}"}
    async with ines.desk.client.get("/api/v1/studio/export", headers=headers) as response:
        assert response.status == 200
        with zipfile.ZipFile(BytesIO(await response.read())) as packed:
            assert {"fr/suivre.md", "fr/le-pouf-1.md"} <= set(packed.namelist())
    async with house.services.db.read() as session:
        noted = {tuple(row) for row in await session.execute(select(AuditEntry.action, AuditEntry.detail))}
    assert ("articles_imported", "faq.jsonl (+3, ~0, ✎1)") in noted
    assert "articles_exported" in {action for action, _ in noted}


async def test_a_danger_deep_in_a_text_is_read_by_two_in_what_lands_and_in_what_goes(house: Bot) -> None:
    paul, remi = Studio(await house.desk("paul", "publisher")), Studio(await house.desk("remi", "reviewer"))
    deep = "Lisez ceci. " * 200 + "Si le transat a pris feu, sortez."
    draft = await paul.save(form("transat", body=deep))
    status, refused = await paul.step("publish", draft)
    assert (status, refused["error"]["code"]) == (409, "second_person")
    assert (await remi.step("approve", draft))[0] == 200
    assert (await paul.step("publish", draft))[0] == 200
    rows = [
        {"id": "transat", "title": draft["form"]["title"], "body": deep.replace("feu", "de la place")},
        {"id": "parasol", "title": "Le parasol ?", "body": deep},
        {"id": "tonnelle", "title": "La tonnelle ?", "body": "Rien."},
    ]
    dry = (await send(paul, "faq.jsonl", "\n".join(map(json.dumps, rows)).encode()))["result"]
    told = {row["article_id"]: (row["state"], (row["second"] or {}).get("reason")) for row in dry["rows"]}
    assert told == {"transat": ("changed", "danger"), "parasol": ("new", "danger"), "tonnelle": ("new", None)}
    _, begun = await paul.call("POST", f"imports/{dry['import']}/apply", {"with_refused": False, "replace": True})
    done = (await ended(paul, begun["job"]))["result"]
    assert (done["new"], done["changed"], done["review"]) == (1, 0, 2)


async def test_the_templates_can_be_imported_and_a_topic_is_named_as_it_is_shown(house: Bot) -> None:
    ines = Studio(await house.desk("ines", "writer"))
    for locale in ("fr", "en"):
        dry = (await send(ines, "t.csv", (TEMPLATES / f"template.{locale}.csv").read_bytes()))["result"]
        assert [(row["state"], row["topic"], row["locale"]) for row in dry["rows"]] == [("new", "products", locale)]
    table = b"titre;sujet;texte\nUn ?;article abime;Un.\nDeux ?;Returns;Deux.\n"
    dry = (await send(ines, "t.csv", table))["result"]
    assert [row["topic"] for row in dry["rows"]] == ["damaged", "returns"]


async def test_who_may_not_import_reads_who_may_before_and_after_a_file(open_studio: OpenStudio) -> None:
    page = await open_studio("ines", path="/studio/import")
    told = page.get_by_text("seul un éditeur, un superviseur ou un administrateur peut le faire")
    await expect(told).to_be_visible()
    data = source("banc", 2)
    await page.get_by_label("Sujet, si la ligne n’en dit rien").select_option("products")
    await page.locator("#import-file").set_input_files({"name": "faq.jsonl", "mimeType": "text/plain", "buffer": data})
    await expect(page.get_by_role("heading", name="Ce que faq.jsonl changerait")).to_be_focused()
    await expect(told).to_be_visible()
    await expect(page.get_by_role("button", name="Importer")).to_have_count(0)


async def test_the_page_shows_what_would_change_and_lets_it_land(open_studio: OpenStudio) -> None:
    page = await open_studio("paul", "publisher", path="/studio/import")
    data = source("tabouret", 2)
    await page.get_by_text("Colonnes d’un CSV").click()
    await looks_right(page)
    async with page.expect_download() as template:
        await page.get_by_role("link", name="Télécharger un modèle CSV").click()
    assert (await template.value).suggested_filename == "modele-import.csv"
    await page.get_by_label("Sujet, si la ligne n’en dit rien").select_option("products")
    await page.locator("#import-file").set_input_files({"name": "faq.jsonl", "mimeType": "text/plain", "buffer": data})
    await expect(page.get_by_role("heading", name="Ce que faq.jsonl changerait")).to_be_focused()
    rows = page.get_by_role("list", name="Lignes du fichier").get_by_role("listitem")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("faq.jsonl, ligne 4")
    await expect(rows).to_contain_text("Donnez un titre.")
    await looks_right(page)
    press = page.get_by_role("button", name="Importer 3 articles")
    await expect(press).to_be_disabled()
    await page.get_by_label("Laisser de côté 1 ligne refusée").press("Space")
    await press.press("Enter")
    await expect(page.get_by_role("heading", name="L’import est fait")).to_be_focused()
    await expect(page.locator(".import-done")).to_contain_text("2 nouveaux articles publiés")
    await expect(page.locator(".import-done")).to_contain_text("1 article mis en relecture")
    await page.get_by_role("button", name="Choisir un autre fichier").press("Enter")
    again = data.replace(b"R\\u00e9ponse 1.", b"Autre chose.")
    await expect(page.get_by_label("Sujet, si la ligne n’en dit rien")).to_have_value("products")
    await page.locator("#import-file").set_input_files({"name": "faq.jsonl", "mimeType": "text/plain", "buffer": again})
    await page.get_by_role("button", name="Modifié 1").press("Enter")
    await rows.locator("summary").press("Enter")
    await expect(rows.locator("ins").first).to_be_visible()
    await page.get_by_role("button", name="Choisir un autre fichier").press("Enter")
    twin = json.dumps({"id": "other", "title": "LE TABOURET 1", "body": "Encore."}).encode()
    await page.locator("#import-file").set_input_files({"name": "b.jsonl", "mimeType": "text/plain", "buffer": twin})
    await expect(page.get_by_role("button", name="Déjà publié 1")).to_have_attribute("aria-pressed", "true")
    link = rows.get_by_role("link", name="Le tabouret 1")
    await expect(link).to_have_attribute("href", "/studio/articles/tabouret-1?locale=fr")
    await expect(page.locator(".import-choices")).to_contain_text("Importer publie aussitôt")
    await expect(page.locator(".import-choices")).to_contain_text("1 ligne pose la même question")
    await looks_right(page)
    await page.get_by_role("button", name="Choisir un autre fichier").press("Enter")
    bad = b'{"title": ""}\n{"title": ""}'
    await page.locator("#import-file").set_input_files({"name": "c.jsonl", "mimeType": "text/plain", "buffer": bad})
    await expect(page.get_by_role("alert")).to_contain_text("2 lignes refusées")
    await page.get_by_role("button", name="Choisir un autre fichier").press("Enter")
    await page.locator("#import-file").set_input_files({"name": "n.exe", "mimeType": "text/plain", "buffer": b"MZ"})
    await expect(page.get_by_role("alert")).to_contain_text("Choisissez un fichier")
    await expect(page.locator("#import-file")).to_be_focused()
    await looks_right(page)
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Exporter tous les articles").click()
    assert (await coming.value).suggested_filename.startswith("articles-")


async def test_a_row_that_means_the_same_as_a_published_article_is_marked_with_it(open_studio: OpenStudio) -> None:
    page = await open_studio("paul", "publisher", path="/studio/import")
    known, _ = parse_article(GIFT_CARD, locale="fr", slug="carte-cadeau", path=None)
    assert known is not None
    row = {"id": "other-words", "title": f"Dites-moi : {known.title}", "answer": known.answer, "topic": "payment"}
    row["questions"] = [f"{question} svp" for question in known.questions]  # type: ignore[assignment]
    data = json.dumps(row).encode()
    await page.locator("#import-file").set_input_files({"name": "b.jsonl", "mimeType": "text/plain", "buffer": data})
    await expect(page.get_by_role("button", name="Sens proche 1")).to_have_attribute("aria-pressed", "true")
    rows = page.get_by_role("list", name="Lignes du fichier").get_by_role("listitem")
    link = rows.get_by_role("link", name=known.title.rstrip(" ?"))
    await expect(link).to_have_attribute("href", f"/studio/articles/{known.id}?locale=fr")
    await expect(page.locator(".import-choices")).to_contain_text("1 ligne semble dire la même chose")
    await expect(page.get_by_role("button", name="Importer 1 article")).to_be_enabled()
    await looks_right(page)
    if folder := os.environ.get("LOOKS"):
        await page.screenshot(path=f"{folder}/import-alike.png")
