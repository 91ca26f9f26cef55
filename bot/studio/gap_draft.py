"""“Write this article”: a draft that begins with what customers wrote."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.db.gaps import IN_PROGRESS
from bot.db.models import UnansweredQuestion
from bot.db.people import AuditEntry, User
from bot.folding import fold
from bot.services import Services
from bot.studio.client import StudioRefusedError, actor_of
from bot.studio.gap_answers import questions_of, version_of
from bot.studio.gap_detail import gap_of
from bot.studio.gap_topic import topic_near
from bot.texts import LOCALES

Json = dict[str, Any]
MOST_QUESTIONS = 8
_LONGEST_QUESTION, _LONGEST_TITLE, _LONGEST_SLUG = 160, 100, 60


async def write_article(services: Services, user: User, gap_id: str, locale: str | None) -> Json:
    """``{article_id, locale}`` of the draft; the same again while it is in progress. Raises what the studio refuses."""
    async with services.db.read() as session:
        gap = await gap_of(session, gap_id)
        rows = await questions_of(session, gap_id)
        linked = gap.article_id
    wanted = locale if locale in LOCALES else _usual(services, rows)
    form = _form(gap_id, wanted, rows)
    article_id = linked or str(form["article_id"])
    try:
        sides = await _sides(services, article_id)
        if wanted not in sides:
            topic = next((side["topic"] for side in sides.values()), None)
            form |= {"article_id": article_id, "topic": await topic_near(services, rows) if topic is None else topic}
            await services.studio.save(article_id, wanted, {"form": form, "revision": None, "actor": actor_of(user)})
    except StudioRefusedError as refused:
        if refused.code != "conflict":  # somebody has begun it already: that is where to write on
            raise
    await _begun(services, user, gap_id, article_id)
    return {"article_id": article_id, "locale": wanted}


async def _sides(services: Services, article_id: str) -> dict[str, Json]:
    """What there is of this article, a draft or what is published, by language: it is not begun anew."""
    try:
        found = await services.studio.article(article_id)
    except StudioRefusedError as refused:
        if refused.status == 404:
            return {}
        raise
    sides = (found.get("locales") or {}).items()
    forms = {locale: (side.get("draft") or {}).get("form") or side.get("published") for locale, side in sides}
    return {locale: form for locale, form in forms.items() if form}


async def _begun(services: Services, user: User, gap_id: str, article_id: str) -> None:
    now, catalogue = services.clock(), services.library.catalogue
    async with services.db.write() as session:
        gap = await gap_of(session, gap_id, hold=True)
        if gap.article_id != article_id or gap.state != IN_PROGRESS:
            gap.article_id, gap.state, gap.changed_at, gap.closed_at = article_id, IN_PROGRESS, now, None
            # What is published already did not answer; only what comes now is asked.
            gap.checked_version = version_of(catalogue, article_id) if catalogue else ""
            session.add(
                AuditEntry(at=now, actor_id=user.id, action="gap_in_progress", target=gap_id, detail=article_id)
            )


def _usual(services: Services, rows: Sequence[UnansweredQuestion]) -> str:
    """The language in which it is asked most."""
    counts = Counter(row.locale for row in rows if row.locale in LOCALES)
    return counts.most_common(1)[0][0] if counts else services.service.brand.languages[0]


def _form(gap_id: str, locale: str, rows: Sequence[UnansweredQuestion]) -> Json:
    questions = _wordings(rows, locale)
    title = (questions or [""])[0][:_LONGEST_TITLE]
    title = title[:1].upper() + title[1:]
    slug = _slug(title)
    mark = hashlib.sha256(gap_id.encode()).hexdigest()[:4]
    return {
        "article_id": f"{slug}-{mark}",
        "locale": locale,
        "slug": f"{slug}-{mark}",
        "title": title,
        "questions": questions,
        "answer": "",
        "audience": [],
        "review_by": None,
        "related": [],
        # What advisors replied stands beside the form (see gap_detail), never in what is kept and published.
        "body": "",
    }


def _wordings(rows: Sequence[UnansweredQuestion], locale: str) -> list[str]:
    """Customers' own words in this language, different ones, the most typical first; of any language if none is."""
    own = [row for row in rows if row.locale == locale] or list(rows)
    found: dict[str, str] = {}
    for row in own:
        text = " ".join(row.question.split())
        # Where something personal stood there is no wording left to search by.
        if text and "[" not in text and len(text) <= _LONGEST_QUESTION:
            found.setdefault(fold(text), text)
    return list(found.values())[:MOST_QUESTIONS]


def _slug(title: str) -> str:
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in fold(title)).split()
    slug = "-".join(words)[:_LONGEST_SLUG].strip("-")
    return slug or "article"
