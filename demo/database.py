"""The shop's SQLite. Customers and orders are seeded at each start; what was changed since is kept and done again."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiosqlite

from demo import seed
from demo.catalogue import Catalogue

Record = dict[str, Any]
# An idempotency key stands at least so long; after that the demo is as it was seeded again.
CHANGES_KEPT = timedelta(days=7)

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
DROP TABLE IF EXISTS orders;
DROP TABLE IF EXISTS customers;
CREATE TABLE customers (
    customer_id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, segment TEXT NOT NULL, since TEXT NOT NULL,
    language TEXT NOT NULL, address TEXT NOT NULL, postcode TEXT NOT NULL, city TEXT NOT NULL, country TEXT NOT NULL,
    phone TEXT, points TEXT NOT NULL, spent_cents INTEGER NOT NULL,
    pending_email TEXT, erasure_by TEXT, closed_on TEXT);
CREATE TABLE orders (
    number TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers, status TEXT NOT NULL, placed TEXT NOT NULL,
    goods_cents INTEGER NOT NULL, delivery_cents INTEGER NOT NULL, payment TEXT NOT NULL, mode TEXT NOT NULL,
    carrier TEXT, expected TEXT, delivered TEXT, event TEXT, lines TEXT NOT NULL, address TEXT NOT NULL,
    returns TEXT NOT NULL, refunds TEXT NOT NULL, problems TEXT NOT NULL, repairs TEXT NOT NULL);
CREATE INDEX orders_of_customer ON orders (customer_id);
CREATE TABLE IF NOT EXISTS tracking_requests (
    idempotency_key TEXT PRIMARY KEY, number TEXT NOT NULL, requested_at TEXT NOT NULL, answer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS changes (
    idempotency_key TEXT PRIMARY KEY, operation TEXT NOT NULL, customer_id TEXT NOT NULL, number TEXT,
    fingerprint TEXT NOT NULL, made_at TEXT NOT NULL, answer TEXT NOT NULL, effects TEXT NOT NULL);
"""
# Of two equal requests at the same moment one row wins, and both get its answer.
INSERT_TRACKING = "INSERT OR IGNORE INTO tracking_requests VALUES (?, ?, ?, ?)"
SELECT_TRACKING = "SELECT * FROM tracking_requests WHERE idempotency_key = ?"
INSERT_CUSTOMER = """
INSERT OR REPLACE INTO customers (customer_id, name, email, segment, since, language, address, postcode, city, country,
    phone, points, spent_cents)
VALUES (:customer_id, :name, :email, :segment, :since, :language, :address, :postcode, :city, :country,
    :phone, :points, :spent_cents)
"""
INSERT_ORDER = """
INSERT OR REPLACE INTO orders VALUES (:number, :customer_id, :status, :placed, :goods_cents, :delivery_cents, :payment,
    :mode, :carrier, :expected, :delivered, :event, :lines, :address, :returns, :refunds, :problems, :repairs)
"""
FORGET_TRACKING = "DELETE FROM tracking_requests WHERE number IN (SELECT number FROM orders WHERE customer_id LIKE ?)"
FORGET_CHANGES = "DELETE FROM changes WHERE customer_id LIKE ?"
ID_COLUMN = {"orders": "number", "customers": "customer_id"}
INSERT_CHANGE = "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Effect:
    """Columns to set on one customer or order; JSON columns are given as JSON text."""

    table: str
    key: str
    columns: Record


@dataclass(frozen=True, slots=True)
class Change:
    """What one call with an idempotency key did: its answer, and the effects that are done again at a start."""

    operation: str
    customer_id: str
    number: str | None
    answer: Record
    effects: tuple[Effect, ...]


class Database:
    """Reads and writes of the shop. Rows come back as dicts; moments stay relative until the API renders them."""

    def __init__(self, connection: aiosqlite.Connection, catalogue: Catalogue) -> None:
        self._connection = connection
        self._catalogue = catalogue
        # Whoever changes something holds it from the look at the order to the write: two cancellations make one.
        self.changing = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path, catalogue: Catalogue, now: datetime) -> Database:
        """Open (and make) the file at `path`, seed it and do again what was changed in the last days."""
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = await aiosqlite.connect(path)
        connection.row_factory = aiosqlite.Row
        await connection.executescript(SCHEMA)
        database = cls(connection, catalogue)
        await database._seed()
        await database._do_again(now)
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

    async def customer_with_email(self, email: str) -> Record | None:
        """Whose account this e-mail address is, in any case of letters; a closed account is nobody's."""
        query = "SELECT * FROM customers WHERE lower(email) = lower(?) AND closed_on IS NULL"
        return await self._one(query, email)

    async def orders_of(self, customer_id: str) -> list[Record]:
        """The orders of a customer."""
        return await self._all("SELECT * FROM orders WHERE customer_id = ? ORDER BY number DESC", customer_id)

    async def order(self, number: str) -> Record | None:
        """The order, or None."""
        return await self._one("SELECT * FROM orders WHERE number = ?", number)

    async def tracking_requests(self) -> list[Record]:
        """What was asked of the carrier, in order, without the answers."""
        return await self._all("SELECT idempotency_key, number, requested_at FROM tracking_requests ORDER BY rowid")

    async def record_tracking(self, key: str, number: str, requested_at: str, answer: Record) -> Record:
        """Record a request once; returns the row that stands for `key`, which may be an earlier one."""
        await self._connection.execute(INSERT_TRACKING, (key, number, requested_at, json.dumps(answer)))
        await self._connection.commit()
        [row] = await self._all(SELECT_TRACKING, key)
        return {**row, "answer": json.loads(row["answer"])}

    async def changes(self) -> list[Record]:
        """What was changed, in order, without the answers."""
        return await self._all(
            "SELECT idempotency_key, operation, customer_id, number, made_at FROM changes ORDER BY rowid"
        )

    async def change(self, key: str) -> Record | None:
        """The change made under `key`, with `fingerprint` and `answer`, or None."""
        row = await self._one("SELECT fingerprint, answer FROM changes WHERE idempotency_key = ?", key)
        return row and {**row, "answer": json.loads(row["answer"])}

    async def record_change(self, key: str, fingerprint: str, made_at: datetime, change: Change) -> None:
        """Make a change and keep it, both or neither; the caller holds `changing`."""
        effects = json.dumps([[effect.table, effect.key, effect.columns] for effect in change.effects])
        about = (change.operation, change.customer_id, change.number)
        answer = json.dumps(change.answer)
        row = (key, *about, fingerprint, made_at.isoformat(), answer, effects)
        try:
            await self._connection.execute(INSERT_CHANGE, row)
            await self._apply(change.effects)
        except aiosqlite.Error:
            await self._connection.rollback()
            raise
        await self._connection.commit()

    async def reset(self, customer_id: str | None) -> None:
        """Forget the changes of one customer, or all: customers and orders are as seeded again."""
        whose = customer_id or "%"
        async with self.changing:
            await self._connection.execute(FORGET_TRACKING, (whose,))
            await self._connection.execute(FORGET_CHANGES, (whose,))
            await self._seed(customer_id)

    async def _seed(self, customer_id: str | None = None) -> None:
        """Rows are replaced, never gone in between: others may be reading."""
        customers, orders = seed.rows(self._catalogue)
        for query, rows in ((INSERT_CUSTOMER, customers), (INSERT_ORDER, orders)):
            await self._connection.executemany(
                query, [row for row in rows if customer_id in (None, row["customer_id"])]
            )
        await self._connection.commit()

    async def _do_again(self, now: datetime) -> None:
        oldest = (now - CHANGES_KEPT).isoformat()
        await self._connection.execute("DELETE FROM changes WHERE datetime(made_at) < datetime(?)", (oldest,))
        for row in await self._all("SELECT effects FROM changes ORDER BY rowid"):
            await self._apply(tuple(Effect(*effect) for effect in json.loads(row["effects"])))
        await self._connection.commit()

    async def _apply(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            setting = ", ".join(f"{name} = :{name}" for name in effect.columns)
            # Names of tables and columns are ours, values never are part of the query.
            query = f"UPDATE {effect.table} SET {setting} WHERE {ID_COLUMN[effect.table]} = :_key"  # noqa: S608
            await self._connection.execute(query, {**effect.columns, "_key": effect.key})

    async def _all(self, query: str, *values: str) -> list[Record]:
        async with self._connection.execute(query, values) as cursor:
            return [dict(row) async for row in cursor]

    async def _one(self, query: str, *values: str) -> Record | None:
        rows = await self._all(query, *values)
        return rows[0] if rows else None
