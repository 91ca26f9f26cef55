"""How soon people are answered, and how promises are watched."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from service.part import Part

Minutes = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, lt=1)]


class ServiceLevels(Part):
    """Targets in opening hours; a warning comes when the share `warn_at` of one has passed."""

    first_response_minutes: Minutes = 15
    next_response_minutes: Minutes = 15
    resolution_hours: Annotated[int, Field(ge=1)] = 16
    warn_at: Share = 0.75

    @property
    def targets(self) -> dict[str, timedelta]:
        """How long each clock runs, by its name."""
        return {
            "first_response": timedelta(minutes=self.first_response_minutes),
            "next_response": timedelta(minutes=self.next_response_minutes),
            "resolution": timedelta(hours=self.resolution_hours),
        }


class PromiseRules(Part):
    """When a promise that is not kept yet is spoken of, and how often somebody is called."""

    warn_at: Share = 0.75
    warn_minutes_before: Minutes = 15
    call_back_hours: Annotated[int, Field(ge=1)] = 24
    enquiry_days: Annotated[int, Field(ge=1)] = 10
    call_grace_minutes: Minutes = 15
    retry_call_minutes: Minutes = 60
    calls_before_telling: Annotated[int, Field(ge=1)] = 2
    # To those who lead the floor, when a promise may be missed; needs a mail server.
    mail_supervisors: bool = True
