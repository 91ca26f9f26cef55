"""From which network address codes are asked for and tried, as a keyed hash: they are counted by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("heard_from", sa.String(length=64), nullable=True))
    op.add_column("one_time_codes", sa.Column("asked_from", sa.String(length=64), nullable=True))
    op.create_index("ix_one_time_codes_from", "one_time_codes", ["asked_from", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_one_time_codes_from", "one_time_codes")
    op.drop_column("one_time_codes", "asked_from")
    op.drop_column("conversations", "heard_from")
