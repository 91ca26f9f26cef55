"""Accounts of channels, one-time links between channels, what customers agreed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_threads",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"]),
        sa.PrimaryKeyConstraint("conversation_id"),
    )
    op.create_index("ix_channel_threads_of", "channel_threads", ["channel", "account", "created_at"])
    op.create_table(
        "deep_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("used_by_conversation_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"]),
        sa.ForeignKeyConstraint(["used_by_conversation_id"], ["conversations.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    for column in ("conversation_id", "expires_at", "used_by_conversation_id"):
        op.create_index(f"ix_deep_links_{column}", "deep_links", [column])
    op.create_table(
        "consents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_consents_of", "consents", ["customer_id", "purpose", "at"])
    op.create_index("ix_consents_conversation_id", "consents", ["conversation_id"])
    op.add_column("conversations", sa.Column("signed_out_at", UtcDateTime(), nullable=True))
    op.add_column("handoffs", sa.Column("case_id", sa.String(length=32), nullable=True))
    op.create_index("ix_handoffs_case_id", "handoffs", ["case_id"])
    # By a link that somebody opened in both channels: their "yes" is proof enough.
    opened: sa.Column[bool] = sa.Column("opened_by_link", sa.Boolean(), nullable=False, server_default=sa.false())
    with op.batch_alter_table("customer_links") as links:
        links.add_column(opened)
        links.alter_column("conversation_id", existing_type=sa.String(length=32), nullable=True)


def downgrade() -> None:
    op.drop_column("customer_links", "opened_by_link")
    op.drop_index("ix_handoffs_case_id", "handoffs")
    op.drop_column("handoffs", "case_id")
    op.drop_column("conversations", "signed_out_at")
    op.drop_table("consents")
    op.drop_table("deep_links")
    op.drop_table("channel_threads")
