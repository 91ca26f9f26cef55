"""`python -m knowledge_base`: the server, and the command lines for articles and measurements."""

from __future__ import annotations

import os
import sys

# Before numpy is imported: its threads only fight with the encoder's for the same few cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# A question that arrives while articles are indexed waits for less: the indexing thread lets go more often.
sys.setswitchinterval(0.001)

if __name__ == "__main__":
    from knowledge_base.cli import main

    raise SystemExit(main())
