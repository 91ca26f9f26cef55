"""What Maison Alder sells, in both languages: the shop page shows it and the seeded orders are made of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FILE = Path(__file__).with_name("catalogue.json")


@dataclass(frozen=True, slots=True)
class Product:
    """One article of the shop; prices are in cents, texts by language."""

    sku: str
    slug: str
    category: str
    cents: int
    title: dict[str, str]
    line: dict[str, str]
    story: dict[str, str]


@dataclass(frozen=True)
class Catalogue:
    """The shop's products in the order of the page."""

    products: tuple[Product, ...]

    @classmethod
    def load(cls) -> Catalogue:
        """Read catalogue.json, which sits beside this module."""
        return cls(tuple(Product(**item) for item in json.loads(FILE.read_text("utf-8"))))

    @cached_property
    def by_sku(self) -> dict[str, Product]:
        """The products by reference."""
        return {product.sku: product for product in self.products}

    @cached_property
    def by_slug(self) -> dict[str, Product]:
        """The products by the last part of their page's address."""
        return {product.slug: product for product in self.products}
