"""What writers do with decision trees: save, send to review, publish, take away, restore."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from knowledge_base.studio.database import Database
from knowledge_base.studio.drafts import DraftOf, DraftsOf, Person
from knowledge_base.studio.errors import StudioError, not_found, unreadable
from knowledge_base.studio.press import Done, Files, Press
from knowledge_base.studio.saving import Online, following
from knowledge_base.studio.second_person import alone
from knowledge_base.studio.trees.difference import difference
from knowledge_base.studio.trees.form import TreeForm
from knowledge_base.studio.trees.past import Past
from knowledge_base.studio.versions import Version
from service.trees import LARGEST, Folder, TreeError, parse, problems, read

Json = dict[str, Any]
Draft = DraftOf[TreeForm]
SWEEP = timedelta(hours=1)


def _broken(folder: Path) -> set[str]:
    return {file.name for file in folder.glob("*.yml") if not _sound(file)}


def _sound(file: Path) -> bool:
    try:
        read(file)
    except (TreeError, OSError):
        return False
    return True


class TreeDesk:
    """Changes come one at a time, from any thread."""

    def __init__(
        self,
        folder: Path,
        file: Path,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.now = now
        self.database = Database(file)
        self.past = Past(folder)
        self._place, self._folder = folder, Folder(folder, self.past.published.read)
        self._press = Press(folder, self.database, now, step, Files("*.yml", _broken, ".yml"))
        self.drafts = self._drafts()
        self.changing = threading.RLock()
        self._swept: datetime | None = None

    def _drafts(self) -> DraftsOf[TreeForm]:
        return DraftsOf(self.database, self.now, TreeForm.model_validate_json)

    def start(self) -> None:
        """Go on with what was interrupted, take in what came by other means."""
        with self.changing:
            if self._press.settle():
                self.drafts = self._drafts()
            self._press.clear()
            self._press.adopt()

    def settle(self) -> None:
        """Carry through what could not be finished at once, and sweep; nobody waits for it."""
        self._press.stage()
        if self._press.unfinished:
            with self.changing:
                self._press.settle()
                self.drafts = self._drafts()
        if self._swept is None or self.now() - self._swept > SWEEP:
            with self.changing:
                self.drafts.sweep()
            self.database.flush()
            self._swept = self.now()

    def published(self, tree_id: str) -> TreeForm | None:
        """What customers are led through."""
        tree = self._folder.look().get(tree_id)
        return TreeForm.of(tree) if tree else None

    def draft(self, article_id: str, locale: str, revision: int | None = None) -> Draft:
        """The draft. Raises StudioError: 404, or 409 `conflict` when it is no longer at `revision`."""
        found = self.drafts.get(article_id, locale)
        if found is None:
            raise not_found("draft")
        if revision is not None and found.revision != revision:
            raise self._conflict(article_id, self.drafts.form_at(article_id, locale, revision))
        return found

    def listed(self) -> list[Json]:
        """A row for each tree that is there, drafted or archived."""
        with self.changing:
            names = {Path(path).stem for path in self.past.versions() if path.endswith(".yml")}
            names |= set(self._folder.look()) | {draft.form.id for draft in self.drafts.all()}
            return [row for name in sorted(names) if (row := self._row(name))]

    def _row(self, name: str) -> Json | None:
        whole = self.whole(name)
        draft, online = whole["draft"], whole["published"]
        form = draft["form"] if draft else online or whole["archived"]
        if form is None:
            return None
        errors = [one for one in problems(TreeForm.model_validate(form)) if one.severity == "error"]
        state = "published" if online else "archived" if whole["archived"] else draft["state"]
        told = {"tree_id": name, "title": form["title"], "state": state, "nodes": len(form["nodes"])}
        told |= {"has_draft": bool(draft), "draft_state": draft["state"] if draft else None}
        told["ends"] = sorted({node["end"] for node in form["nodes"].values() if node["end"]})
        when = draft or whole
        told |= {"updated_at": when["updated_at"], "updated_by": when["updated_by"], "errors": len(errors)}
        return told | {"broken": whole["broken"]}

    def whole(self, tree_id: str) -> Json:
        """`{tree_id, published, version, draft, archived, broken, updated_at, updated_by}`; all empty when unknown."""
        online, draft = self.published(tree_id), self.drafts.get(tree_id, "")
        known = self.past.versions().get(f"{tree_id}.yml", [])
        latest = known[0] if known else None
        archived = self._form(latest) if latest and latest.gone and online is None else None
        return {
            "tree_id": tree_id,
            "published": online.as_json() if online else None,
            "version": online.version if online else None,
            "draft": draft.as_json() if draft else None,
            "archived": archived.as_json() if archived else None,
            "broken": self._folder.broken.get(f"{tree_id}.yml", []),
            "updated_at": latest.at if latest else None,
            "updated_by": latest.by if latest else None,
        }

    def save(self, form: TreeForm, revision: int | None, actor: Person, **base: str | None) -> Json:
        """A new revision on top of `revision` (None: no draft); `base_version` says what it was merged with.

        The text of a draft just discarded is put back as it was. Raises StudioError 409 `conflict`.
        """
        with self.changing:
            known = self.drafts.get(form.id, "")
            if known is not None and known.says(form, **base):
                return {"draft": known.as_json(), "problems": _told(form)}
            if (known.revision if known else None) != revision:
                raise self._conflict(form.id, self.drafts.form_at(form.id, "", revision) if revision else None)
            draft = following(self.drafts, form, actor, base, self._online(form.id))
            return {"draft": self.drafts.save(draft).as_json(), "problems": _told(form)}

    def discard(self, tree_id: str, revision: int) -> Json:
        """Take the draft away; the answer holds it, so that it can be put back."""
        with self.changing:
            found = self.draft(tree_id, "", revision)
            self.drafts.delete(found)
            return {"draft": found.as_json()}

    def publish(self, tree_id: str, revision: int, actor: Person, *, second_person: bool) -> Json:
        """Lead customers through it. Raises StudioError 404, 409 `conflict` or `second_person`, 422 `problems`."""
        with self.changing:
            draft = self.draft(tree_id, "", revision)
            online = self.published(tree_id)
            if (online.version if online else None) != draft.base_version:
                raise self._conflict(tree_id, draft.base_form)
            if second_person and (draft.state != "approved" or alone(draft, actor)):
                told = "Somebody else must approve this very text before it is published."
                raise StudioError("second_person", 409, told)
            self._publishable(draft.form)
            done = Done(tree_id, "", draft.revision)
            text = draft.form.file(self._text_there(tree_id) or self._text_archived(tree_id))
            commit = self._put(tree_id, text, f"Publish “{draft.form.title.fr}”", actor, done)
            self.drafts.forget((tree_id, ""))
            return {"version": draft.form.version, "commit": commit}

    def archive(self, tree_id: str, actor: Person) -> Json:
        """Take it away from customers; its history keeps it."""
        with self.changing:
            online = self.published(tree_id)
            if online is None:
                raise not_found("published tree")
            return {"commit": self._put(tree_id, None, f"Archive “{online.title.fr}”", actor)}

    def unarchive(self, tree_id: str, actor: Person) -> Json:
        """Publish again what was archived."""
        with self.changing:
            form = self.whole(tree_id)["archived"]
            if form is None:
                raise not_found("archived tree")
            made = TreeForm.model_validate(form)
            self._publishable(made)
            text, message = self._text_archived(tree_id), f"Publish “{made.title.fr}” again"
            return {"commit": self._put(tree_id, text, message, actor)}

    def _online(self, tree_id: str) -> Online[TreeForm]:
        """What is published, and what was."""
        online = self.published(tree_id)
        return Online(online.version if online else None, online, partial(self._form_of, tree_id))

    def form_at(self, tree_id: str, commit: str) -> TreeForm:
        """The tree as of a commit. Raises StudioError 404 `not_found`, `version_unreadable`."""
        form, _ = self._at(tree_id, commit)
        return form

    def _at(self, tree_id: str, commit: str) -> tuple[TreeForm, Version | None]:
        """The tree as of a commit, and the version before that."""
        known = iter(self.past.versions().get(f"{tree_id}.yml", []))
        version = next((one for one in known if one.commit == commit), None)
        if version is None:
            raise not_found("version")
        form = self._form(version)
        if form is None:
            raise unreadable()
        return form, next(known, None)

    def changed_by(self, tree_id: str, commit: str) -> Json:
        """What that version changed: two forms, their difference. Raises StudioError 404 `before_unreadable` too."""
        form, earlier = self._at(tree_id, commit)
        before = self._form(earlier) if earlier else None
        if earlier and before is None:
            raise unreadable("before")
        return _compared(before, form)

    def changed_since(self, tree_id: str, commit: str) -> Json:
        """The same from that version to what stands now: the draft, else what is online, else what was."""
        form, whole = self.form_at(tree_id, commit), self.whole(tree_id)
        now = whole["draft"]["form"] if whole["draft"] else whole["published"] or whole["archived"]
        if now is None:
            raise not_found("tree")
        return _compared(form, TreeForm.model_validate(now))

    def _form_of(self, tree_id: str, version: str) -> TreeForm | None:
        """The tree as it was when it had this version."""
        forms = map(self._form, self.past.versions().get(f"{tree_id}.yml", []))
        return next((one for one in forms if one is not None and one.version == version), None)

    def _text_there(self, tree_id: str) -> str:
        """What its file holds."""
        try:
            return (self._place / f"{tree_id}.yml").read_bytes().decode("utf-8-sig", "replace")
        except OSError:
            return ""

    def _text_archived(self, tree_id: str) -> str:
        """What its file held when it was taken away, comments and all."""
        known = self.past.versions().get(f"{tree_id}.yml", [])
        return ((self.past.content(known[0]) if known else None) or b"").decode("utf-8-sig", "replace")

    def _form(self, version: Version) -> TreeForm | None:
        content = self.past.content(version)
        try:
            return TreeForm.of(parse(content, version.path)) if content is not None else None
        except TreeError:
            return None

    def _put(self, tree_id: str, text: str | None, message: str, actor: Person, done: Done | None = None) -> str | None:
        if len((text or "").encode()) > LARGEST:  # nobody would read it
            raise StudioError("too_large", 413, f"The file of this tree is larger than {LARGEST // 1000} kB.")
        return self._press.put({f"{tree_id}.yml": text}, message, f"{actor['name']} <{actor['email']}>", done)

    def _publishable(self, form: TreeForm) -> None:
        found = _told(form)
        if any(one["severity"] == "error" for one in found):
            raise StudioError("problems", 422, "The tree cannot be published as it is.", problems=found)

    def _conflict(self, tree_id: str, base: TreeForm | None) -> StudioError:
        known, online = self.drafts.get(tree_id, ""), self.published(tree_id)
        told = "Somebody changed this tree meanwhile: see what is different."
        published = {"form": online.as_json(), "version": online.version} if online else None
        theirs = known.as_json() if known else None
        more: Json = {"theirs": theirs, "base": base.as_json() if base else None, "published": published}
        return StudioError("conflict", 409, told, **more)


def _compared(before: TreeForm | None, after: TreeForm) -> Json:
    forms = {"before": before.as_json() if before else None, "after": after.as_json()}
    return forms | difference(before, after)


def _told(form: TreeForm) -> list[Json]:
    return [one.as_json() for one in problems(form)]
