"""Questions in which nobody could read one are marked; what was sent on can be taken back, or told as a mistake."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("gap_questions") as batch:
        batch.add_column(sa.Column("wordless", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("sent_on") as batch:
        batch.add_column(sa.Column("word_id", sa.String(32)))
        batch.add_column(sa.Column("gap_before", sa.String(16)))


def downgrade() -> None:
    with op.batch_alter_table("sent_on") as batch:
        batch.drop_column("gap_before")
        batch.drop_column("word_id")
    with op.batch_alter_table("gap_questions") as batch:
        batch.drop_column("wordless")
