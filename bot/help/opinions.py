"""What readers think of an article, kept for writers: masked, and nobody's."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from bot.db.help import ArticleOpinion
from bot.masking import mask
from bot.services import Services

MOST_CHARACTERS = 1_000


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
        row.question = mask(opinion.question) or row.question
        row.comment = None if opinion.helpful else mask(opinion.comment) or row.comment


def reader_of(services: Services, *parts: str) -> str:
    """A name for a reader of whom nothing is kept, out of what tells two requests of one moment together."""
    return _digest(services, "reader", *parts)


def _key(services: Services, opinion: Opinion) -> str:
    # By article, so that nobody can be followed from one article to the next.
    return _digest(services, "opinion", opinion.reader, opinion.article_id, opinion.locale, opinion.version)


def _digest(services: Services, *parts: str) -> str:
    secret, text = services.settings.relais_secret.encode(), "\x00".join(parts)
    return hmac.new(secret, f"help:{text}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]
