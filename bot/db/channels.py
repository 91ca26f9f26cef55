"""Where a conversation of a pushing channel is written back to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base, Json


class ChannelThread(Base):
    """A conversation held on a channel: with which account of it, and what the channel needs to write back."""

    __tablename__ = "channel_threads"
    __table_args__ = (Index("ix_channel_threads_of", "channel", "account", "created_at"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(200))
    address: Mapped[Json] = mapped_column(default=dict)
    created_at: Mapped[datetime]
