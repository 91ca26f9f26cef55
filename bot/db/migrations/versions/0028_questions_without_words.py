"""Questions in which nobody could read one are marked as they are grouped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("gap_questions") as batch:
        batch.add_column(sa.Column("wordless", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("gap_questions") as batch:
        batch.drop_column("wordless")
