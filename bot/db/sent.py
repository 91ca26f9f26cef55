"""Questions that writers sent on to whoever can mend what causes them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base, Json
from bot.db.types import new_id


class SentOn(Base):
    """One sending: of a gap, or of an article's bad opinions. It holds numbers, and no words of customers'."""

    __tablename__ = "sent_on"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    # No foreign key: a gap whose last question was erased is gone, what was done about it stays.
    gap_id: Mapped[str | None] = mapped_column(String(32), index=True)
    article_id: Mapped[str | None] = mapped_column(String(120), index=True)
    locale: Mapped[str | None] = mapped_column(String(8))
    owner_id: Mapped[str] = mapped_column(String(32))
    # What and to whom, until it is resolved: nothing is sent twice while it is not.
    pending: Mapped[str | None] = mapped_column(String(200), unique=True)
    note: Mapped[str] = mapped_column(Text)
    # Of the days before: questions, conversations, handoffs, minutes, cost_eur, readers, days.
    figures: Mapped[Json]
    # Mails are deleted after a week.
    mail_id: Mapped[str] = mapped_column(String(32))
    sent_by: Mapped[str] = mapped_column(String(32))
    sent_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    # It was sent by mistake, and the mail that told its owner so; empty where the first one never arrived.
    word_id: Mapped[str | None] = mapped_column(String(32))
    # What the gap was before, for when it is taken back.
    gap_before: Mapped[str | None] = mapped_column(String(16))
