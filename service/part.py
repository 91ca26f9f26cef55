"""What every part of ``service.yml`` has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of the file; a misspelt key must not silently mean "the default"."""

    model_config = ConfigDict(extra="forbid", frozen=True)
