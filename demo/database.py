"""The shop's SQLite: seeded at each start, except what was recorded since (tracking requests)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiosqlite

from demo import seed
from demo.catalogue import Catalogue

Record = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS customers (
    customer_id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, segment TEXT NOT NULL,
    since TEXT NOT NULL, language TEXT NOT NULL, city TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    number TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers, status TEXT NOT NULL, placed TEXT NOT NULL,
    total_cents INTEGER NOT NULL, mode TEXT NOT NULL, carrier TEXT, expected TEXT, delivered TEXT, event TEXT,
    lines TEXT NOT NULL, returns TEXT NOT NULL, refunds TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS orders_of_customer ON orders (customer_id);
CREATE TABLE IF NOT EXISTS tracking_requests (
    idempotency_key TEXT PRIMARY KEY, number TEXT NOT NULL, requested_at TEXT NOT NULL, answer TEXT NOT NULL);
"""
INSERT_CUSTOMER = "INSERT INTO customers VALUES (:customer_id, :name, :email, :segment, :since, :language, :city)"
INSERT_ORDER = """
INSERT INTO orders VALUES (:number, :customer_id, :status, :placed, :total_cents, :mode, :carrier, :expected,
    :delivered, :event, :lines, :returns, :refunds)
"""
SELECT_ORDERS = "SELECT orders.*, city FROM orders JOIN customers USING (customer_id)"
# Of two equal requests at the same moment one row wins, and both get its answer.
INSERT_TRACKING = "INSERT OR IGNORE INTO tracking_requests VALUES (?, ?, ?, ?)"
SELECT_TRACKING = "SELECT * FROM tracking_requests WHERE idempotency_key = ?"


class Database:
    """Reads and writes of the shop. Rows come back as dicts; moments stay relative until the API renders them."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path, catalogue: Catalogue) -> Database:
        """Open (and make) the file at `path` and seed it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = await aiosqlite.connect(path)
        connection.row_factory = aiosqlite.Row
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.executescript(SCHEMA)
        database = cls(connection)
        await database._seed(catalogue)
        return database

    async def close(self) -> None:
        """Close the file."""
        await self._connection.close()

    async def customers(self) -> list[Record]:
        """All customers."""
        return await self._all("SELECT * FROM customers ORDER BY customer_id")

    async def customer(self, customer_id: str) -> Record | None:
        """The customer, or None."""
        return await self._one("SELECT * FROM customers WHERE customer_id = ?", customer_id)

    async def orders_of(self, customer_id: str) -> list[Record]:
        """The orders of a customer, newest first."""
        return await self._all(f"{SELECT_ORDERS} WHERE customer_id = ? ORDER BY number DESC", customer_id)

    async def order(self, number: str) -> Record | None:
        """The order, or None."""
        return await self._one(f"{SELECT_ORDERS} WHERE number = ?", number)

    async def tracking_requests(self) -> list[Record]:
        """What was asked of the carrier, in order, without the answers."""
        return await self._all("SELECT idempotency_key, number, requested_at FROM tracking_requests ORDER BY rowid")

    async def record_tracking(self, key: str, number: str, requested_at: str, answer: Record) -> Record:
        """Record a request once; returns the row that stands for `key`, which may be an earlier one."""
        await self._connection.execute(INSERT_TRACKING, (key, number, requested_at, json.dumps(answer)))
        await self._connection.commit()
        [row] = await self._all(SELECT_TRACKING, key)
        return {**row, "answer": json.loads(row["answer"])}

    async def _seed(self, catalogue: Catalogue) -> None:
        customers, orders = seed.rows(catalogue)
        await self._connection.execute("DELETE FROM orders")
        await self._connection.execute("DELETE FROM customers")
        await self._connection.executemany(INSERT_CUSTOMER, customers)
        await self._connection.executemany(INSERT_ORDER, orders)
        await self._connection.commit()

    async def _all(self, query: str, *values: str) -> list[Record]:
        async with self._connection.execute(query, values) as cursor:
            return [dict(row) async for row in cursor]

    async def _one(self, query: str, *values: str) -> Record | None:
        rows = await self._all(query, *values)
        return rows[0] if rows else None
