"""The answers of a month are found among the messages of years."""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_messages_kind_created_at", "messages", ["kind", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_messages_kind_created_at", "messages")
