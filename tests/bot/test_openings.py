"""Openings of articles are counted for writers, and nothing of the reader is."""

from __future__ import annotations

from sqlalchemy import select

from bot.db.help import ArticleOpening
from bot.web.keys import HELP_OPENINGS
from tests.bot.conftest import Bot
from tests.bot.neighbours import ARTICLE

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Language": "fr",
}
NOT_READING = (
    {"DNT": "1"},
    {"Sec-GPC": "1"},
    {"Cache-Control": "max-age=0"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Sec-Fetch-Dest": "iframe"},
    {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
    {"User-Agent": "curl/8.5.0"},
    {"Accept": "*/*"},
)


async def opened(bot: Bot, **headers: str) -> str:
    async with bot.client.get("/aide/delais-de-livraison", headers=BROWSER | headers) as response:
        assert response.status in (200, 304)
        assert "Set-Cookie" not in response.headers
        return response.headers["ETag"]


async def test_a_reader_is_counted_once_and_known_to_nobody(bot: Bot) -> None:
    tag = await opened(bot)
    await opened(bot, **{"Accept-Language": "en", "Sec-Fetch-Dest": "document"})
    await opened(bot, **{"If-None-Match": tag})
    for each in NOT_READING:
        await opened(bot, **each)
    await bot.client.head("/aide/delais-de-livraison", headers=BROWSER)
    await bot.client.get("/aide/nulle-part", headers=BROWSER)
    for _ in range(2):  # what is written is not written again
        await bot.client.app[HELP_OPENINGS].keep(bot.services.db)
    async with bot.services.db.read() as session:
        (row,) = (await session.execute(select(ArticleOpening))).scalars()
    assert (row.article_id, row.locale, row.version, row.times) == (ARTICLE["article_id"], "fr", ARTICLE["version"], 2)
    await opened(bot)
    await bot.client.app[HELP_OPENINGS].keep(bot.services.db)
    writer = await bot.desk("ines", "writer")
    headers = {"Authorization": f"Bearer {writer.token}"}
    async with bot.client.get("/api/v1/studio/health", headers=headers) as response:
        (found,) = (await response.json())["articles"]
    assert (found["opened"], "unread" in found["debts"]) == (3, False)
    async with bot.client.get("/api/v1/studio/health/questions?figure=opened", headers=headers) as response:
        behind = await response.json()
    assert behind["openings"] == [{"day": row.day, "count": 3}]
