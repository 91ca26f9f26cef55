"""The queue's order, to whom a request is offered, and who is at the desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("presence", sa.String(length=16), nullable=False, server_default="available"))
    op.add_column("users", sa.Column("seen_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("handoffs") as table:
        table.add_column(sa.Column("queue_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("preferred_id", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("offered_to", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("offered_until", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("declined_by", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("overflow", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE handoffs SET queue_at = requested_at")
    with op.batch_alter_table("handoffs") as table:
        table.alter_column("queue_at", existing_type=UtcDateTime(), nullable=False)
    op.create_index("ix_handoffs_queue_at", "handoffs", ["queue_at"])
    op.create_index("ix_handoffs_offered_to", "handoffs", ["offered_to"])


def downgrade() -> None:
    op.drop_index("ix_handoffs_offered_to", "handoffs")
    op.drop_index("ix_handoffs_queue_at", "handoffs")
    with op.batch_alter_table("handoffs") as table:
        for name in ("overflow", "declined_by", "offered_until", "offered_to", "preferred_id", "queue_at"):
            table.drop_column(name)
    op.drop_column("users", "seen_at")
    op.drop_column("users", "presence")
