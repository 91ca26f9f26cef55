"""The words of the domain, rendered here: where no Rasa turn runs, nobody else turns a response into a sentence."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LOCALES = ("fr", "en")
_PLACE = re.compile(r"\{(\w+)\}")
_LABELS = Path(__file__).parent / "labels.yml"
Both = dict[str, str]


@dataclass(frozen=True)
class Text:
    """A sentence; `title` names it where it is personal and must not be shown in the open."""

    text: str
    title: str | None = None


class Wording:
    """The responses of a domain folder, in either language."""

    def __init__(self, folder: Path) -> None:
        self._responses: dict[str, list[dict[str, Any]]] = {}
        for file in sorted(folder.glob("responses*.yml")):
            self._responses |= yaml.safe_load(file.read_text("utf-8"))["responses"]

    def said(self, message: dict[str, Any], locale: str) -> Text | None:
        """What a dispatcher's message says; None for a record that shows nothing."""
        if not message.get("response"):
            return Text(str(message["text"])) if message.get("text") else None
        variation = self._variation(str(message["response"]), locale)
        custom = variation.get("custom") or {}
        title = str(custom.get("title") or "") if custom.get("confidential") else None
        return Text(filled(str(variation.get("text", "")), message), title)

    def both(self, response: str, values: dict[str, Any]) -> Both:
        """A response in both languages."""
        return {locale: filled(str(self._variation(response, locale).get("text", "")), values) for locale in LOCALES}

    def knows(self, response: str) -> bool:
        """Whether there is such a response."""
        return response in self._responses

    def options(self, response: str) -> dict[str, Both]:
        """The buttons of a step's question: what each chooses, and its title in both languages."""
        found: dict[str, Both] = {}
        for locale in LOCALES if self.knows(response) else ():
            for button in self._variation(response, locale).get("buttons") or []:
                payload = str(button["payload"]).replace("{{", "{").replace("}}", "}")
                if payload.startswith("/task_choice{"):
                    value = json.loads(payload.removeprefix("/task_choice"))["value"]
                    found.setdefault(value, {})[locale] = button["title"]
        return found

    def _variation(self, response: str, locale: str) -> dict[str, Any]:
        variations = self._responses[response]
        mine = [each for each in variations if _fits(each, locale)]
        return mine[0] if mine else next(each for each in variations if not each.get("condition"))


def _fits(variation: dict[str, Any], locale: str) -> bool:
    conditions = variation.get("condition") or []
    return bool(conditions) and all(c.get("name") == "locale" and c.get("value") == locale for c in conditions)


def filled(template: str, values: dict[str, Any]) -> str:
    """The template with its values; braces that a customer wrote stay as they are."""
    return _PLACE.sub(lambda place: str(values.get(place[1], "")), template)


@cache
def labels() -> dict[str, dict[str, Both]]:
    """What only the desk's forms and the card of a prepared task say: sections of key → both languages."""
    loaded: dict[str, dict[str, Both]] = yaml.safe_load(_LABELS.read_text("utf-8"))
    return loaded


def label(section: str, key: str) -> Both:
    """Its name in both languages; the key itself for one that has none."""
    return labels()[section].get(key) or dict.fromkeys(LOCALES, key.replace("_", " "))
