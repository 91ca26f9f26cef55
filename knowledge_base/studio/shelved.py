"""What was just published and is not searched yet, so that the next writer's checks already know it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from knowledge_base.content.article import Article
from knowledge_base.content.parsing import parse_article

KEPT_SECONDS = 30.0  # the folder is read several times a second; after this long it says what is there
Place = tuple[str, str]


class Shelved:
    """Laid over the articles that are searched, until those have caught up."""

    def __init__(self) -> None:
        self._ahead: dict[Place, tuple[float, Article | None]] = {}

    def add(self, files: Mapping[str, str | None], before: Mapping[str, Article]) -> None:
        """These files were put into the folder; `before` is what stood at their paths, for those taken away."""
        until = time.monotonic() + KEPT_SECONDS
        gone = {(one.id, one.locale) for path, text in files.items() if text is None and (one := before.get(path))}
        self._ahead |= dict.fromkeys(gone, (until, None))
        for path, text in files.items():
            locale, _, name = path.partition("/")
            article = parse_article(text, locale=locale, slug=Path(name).stem, path=None)[0] if text else None
            if article is not None:
                self._ahead[article.id, locale] = (until, article)

    def over(self, articles: Sequence[Article]) -> Sequence[Article]:
        """The articles as they will be searched in a moment."""
        if not self._ahead:
            return articles
        known = {(one.id, one.locale): one for one in articles}
        now = time.monotonic()
        for place, (until, article) in list(self._ahead.items()):
            if now > until or known.get(place) == article:
                self._ahead.pop(place, None)
            elif article is None:
                known.pop(place, None)
            else:
                known[place] = article
        return list(known.values())
