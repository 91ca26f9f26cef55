"""Counts of erased conversations go: no figure looks further back than what is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("conversation_counts")


def downgrade() -> None:
    key = {"day": 10, "channel": 32, "locale": 8, "topic": 32, "outcome": 32}
    op.create_table(
        "conversation_counts",
        *[sa.Column(name, sa.String(length), nullable=False) for name, length in key.items()],
        sa.Column("handed_over", sa.Boolean(), nullable=False),
        sa.Column("came_back", sa.Boolean(), nullable=False),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*key, "handed_over", "came_back"),
    )
