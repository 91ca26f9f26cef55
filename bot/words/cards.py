"""What an advisor shows instead of writing it: an article as a card, a page behind a button."""

from __future__ import annotations

import posixpath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from bot.conversations.messages import Draft
from bot.db.models import Conversation, Message
from bot.db.people import User
from bot.errors import Refusal
from bot.handoff.saying import checked_key, said_before, say_once
from bot.services import Services
from bot.settings import BotSettings
from bot.texts import LOCALES, say
from bot.turns.replies import answer_draft

Json = dict[str, Any]
LONGEST_URL = 1000
# Of our own pages, what is not for customers, or opens once only.
_NOT_SHOWN = ("/api", "/demo", "/desk", "/p", "/static", "/studio", "/widget")


async def send_article(
    services: Services, conversation_id: str, advisor: User, client_message_id: str, article_id: str, locale: str
) -> tuple[Message, bool]:
    """Sends an article as the assistant shows it; and whether that is new. Raises ``Refusal`` (403, 404, 422).

    The version is today's; one that exists in the other language only is sent in that.
    """
    known = await _again(services, conversation_id, advisor, client_message_id)
    if known is not None:
        return known, False
    article = await _article(services, article_id, locale)
    found = services.shelf.known(article_id, article["locale"]) or {}
    # As the search showed it, if it did: the passage that fits, and how well. An advisor's own choice has no score.
    fitting = {key: found.get(key) for key in ("passage", "sentence")} if found else {"passage": article["answer"]}
    shown = article | fitting | {"score": float(found.get("score") or 0.0)}
    draft = answer_draft(shown, advisor.name, services.settings.public_url, told_rasa=False)
    data = draft.data | {"sent_by": advisor.id}
    said = Draft("advisor", draft.text, draft.kind, data=data)
    return await say_once(services, conversation_id, advisor, client_message_id, said)


async def push_page(
    services: Services,
    conversation_id: str,
    advisor: User,
    client_message_id: str,
    *,
    url: str | None,
    article_id: str | None,
) -> tuple[Message, bool]:
    """Shows a page behind a button: the customer opens it, nothing navigates by itself.

    An article by its id, or an address of ours: ``Refusal`` (422) for any other.
    """
    known = await _again(services, conversation_id, advisor, client_message_id)
    if known is not None:
        return known, False
    locale = await _locale(services, conversation_id)
    if article_id is not None:
        article = await _article(services, article_id, locale)
        page = {"url": urljoin(services.settings.public_url, article["url"]), "title": article["title"]}
    else:
        page = {"url": allowed_page(services.settings, url or "")}
        page["title"] = title_of(page["url"])
    # Where a channel knows no buttons the text alone says it all.
    text = f"{say(locale, 'page_pushed', title=page['title'])}\n\n{page['url']}"
    return await say_once(
        services, conversation_id, advisor, client_message_id, Draft("advisor", text, data={"page": page})
    )


async def _again(services: Services, conversation_id: str, advisor: User, client_message_id: str) -> Message | None:
    """Looked at first: the same call again must not depend on a neighbour."""
    key = checked_key(advisor, client_message_id)
    async with services.db.read() as session:
        return await said_before(session, conversation_id, key)


async def _article(services: Services, article_id: str, locale: str) -> Json:
    if locale not in LOCALES or not 0 < len(article_id) <= 120:
        raise Refusal("unknown_article", 404)
    article = await services.knowledge.article_by_id(article_id, locale)
    if article is None:
        raise Refusal("unknown_article", 404)
    return article


async def _locale(services: Services, conversation_id: str) -> str:
    async with services.db.read() as session:
        conversation = await session.get(Conversation, conversation_id)
    if conversation is None:
        raise Refusal("unknown_conversation", 404)
    return conversation.locale


def allowed_page(settings: BotSettings, address: str) -> str:
    """The absolute address of a page of ours, of the shop or of an allowed site. Raises ``Refusal`` (422)."""
    refused = Refusal("page_not_allowed", 422)
    # Browsers drop tabs and line ends in an address, and read a backslash as a slash.
    if not 0 < len(address) <= LONGEST_URL or "\\" in address or any(ord(each) <= 0x20 for each in address):
        raise refused
    try:
        parts = urlsplit(urljoin(settings.public_url + "/", address))
        origin, has_user = f"{parts.scheme}://{parts.netloc}".lower(), "@" in parts.netloc
    except ValueError as error:
        raise refused from error
    ours = _origin(settings.public_url)
    allowed = {ours, _origin(settings.shop_url), *map(_origin, settings.allowed_origins)} - {""}
    if has_user or origin not in allowed:
        raise refused
    path = posixpath.normpath("/" + unquote(parts.path).lstrip("/"))
    if origin == ours and any(path == each or path.startswith(each + "/") for each in _NOT_SHOWN):
        raise refused
    return parts.geturl()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.scheme in ("http", "https") else ""


def title_of(url: str) -> str:
    """What a page is called for want of a title: its site and path, without what follows them."""
    parts = urlsplit(url)
    name = f"{parts.netloc}{unquote(parts.path).rstrip('/')}"
    return "".join(each if each.isprintable() else " " for each in name)[:200]
