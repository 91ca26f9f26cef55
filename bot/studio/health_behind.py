"""What is behind a figure: the versions that were quoted, the masked questions. Never who asked, nor at what minute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.popular import path_of
from bot.conversations.questions import masked
from bot.db.help import ArticleOpening, ArticleOpinion
from bot.db.models import Conversation, Feedback, Message, PageView
from bot.errors import Refusal
from bot.masking import mask
from bot.services import Services
from bot.studio.health import AFTER, Place, answer_field, counted, handed_over, openings, read_since, shown_since
from bot.studio.health_report import NUMBERS, Wanted, first_day, narrowed, rows_of

Json = dict[str, Any]
MOST_LOOKED_AT = 300
# Pages that were open, of which those that are asked about are picked; so few addresses the record picks by itself.
MOST_READ = 10_000
_FEW = 50
MOST_LISTED = 100


@dataclass(frozen=True)
class Said:
    """One masked question, and what was said of the answer."""

    text: str
    locale: str
    channel: str
    at: datetime
    comment: str = ""


async def opened_one(services: Services, place: Place, days: int) -> Json:
    """The article's row with its versions, the newest quoted first. Raises ``Refusal`` (404)."""
    row = next((one for one in await rows_of(services, days) if (one["article_id"], one["locale"]) == place), None)
    if row is None:
        raise Refusal("unknown_article", 404)
    async with services.db.read() as session:
        kept = await counted(session, services.clock() - timedelta(days=days))
        opened = await openings(session, first_day(services, days))
    for key, each in kept.items():
        each.figures.opened = opened.get(key, 0)
    versions = [
        each.figures.as_json()
        | {
            "version": key[2],
            "current": key[2] == row["version"],
            "last": each.last.date().isoformat() if each.last else None,
        }
        for key, each in kept.items()
        if key[:2] == place
    ]
    versions.sort(key=lambda one: (one["current"], one["last"] or ""), reverse=True)
    return row | {"versions": versions}


async def behind(services: Services, place: Place, figure: str, days: int, version: str = "") -> Json:
    """``{figure, questions: [{text, locale, channels, count, last, comments}], more}``. Raises ``Refusal``."""
    if figure not in NUMBERS:
        raise Refusal("bad_request", 422)
    return await _behind(services, {place}, figure, days, version)


async def behind_all(services: Services, wanted: Wanted, figure: str) -> Json:
    """The same of a sum: of every article that the table is narrowed to. Raises ``Refusal``."""
    if figure not in NUMBERS:
        raise Refusal("bad_request", 422)
    rows = await rows_of(services, wanted.days)
    # An article without the figure has nothing behind it: they need not be asked about.
    counted_ones = [row for row in rows if row[figure]]
    chosen = {(row["article_id"], row["locale"]) for row in narrowed(counted_ones, wanted)}
    return await _behind(services, None if len(chosen) == len(counted_ones) else chosen, figure, wanted.days)


async def _behind(services: Services, places: set[Place] | None, figure: str, days: int, version: str = "") -> Json:
    since = services.clock() - timedelta(days=days)
    urls = await _urls_of(services, places) if figure == "opened" else set()
    async with services.db.read() as session:
        reader = _Reader(session, places, since, version)
        found = [one async for one in reader.read(figure, urls)]
        by_day = await _openings(session, places, first_day(services, days)) if figure == "opened" else []
    more = reader.cut_short or len(found) >= MOST_LOOKED_AT
    return {"openings": by_day, "figure": figure, "questions": _wordings(found), "more": more}


async def _openings(session: AsyncSession, places: set[Place] | None, first: str) -> list[Json]:
    """``[{day, count}]``, the last day first: of who only read there is no more to tell."""
    row = ArticleOpening
    mine = [] if places is None else [tuple_(row.article_id, row.locale).in_(sorted(places))]
    query = select(row.day, func.sum(row.times)).where(row.day >= first, *mine).group_by(row.day)
    return [{"day": day, "count": int(count)} for day, count in await session.execute(query.order_by(row.day.desc()))]


async def _urls_of(services: Services, places: set[Place] | None) -> set[str]:
    shelf = (await services.studio.shelf())["articles"]
    return {one["url"] for one in shelf if places is None or (one["article_id"], one["locale"]) in places}


@dataclass
class _Reader:
    """``places``: None for all. ``cut_short``: what is older was not looked at, whatever was found."""

    session: AsyncSession
    places: set[Place] | None
    since: datetime
    version: str
    cut_short: bool = False

    async def read(self, figure: str, urls: set[str]) -> AsyncIterator[Said]:
        """What is behind one figure, the newest first."""
        if figure in ("helped", "not_helped"):
            sources = [self._judged(helpful=figure == "helped"), self._opinions(helpful=figure == "helped")]
        elif figure == "opened":
            sources = [self._opened(urls)]
        else:
            sources = [self._shown() if figure == "shown" else self._handed_over()]
        for source in sources:
            async for said in source:
                yield said

    def _mine(self, article_id: Any, locale: Any, version: Any) -> list[Any]:
        mine: list[Any] = []
        if self.places is not None:
            mine.append(tuple_(article_id, locale).in_(sorted(self.places)))
        return [*mine, version == self.version] if self.version else mine

    async def _shown(self) -> AsyncIterator[Said]:
        query = (
            select(Message, Conversation)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(*shown_since(self.since))
            .where(*self._mine(answer_field("article_id"), answer_field("locale"), answer_field("version")))
            .order_by(Message.created_at.desc())
            .limit(MOST_LOOKED_AT)
        )
        for message, conversation in (await self.session.execute(query)).all():
            yield await self._asked(conversation, message)

    async def _handed_over(self) -> AsyncIterator[Said]:
        fields = answer_field("article_id"), answer_field("locale"), answer_field("version")
        rows = (await self.session.execute(handed_over(self.since).where(*self._mine(*fields)))).all()
        near = [row for row in rows if row.requested_at - row.shown_at <= AFTER]
        for row in sorted(near, key=lambda row: row.requested_at, reverse=True)[:MOST_LOOKED_AT]:
            message = await self.session.get_one(Message, row.message_id)
            yield await self._asked(await self.session.get_one(Conversation, message.conversation_id), message)

    async def _asked(self, conversation: Conversation, message: Message) -> Said:
        """The question that a message answers; what an advisor sent answers what the customer wrote last."""
        text = (message.data.get("asked") or {}).get("question")
        if not text:
            text = await self._near(message.conversation_id, Message.seq < message.seq, newest=True)
        text = await masked(self.session, conversation, text)
        return Said(text, conversation.locale, conversation.channel, message.created_at)

    async def _near(self, conversation_id: str, when: Any, *, newest: bool) -> str:
        query = (
            select(Message.text)
            .where(Message.conversation_id == conversation_id, Message.author == "customer", when)
            .order_by(Message.seq.desc() if newest else Message.seq)
            .limit(1)
        )
        return (await self.session.execute(query)).scalar_one_or_none() or ""

    async def _judged(self, *, helpful: bool) -> AsyncIterator[Said]:
        query = (
            select(Feedback, Conversation)
            .join(Message, Message.id == Feedback.message_id)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(*shown_since(self.since), Feedback.helpful.is_(helpful))
            .where(*self._mine(Feedback.article_id, answer_field("locale"), Feedback.version))
            .order_by(Feedback.created_at.desc())
            .limit(MOST_LOOKED_AT)
        )
        for row, conversation in (await self.session.execute(query)).all():
            comment = await masked(self.session, conversation, row.comment) if row.comment else ""
            yield Said(row.question or "", conversation.locale, conversation.channel, row.created_at, comment)

    async def _opinions(self, *, helpful: bool) -> AsyncIterator[Said]:
        row = ArticleOpinion
        query = (
            select(row)
            .where(row.created_at >= self.since, row.helpful.is_(helpful))
            .where(*self._mine(row.article_id, row.locale, row.version))
            .order_by(row.created_at.desc())
            .limit(MOST_LOOKED_AT)
        )
        for one in (await self.session.execute(query)).scalars():
            question, comment = (mask(text or "", one.locale) for text in (one.question, one.comment))
            yield Said(question, one.locale, "help", one.created_at, comment)

    async def _opened(self, urls: set[str]) -> AsyncIterator[Said]:
        """What was asked next by who had the page open."""
        if not urls:
            return
        # An address that only holds another one's (/aide/retour-magasin) is sorted out by its path.
        named = [or_(*(PageView.url.contains(url, autoescape=True) for url in urls))] if len(urls) <= _FEW else []
        seen_at = func.max(PageView.seen_at)
        query = (
            select(PageView.conversation_id, PageView.url, seen_at)
            .join(Conversation, Conversation.id == PageView.conversation_id)
            .where(*read_since(self.since), *named)
            .group_by(PageView.conversation_id, PageView.url)
            .order_by(seen_at.desc())
            .limit(MOST_READ)
        )
        rows = (await self.session.execute(query)).all()
        found: dict[str, datetime] = {}
        for conversation_id, url, at in rows:
            if path_of(url) in urls:
                found.setdefault(conversation_id, at)
        self.cut_short = len(rows) == MOST_READ
        for conversation_id, at in list(found.items())[:MOST_LOOKED_AT]:
            conversation = await self.session.get_one(Conversation, conversation_id)
            text = await self._near(conversation_id, Message.created_at >= at, newest=False)
            said = await masked(self.session, conversation, text)
            yield Said(said, conversation.locale, conversation.channel, at)


def _wordings(found: list[Said]) -> list[Json]:
    """Different wordings, the most frequent first; those without one (an opinion that came without a search) last."""
    by_words: dict[tuple[str, str], Json] = {}
    for said in found:
        empty = {
            "text": said.text,
            "locale": said.locale,
            "count": 0,
            "last": said.at,
            "channels": set(),
            "comments": [],
        }
        one = by_words.setdefault((" ".join(said.text.split()).casefold(), said.locale), empty)
        one["count"] += 1
        one["last"] = max(one["last"], said.at)
        one["channels"].add(said.channel)
        if said.comment:
            one["comments"].append(said.comment)
    told = sorted(by_words.values(), key=lambda one: (not one["text"], -one["count"], -one["last"].timestamp()))
    return [
        one | {"last": one["last"].date().isoformat(), "channels": sorted(one["channels"])}
        for one in told[:MOST_LISTED]
    ]
