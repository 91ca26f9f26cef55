"""What a saved text becomes, of an article or of a decision tree: whose it is, what it is based on, who read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic

from knowledge_base.studio.drafts import DraftOf, DraftsOf, F, Person, State, key


@dataclass(frozen=True)
class Online(Generic[F]):
    """What is published (None: nothing), and `form_of` a version that was."""

    version: str | None
    form: F | None
    form_of: Callable[[str], F | None]


def following(
    drafts: DraftsOf[F], form: F, actor: Person, base: Mapping[str, str | None], online: Online[F]
) -> DraftOf[F]:
    """The draft that this text makes; `base` holds `base_version` when it was merged with what is published.

    The text of a draft just thrown away is put back as it was: its author, state and note.
    """
    place = key(form)
    known = drafts.get(*place)
    gone = drafts.thrown_away(*place) if known is None else None
    if gone and (gone.form, gone.base_version) == (form, base.get("base_version", online.version)):
        return replace(gone, publish_at=None, scheduled_by=None, publish_problem=None)
    version, under = (known.base_version, known.base_form) if known else (online.version, online.form)
    if "base_version" in base:
        version = base["base_version"]
        under = online.form if version == online.version else online.form_of(version or "")
    if known is None:
        return DraftOf(form, "draft", 0, version, under, actor, actor, "")
    # What was approved was the text before; whoever reads it through may still mend it.
    state: State = "draft" if known.state == "draft" else "in_review"
    everybody = (known.author, *known.writers, known.updated_by, actor)
    writers = tuple({one["email"].lower(): one for one in everybody}.values())
    return DraftOf(form, state, 0, version, under, known.author, actor, "", known.note, writers=writers)
