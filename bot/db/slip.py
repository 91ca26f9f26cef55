"""What a customer changed on the slip that the advisor reads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.models import Base


class SlipChange(Base):
    """One line, struck out or in the customer's own words (``text``); kept apart, so that no refresh undoes it."""

    __tablename__ = "slip_changes"

    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(32), index=True)
    text: Mapped[str | None] = mapped_column(Text)
    struck: Mapped[bool] = mapped_column(Boolean, default=False)
    changed_at: Mapped[datetime]
