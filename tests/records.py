"""The records that tests run on: SQLite files, or databases of a PostgreSQL that TEST_DATABASE_URL names."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine


@asynccontextmanager
async def new_record(folder: Path, copied_from: str = "") -> AsyncIterator[str]:
    """The address of an empty record, or of a copy: a file in ``folder``, or a database that is dropped at the end."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        file = folder / "relais.db"
        if copied_from:
            shutil.copy(str(make_url(copied_from).database), file)
        yield f"sqlite+aiosqlite:///{file}"
        return
    name = f"relais_test_{secrets.token_hex(8)}"
    copy = f' TEMPLATE "{make_url(copied_from).database}"' if copied_from else ""
    await _on_server(server, f'CREATE DATABASE "{name}"{copy}')
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        await _on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _on_server(server: str, statement: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
