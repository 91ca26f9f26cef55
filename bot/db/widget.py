"""What only the chat on a website shows: how far an advisor has read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base


class DeskReading(Base):
    """How far whoever has the conversation at the desk has had it before their eyes."""

    __tablename__ = "desk_readings"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    read_seq: Mapped[int] = mapped_column(Integer, default=0)
    read_at: Mapped[datetime]
