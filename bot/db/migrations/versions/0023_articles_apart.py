"""Articles that look alike and are two different things."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "articles_apart",
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("first", sa.String(120), nullable=False),
        sa.Column("second", sa.String(120), nullable=False),
        sa.Column("first_version", sa.String(64), nullable=False),
        sa.Column("second_version", sa.String(64), nullable=False),
        sa.Column("said_by", sa.String(32), nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("locale", "first", "second"),
    )


def downgrade() -> None:
    op.drop_table("articles_apart")
