"""Pictures that come in a packed folder of Markdown: checked as uploaded ones, kept apart until the import lands."""

from __future__ import annotations

import asyncio
import lzma
import posixpath
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import delete, select

from bot.channels.protocol import Upload
from bot.conversations.files import looked_through
from bot.db.pictures import ArticleImport, ImportPicture
from bot.db.types import new_id
from bot.errors import Refusal
from bot.services import Services
from bot.studio.picture_places import moved
from bot.studio.pictures import ENDINGS, name_of, url_of

Json = dict[str, Any]
MAX_ZIP = 100_000_000
MAX_PICTURES = 100_000_000  # of all pictures, unpacked
# What knowledge_base takes; beyond it the folder is passed on as it is, and refused there.
_MAX_FILES, _MAX_TEXTS, _MAX_TEXT = 20_000, 60_000_000, 1_000_000
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError, ValueError)
_MEGABYTE = 1024 * 1024
# knowledge_base forgets a dry run after an hour.
_KEPT = timedelta(hours=2)


@dataclass
class Packed:
    """What is passed on: the folder without its pictures, why some of its files cannot go in, the pictures' bundle."""

    content: bytes
    faults: Json = field(default_factory=dict)
    bundle: str = ""


class _BadPictureError(Exception):
    def __init__(self, code: str, told: str, **params: object) -> None:
        super().__init__(told)
        self.code, self.params = code, params


async def take_in(services: Services, file: IO[bytes]) -> Packed:
    """Reads a packed folder; its pictures wait in ``import_pictures``. Raises ``Refusal`` (413)."""
    folder = await asyncio.to_thread(_opened, file, services.settings.max_file_bytes)
    if folder is None:
        return Packed(await asyncio.to_thread(_whole, file))
    bundle, found, kept = new_id(), dict[str, str | _BadPictureError](), set[str]()
    try:
        for target in folder.targets:
            try:
                upload = await asyncio.to_thread(folder.picture, target)
            except _BadPictureError as error:
                found[target] = error
                continue
            name = name_of(upload.content)
            found[target] = url_of(name, upload.media_type)
            if name not in kept:
                kept.add(name)
                await _keep(services, bundle, name, upload)
    except BaseException:
        await drop(services, bundle)
        raise
    content, faults = await asyncio.to_thread(folder.repacked, found)
    return Packed(content, faults, bundle)


async def _keep(services: Services, bundle: str, name: str, upload: Upload) -> None:
    at = services.clock()
    async with services.db.write() as session:
        row = {"bundle": bundle, "picture_id": name, "media_type": upload.media_type, "content": upload.content}
        session.add(ImportPicture(**row, created_at=at))


async def drop(services: Services, bundle: str) -> None:
    """Nothing will come of it."""
    async with services.db.write() as session:
        await session.execute(delete(ImportPicture).where(ImportPicture.bundle == bundle))


async def sweep(services: Services) -> None:
    """Forget the pictures of folders that were tried and not imported."""
    old = (
        select(ImportPicture.bundle)
        .where(ImportPicture.created_at < services.clock() - _KEPT)
        .where(ImportPicture.bundle.not_in(select(ArticleImport.bundle)))
        .distinct()
    )
    async with services.db.read() as session:
        bundles = list((await session.execute(old)).scalars())
    for bundle in bundles:
        await drop(services, bundle)


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _opened(file: IO[bytes], limit: int) -> _Folder | None:
    """Nothing when it holds no picture that its Markdown names, or cannot be read: whoever reads it next says why."""
    try:
        folder = _Folder(zipfile.ZipFile(file), limit)
        return folder if folder.read() and folder.targets else None
    except _BROKEN:
        return None


class _Folder:
    """A packed folder; nothing of it is ever written to a disk under its own name."""

    def __init__(self, packed: zipfile.ZipFile, limit: int) -> None:
        self._packed, self._limit, self._left = packed, limit, MAX_PICTURES
        self._entries = packed.infolist()
        self._by_place = {posixpath.normpath(entry.filename): entry for entry in self._entries if not entry.is_dir()}
        self._texts: dict[int, str] = {}
        self.targets: dict[str, None] = {}

    def read(self) -> bool:
        """Looks for pictures in its Markdown; False when there is too much of it."""
        left = _MAX_TEXTS
        for number, entry in enumerate(self._entries[: _MAX_FILES + 1]):
            if entry.is_dir() or PurePosixPath(entry.filename).suffix.lower() != ".md":
                continue
            with self._packed.open(entry) as source:
                data = source.read(_MAX_TEXT + 1)
            left -= len(data)
            if left < 0 or len(data) > _MAX_TEXT:
                return False
            try:
                self._texts[number] = data.decode()
            except UnicodeDecodeError:
                continue
            moved(self._texts[number], lambda address, _, entry=entry: self._noted(entry, address))  # type: ignore[misc]
        return len(self._entries) <= _MAX_FILES

    def _noted(self, entry: zipfile.ZipInfo, address: str) -> None:
        target = _target(entry.filename, address)
        if target is not None:
            self.targets[target] = None

    def picture(self, target: str) -> Upload:
        """Raises ``_BadPictureError``, and ``Refusal`` (413) when all together are too large."""
        entry = self._by_place.get(target)
        if entry is None:
            raise _BadPictureError("picture_missing", "The picture is not in the folder.", name=target)
        try:
            with self._packed.open(entry) as source:
                content = source.read(self._limit + 1)
        except _BROKEN as error:
            raise _BadPictureError("picture_bad", "The picture cannot be unpacked.", name=target) from error
        # Counted as it is unpacked: what the folder says of its sizes may be a lie.
        self._left -= len(content)
        if self._left < 0:
            raise Refusal("import_pictures", 413)
        if len(content) > self._limit:
            limit = max(1, self._limit // _MEGABYTE)
            raise _BadPictureError("picture_large", "The picture is too large.", name=target, limit=limit)
        try:
            upload = looked_through(target, content)
        except Refusal as error:
            raise _BadPictureError("picture_bad", "This is no picture.", name=target) from error
        if upload.media_type not in ENDINGS:
            raise _BadPictureError("picture_bad", "This is no picture.", name=target)
        return upload

    def repacked(self, found: dict[str, str | _BadPictureError]) -> tuple[bytes, Json]:
        """The folder with its pictures' addresses as they will be; by file, the first picture that cannot be had.

        Everything else stays, emptied: a name that leads out refuses the whole, whatever it is the name of.
        """
        faults: Json = {}
        content = BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
            for number, entry in enumerate(self._entries):
                same = zipfile.ZipInfo(entry.filename, entry.date_time)
                same.external_attr = entry.external_attr
                text = self._texts.get(number)
                if text is not None:
                    data = moved(text, _Moving(entry.filename, found, faults)).encode()
                else:
                    unread = PurePosixPath(entry.filename).suffix.lower() == ".md" and not entry.is_dir()
                    data = self._packed.read(entry) if unread else b""
                packed.writestr(same, data, zipfile.ZIP_DEFLATED)
        return content.getvalue(), faults


@dataclass
class _Moving:
    """Where a file's pictures will be; notes the first one that will not."""

    file: str
    found: dict[str, str | _BadPictureError]
    faults: Json

    def __call__(self, address: str, line: int) -> str | None:
        target = _target(self.file, address)
        known = self.found.get(target) if target is not None else None
        if isinstance(known, _BadPictureError):
            fault = {"line": line, "code": known.code, "params": known.params, "message": str(known)}
            self.faults.setdefault(self.file, fault)
            return None
        return known


def _target(file: str, address: str) -> str | None:
    """The place in the folder that an address in a file leads to; None for one that leads elsewhere."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), unquote(parts.path)))
