"""What a module of checks does when it is run: each check once, the outcomes as JSON on the last line."""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def run_all(module: dict[str, Any]) -> None:
    """`ok` or the traceback for each function whose name begins with check_, in their order."""
    outcomes = {}
    for name, check in list(module.items()):
        if not name.startswith("check_"):
            continue
        try:
            outcome = check()
            if inspect.isawaitable(outcome):
                asyncio.run(_finished(outcome))
            outcomes[name] = "ok"
        except Exception:  # noqa: BLE001 - whatever it is, the test shows it
            outcomes[name] = traceback.format_exc()
    sys.stdout.write("\n" + json.dumps(outcomes) + "\n")


async def _finished(outcome: Any) -> None:
    await outcome


@contextmanager
def refused(kind: Any) -> Iterator[list[Exception]]:
    """Fails if no such error is raised within; holds it afterwards."""
    told: list[Exception] = []
    try:
        yield told
    except kind as error:
        told.append(error)
    else:
        raise AssertionError(f"{kind.__name__} was not raised")
