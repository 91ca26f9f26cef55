"""Long work lets customers' searches go first."""

from __future__ import annotations

import os
import sys
import threading

NICE = 10


def give_way() -> None:
    """On Linux a thread has a priority of its own; elsewhere it stays as it is. Called as a thread of jobs begins."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(os.getpriority(os.PRIO_PROCESS, thread), NICE))
