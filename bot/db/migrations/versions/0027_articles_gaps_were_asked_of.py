"""Which versions of articles open gaps were asked of, so that what is published while bot is down is asked too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gap_articles",
        sa.Column("article_id", sa.String(120), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("article_id"),
    )


def downgrade() -> None:
    op.drop_table("gap_articles")
