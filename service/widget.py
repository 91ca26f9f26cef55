"""How the chat looks, and what it says first."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from service.part import Locale, LocalText, Part

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
# What the chat's own sheet calls paper and ink, by theme.
_PAPER_LIGHT, _PAPER_DARK = "#faf8f4", "#191f1c"
_WHITE, _BLACK = "#ffffff", "#10241e"
READABLE = 4.5
_STEPS = 20


class Widget(Part):
    """``widget`` of ``service.yml``; ``name``, ``greeting`` and ``languages`` have defaults elsewhere."""

    colour: Colour = "#1f6f5c"
    colour_dark: Colour | None = None
    position: Literal["right", "left"] = "right"
    name: LocalText | None = None
    greeting: LocalText | None = None
    languages: Annotated[tuple[Locale, ...], Field(min_length=1)] | None = None

    @field_validator("colour")
    @classmethod
    def _dark_enough(cls, colour: str) -> str:
        return _checked(colour, _PAPER_LIGHT, "light pages: choose a darker one")

    @field_validator("colour_dark")
    @classmethod
    def _light_enough(cls, colour: str | None) -> str | None:
        return colour and _checked(colour, _PAPER_DARK, "dark pages: choose a lighter one")

    @field_validator("greeting")
    @classmethod
    def _known_names(cls, greeting: LocalText | None) -> LocalText | None:
        for text in (greeting.fr, greeting.en) if greeting else ():
            try:
                text.format(assistant="", brand="")
            except (KeyError, IndexError, ValueError) as error:
                raise ValueError("only {assistant} and {brand} may stand in braces") from error
        return greeting

    @property
    def palette(self) -> dict[str, list[str]]:
        """``{light: [colour, text on it], dark: […]}``; every pair can be read."""
        dark = self.colour_dark or _lightened(self.colour)
        return {"light": [self.colour, on(self.colour)], "dark": [dark, on(dark)]}


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG counts it, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def on(colour: str) -> str:
    """White or near black: which is read better on a colour."""
    return max((_WHITE, _BLACK), key=lambda ink: contrast(colour, ink))


def _checked(colour: str, paper: str, advice: str) -> str:
    found = contrast(colour, paper)
    if found < READABLE:
        raise ValueError(f"{colour} has a contrast of {found:.1f}:1, and {READABLE}:1 is needed to be read on {advice}")
    return colour


def _lightened(colour: str) -> str:
    """The colour itself, mixed with as little white as makes it readable on dark paper."""
    mixes = (_mixed(colour, step / _STEPS) for step in range(_STEPS + 1))
    return next(mix for mix in mixes if contrast(mix, _PAPER_DARK) >= READABLE + 1)


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _mixed(colour: str, white: float) -> str:
    return "#" + "".join(f"{round(part + (255 - part) * white):02x}" for part in _channels(colour))


def _luminance(colour: str) -> float:
    parts = [part / 255 for part in _channels(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
