"""What every part of ``service.yml`` has in common."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Locale = Literal["fr", "en"]
Text = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """A part of the file; a misspelt key must not silently mean "the default"."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LocalText(Part):
    """One text in both languages."""

    fr: Text
    en: Text

    def in_locale(self, locale: str) -> str:
        """The text in "fr" or "en"; any other locale gets French."""
        return self.en if locale == "en" else self.fr
