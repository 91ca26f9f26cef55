"""The bot process with a help centre that keeps no finished page: the baseline of ``bench.help_centre``."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from bot.app import create_app
from bot.db.migrate import migrate
from bot.logs import set_up_logs
from bot.settings import BotSettings
from bot.web.help_kept import KeptPages
from bot.web.keys import HELP_PAGES


async def _keeping_nothing(app: web.Application) -> AsyncIterator[None]:
    app[HELP_PAGES] = KeptPages(most_bytes=0)
    yield


def main() -> None:
    """Serves until stopped."""
    settings = BotSettings()
    set_up_logs(settings.log_level)
    migrate(settings.database_url)
    app = create_app(settings)
    app.cleanup_ctx.append(_keeping_nothing)
    web.run_app(app, host="127.0.0.1", port=settings.port, print=None, access_log=None, shutdown_timeout=1.0)


if __name__ == "__main__":
    main()
