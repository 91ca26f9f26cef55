"""Questions for the knowledge base as training data: the articles' own, read when Rasa is trained, never copied."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rasa.shared.exceptions import RasaException
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

QUESTION = "ask_question"
# Enough of each kind to tell a question from a request; all of them would drown the other intents, and take long.
ONE_UNRELATED_IN = 3


class ArticleQuestionsImporter(RasaFileImporter):
    """The project's files, and beside them every article's title and `each` of its questions, as `ask_question`.

    Requests ("annulez ma commande") and questions ("comment annuler ma commande ?") share their words, so the
    difference has to be learnt from both. What is written in data/nlu wins: an article's question that stands there
    under another intent is left out.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        articles: str = "knowledge_base/articles",
        unrelated: str | None = "knowledge_base/retrieval/negatives",
        each: int = 2,
        **_: Any,
    ) -> None:
        super().__init__(config_file, domain_path, training_data_paths)
        self._articles = articles_folder(Path(articles))
        self._unrelated = Path(unrelated) if unrelated else None
        if self._unrelated is not None and not self._unrelated.is_dir():
            raise RasaException(f"There is no folder {unrelated} with questions from elsewhere.")
        self._each = each

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The files' examples and the generated ones."""
        data = super().get_nlu_data(language)
        if not data.intent_examples:  # asked for stories or a domain alone
            return data
        taken = {_key(str(message.get(TEXT))) for message in data.intent_examples}
        questions = []
        for text in self._questions():
            if _key(text) and _key(text) not in taken:
                taken.add(_key(text))
                questions.append(Message({TEXT: text, INTENT: QUESTION}))
        return data.merge(TrainingData(questions))

    def _questions(self) -> Iterator[str]:
        for file in sorted(self._articles.glob("**/*.md")):
            head = _front_matter(file)
            listed = head.get("questions")
            questions = listed[: self._each] if isinstance(listed, list) else []
            yield from (str(text) for text in (head.get("title"), *questions) if text)
        # What no article answers goes the same way: the knowledge base alone may say that it has no answer.
        for file in sorted(self._unrelated.glob("*.txt")) if self._unrelated else []:
            lines = file.read_text("utf-8").splitlines()
            kept = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
            yield from kept[::ONE_UNRELATED_IN]


def articles_folder(shipped: Path) -> Path:
    """The published articles where there are any, else the shipped ones."""
    published = os.environ.get("KNOWLEDGE_BASE_ARTICLES")
    if published and any(Path(published).glob("**/*.md")):
        return Path(published)
    return shipped


def _front_matter(file: Path) -> dict[str, Any]:
    """Read as plain text: Rasa teaches every other loader to replace ${NAME} by what the environment holds."""
    try:
        parts = file.read_text("utf-8").split("---\n", 2)
        head = YAML(typ="base").load(parts[1]) if len(parts) == 3 and not parts[0].strip() else None
    except (YAMLError, ValueError):  # the knowledge base tells its writer; a broken article does not stop a training
        return {}
    return dict(head) if isinstance(head, dict) else {}


def _key(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(" ?!.")
