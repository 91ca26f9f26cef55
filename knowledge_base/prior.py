"""What the probability starts from when the articles hold too few questions to learn it."""

from __future__ import annotations

import numpy as np

from knowledge_base.calibration import Model

# Fitted on the demo's 85 articles with multilingual-e5-small; see calibration.evidence_of for the six evidences.
PRIOR = Model(
    means=np.array([0.880, 0.040, 0.45, 0.42, 0.42, 0.13]),
    scales=np.array([0.032, 0.040, 0.13, 0.19, 0.17, 0.10]),
    weights=np.array([0.54, 1.82, 0.57, 0.0, 0.0, 1.28, 1.0]),
    answer_from=0.8,
    clarify_from=0.45,
)
