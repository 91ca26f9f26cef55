"""How the audit names an article."""

from __future__ import annotations

_LONGEST = 64  # of a line's target


def audit_target(article_id: str, locale: str) -> str:
    """An article in one language, cut so that it fits."""
    return f"{article_id[: _LONGEST - len(locale) - 1]}/{locale}"
