"""Reminders of review dates, and publications at a set hour in the audit."""

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


def downgrade() -> None:
    for table in ("scheduled_publications", "review_reminders", "review_mornings"):
        op.drop_table(table)
