"""One-time codes, mails, private pages and links between channels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_AT = bot.db.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    # Not in batch mode: SQLite would rebuild the table, which others refer to.
    op.add_column("conversations", sa.Column("proven_customer_id", sa.String(length=32), nullable=True))
    op.create_index("ix_conversations_proven_customer_id", "conversations", ["proven_customer_id"])
    _codes()
    _mails()
    _private_pages()
    _links()


def _codes() -> None:
    op.create_table(
        "one_time_codes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("task", sa.String(length=64), nullable=True),
        sa.Column("reference", sa.String(length=120), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("expires_at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_one_time_codes_of", "one_time_codes", ["conversation_id", "created_at"])
    op.create_index("ix_one_time_codes_to", "one_time_codes", ["email", "created_at"])


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("code_id", sa.String(length=32), nullable=True),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _AT, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["one_time_codes.id"]),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_mails_conversation_id", "mails", ["conversation_id"])
    op.create_index("ix_mails_due", "mails", ["status", "next_attempt_at"])


def _private_pages() -> None:
    op.create_table(
        "private_pages",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(length=16), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("message_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("expires_at", _AT, nullable=False),
        sa.Column("used_at", _AT, nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"]),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_private_pages_conversation_id", "private_pages", ["conversation_id"])
    op.create_index("ix_private_pages_expires_at", "private_pages", ["expires_at"])


def _links() -> None:
    op.create_table(
        "customer_links",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("linked_to", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("decided_at", _AT, nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"]),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.ForeignKeyConstraint(["linked_to"], ["customers.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("conversation_id", "customer_id", "linked_to"):
        op.create_index(f"ix_customer_links_{column}", "customer_links", [column])


def downgrade() -> None:
    for table in ("customer_links", "private_pages", "mails", "one_time_codes"):
        op.drop_table(table)
    op.drop_index("ix_conversations_proven_customer_id", "conversations")
    op.drop_column("conversations", "proven_customer_id")
