"""What happened to each handoff, its deliveries to addresses outside, and what customers changed on their slip."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handoff_events",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("handoff_id", sa.String(length=32), sa.ForeignKey("handoffs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("advisor_id", sa.String(length=32), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("handoff_id", "number"),
    )
    op.create_index("ix_handoff_events_conversation_id", "handoff_events", ["conversation_id"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column(
            "event_id", sa.String(length=32), sa.ForeignKey("handoff_events.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("handoff_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_webhook_deliveries_event_id", "webhook_deliveries", ["event_id"])
    op.create_index("ix_webhook_deliveries_conversation_id", "webhook_deliveries", ["conversation_id"])
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["status", "target", "next_attempt_at"])
    op.create_index("ix_webhook_deliveries_of", "webhook_deliveries", ["handoff_id", "target", "status"])
    op.create_table(
        "slip_changes",
        sa.Column(
            "handoff_id", sa.String(length=32), sa.ForeignKey("handoffs.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("line", sa.String(length=64), primary_key=True),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("struck", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_slip_changes_conversation_id", "slip_changes", ["conversation_id"])
    with op.batch_alter_table("handoffs") as table:
        # The overflow rule of service.yml that was applied to it, once it was.
        table.add_column(sa.Column("overflow_rule", sa.String(length=16), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("handoffs") as table:
        table.drop_column("overflow_rule")
    for name in ("slip_changes", "webhook_deliveries", "handoff_events"):
        op.drop_table(name)
