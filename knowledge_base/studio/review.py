"""The way of a draft to the readers: sent to review, approved or sent back, and published at an hour that was set."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

import structlog

from knowledge_base.studio.drafts import Draft, DraftOf, DraftsOf, Person, same
from knowledge_base.studio.errors import StudioError, disk_full
from knowledge_base.studio.second_person import may_be_approved_again
from knowledge_base.studio.studio import Studio

log = structlog.get_logger()
Json = dict[str, Any]
Step = Literal["submit", "withdraw", "approve", "reject"]
FROM: dict[Step, tuple[str, ...]] = {
    "submit": ("draft",),
    "withdraw": ("in_review", "approved"),
    "approve": ("draft", "in_review"),
    "reject": ("in_review", "approved"),
}
TO: dict[Step, str] = {"submit": "in_review", "withdraw": "draft", "approve": "approved", "reject": "draft"}
RETRY = timedelta(minutes=1)  # a disk that was full is asked again, every other failure waits for a person
FARTHEST = timedelta(days=3 * 366)


class Reviewed(Protocol):
    """What has drafts that are read by others."""

    @property
    def changing(self) -> AbstractContextManager[Any]: ...  # noqa: D102
    @property
    def drafts(self) -> DraftsOf[Any]: ...  # noqa: D102
    def draft(self, article_id: str, locale: str, revision: int | None = None) -> DraftOf[Any]: ...  # noqa: D102


def take(studio: Reviewed, place: tuple[str, str], step: Step, revision: int, actor: Person, note: str) -> Json:
    """One step of a review; taken again it changes nothing.

    Who began a text and wrote it last does not approve it; who mends another one’s does, and then somebody else has to
    publish it, or to approve it once more. Raises StudioError 404, 409 `conflict`, `wrong_state`, `own_text`.
    """
    with studio.changing:
        draft = studio.draft(*place, revision)
        if step == "approve" and same(draft.author, actor) and same(draft.updated_by, actor):
            raise StudioError("own_text", 409, "Somebody else must approve this text: you wrote it yourself.")
        again = step == "approve" and may_be_approved_again(draft, actor)
        if draft.state not in FROM[step] and not again:
            if draft.state == TO[step]:
                return {"draft": draft.as_json()}
            told = f"A draft that is {draft.state} cannot take this step."
            raise StudioError("wrong_state", 409, told, state=draft.state)
        approved_by = actor if step == "approve" else None
        values = {"state": TO[step], "approved_by": approved_by, "note": note}
        values |= {"approved_before": draft.approved_by if again else None}
        if step != "approve":
            values |= {"publish_at": None, "scheduled_by": None, "publish_problem": None}
        return {"draft": studio.drafts.change(draft, **values).as_json()}


def schedule(
    studio: Studio, place: tuple[str, str], revision: int, actor: Person, at: datetime, *, second_person: bool
) -> Json:
    """Publish it at that moment; it is checked now and then. Raises StudioError as `Studio.publish`, 400 `bad_date`."""
    with studio.changing:
        now = studio.now()
        if not now < at <= now + FARTHEST:
            raise StudioError(
                "bad_date", 400, "That moment is over, or too far away: choose one of the next three years."
            )
        draft = studio.draft(*place, revision)
        studio.publishable(draft, actor, second_person=second_person)
        values: Json = {"publish_at": at.astimezone(UTC).isoformat(), "scheduled_by": actor, "publish_problem": None}
        made = studio.drafts.change(draft, second_person=second_person, **values)
        return {"draft": made.as_json(), "version": None, "commit": None}


def unschedule(studio: Studio, place: tuple[str, str], revision: int) -> Json:
    """Publish it at no hour; the draft stays. Also puts away what went wrong when it was to be published."""
    with studio.changing:
        draft = studio.draft(*place, revision)
        made = studio.drafts.change(draft, publish_at=None, scheduled_by=None, publish_problem=None)
        return {"draft": made.as_json()}


def publish_due(studio: Studio) -> int:
    """Publish what was set for now or before, also while nobody was there; returns how many were. A failure is kept."""
    if not studio.ready():  # what is published is not known yet, and nothing can be held against it
        return 0
    published = 0
    now = studio.now()
    for draft in studio.drafts.all():
        if draft.publish_at and draft.scheduled_by and datetime.fromisoformat(draft.publish_at) <= now:
            published += _publish(studio, draft, now)
    return published


def _publish(studio: Studio, draft: Draft, now: datetime) -> bool:
    form, actor = draft.form, draft.scheduled_by or draft.updated_by
    problem = draft.publish_problem
    if problem and datetime.fromisoformat(problem["at"]) + RETRY > now:
        return False
    try:
        rule: Json = {"second_person": draft.second_person, "meant_for": draft.publish_at or ""}
        studio.publish(form.article_id, form.locale, draft.revision, actor, **rule)
    except StudioError as error:
        if error.code != "not_found":
            _failed(studio, draft, error, now, again=False)
    except Exception as error:  # noqa: BLE001 - one that fails keeps none of the others, and stays to be seen
        told = disk_full(error) or StudioError("internal_error", 500, "It could not be published.")
        log.error("scheduled_publishing_failed", reason=type(error).__name__)  # noqa: TRY400
        _failed(studio, draft, told, now, again=True)
    else:
        return True
    return False


def _failed(studio: Studio, draft: Draft, error: StudioError, now: datetime, *, again: bool) -> None:
    kept = {"code": error.code, "message": error.message, "at": now.isoformat(), "meant_for": draft.publish_at}
    kept |= {"problems": error.more.get("problems", [])}
    with studio.changing:
        current = studio.drafts.get(draft.form.article_id, draft.form.locale)
        if current is None or current.revision != draft.revision:
            return
        try:
            studio.drafts.change(current, publish_problem=kept, publish_at=draft.publish_at if again else None)
        except Exception as full:
            if disk_full(full) is None:
                raise
