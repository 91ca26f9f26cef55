"""What people who were on a page were answered: the questions to offer to the next one who opens the chat there."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select

from bot.db.models import Conversation, Message
from bot.services import Services

_SINCE = timedelta(days=30)
_FRESH = timedelta(minutes=10)
_MOST = 3000
EVERYWHERE = ""


class Popular:
    """Counts, at most ten minutes old: ids of articles by page and in all. Nothing is kept of who was there."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}
        self._counted_at: datetime | None = None
        self._counting = asyncio.Lock()

    async def on(self, services: Services, path: str) -> list[str]:
        """Ids of the articles shown most often to people on this page, then to all."""
        now = services.clock()
        async with self._counting:
            if self._counted_at is None or not self._counted_at <= now < self._counted_at + _FRESH:
                self._counts, self._counted_at = await _count(services, now), now
        here, all_pages = self._counts.get(path, Counter()), self._counts.get(EVERYWHERE, Counter())
        return list(dict.fromkeys(each for counter in (here, all_pages) for each, _ in counter.most_common(10)))


async def _count(services: Services, now: datetime) -> dict[str, Counter[str]]:
    url, article = Conversation.page["url"].as_string(), Message.data["answer"]["article_id"].as_string()
    query = (
        select(url, article)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.updated_at >= now - _SINCE, Message.kind == "answer")
        .order_by(Conversation.updated_at.desc())
        .limit(_MOST)
    )
    counts: dict[str, Counter[str]] = {EVERYWHERE: Counter()}
    async with services.db.read() as session:
        for address, article_id in (await session.execute(query)).all():
            if article_id is None:
                continue
            counts[EVERYWHERE][article_id] += 1
            if address:
                counts.setdefault(path_of(address), Counter())[article_id] += 1
    return counts


def path_of(url: str) -> str:
    """The page of an address, without what was asked of it; all pages for one that is no address."""
    try:
        return (urlsplit(url).path.rstrip("/") or "/") if url else EVERYWHERE
    except ValueError:
        return EVERYWHERE
