"""Whether two people stand behind a text: who wrote in it, and who approved it."""

from __future__ import annotations

from typing import Any

from knowledge_base.studio.drafts import DraftOf, Person, same


def wrote(draft: DraftOf[Any], person: Person) -> bool:
    """Whether any of it may be theirs: that somebody else typed a space since makes it no other text."""
    return any(same(person, one) for one in (draft.author, draft.updated_by, *draft.writers))


def alone(draft: DraftOf[Any], actor: Person) -> bool:
    """Whether nobody stands behind this text but who approved it: they wrote in it, and they publish it."""
    by = draft.approved_by
    return by is None or (draft.approved_before is None and same(by, actor) and wrote(draft, by))


def may_be_approved_again(draft: DraftOf[Any], actor: Person) -> bool:
    """By somebody else than who approved a text that they wrote in."""
    by = draft.approved_by
    return by is not None and draft.approved_before is None and wrote(draft, by) and not same(by, actor)
