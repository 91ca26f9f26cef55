"""The record's schema: migrations and models say the same, and a record of before keeps what it holds."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

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
from bot.db import migrate as module
from bot.db.migrate import migrate
from bot.db.models import Base
from tests.records import new_record

CUSTOMER = "INSERT INTO customers (id, created_at) VALUES ('p', '2026-11-01 00:00:00')"
CONVERSATION = (
    "INSERT INTO conversations (id, customer_id, channel, locale, owner, epoch, last_seq, assurance, created_at, "
    "updated_at) VALUES ('c', 'p', 'web', 'fr', 'bot', 0, 1, 'anonymous', '2026-11-01 00:00:00', '2026-11-01 00:00:00')"
)
MESSAGE = (
    "INSERT INTO messages (id, conversation_id, seq, author, kind, text, data, internal, told_rasa, created_at) "
    "VALUES ('m', 'c', 1, 'customer', 'text', 'Bonjour', '{}', false, false, '2026-11-01 00:00:00')"
)


def to(url: str, revision: str, *, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(module._MIGRATIONS))
    config.attributes["database_url"] = url
    (command.downgrade if down else command.upgrade)(config, revision)


def differences(connection: Connection) -> list[Any]:
    return compare_metadata(MigrationContext.configure(connection), Base.metadata)


async def test_the_migrations_make_what_the_models_say(tmp_path: Path) -> None:
    async with new_record(tmp_path) as url:
        await asyncio.to_thread(migrate, url)
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
            await connection.execute(text("DROP TABLE mails"))
            assert await connection.run_sync(differences) != [], "the comparison sees a difference"
        await engine.dispose()


async def test_conversations_of_before_identity_keep_what_they_hold(tmp_path: Path) -> None:
    async with new_record(tmp_path) as url:
        await asyncio.to_thread(to, url, "0002")
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            for statement in (CUSTOMER, CONVERSATION, MESSAGE):
                await connection.execute(text(statement))
        await asyncio.to_thread(migrate, url)
        kept = text(
            "SELECT messages.text, conversations.assurance FROM messages "
            "JOIN conversations ON conversations.id = messages.conversation_id"
        )
        proven = text("SELECT proven_customer_id FROM conversations")
        folded = text("SELECT folded FROM messages")
        async with engine.begin() as connection:
            assert (await connection.execute(kept)).all() == [("Bonjour", "anonymous")]
            assert (await connection.execute(proven)).scalar_one() is None
            assert (await connection.execute(folded)).scalar_one() == "bonjour", "search finds it"
        await asyncio.to_thread(to, url, "0002", down=True)
        async with engine.begin() as connection:
            assert (await connection.execute(kept)).all() == [("Bonjour", "anonymous")]
        await engine.dispose()


async def test_questions_of_before_feedback_keep_what_they_hold(tmp_path: Path) -> None:
    asked = (
        "INSERT INTO unanswered_questions (id, conversation_id, message_id, question, locale, channel, decision, "
        "candidates, created_at) VALUES ('u', 'c', 'm', 'q', 'fr', 'web', 'abstain', '[]', '2026-11-01 00:00:00')"
    )
    async with new_record(tmp_path) as url:
        await asyncio.to_thread(to, url, "0001")
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            for statement in (CUSTOMER, CONVERSATION, MESSAGE, asked):
                await connection.execute(text(statement))
        await asyncio.to_thread(migrate, url)
        async with engine.begin() as connection:
            kept = text("SELECT question, reason, article_id FROM unanswered_questions")
            assert (await connection.execute(kept)).all() == [("q", "no_answer", None)]
            assert (await connection.execute(text("SELECT count(*) FROM feedback"))).scalar_one() == 0
        await engine.dispose()
