"""Pictures that come with an import, and the imports of which it is not known yet whether they landed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_pictures",
        sa.Column("bundle", sa.String(32), nullable=False),
        sa.Column("picture_id", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("bundle", "picture_id"),
    )
    op.create_table(
        "article_imports",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("bundle", sa.String(32), nullable=False),
        sa.Column("actor_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("article_imports")
    op.drop_table("import_pictures")
