"""Pictures that an article names: they are ours, so we know whether they are there."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from sqlalchemy import select

from bot.db.pictures import ArticlePicture
from bot.services import Services

Json = dict[str, Any]
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
FOLDER = "/pictures/"
_NAME = re.compile(r"/pictures/([0-9a-f]{32})\.(?:jpg|png|webp)")


def name_of(content: bytes) -> str:
    """By what it is: the same picture is kept once."""
    return hashlib.sha256(content).hexdigest()[:32]


def url_of(picture_id: str, media_type: str) -> str:
    """Where everybody sees it."""
    return f"{FOLDER}{picture_id}.{ENDINGS[media_type]}"


async def look_for_pictures(services: Services, checked: Json) -> Json:
    """What `check` told, where pictures now lead somewhere or are a `link_broken` too."""
    ours = [link for link in checked["links"] if str(link["url"]).startswith(FOLDER)]
    if not ours:
        return checked
    there = await _there(services, {found[1] for link in ours if (found := _NAME.fullmatch(link["url"]))})
    links = [link | {"ok": link["url"] in there} if link in ours else link for link in checked["links"]]
    broken = [
        {"field": "body", "code": "link_broken", "params": {"url": link["url"]}, "severity": "warning"}
        for link in ours
        if link["url"] not in there
    ]
    return checked | {"links": links, "problems": [*checked["problems"], *broken]}


async def _there(services: Services, ids: set[str]) -> set[str]:
    query = select(ArticlePicture.id, ArticlePicture.media_type).where(ArticlePicture.id.in_(ids))
    async with services.db.read() as session:
        return {url_of(row.id, row.media_type) for row in await session.execute(query)}
