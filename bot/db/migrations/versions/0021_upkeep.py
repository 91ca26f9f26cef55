"""Reminders of review dates, publications at a set hour in the audit, counts of erased conversations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_mornings",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "review_reminders",
        sa.Column("article_id", sa.String(120), nullable=False),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("review_by", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "locale", "review_by", "kind"),
    )
    op.create_table(
        "scheduled_publications",
        sa.Column("commit_id", sa.String(40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("commit_id"),
    )
    key = {"day": 10, "channel": 32, "locale": 8, "topic": 32, "outcome": 32}
    op.create_table(
        "conversation_counts",
        *[sa.Column(name, sa.String(length), nullable=False) for name, length in key.items()],
        sa.Column("handed_over", sa.Boolean(), nullable=False),
        sa.Column("came_back", sa.Boolean(), nullable=False),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*key, "handed_over", "came_back"),
    )


def downgrade() -> None:
    for table in ("conversation_counts", "scheduled_publications", "review_reminders", "review_mornings"):
        op.drop_table(table)
