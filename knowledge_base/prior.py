"""What the probability starts from when the articles hold too few questions to learn it."""

from __future__ import annotations

import numpy as np

from knowledge_base.calibration import Model
from knowledge_base.logistic import Logistic

# Fitted on the demo's 85 articles with multilingual-e5-small; columns as in calibration.SCOPE and calibration.RIGHT.
PRIOR = Model(
    scope=Logistic(
        means=np.array([0.8833, 0.0132, 0.3292, 0.2702, 0.2923, 0.0198]),
        scales=np.array([0.0397, 0.0450, 0.1273, 0.2205, 0.1761, 0.1848]),
        weights=np.array([1.384, 2.813, -1.770, 1.552, -0.107, 3.222, 3.132]),
    ),
    right=Logistic(
        means=np.array([0.3908, 0.3574, 0.3734, 0.1757]),
        scales=np.array([0.1066, 0.2128, 0.1510, 0.1051]),
        weights=np.array([0.879, -0.672, 0.110, 1.792, 2.852]),
    ),
    answer_from=0.80,
    scope_from=0.94,
    clarify_from=0.74,
)
