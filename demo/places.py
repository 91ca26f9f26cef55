"""Where the shops are, and which are nearest to a postcode or a town; distances are as the crow flies, roughly."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
EARTH_KM = 6371.0
_POSTCODE = re.compile(r"(?<!\d)(?:[BL]-?)?(\d{5}|\d{4})(?!\d)", re.IGNORECASE)
# Of a four-digit postcode the country is not known: Luxembourg's are told by their letter, or by being no Belgian one.
_LUXEMBOURG = re.compile(r"\bL-?\d{4}\b|luxembourg", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A town, or the neighbourhood of the postcodes that begin with `prefix`."""

    country: str
    prefix: str
    name: str
    lat: float
    lon: float


class Atlas:
    """The places that are known and the shops."""

    def __init__(self, places: list[Place], shops: list[dict[str, Any]]) -> None:
        self._places = places
        self._by_name = {_plain(place.name): place for place in places}
        self._shops = shops

    @classmethod
    def load(cls) -> Atlas:
        """Read places.json and shops.json, which sit beside this module."""
        places = [Place(*row) for row in json.loads((FOLDER / "places.json").read_text("utf-8"))]
        return cls(places, json.loads((FOLDER / "shops.json").read_text("utf-8")))

    def shops(self, near: Place | None) -> list[dict[str, Any]]:
        """All shops as the API publishes them, nearest first; in the order of the list, without distance, for None."""
        found = [(_distance(near, shop) if near else None, shop) for shop in self._shops]
        ordered = sorted(found, key=lambda pair: pair[0] or 0.0)
        return [_published(shop, distance) for distance, shop in ordered]

    def place(self, text: str) -> Place | None:
        """The place of a postcode or a town as people type it; None when it is not known."""
        postcode = _POSTCODE.search(text)
        if postcode:
            return self._of_postcode(postcode[1], text)
        wanted = _plain(text)
        for name, place in self._by_name.items():
            if wanted == name or wanted.startswith(f"{name} ") or wanted.endswith(f" {name}"):
                return place
        close = get_close_matches(wanted, self._by_name, n=1, cutoff=0.84)
        return self._by_name[close[0]] if close else None

    def _of_postcode(self, postcode: str, text: str) -> Place | None:
        country = "FR" if len(postcode) == 5 else "LU" if _LUXEMBOURG.search(text) else "BE"
        # Corsica's postcodes begin with 20, its departments are 2A and 2B.
        corsican = {"200": "2A", "201": "2A", "202": "2B", "206": "2B"}.get(postcode[:3]) if country == "FR" else None
        fitting = [
            place
            for place in self._places
            if place.country == country and (corsican == place.prefix or postcode.startswith(place.prefix))
        ]
        return max(fitting, key=lambda place: len(place.prefix), default=None)


def _published(shop: dict[str, Any], distance: float | None) -> dict[str, Any]:
    shown = {name: value for name, value in shop.items() if name not in ("lat", "lon")}
    return {**shown, "distance_km": None if distance is None else round(distance, 1)}


def _plain(text: str) -> str:
    """Lower case without accents, hyphens and articles of place: "à St-Étienne" → "saint etienne"."""
    bare = "".join(char for char in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(char))
    words = re.findall(r"[a-z0-9]+", bare)
    return " ".join(
        "saint" if word == "st" else word for word in words if word not in ("a", "de", "pres", "near", "in")
    )


def _distance(place: Place, shop: dict[str, Any]) -> float:
    """Kilometres on the sphere."""
    lat1, lat2 = math.radians(place.lat), math.radians(shop["lat"])
    half_lat, half_lon = (lat2 - lat1) / 2, math.radians(shop["lon"] - place.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(chord))
