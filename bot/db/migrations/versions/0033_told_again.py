"""Who was told of an article may be told of it again, for another question."""

from __future__ import annotations

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_NAMES = {"uq": "uq_%(table_name)s_%(column_0_name)s"}


def _once() -> str:
    """What the database itself called the constraint of 0016, which had no name."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    return "gap_tellings_customer_id_article_id_key" if on_postgresql else "uq_gap_tellings_customer_id"


def upgrade() -> None:
    with op.batch_alter_table("gap_tellings", naming_convention=_NAMES) as table:
        table.drop_constraint(_once(), type_="unique")
        table.create_unique_constraint("uq_gap_tellings_question", ["customer_id", "article_id", "question_id"])


def downgrade() -> None:
    # The first telling of each stays.
    op.execute(
        "DELETE FROM gap_tellings WHERE EXISTS (SELECT 1 FROM gap_tellings AS earlier"
        " WHERE earlier.customer_id = gap_tellings.customer_id AND earlier.article_id = gap_tellings.article_id"
        " AND (earlier.created_at < gap_tellings.created_at"
        " OR (earlier.created_at = gap_tellings.created_at AND earlier.id < gap_tellings.id)))"
    )
    with op.batch_alter_table("gap_tellings") as table:
        table.drop_constraint("uq_gap_tellings_question", type_="unique")
        table.create_unique_constraint(_once(), ["customer_id", "article_id"])
