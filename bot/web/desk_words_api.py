"""The desk's door for what advisors show, find and wish for: articles, pages, the language of a draft, wishes."""

from __future__ import annotations

from aiohttp import web

from bot.conversations.messages import public
from bot.db.people import User
from bot.errors import Refusal
from bot.language import detect
from bot.services import services_of
from bot.texts import LOCALES
from bot.web.desk_session import advisor_for, user_with
from bot.web.reading import body_of, text_field
from bot.words import cards, wishes
from bot.words.suggesting import KEYS

routes = web.RouteTableDef()
_BASE = "/api/v1/desk"
_HERE = _BASE + "/conversations/{id}"
_MOST_ARTICLES = 8
_LONGEST_DRAFT = 4000


@routes.get(_BASE + "/articles")
async def articles(request: web.Request) -> web.Response:
    """Articles about ``?q=`` in ``?locale=``, the best first; all of them are of use to somebody who chooses."""
    await advisor_for(request)
    question, locale = request.query.get("q", "").replace("\x00", "").strip(), _locale(request.query.get("locale"))
    if not question:
        raise Refusal("bad_request", 422)
    found = await services_of(request).shelf.search(question[:300], locale, _MOST_ARTICLES)
    shown = [{key: result.get(key) for key in KEYS} for result in found.get("results", [])]
    return web.json_response({"articles": shown})


def _locale(given: str | None) -> str:
    if given not in LOCALES:
        raise Refusal("bad_request", 422)
    return given


@routes.post(_HERE + "/articles")
async def send_article(request: web.Request) -> web.Response:
    """Sends an article as a card."""
    advisor, body = await advisor_for(request), await body_of(request)
    message, is_new = await cards.send_article(
        services_of(request),
        request.match_info["id"],
        advisor,
        text_field(body, "client_message_id") or "",
        text_field(body, "article_id", longest=120) or "",
        _locale(text_field(body, "locale")),
    )
    return web.json_response({"message": public(message)}, status=202 if is_new else 200)


@routes.post(_HERE + "/push")
async def push(request: web.Request) -> web.Response:
    """Shows a page, or an article's page, behind a button."""
    advisor: User = await advisor_for(request)
    body = await body_of(request)
    url, article_id = text_field(body, "url"), text_field(body, "article_id", longest=120)
    if (url is None) == (article_id is None):
        raise Refusal("bad_request", 422)
    message, is_new = await cards.push_page(
        services_of(request),
        request.match_info["id"],
        advisor,
        text_field(body, "client_message_id") or "",
        url=url,
        article_id=article_id,
    )
    return web.json_response({"message": public(message)}, status=202 if is_new else 200)


@routes.post(_BASE + "/language")
async def language(request: web.Request) -> web.Response:
    """Whether a draft is in the ``expected`` language; too few words are taken to be."""
    await advisor_for(request)
    body = await body_of(request)
    expected = _locale(text_field(body, "expected"))
    told = detect(text_field(body, "text", longest=_LONGEST_DRAFT) or "", expected)
    return web.json_response({"language": told, "differs": told != expected})


@routes.get(_HERE + "/article-wishes")
async def wished(request: web.Request) -> web.Response:
    """Which messages of a conversation should be articles."""
    await advisor_for(request)
    found = await wishes.wished_in(services_of(request), request.match_info["id"])
    return web.json_response({"message_ids": found})


@routes.post(_HERE + "/messages/{message_id}/article-wish")
async def wish(request: web.Request) -> web.Response:
    """This reply should be an article."""
    advisor = await advisor_for(request)
    where = request.match_info["id"], request.match_info["message_id"]
    comment = (text_field(await body_of(request), "comment", longest=wishes.LONGEST_COMMENT) or "").strip()
    is_new = await wishes.wish(services_of(request), advisor, *where, comment or None)
    return web.json_response({"wished": True}, status=201 if is_new else 200)


@routes.delete(_HERE + "/messages/{message_id}/article-wish")
async def take_wish_back(request: web.Request) -> web.Response:
    """It needs none after all."""
    advisor = await advisor_for(request)
    await wishes.take_back(services_of(request), advisor, request.match_info["id"], request.match_info["message_id"])
    return web.json_response({"wished": False})


@routes.get(_BASE + "/article-wishes")
async def article_wishes(request: web.Request) -> web.Response:
    """What advisors wish for, for the writers."""
    await user_with(request, "write")
    return web.json_response(await wishes.list_wishes(services_of(request)))
