"""Rasa's logistic regression over features that were brought to one scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy.sparse import csr_matrix, hstack, vstack


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NormalisedLogisticRegression(LogisticRegressionClassifier):
    """The stock classifier stacks n-gram counts (norms of 5 to 40) beside a unit vector, which then hardly counts.

    Here the counts are damped (log) and scaled to length `sparse_weight`, the vector to `dense_weight`;
    `C` is the inverse of the regularisation, as in scikit-learn.
    """

    def __init__(self, config: dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, name, model_storage, resource)
        self.clf.set_params(C=float(self.config["C"]))

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The stock settings, and ours."""
        stock = LogisticRegressionClassifier.get_default_config()
        return {**stock, "max_iter": 400, "C": 20.0, "sparse_weight": 0.7, "dense_weight": 1.0}

    def _create_X(self, messages: list[Message]) -> csr_matrix:  # noqa: N802 - the name is Rasa's
        """(n messages, n features), sparse."""
        return vstack([self._row(message) for message in messages], format="csr")

    def _row(self, message: Message) -> csr_matrix:
        sparse = message.get_sparse_features(attribute=TEXT)[1]
        dense = message.get_dense_features(attribute=TEXT)[1]
        blocks = []
        if sparse is not None:
            blocks.append(_scaled(csr_matrix(sparse.features).log1p(), self.config["sparse_weight"]))
        if dense is not None:
            blocks.append(_scaled(csr_matrix(dense.features), self.config["dense_weight"]))
        return hstack(blocks, format="csr")


def _scaled(row: csr_matrix, length: float) -> csr_matrix:
    norm = float(np.sqrt(row.multiply(row).sum()))
    return row * (length / norm) if norm else row
