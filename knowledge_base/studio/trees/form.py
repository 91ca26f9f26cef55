"""A tree as writers edit it: its languages together, any text of it unfinished."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import model_validator

from knowledge_base.studio.form import printable
from service.trees import Tree, written


class TreeForm(Tree):
    """A draft is saved as it is typed, checked when it is published."""

    @model_validator(mode="before")
    @classmethod
    def _clean(cls, value: Any) -> Any:
        return _cleaned(value)

    @property
    def article_id(self) -> str:
        """As drafts name it."""
        return self.id

    @property
    def locale(self) -> str:
        """It holds all of them."""
        return ""

    @classmethod
    def of(cls, tree: Tree) -> TreeForm:
        """A published tree."""
        return cls.model_validate(tree.model_dump())

    def as_json(self) -> dict[str, Any]:
        """As every answer has it."""
        return self.model_dump(mode="json")

    def at(self, tree_id: str) -> TreeForm:
        """The same at its place: what the address says counts."""
        return self.model_copy(update={"id": tree_id})

    @property
    def version(self) -> str:
        """Of this text."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()[:16]

    def file(self, before: str = "") -> str:
        """What its file holds once it takes the place of `before`."""
        return written(Tree.model_validate(self.model_dump()), before)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(str(key)): _cleaned(each) for key, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list) else value
