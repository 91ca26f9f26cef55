"""Pictures of articles: taken from writers, shown to everybody."""

from __future__ import annotations

from aiohttp import BodyPartReader, web
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.channels.protocol import Upload
from bot.conversations.files import checked_upload
from bot.db.pictures import ArticleImport, ArticlePicture, ImportPicture
from bot.errors import Refusal
from bot.services import Services, services_of
from bot.studio.pictures import ENDINGS, name_of, url_of
from bot.web.desk_session import user_with
from bot.web.files import read_part
from bot.web.studio_door import BASE

routes = web.RouteTableDef()
# Its name says what is in it: it never changes.
_FOR_EVER = "public, max-age=31536000, immutable"


@routes.post(f"{BASE}/pictures")
async def add(request: web.Request) -> web.Response:
    """A picture as multipart/form-data, field ``file`` → `{url, name}`; one sent again is the same one."""
    await user_with(request, "write")
    services = services_of(request)
    upload = await _picture_in(request, services.settings.max_file_bytes)
    if upload.media_type not in ENDINGS:
        raise Refusal("bad_picture", 415)
    picture_id = name_of(upload.content)
    await _keep(services, picture_id, upload)
    return web.json_response({"url": url_of(picture_id, upload.media_type), "name": upload.name}, status=201)


async def _picture_in(request: web.Request, limit: int) -> Upload:
    if request.content_type != "multipart/form-data":
        raise Refusal("bad_request", 415)
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file":
                return await checked_upload(part.filename or "picture", await read_part(part, limit))
    except (ValueError, AssertionError) as error:
        raise Refusal("bad_request", 422) from error
    raise Refusal("bad_request", 422)


async def _keep(services: Services, picture_id: str, upload: Upload) -> None:
    row = ArticlePicture(
        id=picture_id, media_type=upload.media_type, content=upload.content, created_at=services.clock()
    )
    try:
        async with services.db.write() as session:
            if await session.get(ArticlePicture, picture_id) is None:
                session.add(row)
    except IntegrityError:
        return  # somebody else has just sent the same one


@routes.get("/pictures/{picture_id:[0-9a-f]{32}}.{ending:jpg|png|webp}")
async def show(request: web.Request) -> web.Response:
    """The picture, also on the pages that hold the chat."""
    picture_id = request.match_info["picture_id"]
    query = select(ArticlePicture.media_type, ArticlePicture.content).where(ArticlePicture.id == picture_id)
    # An import that is landing: its articles may be read a moment before that is known here.
    landing = (
        select(ImportPicture.media_type, ImportPicture.content)
        .where(ImportPicture.picture_id == picture_id, ImportPicture.bundle.in_(select(ArticleImport.bundle)))
        .limit(1)
    )
    async with services_of(request).db.read() as session:
        found = (await session.execute(query)).one_or_none() or (await session.execute(landing)).one_or_none()
    if found is None or ENDINGS[found.media_type] != request.match_info["ending"]:
        raise web.HTTPNotFound
    headers = {
        "Cache-Control": _FOR_EVER,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return web.Response(body=found.content, content_type=found.media_type, headers=headers)
