"""Accounts: sessions one can see and end, invitations, resets, tries; rules changed on a page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("status", sa.String(length=16), nullable=False, server_default="active"))
    op.add_column("users", sa.Column("capacity", sa.Integer(), nullable=True))
    with op.batch_alter_table("user_sessions") as table:
        table.add_column(sa.Column("id", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("last_seen_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("agent", sa.String(length=80), nullable=True))
        table.add_column(sa.Column("address", sa.String(length=64), nullable=True))
    # Sessions of before stay open: the name they get says nothing of their token.
    op.execute("UPDATE user_sessions SET id = substr(token_hash, 1, 22), last_seen_at = created_at")
    with op.batch_alter_table("user_sessions") as table:
        table.alter_column("id", existing_type=sa.String(length=32), nullable=False)
        table.alter_column("last_seen_at", existing_type=UtcDateTime(), nullable=False)
    op.create_index("ix_user_sessions_id", "user_sessions", ["id"], unique=True)
    with op.batch_alter_table("mails") as table:
        table.alter_column("conversation_id", existing_type=sa.String(length=32), nullable=True)
    op.create_table(
        "account_links",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("user_id", sa.String(length=32), sa.ForeignKey("users.id"), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True, unique=True),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_account_links_asked", "account_links", ["status", "created_at"])
    op.create_index("ix_account_links_user_id", "account_links", ["user_id"])
    op.create_index("ix_account_links_email", "account_links", ["email"])
    op.create_table(
        "sign_in_tries",
        sa.Column("who", sa.String(length=64), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("free_at", UtcDateTime(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_sign_in_tries_at", "sign_in_tries", ["at"])
    op.create_table(
        "company_settings",
        sa.Column("key", sa.String(length=32), primary_key=True),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("previous", sa.JSON(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.String(length=32), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_audit_actor_id", "audit", ["actor_id"])
    op.create_index("ix_audit_target", "audit", ["target"])


def downgrade() -> None:
    op.drop_index("ix_audit_target", "audit")
    op.drop_index("ix_audit_actor_id", "audit")
    for name in ("company_settings", "sign_in_tries", "account_links"):
        op.drop_table(name)
    op.execute("DELETE FROM mails WHERE conversation_id IS NULL")
    with op.batch_alter_table("mails") as table:
        table.alter_column("conversation_id", existing_type=sa.String(length=32), nullable=False)
    op.drop_index("ix_user_sessions_id", "user_sessions")
    with op.batch_alter_table("user_sessions") as table:
        for name in ("address", "agent", "last_seen_at", "id"):
            table.drop_column(name)
    op.drop_column("users", "capacity")
    op.drop_column("users", "status")
