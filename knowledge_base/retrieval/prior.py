"""What the probability starts from when the articles hold too few questions to learn it."""

from __future__ import annotations

import numpy as np

from knowledge_base.retrieval.calibration import Model
from knowledge_base.retrieval.logistic import Logistic

# Fitted on the demo's own questions and on 500 titles of service-public.fr, asked of bodies without titles, so that a
# base without questions is answered with care; columns as in calibration.SCOPE and calibration.RIGHT.
PRIOR = Model(
    scope=Logistic(
        means=np.array([0.8803, 0.0119, 0.3193, 0.3588, 0.3384, 0.1001, 0.1108, 0.616, 0.1571]),
        scales=np.array([0.0453, 0.0532, 0.1335, 0.2767, 0.2162, 0.149, 0.1909, 0.2482, 0.288]),
        weights=np.array([1.012, 3.455, -1.377, 0.237, -0.692, 0.109, 2.881, 0.916, -1.246, 2.134]),
    ),
    right=Logistic(
        means=np.array([0.4004, 0.5133, 0.4592, 0.1839, 0.756]),
        scales=np.array([0.0963, 0.2222, 0.1642, 0.11, 0.1058]),
        weights=np.array([0.421, -0.08, 0.224, 1.928, -0.212, 2.742]),
    ),
    answer_from=0.8,
    scope_from=0.98,
    clarify_from=0.65,
)
