"""Pictures and documents in the widget: looked at before they leave, drawn without an address."""

from __future__ import annotations

import asyncio
import struct
import zlib
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.widget.chat import Chat
from tests.widget.fake_api import FakeApi, RefusedError


def png(width: int = 40, height: int = 20) -> bytes:
    """A picture that a browser can draw."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = b"".join(b"\x00" + b"\x30\x80\x60" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def choose(chat: Chat, *files: Path) -> None:
    async with chat.page.expect_file_chooser() as choosing:
        await chat.dialog.get_by_role("button", name="Joindre une image ou un PDF").click()
    await (await choosing.value).set_files([*files])


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "lampe cassée.png"
    file.write_bytes(png())
    return file


async def test_a_picture_is_sent_drawn_and_saved(chat: Chat, api: FakeApi, picture: Path) -> None:
    await chat.open()
    await choose(chat, picture)
    shown = chat.log.get_by_role("img", name="lampe cassée.png")
    await expect(shown).to_be_visible()
    await expect(chat.own("lampe cassée.png")).to_contain_text("Reçu à")
    assert api.talk.files["f1"]["content"] == png()
    await chat.page.reload()
    await expect(shown).to_be_visible()
    pixel = "canvas => [...canvas.getContext('2d').getImageData(5, 5, 1, 1).data].slice(0, 3)"
    assert await shown.evaluate(pixel) == [0x30, 0x80, 0x60]
    async with chat.page.expect_download() as saving:
        await chat.log.get_by_role("button", name="Enregistrer lampe cassée.png").click()
    saved = await saving.value
    assert saved.suggested_filename == "lampe cassée.png"
    assert await asyncio.to_thread(Path(await saved.path()).read_bytes) == png()


async def test_a_file_that_was_erased_after_its_time_is_told_as_such(chat: Chat, api: FakeApi, picture: Path) -> None:
    await chat.open()
    await choose(chat, picture)
    shown, save = (chat.log.get_by_role(role, name=picture.name) for role in ("img", "button"))
    await expect(shown).to_be_visible()
    await expect(chat.log.get_by_text("Reçu à")).to_be_visible()  # before that it is sent once more after a reload
    api.talk.files.clear()
    await chat.page.reload()
    told = chat.log.get_by_text("Ce fichier a été effacé.")
    await expect(told).to_be_visible()
    await expect(shown).to_have_count(0)
    await expect(save).to_have_count(0)
    await expect(chat.log.get_by_text(picture.name)).to_be_visible()
    document = {"name": "bon.pdf", "type": "application/pdf", "size": 9, "url": "/api/v1/conversations/c1/files/f2"}
    await api.add("customer", "bon.pdf", kind="file", file=document)
    await chat.log.get_by_role("button", name="Enregistrer bon.pdf").click()
    await expect(told).to_have_count(2)
    await expect(chat.log.get_by_role("button", name="Enregistrer bon.pdf")).to_have_count(0)


async def until(page: Page, holds: str) -> None:
    """By the debugger: the page's own policy forbids expressions that are texts."""
    while not await page.evaluate(holds):
        await asyncio.sleep(0.05)


async def test_a_file_that_waits_survives_a_reload(chat: Chat, api: FakeApi, picture: Path) -> None:
    await chat.begin()
    bad = picture.with_name("notes.txt")
    bad.write_text("rien")
    # What files take comes with the first one.
    await choose(chat, bad)
    await expect(chat.alert).to_contain_text("n’est pas accepté")
    await chat.page.context.set_offline(True)
    await choose(chat, picture)
    shown = chat.log.get_by_role("img", name="lampe cassée.png")
    await expect(chat.log.get_by_role("button", name="Enregistrer lampe cassée.png")).to_be_visible()
    kept = "Object.entries(localStorage).some(([key, value]) => key.includes('outbox/') && value.includes('shelved'))"
    await until(chat.page, kept)
    assert not api.talk.files
    await chat.page.context.set_offline(False)
    await chat.page.reload()
    await expect(chat.own("lampe cassée.png")).to_contain_text("Reçu à")
    await expect(shown).to_be_visible()
    assert [file["content"] for file in api.talk.files.values()] == [png()]
    await until(chat.page, f"!{kept}")
    await chat.page.reload()
    await expect(shown).to_have_count(1)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gros.jpg", b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "pèse 11\u00a0Mo\u202f: la limite est de 8\u00a0Mo"),
        ("dessin.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "n’est pas accepté"),
        ("photo.jpg", b"PK\x03\x04" + bytes(60), "n’est pas accepté"),
        ("vide.png", b"", "n’est pas accepté"),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_a_sentence(
    chat: Chat, api: FakeApi, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    await chat.open()
    await choose(chat, file)
    await expect(chat.alert).to_contain_text(f"«\u00a0{name}\u00a0»")
    await expect(chat.alert).to_contain_text(said.replace("\u202f:", "\u00a0:"))
    assert not api.talks
    await chat.say("tant pis")
    await expect(chat.own("tant pis")).to_contain_text("Reçu à")
    await expect(chat.alert).to_be_hidden()


async def test_the_service_looks_once_more(chat: Chat, api: FakeApi, picture: Path) -> None:
    await chat.begin()
    api.refusals = [
        RefusedError(415, "bad_file", "Ce fichier n’est pas accepté."),
        RefusedError(503, "down", "Un instant.", 1),
    ]
    await choose(chat, picture)
    bubble = chat.own("lampe cassée.png")
    await expect(bubble).to_contain_text("Non envoyé. Ce fichier n’est pas accepté.")
    await expect(bubble.get_by_role("button", name="Réessayer")).to_have_count(0)
    await bubble.get_by_role("button", name="Retirer").click()
    await expect(bubble).to_have_count(0)
    # What fails for a moment is tried again by itself.
    await choose(chat, picture)
    await expect(bubble).to_contain_text("Reçu à")


async def test_a_picture_is_pasted(chat: Chat, api: FakeApi) -> None:
    await chat.open()
    await chat.field.evaluate(
        """(field, bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "collée.png", { type: "image/png" }));
          field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        [*png()],
    )
    await expect(chat.log.get_by_role("img", name="collée.png")).to_be_visible()
    await expect(chat.own("collée.png")).to_contain_text("Reçu à")
