"""Questions that are sent on to whoever can mend what causes them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sent_on",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("gap_id", sa.String(32), nullable=True),
        sa.Column("article_id", sa.String(120), nullable=True),
        sa.Column("locale", sa.String(8), nullable=True),
        sa.Column("owner_id", sa.String(32), nullable=False),
        sa.Column("pending", sa.String(200), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("mail_id", sa.String(32), nullable=False),
        sa.Column("sent_by", sa.String(32), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("pending"),
    )
    op.create_index("ix_sent_on_gap_id", "sent_on", ["gap_id"])
    op.create_index("ix_sent_on_article_id", "sent_on", ["article_id"])


def downgrade() -> None:
    op.drop_table("sent_on")
