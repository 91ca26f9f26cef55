"""How far an advisor has read, for the customer to see."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db.types

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table of its own: most conversations never have a person."""
    op.create_table(
        "desk_readings",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("read_seq", sa.Integer(), nullable=False),
        sa.Column("read_at", bot.db.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"]),
        sa.PrimaryKeyConstraint("conversation_id"),
    )


def downgrade() -> None:
    """Nothing of it is kept."""
    op.drop_table("desk_readings")
