"""What did not help, with the question it was an answer to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.add_column(sa.Column("question", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("confidence", sa.Float(), nullable=True))
    with op.batch_alter_table("unanswered_questions", schema=None) as batch_op:
        # What is there already was kept for want of an answer.
        batch_op.add_column(sa.Column("reason", sa.String(length=16), nullable=False, server_default="no_answer"))
        batch_op.add_column(sa.Column("article_id", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("version", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_unanswered_questions_article_id"), ["article_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("unanswered_questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unanswered_questions_article_id"))
        batch_op.drop_column("version")
        batch_op.drop_column("article_id")
        batch_op.drop_column("reason")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_column("confidence")
        batch_op.drop_column("question")
