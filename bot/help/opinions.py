"""What readers think of an article, kept for writers: masked, and nobody's."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.exc import IntegrityError

from bot.db.help import ArticleOpinion
from bot.masking import mask
from bot.services import Services

Json = dict[str, Any]
MOST_CHARACTERS = 1_000
_MOST_ARTICLES = 200
_MOST_SAID = 200


@dataclass(frozen=True)
class Opinion:
    """One reader's word on one version of an article; ``reader`` tells the same reader again and nothing else."""

    reader: str
    article_id: str
    version: str
    locale: str
    helpful: bool
    question: str = ""
    comment: str = ""


async def keep_opinion(services: Services, opinion: Opinion) -> None:
    """The same again changes nothing; a change of mind replaces what was said, and a later comment joins it."""
    try:
        await _keep(services, opinion)
    except IntegrityError:
        # The same press twice at once: the other one is in.
        await _keep(services, opinion)


async def _keep(services: Services, opinion: Opinion) -> None:
    key = _key(services, opinion)
    async with services.db.write() as session:
        row = await session.get(ArticleOpinion, key, with_for_update=True)
        if row is None:
            row = ArticleOpinion(id=key, article_id=opinion.article_id, version=opinion.version, locale=opinion.locale)
            session.add(row)
        row.helpful, row.created_at = opinion.helpful, services.clock()
        row.question = mask(opinion.question, opinion.locale) or row.question
        row.comment = None if opinion.helpful else mask(opinion.comment, opinion.locale) or row.comment


async def for_writers(services: Services) -> Json:
    """``{articles, said}``: how each article fared, the one that helped fewest first; what was said, newest first."""
    row = ArticleOpinion
    helped = func.sum(cast(row.helpful, Integer))
    counted = (
        select(row.article_id, row.locale, helped, func.count())
        .group_by(row.article_id, row.locale)
        .order_by((func.count() - helped).desc(), row.article_id, row.locale)
        .limit(_MOST_ARTICLES)
    )
    said = select(row).where(row.helpful.is_(False)).order_by(row.created_at.desc(), row.id).limit(_MOST_SAID)
    async with services.db.read() as session:
        counts = (await session.execute(counted)).all()
        rows = (await session.execute(said)).scalars().all()
    return {
        "articles": [
            {**_named(services, article_id, locale), "helped": yes, "did_not_help": both - yes}
            for article_id, locale, yes, both in counts
        ],
        "said": [
            {
                **_named(services, one.article_id, one.locale),
                "version": one.version,
                "question": one.question,
                "comment": one.comment,
                "at": one.created_at.isoformat(),
            }
            for one in rows
        ],
    }


def _named(services: Services, article_id: str, locale: str) -> Json:
    """The title is gone with the article."""
    catalogue = services.library.catalogue
    entry = catalogue.versions(article_id).get(locale) if catalogue else None
    return {"article_id": article_id, "locale": locale, "title": entry.title if entry else None}


def reader_of(services: Services, *parts: str) -> str:
    """A name for a reader of whom nothing is kept, out of what tells two requests of one moment together."""
    return _digest(services, "reader", *parts)


def _key(services: Services, opinion: Opinion) -> str:
    # By article, so that nobody can be followed from one article to the next.
    return _digest(services, "opinion", opinion.reader, opinion.article_id, opinion.locale, opinion.version)


def _digest(services: Services, *parts: str) -> str:
    secret, text = services.settings.relais_secret.encode(), "\x00".join(parts)
    return hmac.new(secret, f"help:{text}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]
