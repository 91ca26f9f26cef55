"""How often a grouping was begun, so that one that fails is not begun for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gap_runs", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("gap_runs", "tries")
