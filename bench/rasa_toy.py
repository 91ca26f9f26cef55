"""A small assistant to measure Rasa itself: twenty intents, each answered by a custom action that does nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]
ACTION = "action_nothing"
WORDS = (
    "parcel", "invoice", "lamp", "voucher", "sofa", "address", "refund", "password", "shop", "guarantee",
    "curtain", "points", "return", "payment", "repair", "catalogue", "delivery", "size", "colour", "order",
)  # fmt: skip
FRAMES = (
    "where is my {}", "i have a question about the {}", "{} please", "can you tell me about my {}", "the {} is wrong",
    "i want another {}", "help me with the {}", "what about the {}", "my {} has not come", "how do i change the {}",
    "is there a problem with the {}", "{}", "when do i get the {}", "who sends the {}", "i lost my {}",
    "tell me more about the {}", "do you have a {}", "cancel the {}", "i do not understand the {}", "the {} came twice",
)  # fmt: skip
MESSAGES = tuple(f"hello, {frame.format(word)} today" for frame in FRAMES[::5] for word in WORDS)

CONFIG: Json = {
    "recipe": "default.v1",
    "assistant_id": "toy",
    "language": "en",
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "LogisticRegressionClassifier"},
        {"name": "CRFEntityExtractor"},
    ],
    "policies": [{"name": "RulePolicy"}, {"name": "MemoizationPolicy", "max_history": 5}],
}


def train(folder: Path, python: Path, env: dict[str, str]) -> Path:
    """Writes the assistant's files into `folder` and trains it. Raises CalledProcessError."""
    _write(folder / "config.yml", CONFIG)
    _write(folder / "domain.yml", _domain())
    _write(folder / "data.yml", _data())
    command = [
        str(python), "-m", "rasa", "train", "--fixed-model-name", "toy", "--config", "config.yml", "--domain",
        "domain.yml", "--data", "data.yml", "--out", ".",
    ]  # fmt: skip
    quiet = {**os.environ, **env, "PYTHONWARNINGS": "ignore", "RASA_TELEMETRY_ENABLED": "false"}
    subprocess.run(command, cwd=folder, env=quiet, check=True, capture_output=True, timeout=600)  # noqa: S603
    return folder / "toy.tar.gz"


def stock_endpoints(file: Path, redis_port: int, action_port: int) -> None:
    """Rasa's own Redis tracker store and lock store."""
    redis = {"type": "redis", "url": "127.0.0.1", "port": redis_port}
    action = {"url": f"http://127.0.0.1:{action_port}/webhook", "enable_selective_domain": True}
    stores = {"tracker_store": {**redis, "db": 1}, "lock_store": {**redis, "db": 2}}
    _write(file, {"action_endpoint": action, **stores})


def _domain() -> Json:
    slots = {"locale": {"type": "text", "influence_conversation": False, "mappings": [{"type": "custom"}]}}
    slots["number"] = {"type": "text", "mappings": [{"type": "from_entity", "entity": "number"}]}
    return {
        "version": "3.1",
        "intents": [_intent(word) for word in WORDS],
        "entities": ["number"],
        "slots": slots,
        "actions": [ACTION],
        "responses": {"utter_done": [{"text": "Done."}]},
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }


def _data() -> Json:
    nlu = [
        {
            "intent": _intent(word),
            "examples": "".join(f"- {_example(frame, word, n)}\n" for n, frame in enumerate(FRAMES)),
        }
        for word in WORDS
    ]
    rules = [
        {"rule": word, "steps": [{"intent": _intent(word)}, {"action": ACTION}, {"action": "utter_done"}]}
        for word in WORDS
    ]
    return {"version": "3.1", "nlu": nlu, "rules": rules}


def _example(frame: str, word: str, number: int) -> str:
    return frame.format(word) + (f" [{1000 + 7 * number}](number)" if number % 4 == 0 else "")


def _intent(word: str) -> str:
    return f"about_{word}"


def _write(file: Path, content: Json) -> None:
    file.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000), "utf-8")
