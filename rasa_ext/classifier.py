"""Rasa's component around `intent_model`: intents with a confidence that is a probability."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.constants import PREDICTED_CONFIDENCE_KEY as CONFIDENCE
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_ext.intent_model import Calibration, IntentModel, Nearness, Regression, Scorer
from rasa_ext.intent_space import Floats, Space, View

FILE = "intents.npz"
RANKED = 10


class TooFewIntentsError(RasaException):
    """There is nothing to tell apart."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CalibratedIntentClassifier(IntentClassifier, GraphComponent):
    """Reads the sentence vectors of the featurizers before it, each as a view of its own, and the message's letters.

    The first intent's confidence is the probability that it is meant, learnt from the training examples alone: a
    FallbackClassifier's threshold after it means what it says.
    """

    def __init__(self, storage: ModelStorage, resource: Resource, model: IntentModel | None = None) -> None:
        self._storage, self._resource, self._model = storage, resource, model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Nothing to set: what there is to choose is learnt."""
        return {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],  # noqa: ARG003 - the signature is Rasa's
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> CalibratedIntentClassifier:
        """A classifier that has learnt nothing yet."""
        return cls(model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples of intents. Raises TooFewIntentsError."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT) and m.get(INTENT)]
        intents = [str(m.get(INTENT)) for m in examples]
        if len(set(intents)) < 2:
            raise TooFewIntentsError("An intent classifier needs examples of two intents at least.")
        self._model = IntentModel.learnt(_vectors(examples), [m.get(TEXT) for m in examples], intents)
        with self._storage.write_to(self._resource) as folder:
            save: Any = np.savez  # the keywords are names of arrays, which its type does not know
            save(folder / FILE, **_packed(self._model))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],  # noqa: ARG003 - the signature is Rasa's
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003
        **kwargs: Any,  # noqa: ARG003
    ) -> CalibratedIntentClassifier:
        """What was trained before."""
        with model_storage.read_from(resource) as folder, np.load(os.fspath(folder / FILE)) as kept:
            return cls(model_storage, resource, _unpacked({name: kept[name] for name in kept.files}))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking. One without text has none, nor has a command yet, which carries its own."""
        asked = [m for m in messages if m.get(TEXT) and not str(m.get(TEXT)).startswith("/")]
        for message in messages:  # the components that follow read an intent of every message
            message.set(INTENT, {INTENT_NAME_KEY: None, CONFIDENCE: 0.0}, add_to_output=True)
        if self._model is None or not asked:
            return messages
        told = self._model.told(_vectors(asked), [m.get(TEXT) for m in asked])
        for message, row in zip(asked, told, strict=True):
            first = np.argsort(-row, kind="stable")[:RANKED]
            ranking = [{INTENT_NAME_KEY: self._model.intents[i], CONFIDENCE: float(row[i])} for i in first]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def _vectors(messages: Sequence[Message]) -> list[Floats]:
    """(n, d) for each dense featurizer, in the order of the pipeline."""
    by_message = [
        [f.features for f in m.features if f.attribute == TEXT and f.type == FEATURE_TYPE_SENTENCE and f.is_dense()]
        for m in messages
    ]
    return [np.vstack(parts).astype(np.float32) for parts in zip(*by_message, strict=True)]


def _packed(model: IntentModel) -> dict[str, npt.NDArray[Any]]:
    scorer, calibration = model.scorer, model.calibration
    kept = {
        "intents": np.asarray(json.dumps(model.intents)),
        "dense": scorer.regression.dense,
        "sparse": scorer.regression.sparse,
        "bias": scorer.regression.bias,
        "examples": scorer.nearness.examples,
        "starts": scorer.nearness.starts,
        "weight": np.asarray(scorer.weight),
        "calibration": np.append(calibration.weights, calibration.bias),
    }
    for number, view in enumerate(model.space.views):
        kept |= {f"centre_{number}": view.centre, f"transform_{number}": view.transform}
    return kept


def _unpacked(kept: dict[str, npt.NDArray[Any]]) -> IntentModel:
    views = sum(name.startswith("centre_") for name in kept)
    *weights, bias = kept["calibration"].tolist()
    return IntentModel(
        tuple(json.loads(str(kept["intents"]))),
        Space(tuple(View(kept[f"centre_{n}"], kept[f"transform_{n}"]) for n in range(views))),
        Scorer(
            Regression(kept["dense"], kept["sparse"], kept["bias"]),
            Nearness(kept["examples"], kept["starts"]),
            float(kept["weight"]),
        ),
        Calibration(np.asarray(weights, dtype=np.float32), bias),
    )
