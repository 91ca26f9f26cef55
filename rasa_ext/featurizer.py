"""A Rasa featurizer that turns a message into the sentence vector of `encoder/`."""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS, TOKENS_NAMES
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import encoder

Vectors = npt.NDArray[np.float32]

BATCH = 64
REMEMBERED = 256  # vectors of the texts seen last: "oui" and "merci" come again and again
CENTRED_ON = 500  # examples, evenly picked: more move the mean by nothing
STATE_FILE = "encoder.json"
CENTRE_FILE = "centre.npy"


class EncoderMismatchError(RasaException):
    """The encoder at hand is not the one the model was trained with."""


def encoder_path(configured: str | None) -> Path | str:
    """Where the encoder is: the component's own setting, else EMBEDDING_MODEL, else the default under RELAIS_MODELS."""
    models = os.environ.get("RELAIS_MODELS", "var/models")
    return configured or os.environ.get("EMBEDDING_MODEL") or Path(models) / "multilingual-e5-small"


def loaded(config: dict[str, Any]) -> encoder.Encoder:
    """The encoder of a component's settings: Rasa makes the component thrice at training, and one copy is enough."""
    return _loaded(str(encoder_path(config.get("model"))), int(config.get("threads", 1)))


@lru_cache(maxsize=4)
def _loaded(path: str, threads: int) -> encoder.Encoder:
    return encoder.load(path, threads=threads)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class EncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Sentence vectors, centred on the training examples and of length 1.

    The vectors of this encoder family lie in a narrow cone (cosines of .7 to 1), so a linear classifier
    sees little until their mean is taken away. The mean is learnt at training and kept with the model,
    with the encoder's fingerprint: another encoder is refused at load.
    """

    def __init__(self, config: dict[str, Any], name: str, storage: ModelStorage, resource: Resource) -> None:
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        self._encoder = loaded(config)
        self._centre: Vectors = np.zeros(self._encoder.dimension, dtype=np.float32)
        self._seen: OrderedDict[bytes, Vectors] = OrderedDict()

    @classmethod
    def required_components(cls) -> list[type]:
        """A tokenizer comes first: token features have one row for each token."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`model`: folder or name of the encoder (None: from the environment). `threads`: cores one message may use."""
        return {FEATURIZER_CLASS_ALIAS: None, "model": None, "threads": 1}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check: a missing model is reported by the encoder itself, in one sentence."""

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """What Rasa's cache of trained components cannot see: with another encoder, nothing trained before counts."""
        return str(loaded(config).fingerprint)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EncoderFeaturizer:
        """A featurizer that has learnt nothing yet."""
        return cls(config, execution_context.node_name, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the mean of the training examples; keep it with the encoder's fingerprint."""
        texts = sorted({m.get(TEXT) for m in training_data.training_examples if m.get(TEXT)})
        if texts:
            self._centre = self._encode(texts[:: max(1, len(texts) // CENTRED_ON)]).mean(axis=0)
        with self._storage.write_to(self._resource) as folder:
            np.save(folder / CENTRE_FILE, self._centre)
            (folder / STATE_FILE).write_text(json.dumps({"fingerprint": self._encoder.fingerprint}), "utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ARG003 - the signature is Rasa's
    ) -> EncoderFeaturizer:
        """Raises EncoderMismatchError when the encoder at hand has another fingerprint than the one trained with."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component.remember(json.loads((folder / STATE_FILE).read_text("utf-8")), np.load(folder / CENTRE_FILE))
        return component

    def remember(self, trained: dict[str, str], centre: Vectors) -> None:
        """Take over what training learnt. Raises EncoderMismatchError."""
        if trained["fingerprint"] != self._encoder.fingerprint:
            raise EncoderMismatchError(
                f"This Rasa model was trained with the encoder {trained['fingerprint']}, but the encoder at "
                f"{encoder_path(self._config.get('model'))} is {self._encoder.fingerprint}: train Rasa again, "
                "or set EMBEDDING_MODEL to the encoder it was trained with."
            )
        self._centre = centre

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """All examples in batches."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add (n_tokens, d) and (1, d) features; token rows repeat the sentence, which is all our classifier reads."""
        with_text = [message for message in messages if message.get(TEXT)]
        vectors = self._vectors([message.get(TEXT) for message in with_text])
        for message, vector in zip(with_text, vectors, strict=True):
            tokens = message.get(TOKENS_NAMES[TEXT]) or [None]
            sentence = vector[None, :]
            self.add_features_to_message(np.broadcast_to(sentence, (len(tokens), len(vector))), sentence, TEXT, message)
        return messages

    def _vectors(self, texts: list[str]) -> Vectors:
        """(n, d), centred, unit rows; a command ("/intent") needs no vector and gets zeros."""
        vectors = np.zeros((len(texts), self._encoder.dimension), dtype=np.float32)
        rows = [row for row, text in enumerate(texts) if not text.startswith("/")]
        if rows:
            centred = self._encode([texts[row] for row in rows]) - self._centre
            vectors[rows] = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
        return vectors

    def _encode(self, texts: list[str]) -> Vectors:
        if len(texts) == 1:
            return self._encode_one(texts[0])
        batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        return np.vstack([self._encoder.encode(batch, "query") for batch in batches])

    def _encode_one(self, text: str) -> Vectors:
        """(1, d). Never beside others in a batch: 8-bit arithmetic would give it another vector each time."""
        known = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()  # keeps nobody's words
        if known not in self._seen:
            self._seen[known] = self._encoder.encode([text], "query")
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        self._seen.move_to_end(known)
        return self._seen[known]
