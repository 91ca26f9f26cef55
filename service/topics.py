"""The closed list of topics: articles, skills and intents share it."""

from __future__ import annotations

from typing import Literal

Topic = Literal[
    "delivery",
    "orders",
    "returns",
    "refunds",
    "damaged",
    "guarantee",
    "payment",
    "account",
    "loyalty",
    "promotions",
    "products",
    "shops",
    "business",
    "contact",
]
TOPICS: tuple[Topic, ...] = Topic.__args__  # type: ignore[attr-defined]
