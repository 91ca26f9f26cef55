"""What writers do with articles: save, send to review, approve, publish, schedule, archive, restore."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from knowledge_base.content.article import Article
from knowledge_base.content.store import Contents
from knowledge_base.studio import checking
from knowledge_base.studio.database import Database
from knowledge_base.studio.drafts import Draft, Drafts, Person
from knowledge_base.studio.errors import StudioError, not_found, unreadable
from knowledge_base.studio.form import Form
from knowledge_base.studio.press import Begin, Done, Press
from knowledge_base.studio.saving import Online, following
from knowledge_base.studio.second_person import alone
from knowledge_base.studio.shelved import Shelved
from knowledge_base.studio.versions import SCHEDULED, Versions

Json = dict[str, Any]
SWEEP = timedelta(hours=1)
Warm = Callable[[Sequence[Article], Callable[[int, int], None]], None]


class Studio:
    """Changes come one at a time, from any thread; `contents` gives what is published, as it is searched."""

    def __init__(
        self,
        folder: Path,
        file: Path,
        *,
        topics: Collection[str],
        languages: Collection[str] = ("fr", "en"),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder, self.topics, self.languages, self.now = folder, topics, languages, now
        self.contents: Callable[[], Contents] = Contents
        self.ready: Callable[[], bool] = lambda: True  # whether the folder has been read
        self.wake: Callable[[], None] = lambda: None  # the folder changed: it is read at once
        self.warm: Warm = lambda _articles, _report: None  # encodes ahead what is to be published
        self.database = Database(file)
        self.drafts = Drafts(self.database, now)
        self.press = Press(folder, self.database, now, step)
        self.versions = Versions(folder, self.database)
        self._shelved = Shelved()
        self.changing = threading.RLock()
        self._swept: datetime | None = None

    def start(self) -> None:
        """Before the folder is read for the first time: go on with what was interrupted, take in what came."""
        with self.changing:
            if self.press.settle():
                self.drafts = Drafts(self.database, self.now)
            self.press.clear()
            self.press.adopt()
            self.versions.sync()

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def articles(self) -> Sequence[Article]:
        """What is published at this moment: what is searched, and what was just put into the folder."""
        return self._shelved.over(self.contents().articles)

    def article(self, article_id: str, locale: str) -> Article | None:
        """The published one."""
        return next((one for one in self.articles() if (one.id, one.locale) == (article_id, locale)), None)

    def draft(self, article_id: str, locale: str, revision: int | None = None) -> Draft:
        """The draft. Raises StudioError: 404, or 409 `conflict` when it is no longer at `revision`."""
        found = self.drafts.get(article_id, locale)
        if found is None:
            raise not_found("draft")
        if revision is not None and found.revision != revision:
            raise self._conflict(found, self.drafts.form_at(article_id, locale, revision))
        return found

    def searched(self, article_id: str, locale: str) -> Article | None:
        """The one that questions find."""
        return next((one for one in self.contents().articles if (one.id, one.locale) == (article_id, locale)), None)

    def whole(self, article_id: str) -> Json:
        """By language: `{published, version, draft, archived, updated_at, updated_by}`; nothing when it is unknown."""
        found: Json = {}
        drafts = {draft.form.locale for draft in self.drafts.all() if draft.form.article_id == article_id}
        published = {one.locale for one in self.articles() if one.id == article_id}
        gone = {locale for known, locale in self.versions.latest if known == article_id}
        for locale in sorted(drafts | published | gone):
            article, draft = self.article(article_id, locale), self.drafts.get(article_id, locale)
            latest = self.versions.latest.get((article_id, locale))
            archived = self.versions.article_at(latest) if latest and latest.gone and not article else None
            found[locale] = {
                "published": Form.of(article).as_json() if article else None,
                "version": article.version if article else None,
                "draft": draft.as_json() if draft else None,
                "archived": Form.of(archived).as_json() if archived else None,
                "updated_at": latest.at if latest else None,
                "updated_by": latest.by if latest else None,
            }
        return found

    def settle(self) -> None:
        """Carry through what could not be finished at once, a disk having been full, and sweep; nobody waits for it."""
        self.press.stage()
        if self.press.unfinished:
            with self.changing:
                self.versions.sync()
                self.press.settle()
                self.drafts = Drafts(self.database, self.now)
        if self._swept is None or self.now() - self._swept > SWEEP:
            with self.changing:
                self.drafts.sweep()
            self.database.flush()
            self._swept = self.now()

    def shelf(self) -> checking.Shelf:
        """What an article is checked against."""
        return checking.Shelf(self.articles(), self.topics, self.now().date())

    def check(self, form: Form) -> list[checking.Found]:
        """Its problems."""
        return checking.check(form, self.shelf())

    def save(self, form: Form, revision: int | None, actor: Person, **base: str | None) -> Json:
        """A new revision on top of `revision` (None: there is no draft); `base_version` says what it was merged with.

        With that of a draft just discarded, the same text is put back as it was: its author, state and note.
        Raises StudioError 409 `conflict` with `theirs`, the draft that is there, and `base`, what both began from.
        """
        with self.changing:
            place = (form.article_id, form.locale)
            known = self.drafts.get(*place)
            if known is not None and known.says(form, **base):
                return {"draft": known.as_json(), "problems": self._problems(form), "unscheduled": False}
            if (known.revision if known else None) != revision:
                raise self._conflict(known, self.drafts.form_at(*place, revision) if revision else None, form)
            online = _online(self.article(*place), partial(self.versions.form_of, *place))
            made = self.drafts.save(following(self.drafts, form, actor, base, online))
            unscheduled = known is not None and known.publish_at is not None
            return {"draft": made.as_json(), "problems": self._problems(form), "unscheduled": unscheduled}

    def discard(self, article_id: str, locale: str, revision: int) -> Json:
        """Take the draft away; the answer holds it, so that it can be put back."""
        with self.changing:
            found = self.draft(article_id, locale, revision)
            self.drafts.delete(found)
            return {"draft": found.as_json()}

    def publish(
        self, article_id: str, locale: str, revision: int, actor: Person, *, second_person: bool, meant_for: str = ""
    ) -> Json:
        """Make the draft what customers read; `meant_for`: the hour that was set, kept with the commit.

        Raises StudioError 404, 409 `conflict` or `second_person`, 422.
        """
        with self.changing:
            draft = self.draft(article_id, locale, revision)
            self.publishable(draft, actor, second_person=second_person)
            before = self.article(article_id, locale)
            files: dict[str, str | None] = {f"{locale}/{draft.form.slug}.md": draft.form.markdown()}
            if before is not None and before.slug != draft.form.slug:
                files[f"{locale}/{before.slug}.md"] = None
            done = Done(article_id, locale, draft.revision)
            said = f"Publish “{draft.form.article().title}”" + (f"\n\n{SCHEDULED}{meant_for}" if meant_for else "")
            commit = self.put(files, said, actor, done)
            self.drafts.forget((article_id, locale))
            return self._published(draft.form.article(), commit)

    def publishable(self, draft: Draft, actor: Person, *, second_person: bool) -> None:
        """Raises StudioError when it cannot be published as it is."""
        published = self.article(draft.form.article_id, draft.form.locale)
        version = published.version if published else None
        if version != draft.base_version:
            theirs = Form.of(published).as_json() if published else None
            base = draft.base_form.as_json() if draft.base_form else None
            told = "What is published has changed since this draft was begun: merge it first."
            raise StudioError("conflict", 409, told, theirs={"form": theirs, "version": version}, base=base)
        if second_person and (draft.state != "approved" or alone(draft, actor)):
            told = "Somebody else must approve this very text before it is published."
            raise StudioError("second_person", 409, told)
        problems = self.check(draft.form)
        if any(one.severity == "error" for one in problems):
            told = "The article cannot be published as it is."
            raise StudioError("problems", 422, told, problems=[one.as_json() for one in problems])

    def archive(self, article_id: str, locale: str, actor: Person) -> Json:
        """Take the article away from customers; its history keeps it."""
        with self.changing:
            found = self.article(article_id, locale)
            if found is None:
                raise not_found("published article")
            commit = self.put({f"{locale}/{found.slug}.md": None}, f"Archive “{found.title}”", actor)
            return {"version": None, "commit": commit}

    def unarchive(self, article_id: str, locale: str, actor: Person) -> Json:
        """Publish again what was archived, checked as when it was first published."""
        with self.changing:
            self.versions.sync()
            version = self.versions.latest.get((article_id, locale))
            article = self.versions.article_at(version) if version and version.gone else None
            if article is None or self.article(article_id, locale):
                raise not_found("archived article")
            form = Form.of(article)
            problems = self.check(form)
            if any(one.severity == "error" for one in problems):
                told = "The article cannot be published as it is: open a draft from its history."
                raise StudioError("problems", 422, told, problems=[one.as_json() for one in problems])
            files: dict[str, str | None] = {f"{locale}/{article.slug}.md": form.markdown()}
            return self._published(article, self.put(files, f"Publish “{article.title}” again", actor))

    def restore(self, article_id: str, locale: str, commit: str, revision: int | None, actor: Person) -> Json:
        """A draft of what was published then, on top of `revision` when there is a draft."""
        form = self.form_at(article_id, locale, commit)
        return self.save(form, revision, actor)

    def form_at(self, article_id: str, locale: str, commit: str) -> Form:
        """The article as of a commit. Raises StudioError 404 `not_found`, `version_unreadable`."""
        form = self.versions.form_at(article_id, locale, commit)
        if form is None:
            known = any(version.commit == commit for version in self.versions.of(article_id, locale))
            raise unreadable() if known else not_found("version")
        return form

    def put(
        self, files: dict[str, str | None], message: str, actor: Person, done: Done | None = None, begin: Begin = tuple
    ) -> str | None:
        """Publish many at once, and `begin` the drafts that come with them: all or none. Returns the commit.

        The caller has checked them.
        """
        with self.changing:
            before = {f"{one.locale}/{one.slug}.md": one for one in self.articles()} if None in files.values() else {}
            commit = self.press.put(files, message, f"{actor['name']} <{actor['email']}>", done, begin)
            self._shelved.add(files, before)
            try:
                self.versions.sync()
            except (OSError, sqlite3.Error):  # it is published: what cannot be noted now is noted by `settle`
                self.press.unfinished = True
            self.wake()
            return commit

    def _published(self, article: Article, commit: str | None) -> Json:
        latest = self.versions.latest.get((article.id, article.locale))
        return {"version": article.version, "commit": commit or (latest.commit if latest else None), "url": article.url}

    def _problems(self, form: Form) -> list[Json]:
        return [one.as_json() for one in self.check(form)]

    def _conflict(self, known: Draft | None, base: Form | None, form: Form | None = None) -> StudioError:
        told = "Somebody saved this draft meanwhile: see what is different, and merge."
        if known is None:
            told = "This draft is no longer there: it was published or thrown away meanwhile."
        elif base is None:
            base = known.base_form
        place = known.form if known else form or base
        published = self.article(place.article_id, place.locale) if place else None
        more = {
            "published": {"form": Form.of(published).as_json(), "version": published.version} if published else None
        }
        return StudioError(
            "conflict",
            409,
            told,
            theirs=known.as_json() if known else None,
            base=base.as_json() if base else None,
            **more,
        )


def _online(published: Article | None, form_of: Callable[[str], Form | None]) -> Online[Form]:
    version, form = (published.version, Form.of(published)) if published else (None, None)
    return Online(version, form, form_of)
