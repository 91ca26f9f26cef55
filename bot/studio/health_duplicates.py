"""Articles that say the same, as pairs; and which of them a writer told apart."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.db.apart import ArticlesApart
from bot.db.people import AuditEntry, User
from bot.errors import NeighbourError, Refusal
from bot.folding import fold
from bot.services import Services
from bot.studio.health import Place
from bot.studio.noting import audit_target

Json = dict[str, Any]
# The number under which PostgreSQL lets one transaction tell a pair apart at a time.
_TELLING = 0x61706172


async def alike(services: Services) -> list[Json]:
    """The pairs that nobody told apart as they are now; none while the articles are still being read."""
    try:
        pairs: list[Json] = (await services.studio.duplicates())["pairs"]
    except NeighbourError:
        return []
    if not pairs:
        return []
    async with services.db.read() as session:
        rows = (await session.execute(select(ArticlesApart))).scalars().all()
    apart = {(row.locale, row.first, row.first_version, row.second, row.second_version) for row in rows}
    return [pair for pair in pairs if _key(pair) not in apart]


def _key(pair: Json) -> tuple[str, str, str, str, str]:
    one, other = _ordered(pair)
    return pair["locale"], one["article_id"], str(one["version"]), other["article_id"], str(other["version"])


def _ordered(pair: Json) -> list[Json]:
    return sorted(pair["articles"], key=lambda article: str(article["article_id"]))


def places_in(pairs: list[Json]) -> set[Place]:
    """The articles of these pairs."""
    return {(article["article_id"], pair["locale"]) for pair in pairs for article in pair["articles"]}


async def listed(services: Services, *, q: str, locale: str, topic: str) -> Json:
    """``{pairs}``, narrowed as the table is: by a word of either title, language, topic of either."""
    pairs = [pair for pair in await alike(services) if locale in ("", pair["locale"])]
    return {"pairs": [pair for pair in pairs if any(_fits(article, q, topic) for article in pair["articles"])]}


def _fits(article: Json, q: str, topic: str) -> bool:
    words = fold(f"{article['title']} {article['article_id']}")
    return topic in ("", article["topic"]) and all(word in words for word in fold(q).split())


async def tell_apart(services: Services, user: User, locale: str, ids: tuple[str, str], *, apart: bool) -> None:
    """Until one of the two changes; or takes that back. Raises ``Refusal`` (404) for two that are not alike."""
    first, second = sorted(ids)
    pairs = (await services.studio.duplicates())["pairs"]
    wanted = (locale, first, second)
    pair = next((one for one in pairs if (_key(one)[0], _key(one)[1], _key(one)[3]) == wanted), None)
    if pair is None:
        raise Refusal("not_found", 404)
    now, versions = services.clock(), [str(article["version"])[:64] for article in _ordered(pair)]
    async with services.db.write() as session:
        await services.db.one_at_a_time(session, _TELLING)
        row = await session.get(ArticlesApart, wanted)
        if row is not None:
            await session.delete(row)
            await session.flush()
        if apart:
            kept = ArticlesApart(
                locale=locale,
                first=first,
                second=second,
                first_version=versions[0],
                second_version=versions[1],
                said_by=user.id,
                said_at=now,
            )
            session.add(kept)
        action = "articles_told_apart" if apart else "articles_alike_again"
        target = audit_target(first, locale)
        session.add(AuditEntry(at=now, actor_id=user.id, action=action, target=target, detail=second))
