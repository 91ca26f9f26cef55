"""Who agreed to be told of the answer to one question of theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consents", sa.Column("question_id", sa.String(32), nullable=True))
    op.create_index("ix_consents_question_id", "consents", ["question_id"])


def downgrade() -> None:
    op.drop_index("ix_consents_question_id", "consents")
    op.drop_column("consents", "question_id")
