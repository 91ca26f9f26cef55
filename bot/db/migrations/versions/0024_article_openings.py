"""How often articles are opened in the help centre."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "article_openings",
        sa.Column("article_id", sa.String(120), nullable=False),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "locale", "version", "day"),
    )
    op.create_index("ix_article_openings_day", "article_openings", ["day"])


def downgrade() -> None:
    op.drop_table("article_openings")
