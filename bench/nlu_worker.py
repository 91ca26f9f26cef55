"""The part of the NLU bench that runs in Rasa's own environment (Python 3.10): trains a pipeline and asks it."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.model_training import train_nlu
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLWriter
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_yaml_file, write_yaml

from bench.nlu_figures import OUT_OF_SCOPE
from bench.talk import say

Json = dict[str, Any]
SEED = 20
TOLD_EVERY = 500


class BadDataError(Exception):
    """A file cannot be used; the message is one sentence for the person at the terminal."""


def main() -> int:
    """Does the job given as JSON in the first argument, and writes the answers where it says."""
    job = json.loads(sys.argv[1])
    # Rasa tells every message it understood; what counts comes at the end.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        rows = [row for number, (train, test) in enumerate(_pairs(job)) for row in _measured(job, number, train, test)]
    except BadDataError as error:
        say(str(error))
        return 1
    Path(job["answers"]).write_text(json.dumps(rows), "utf-8")
    return 0


def _pairs(job: Json) -> Iterator[tuple[TrainingData, list[tuple[str, str]]]]:
    train = _read(job["train"])
    if job["test"]:
        test = _examples(_read(job["test"]))
        known = train.intents
        for strange in sorted({intent for _, intent in test} - known - {OUT_OF_SCOPE}):
            say(f"the intent {strange} of the test file is not in the training file: its examples cannot be right")
        yield train, test
        return
    parts = _folds(_examples(train), job["folds"])
    for number, part in enumerate(parts):
        say(f"fold {number + 1} of {len(parts)}")
        held = set(part)
        kept = [m for m in train.intent_examples if m.get("intent") != OUT_OF_SCOPE and _pair(m) not in held]
        rest = TrainingData(kept, train.entity_synonyms, train.regex_features, train.lookup_tables)
        yield rest, part


def _folds(examples: Sequence[tuple[str, str]], count: int) -> list[list[tuple[str, str]]]:
    """Parts of one size in which every intent has its share; the same ones in every run."""
    by_intent: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for example in sorted(set(examples)):
        by_intent[example[1]].append(example)
    shuffled = random.Random(SEED)  # noqa: S311 - nothing secret
    parts: list[list[tuple[str, str]]] = [[] for _ in range(count)]
    place = 0
    for own in by_intent.values():
        shuffled.shuffle(own)
        for example in own:
            parts[place % count].append(example)
            place += 1
    if any(not part for part in parts):
        raise BadDataError(f"There are too few examples for {count} folds.")
    return parts


def _measured(job: Json, number: int, train: TrainingData, test: list[tuple[str, str]]) -> list[Json]:
    intents = {message.get("intent") for message in train.intent_examples}
    if len(intents) < 2:
        raise BadDataError(f"{job['train']} has examples of fewer than two intents.")
    file, config = Path(job["scratch"]) / f"train-{number}.yml", Path(job["scratch"]) / "config.yml"
    RasaYAMLWriter().dump(file, train)
    pipeline = [part for part in _pipeline(job["config"]) if part["name"] != "FallbackClassifier"]
    write_yaml({"recipe": "default.v1", "assistant_id": "bench", "language": "en", "pipeline": pipeline}, config)
    started = time.monotonic()
    try:
        model = train_nlu(str(config), str(file), job["scratch"], fixed_model_name=f"model-{number}")
    except RasaException as error:
        raise BadDataError(f"Training failed: {error}") from error
    if model is None:
        raise BadDataError("Rasa made no model of the training file; it says why above.")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    say(f"trained on {len(train.intent_examples)} examples in {time.monotonic() - started:.1f} s, peak {peak} MB")
    return [{**row, "fold": number} for row in asyncio.run(_asked(model, test))]


def _pipeline(file: str) -> list[Json]:
    parts = read_yaml_file(file).get("pipeline")
    if not parts:
        raise BadDataError(f"{file} has no pipeline.")
    return [dict(part) for part in parts]


async def _asked(model: str, test: Sequence[tuple[str, str]]) -> list[Json]:
    agent = Agent.load(model)
    rows: list[Json] = []
    started = time.monotonic()
    for text, intent in test:
        parsed = await agent.parse_message(text)
        said = parsed["intent"]
        confidence = float(said.get("confidence") or 0.0)
        rows.append({"text": text, "intent": intent, "predicted": said.get("name"), "confidence": confidence})
        if len(rows) % TOLD_EVERY == 0:
            say(f"asked {len(rows)} of {len(test)}")
    right = sum(row["intent"] == row["predicted"] for row in rows)
    each = (time.monotonic() - started) * 1000 / len(rows)
    inside = sum(intent != OUT_OF_SCOPE for _, intent in test)
    say(f"{right} of {inside} in scope right at no threshold; {each:.1f} ms a message")
    return rows


def _read(path: str) -> TrainingData:
    try:
        data = load_data(path)
    except Exception as error:  # whatever its readers raise, the file is what is wrong
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise BadDataError(f"{path} cannot be read as Rasa NLU data: {first}") from error
    if not _examples(data):
        raise BadDataError(f"{path} holds no example of an intent: is it a Rasa NLU file?")
    return data


def _examples(data: TrainingData) -> list[tuple[str, str]]:
    return [_pair(message) for message in data.intent_examples if message.get("text")]


def _pair(message: Any) -> tuple[str, str]:
    return message.get("text"), message.get("intent")


if __name__ == "__main__":
    sys.exit(main())
