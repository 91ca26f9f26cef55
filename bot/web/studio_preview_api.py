"""A form as its readers will see it: the help centre's own page, and what the chat's own card is made of."""

from __future__ import annotations

import asyncio
import re

from aiohttp import web

from bot.errors import NeighbourError, Refusal
from bot.help.catalogue import HOME, Catalogue, entry_of
from bot.services import services_of
from bot.web.desk_session import user_with
from bot.web.help_pages import article_page
from bot.web.reading import body_of
from bot.web.studio_door import BASE, Json, form_of
from service.typography import typeset

routes = web.RouteTableDef()
# What would lead away from the preview, or work in earnest, does nothing there.
_TEXTS = ("article_id", "locale", "slug", "title", "topic", "answer")
_SCRIPTS = re.compile(r"<script\b.*?</script>", re.DOTALL)
_LONGEST = 60_000  # characters: a page of Markdown takes a second to draw for about so many
PREVIEWS = web.AppKey("previews", asyncio.Lock)
_STILL = '<head>\n  <base target="_blank">'


@routes.post(f"{BASE}/preview")
async def preview(request: web.Request) -> web.Response:
    """`{page, answer}`: the whole page as HTML, and the answer as a message of the chat holds it. 413: too long."""
    await user_with(request, "write")
    form = form_of(await body_of(request))
    locale = form["locale"]
    url = f"{HOME[locale]}/{form.get('slug') or ''}"
    texts: Json = {key: str(form.get(key) or "") for key in _TEXTS}
    texts |= {key: typeset(texts[key]) for key in ("title", "answer")}
    entry = entry_of(texts | {"version": "", "url": url})
    related = [each for each in form.get("related") or () if isinstance(each, str)]
    text = {"body": typeset(str(form.get("body") or "")), "related": related}
    if sum(map(len, texts.values())) + len(text["body"]) > _LONGEST:
        raise Refusal("preview_too_long", 413)
    catalogue = await _known(request)
    # Beside the loop, which customers wait for, and one at a time.
    async with request.app[PREVIEWS]:
        page = await asyncio.to_thread(article_page, request, entry, text, catalogue)
    shown = _SCRIPTS.sub("", page.body.decode()).replace("<head>", _STILL, 1)
    return web.json_response({"page": shown, "answer": texts | {"url": url}})


async def _known(request: web.Request) -> Catalogue:
    """The catalogue; an empty one does while the knowledge base is away."""
    try:
        return await services_of(request).library.current()
    except NeighbourError:
        return Catalogue("")
