"""Canned replies, wishes for articles, who sent an article, and text folded for search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.types import UtcDateTime
from bot.folding import fold

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
_AT_ONCE = 500


def upgrade() -> None:
    """Adds them, and folds what was said before."""
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("shortcut", sa.String(length=40), nullable=False, unique=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=True),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("updated_by", sa.String(length=32), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "article_wishes",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("conversation_id", sa.String(length=32), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("message_id", sa.String(length=32), sa.ForeignKey("messages.id"), nullable=False, unique=True),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("topic", sa.String(length=32), nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_article_wishes_conversation_id", "article_wishes", ["conversation_id"])
    op.create_index("ix_article_wishes_created_at", "article_wishes", ["created_at"])
    op.add_column("feedback", sa.Column("sent_by", sa.String(length=32), nullable=True))
    for table in ("messages", "customers"):
        op.add_column(table, sa.Column("folded", sa.Text(), nullable=False, server_default=""))
    _fold_all("messages", ("text",))
    _fold_all("customers", ("display_name", "email", "reference"))


def _fold_all(name: str, columns: tuple[str, ...]) -> None:
    """A few rows at a time, by id: a record of years does not fit into memory."""
    table = sa.table(name, sa.column("id"), sa.column("folded"), *(sa.column(column) for column in columns))
    connection, last = op.get_bind(), ""
    read = sa.select(table.c.id, *(table.c[column] for column in columns)).order_by(table.c.id).limit(_AT_ONCE)
    write = sa.update(table).where(table.c.id == sa.bindparam("row")).values(folded=sa.bindparam("plain"))
    while rows := connection.execute(read.where(table.c.id > last)).all():
        last = rows[-1][0]
        connection.execute(write, [{"row": row[0], "plain": fold(" ".join(filter(None, row[1:])))} for row in rows])


def downgrade() -> None:
    """Takes them away again."""
    op.drop_column("customers", "folded")
    op.drop_column("messages", "folded")
    op.drop_column("feedback", "sent_by")
    op.drop_table("article_wishes")
    op.drop_table("canned_replies")
