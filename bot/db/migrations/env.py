"""Alembic's environment: the same engine as the process itself."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection

import bot.db.accounts
import bot.db.apart
import bot.db.channels
import bot.db.gaps
import bot.db.help
import bot.db.identity
import bot.db.incidents
import bot.db.people
import bot.db.pictures
import bot.db.prepared
import bot.db.promises
import bot.db.sent
import bot.db.slip
import bot.db.telegram
import bot.db.together
import bot.db.upkeep
import bot.db.webhooks
import bot.db.widget
import bot.db.words  # noqa: F401  the tables must be known
from bot.db.engine import Database
from bot.db.models import Base


def _run(connection: Connection) -> None:
    # SQLite can't alter most things in place: batch mode rebuilds the table instead.
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=False)
    with context.begin_transaction():
        context.run_migrations()


async def _migrate() -> None:
    db = Database(context.config.attributes["database_url"])
    try:
        async with db.engine.connect() as connection:
            await connection.run_sync(_run)
            await connection.commit()
    finally:
        await db.close()


asyncio.run(_migrate())
