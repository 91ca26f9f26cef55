"""Opening the record: SQLite in WAL mode by default, PostgreSQL by ``DATABASE_URL``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Select, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bot.background import uninterrupted


class Database:
    """Sessions on the record. ``read()`` sees a consistent state; ``write()`` commits when its block ends well."""

    def __init__(self, url: str) -> None:
        self._is_sqlite = make_url(url).get_backend_name() == "sqlite"
        # Beyond the pool's size a connection is opened for one use, which for SQLite takes longer than a query.
        options: dict[str, Any] = {"pool_size": 20, "max_overflow": 20, "pool_pre_ping": not self._is_sqlite}
        # An error of the record is logged: its text must not hold what people wrote.
        self.engine = create_async_engine(url, hide_parameters=True, **options)
        if self._is_sqlite:
            _prepare_sqlite(self.engine.sync_engine)
        self._reader = async_sessionmaker(self.engine, expire_on_commit=False)
        writing = self.engine.execution_options(relais_write=True)
        self._writer = async_sessionmaker(writing, expire_on_commit=False)
        # SQLite has one writer: waiting here is fair and quick, waiting inside SQLite polls.
        self._turnstile = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads."""
        async with self._reader() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed when the block ends, and undone when it fails."""
        with uninterrupted():
            if not self._is_sqlite:
                async with self._writer() as session, session.begin():
                    yield session
                return
            async with self._turnstile, self._writer() as session, session.begin():
                yield session

    async def one_at_a_time(self, session: AsyncSession, work: int) -> None:
        """Waits until no other process does ``work`` in a transaction; SQLite has one writer anyway."""
        if not self._is_sqlite:
            await session.execute(text("SELECT pg_advisory_xact_lock(:work)"), {"work": work})

    async def hold(self, session: AsyncSession, rows: Select[Any]) -> None:
        """Nobody else changes these rows until the transaction ends; SQLite's one writer holds them all."""
        if not self._is_sqlite:
            await session.execute(rows.with_for_update())

    async def close(self) -> None:
        """Lets every connection go."""
        await self.engine.dispose()


def _prepare_sqlite(engine: Any) -> None:
    path = engine.url.database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # We open transactions ourselves (below): the driver's own way upgrades a read to a write
        # half-way, which fails with "database is locked" instead of waiting.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("relais_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
