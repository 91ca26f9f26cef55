"""`GET /studio/duplicates`: published articles that say the same."""

from __future__ import annotations

import asyncio

from aiohttp import web

from knowledge_base.studio.duplicates import Duplicates

DUPLICATES = web.AppKey("duplicates", Duplicates)
routes = web.RouteTableDef()


@routes.get("/studio/duplicates")
async def duplicates(request: web.Request) -> web.Response:
    """{revision, pairs}."""
    return web.json_response(await asyncio.to_thread(request.app[DUPLICATES].pairs))
