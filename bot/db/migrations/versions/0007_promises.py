"""Promises that are kept, calls that were tried, and clocks that were missed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOMENTS = ("next_try_at", "warn_at", "alerted_at", "told_at", "missed_at", "kept_at")
_WORDS = {"made_by": 32, "handoff_id": 32, "kept_by": 32, "client_key": 128}


def upgrade() -> None:
    """Adds what is known of a promise, and two tables; a call promised before goes by its new name."""
    with op.batch_alter_table("promises") as table:
        for name, length in _WORDS.items():
            table.add_column(sa.Column(name, sa.String(length)))
        for name in _MOMENTS:
            table.add_column(sa.Column(name, UtcDateTime()))
        table.add_column(sa.Column("contact", sa.JSON()))
        table.create_index("ix_promises_handoff_id", ["handoff_id"])
        table.create_index("ix_promises_warn_at", ["warn_at"])
        table.create_unique_constraint("uq_promises_client_key", ["conversation_id", "client_key"])
    op.execute("UPDATE promises SET kind = 'call_back' WHERE kind = 'callback'")
    op.execute("UPDATE promises SET warn_at = due_at WHERE status = 'open' AND kind <> 'erasure'")
    op.create_table(
        "call_attempts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("promise_id", sa.String(32), sa.ForeignKey("promises.id"), nullable=False, index=True),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False, index=True),
        sa.Column("user_id", sa.String(32), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("client_key", sa.String(128)),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("promise_id", "client_key"),
    )
    op.create_table(
        "clock_records",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("handoff_id", sa.String(32), sa.ForeignKey("handoffs.id"), nullable=False, index=True),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False, index=True),
        sa.Column("clock", sa.String(16), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("warned_at", UtcDateTime(), nullable=False),
        sa.Column("late_at", UtcDateTime(), index=True),
        sa.Column("late_seconds", sa.Integer()),
        sa.Column("ended_at", UtcDateTime()),
        sa.UniqueConstraint("handoff_id", "clock", "started_at"),
    )
    op.create_index("ix_clock_records_running", "clock_records", ["ended_at", "due_at"])


def downgrade() -> None:
    """Takes it away again."""
    op.drop_table("clock_records")
    op.drop_table("call_attempts")
    op.execute("UPDATE promises SET kind = 'callback' WHERE kind = 'call_back'")
    with op.batch_alter_table("promises") as table:
        table.drop_constraint("uq_promises_client_key", type_="unique")
        table.drop_index("ix_promises_warn_at")
        table.drop_index("ix_promises_handoff_id")
        for name in (*_WORDS, *_MOMENTS, "contact"):
            table.drop_column(name)
