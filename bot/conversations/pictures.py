"""Pictures without what they tell besides: where and when they were taken, by whom, with which device."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_JPEG_START, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_PNG_START = b"\x89PNG\r\n\x1a\n"
# What shows the picture; everything else of a PNG is said about it.
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB bKGD pHYs acTL fcTL fdAT cICP mDCV cLLI".split()
)
_WEBP_TOLD = (b"EXIF", b"XMP ")
_VP8X_TELLS = 0x08 | 0x04
_TELLING = (
    *(b"Exif\x00", b"http://ns.adobe.com/", b"<x:xmpmeta", b"Photoshop 3.0"),
    *(b"eXIf", b"tEXt", b"iTXt", b"zTXt"),
    *_WEBP_TOLD,
)
_ORIENTATION = 0x0112
_UPRIGHT = 1


class UnreadableError(ValueError):
    """The structure is broken, and something is told in what can't be read."""


def without_metadata(media_type: str, content: bytes) -> bytes:
    """The same picture without Exif, XMP, comments, thumbnails and whatever follows its end; a PDF stays as it is.

    How a photograph is to be turned is kept, and colour profiles. Raises ``UnreadableError``.
    """
    strip = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}.get(media_type)
    if strip is None:
        return content
    try:
        return b"".join(strip(content))
    except (struct.error, IndexError, ValueError) as error:
        # A picture that nobody can show may be kept if it tells nothing.
        if any(sign in content for sign in _TELLING):
            raise UnreadableError(str(error)) from error
        return content


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield _JPEG_START
    at = 2
    while True:
        while content[at] == 0xFF and content[at + 1] == 0xFF:  # fill
            at += 1
        if content[at] != 0xFF:
            raise ValueError("no marker")
        marker = content[at + 1]
        if marker == _JPEG_END[1]:
            yield _JPEG_END
            return
        (length,) = struct.unpack_from(">H", content, at + 2)
        if at + 2 + length > len(content):
            raise ValueError("cut off")
        segment = content[at : at + 2 + length]
        at += 2 + length
        if marker == 0xE1 and (turned := _orientation(segment)) != _UPRIGHT:
            yield _turned(turned)
        if _is_shown(marker, segment):
            yield segment
        if marker == 0xDA:
            end = _end_of_scan(content, at)
            yield content[at:end]
            at = end


def _is_shown(marker: int, segment: bytes) -> bool:
    if marker == 0xE2:
        return segment[4:].startswith(b"ICC_PROFILE\x00")
    if marker == 0xEE:
        return segment[4:].startswith(b"Adobe")
    # APP0 says the density, and in an extension it holds a thumbnail.
    if marker == 0xE0:
        return segment[4:].startswith(b"JFIF\x00")
    return not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker stands: in between, FF is followed by 00 or by a restart."""
    while True:
        at = content.index(b"\xff", at)
        if content[at + 1] == 0 or 0xD0 <= content[at + 1] <= 0xD7:
            at += 2
        elif content[at + 1] == 0xFF:
            at += 1
        else:
            return at


def _orientation(segment: bytes) -> int:
    """How an Exif segment says the picture is to be turned, 1 to 8."""
    tiff = segment[10:]
    if not segment[4:].startswith(b"Exif\x00\x00") or tiff[:2] not in (b"II", b"MM"):
        return _UPRIGHT
    order = "<" if tiff[:2] == b"II" else ">"
    try:
        (first,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, first)
        for index in range(count):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, first + 2 + 12 * index)
            if tag == _ORIENTATION and kind == 3 and _UPRIGHT <= value <= 8:
                return int(value)
    except struct.error:
        pass
    return _UPRIGHT


def _turned(orientation: int) -> bytes:
    """An Exif segment that says this and nothing else."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    tiff = b"MM\x00\x2a" + struct.pack(">IH", 8, 1) + entry + b"\x00\x00\x00\x00"
    return b"\xff\xe1" + struct.pack(">H", 8 + len(tiff)) + b"Exif\x00\x00" + tiff


def _png(content: bytes) -> Iterator[bytes]:
    yield _PNG_START
    at = len(_PNG_START)
    while True:
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content) or not name.isalpha():
            raise ValueError("broken chunk")
        if name in _PNG_KEPT:
            yield content[at:end]
        if name == b"IEND":
            return
        at = end


def _webp(content: bytes) -> Iterator[bytes]:
    size = min(len(content), 8 + struct.unpack_from("<I", content, 4)[0])
    parts: list[bytes] = []
    at = 12
    while at < size:
        name, length = struct.unpack_from("<4sI", content, at)
        end = at + 8 + length + length % 2
        if at + 8 + length > size:
            raise ValueError("cut off")
        chunk = content[at:end]
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_VP8X_TELLS]) + chunk[9:]
        if name not in _WEBP_TOLD:
            parts.append(chunk)
        at = end
    body = b"WEBP" + b"".join(parts)
    yield b"RIFF" + struct.pack("<I", len(body)) + body
