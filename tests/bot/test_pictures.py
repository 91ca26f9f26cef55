"""Pictures lose what they tell besides, and stay the same pictures."""

from __future__ import annotations

import struct
import threading
import zlib

import pytest

from bot.conversations import files
from bot.conversations.pictures import UnreadableError, without_metadata
from tests.bot.conftest import Bot
from tests.bot.test_files import send

GPS = b"GPS 48.8584 N 2.2945 E"


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(orientation: int, order: str = "<") -> bytes:
    sign = b"II" if order == "<" else b"MM"
    entries = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = sign + struct.pack(order + "HIH", 42, 8, 1) + entries + struct.pack(order + "I", 0) + GPS
    return segment(0xE1, b"Exif\x00\x00" + tiff)


SHOWN = [
    segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"),
    segment(0xE2, b"ICC_PROFILE\x00\x01\x01colours"),
    segment(0xDB, bytes(65)),
    segment(0xC2, b"\x08\x00\x01\x00\x01\x01\x01\x11\x00"),
    segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56",
    segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x78\xff\xd7\x9a",
]


def jpeg(*told: bytes) -> bytes:
    return b"\xff\xd8" + SHOWN[0] + b"".join(told) + b"".join(SHOWN[1:]) + b"\xff\xd9"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_a_photograph_keeps_how_it_is_turned_and_nothing_else(order: str, orientation: int) -> None:
    told = [
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + GPS),
        segment(0xFE, GPS),
        segment(0xE2, b"MPF\x00" + GPS),
    ]
    photograph = jpeg(exif(orientation, order), *told, segment(0xED, b"Photoshop 3.0" + GPS)) + b"PK\x03\x04" + GPS
    assert photograph.count(GPS) == 6
    kept = without_metadata("image/jpeg", photograph)
    assert GPS not in kept
    for part in SHOWN:
        assert part in kept
    assert kept.endswith(b"\xff\xd9")
    turned = [] if orientation == 1 else [orientation]
    # The value is the thirtieth byte of the only Exif segment that is left.
    found = [kept[i + 29] for i in range(len(kept)) if kept.startswith(b"\xff\xe1", i)]
    assert found == turned
    assert without_metadata("image/jpeg", kept) == kept


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def test_a_png_keeps_its_picture() -> None:
    shown = [chunk(b"IHDR", bytes(13)), chunk(b"IDAT", zlib.compress(b"\x00\x00")), chunk(b"IEND", b"")]
    told = [chunk(b"eXIf", GPS), chunk(b"tEXt", b"Author\x00" + GPS), chunk(b"iTXt", GPS), chunk(b"tIME", bytes(7))]
    start = b"\x89PNG\r\n\x1a\n"
    whole = start + shown[0] + b"".join(told) + b"".join(shown[1:]) + GPS
    assert without_metadata("image/png", whole) == start + b"".join(shown)


def test_a_webp_keeps_its_picture() -> None:
    def part(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)

    def riff(*parts: bytes) -> bytes:
        return b"RIFF" + struct.pack("<I", 4 + sum(map(len, parts))) + b"WEBP" + b"".join(parts)

    picture, profile = part(b"VP8 ", b"odd"), part(b"ICCP", b"colours.")
    whole = riff(part(b"VP8X", bytes([0x2C]) + bytes(9)), profile, picture, part(b"EXIF", GPS), part(b"XMP ", GPS))
    assert without_metadata("image/webp", whole + GPS) == riff(
        part(b"VP8X", bytes([0x20]) + bytes(9)), profile, picture
    )


def test_what_cannot_be_read_may_tell_nothing() -> None:
    cut = jpeg(exif(6))[:60]
    with pytest.raises(UnreadableError):
        without_metadata("image/jpeg", cut)
    harmless = b"\xff\xd8\xff\xe0cut off"
    assert without_metadata("image/jpeg", harmless) == harmless
    pdf = b"%PDF-1.7 " + GPS
    assert without_metadata("application/pdf", pdf) == pdf


async def test_where_a_photograph_was_taken_is_not_kept(bot: Bot) -> None:
    customer = await bot.customer()
    status, body = await send(customer, jpeg(exif(6)), "lampe.jpg")
    assert status == 202
    async with bot.client.get(body["message"]["file"]["url"], headers=customer.headers) as response:
        kept = await response.read()
    assert GPS not in kept
    assert len(kept) == body["message"]["file"]["size"]
    status, body = await send(customer, jpeg(exif(6))[:60], "lampe.jpg", "f2")
    assert (status, body["error"]["code"]) == (415, "bad_file")


def chunk_of(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body


def test_a_broken_picture_that_tells_where_it_was_taken_is_not_kept() -> None:
    tiff = b"II*\x00\x08\x00\x00\x00" + GPS  # WebP has it without the word Exif before it
    parts = b"WEBP" + chunk_of(b"VP8 ", b"picture!") + chunk_of(b"EXIF", tiff + b"\x00" * (len(tiff) % 2))
    cut = parts + b"XMP " + struct.pack("<I", 500) + b"cut"
    with pytest.raises(UnreadableError):
        without_metadata("image/webp", b"RIFF" + struct.pack("<I", len(cut)) + cut)


async def test_nobody_waits_while_a_picture_is_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    where: list[str] = []

    def noted(media_type: str, content: bytes) -> bytes:
        where.append(threading.current_thread().name)
        return without_metadata(media_type, content)

    monkeypatch.setattr(files, "without_metadata", noted)
    assert (await files.checked_upload("a.jpg", jpeg(exif(6)))).media_type == "image/jpeg"
    assert where
    assert threading.current_thread().name not in where
