"""Pictures travel with the articles: out in the .zip of all, and back in with an import, whole or not at all."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from sqlalchemy import func, select

from bot.db.people import AuditEntry
from bot.db.pictures import ArticleImport, ArticlePicture, ImportPicture
from bot.studio import import_pictures, landing
from tests.bot.conftest import Bot
from tests.desk.test_team_pages import looks_right
from tests.harness import free_port
from tests.knowledge_base.conftest import ROOT, Served, _wait, serving
from tests.studio.conftest import OpenStudio, Studio, form
from tests.studio.test_articles_api import PICTURE
from tests.studio.test_articles_api import send as upload
from tests.studio.test_import import ended, send
from tests.widget.test_files import png

Json = dict[str, Any]
OTHER = png(8, 8)


def article(name: str, picture: str, *more: str) -> str:
    front = f"---\nid: {name}\ntitle: Comment poser {name} ?\nquestions:\n- poser {name}\nanswer: Tournez.\n"
    return front + f"topic: products\n---\nVoici.\n\n![La pose]({picture})\n" + "".join(f"{line}\n" for line in more)


def packed(files: dict[str, str | bytes]) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return data.getvalue()


async def tried(who: Studio, files: dict[str, str | bytes]) -> Json:
    job = await send(who, "notes.zip", packed(files))
    assert job["state"] == "done", job
    return dict(job["result"])


async def begun(who: Studio, dry: Json, **wish: bool) -> str:
    status, told = await who.call("POST", f"imports/{dry['import']}/apply", {"with_refused": False, **wish})
    assert status == 202, told
    return str(told["job"])


async def shown(house: Bot, url: str) -> bytes | None:
    async with house.client.get(url) as response:
        return await response.read() if response.status == 200 else None


async def body(who: Studio, name: str) -> str:
    _, told = await who.call("GET", f"articles/{name}")
    return str(told["locales"]["fr"]["published"]["body"])


async def kept(house: Bot, table: type) -> int:
    async with house.services.db.read() as session:
        return int((await session.execute(select(func.count()).select_from(table))).scalar_one())


async def noted(house: Bot) -> list[str]:
    query = select(AuditEntry.detail).where(AuditEntry.action == "articles_imported")
    async with house.services.db.read() as session:
        return [str(detail) for detail in (await session.execute(query)).scalars()]


async def exported(who: Studio) -> dict[str, bytes]:
    headers = {"Authorization": f"Bearer {who.desk.token}"}
    async with who.desk.client.get("/api/v1/studio/export", headers=headers) as response:
        assert response.status == 200
        with zipfile.ZipFile(BytesIO(await response.read())) as made:
            assert made.testzip() is None
            return {name: made.read(name) for name in made.namelist()}


async def test_a_picture_comes_in_with_its_article_and_one_that_is_none_is_a_line_with_its_reason(house: Bot) -> None:
    paul = Studio(await house.desk("paul", "publisher"))
    files: dict[str, str | bytes] = {
        "faq/fr/patere.md": article("patere", "../img/La%20pose.png", "```", "![](../img/none.png)", "```"),
        "faq/fr/tringle.md": article("tringle", "../img/loi.svg"),
        "faq/fr/rail.md": article("rail", "rail.jpg"),
        "faq/fr/etagere.md": article("etagere", "../../../etc/passwd"),
        "faq/fr/crochet.md": article("crochet", "<../img/gros.webp>"),
        "faq/fr/cheville.md": article("cheville", "https://exemple.test/a.png", "![][une]", "", "[une]: ../img/b.png"),
        "faq/img/La pose.png": PICTURE,
        "faq/img/b.png": OTHER,
        "faq/img/loi.svg": b"<svg onload=alert(1)>",
        "faq/fr/rail.jpg": b"%PDF-1.4",
        "faq/img/gros.webp": b"RIFF\0\0\0\0WEBP" + bytes(9_000_000),
        "faq/img/unused.exe": b"MZ",
    }
    dry = await tried(paul, files)
    assert dry["counts"] == {"new": 2, "changed": 0, "same": 0, "refused": 4}
    refused = {row["file"]: (row["line"], row["problem"]["code"]) for row in dry["rows"] if row["state"] == "refused"}
    assert refused == {
        "faq/fr/tringle.md": (11, "picture_bad"),
        "faq/fr/rail.md": (11, "picture_bad"),
        "faq/fr/etagere.md": (11, "picture_missing"),
        "faq/fr/crochet.md": (11, "picture_large"),
    }
    assert await kept(house, ArticlePicture) == 0
    job = await ended(paul, await begun(paul, dry, with_refused=True))
    assert (job["result"]["new"], job["result"]["refused"]) == (2, 4)
    text = await body(paul, "patere")
    [url] = re.findall(r"\]\((/pictures/[0-9a-f]{32}\.png)\)", text)
    assert "![](../img/none.png)" in text  # code is no picture
    assert await shown(house, url) == PICTURE
    [url] = re.findall(r"\[une\]: (\S+)", await body(paul, "cheville"))
    assert await shown(house, url) == OTHER
    assert (await kept(house, ArticlePicture), await kept(house, ImportPicture), await kept(house, ArticleImport)) == (
        *(2, 0, 0),
    )
    assert await noted(house) == ["notes.zip (+2, ~0)"]


async def test_nothing_lands_when_the_import_does_not(house: Bot) -> None:
    paul = Studio(await house.desk("paul", "publisher"))
    name = f"applique{secrets.token_hex(3)}"
    dry = await tried(paul, {f"fr/{name}.md": article(name, "a.png"), "fr/a.png": OTHER, "fr/b.md": ""})
    assert (dry["counts"]["new"], dry["counts"]["refused"]) == (1, 1)
    assert (await ended(paul, await begun(paul, dry)))["error"]["code"] == "import_refused_rows"
    house.clock.forward(120)
    await landing.settle(house.services)
    assert (await kept(house, ArticlePicture), await kept(house, ArticleImport)) == (0, 0)
    assert await kept(house, ImportPicture) == 1  # it may be tried again
    assert (await ended(paul, await begun(paul, dry, with_refused=True)))["result"]["new"] == 1
    assert (await kept(house, ArticlePicture), await noted(house)) == (1, ["notes.zip (+1, ~0)"])
    await tried(paul, {"fr/c.md": article("c", "c.png"), "fr/c.png": png(3, 3)})
    house.clock.forward(3 * 3600)
    await import_pictures.sweep(house.services)
    assert (await kept(house, ArticlePicture), await kept(house, ImportPicture)) == (1, 0)


async def test_what_lands_while_bot_is_away_is_told_once(house: Bot, make_bot: Any, library: Served) -> None:
    paul = Studio(await house.desk("paul", "publisher"))
    name = f"store{secrets.token_hex(3)}"
    dry = await tried(paul, {f"fr/{name}.md": article(name, "a.png"), "fr/a.png": OTHER})
    job = await begun(paul, dry)
    while (await asyncio.to_thread(library.call, f"/studio/jobs/{job}"))[1]["state"] == "running":
        await asyncio.sleep(0.05)
    [url] = re.findall(r"/pictures/\w+\.png", await body(paul, name))
    assert await shown(house, url) == OTHER  # read before it is noted here
    assert await noted(house) == []
    other = await make_bot(knowledge_base_url=library.base)
    while not await noted(other):
        await asyncio.sleep(0.05)
    for each in (house, other):
        await landing.settle(each.services)
    assert await noted(house) == ["notes.zip (+1, ~0)"]
    assert (await shown(other, url), await kept(house, ImportPicture)) == (OTHER, 0)


async def test_all_goes_out_with_its_pictures_and_comes_back_the_same_in_an_empty_house(
    make_bot: Any, tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "empty").mkdir()
    with (
        serving(tmp_path / "first", tmp_path / "var-first", environment) as first,
        serving(tmp_path / "empty", tmp_path / "var-empty", environment) as empty,
    ):
        house: Bot = await make_bot(knowledge_base_url=first.base)
        other: Bot = await make_bot(knowledge_base_url=empty.base)
        await _there_and_back(house, other)


async def _there_and_back(house: Bot, other: Bot) -> None:
    paul = Studio(await house.desk("paul", "publisher"))
    for title in ("abat-jour", "variateur"):
        assert (await paul.step("publish", await paul.save(form(title))))[0] == 200
    _, one = await upload(paul, PICTURE, "a.png")
    name, gone = f"suspension{secrets.token_hex(3)}", f"/pictures/{'0' * 32}.png"
    text = f"![Pose]({one['url']})\n\n![Partie]({gone})\n\n```\n![Pose]({one['url']})\n```"
    assert (await paul.step("publish", await paul.save(form(name, body=text))))[0] == 200
    out = await exported(paul)
    assert out[f"pictures/{one['url'].removeprefix('/pictures/')}"] == PICTURE
    assert f"![Pose](..{one['url']})".encode() in out[f"fr/{name}.md"]
    assert f"]({gone})".encode() in out[f"fr/{name}.md"]
    async with house.services.db.write() as session:
        for row in (await session.execute(select(ArticlePicture))).scalars():
            await session.delete(row)
    back = Studio(await other.desk("rose", "publisher"))
    dry = (await send(back, "articles.zip", packed(dict(out))))["result"]
    articles = sum(name.endswith(".md") for name in out)
    assert dry["counts"] == {"new": articles, "changed": 0, "same": 0, "refused": 0}
    assert (await ended(back, await begun(back, dry)))["result"]["new"] == articles
    assert await exported(back) == out
    assert await shown(other, one["url"]) == PICTURE


async def test_the_page_names_the_picture_that_is_none(open_studio: OpenStudio) -> None:
    page = await open_studio("paul", "publisher", path="/studio/import")
    name = f"chevet{secrets.token_hex(3)}"
    data = packed({f"fr/{name}.md": article(name, "a.png"), "fr/a.png": OTHER, "fr/z.md": article("z", "loi.png")})
    sent = {"name": "notes.zip", "mimeType": "application/zip", "buffer": data}
    await page.locator("#import-file").set_input_files(sent)  # type: ignore[arg-type]
    rows = page.get_by_role("list", name="Lignes du fichier").get_by_role("listitem")
    await expect(rows).to_contain_text("fr/z.md, ligne 11")
    await expect(rows).to_contain_text("L’image «\u00a0fr/loi.png\u00a0» ne se trouve pas dans le dossier.")
    await looks_right(page)
    if folder := os.environ.get("LOOKS"):
        await page.screenshot(path=f"{folder}/import-picture.png")
    await page.get_by_label("Laisser de côté 1 ligne refusée").check()
    await page.get_by_role("button", name="Importer 1 article").click()
    await expect(page.get_by_role("heading", name="L’import est fait")).to_be_focused()
    url = str(page.url).replace("/studio/import", f"/aide/{name}")
    while (await page.request.get(url)).status != 200:  # the help centre follows a moment later
        await asyncio.sleep(0.05)
    await page.goto(url)
    shown = page.get_by_role("img", name="La pose")
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 8


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({f"fr/{n}.png": bytes(50_000) for n in range(3)}, "import_pictures"),
        ({"../up.png": OTHER}, "import_path"),
        ({"/root.png": OTHER}, "import_path"),
        ({"fr\\..\\..\\up.png": OTHER}, "import_path"),
    ],
    ids=["bomb", "up", "root", "backslash"],
)
async def test_a_folder_that_would_do_harm_is_refused(
    house: Bot, monkeypatch: pytest.MonkeyPatch, files: dict[str, str | bytes], code: str
) -> None:
    monkeypatch.setattr(import_pictures, "MAX_PICTURES", 100_000)
    ines = Studio(await house.desk("ines", "writer"))
    # Each is named by the article, so that it is looked at.
    named = [f"![]({name.removeprefix('fr/')})" for name in files]
    whole = packed({"fr/a.md": article("a", "0.png", *named), "fr/0.png": OTHER, **files})
    if code == "import_pictures":
        with pytest.raises(AssertionError, match=code):
            await send(ines, "notes.zip", whole)
    else:
        assert (await send(ines, "notes.zip", whole))["error"]["code"] == code
    assert await kept(house, ImportPicture) <= (code != "import_pictures")
    assert await kept(house, ArticlePicture) == 0


async def test_an_import_that_is_killed_lands_with_its_pictures_or_not_at_all(
    make_bot: Any, tmp_path: Path, environment: dict[str, str]
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    port = free_port(1)
    own = {"KNOWLEDGE_BASE_PORT": str(port), "KNOWLEDGE_BASE_ARTICLES": str(folder), "RELAIS_VAR": str(tmp_path / "kb")}

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", "knowledge_base"], cwd=ROOT, env={**environment, **own})
        _wait(Served(f"http://127.0.0.1:{port}", folder, tmp_path, []), process)
        return process

    process = await asyncio.to_thread(start)
    try:
        house: Bot = await make_bot(knowledge_base_url=f"http://127.0.0.1:{port}")
        paul = Studio(await house.desk("paul", "publisher"))
        pictures = {f"fr/p{n}.png": png(1, n + 1) for n in range(100)}
        texts = {
            f"fr/a{n}.md": article(f"a{n}", f"p{n}.png", *(f"Mot {n} {m}." for m in range(40))) for n in range(100)
        }
        dry = await tried(paul, texts | pictures)
        await begun(paul, dry)
        process.kill()  # it is encoding: seconds before the commit
        process.wait()
        assert await kept(house, ArticleImport) == 1
        process = await asyncio.to_thread(start)
        house.clock.forward(120)
        await landing.settle(house.services)
        assert list(folder.glob("fr/*.md")) == []
        assert (await kept(house, ArticlePicture), await kept(house, ArticleImport), await noted(house)) == (0, 0, [])
        dry = await tried(paul, texts | pictures)
        assert (await ended(paul, await begun(paul, dry)))["result"]["new"] == 100
        assert (await kept(house, ArticlePicture), await noted(house)) == (100, ["notes.zip (+100, ~0)"])
    finally:
        process.kill()
        process.wait()
