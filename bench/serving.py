"""A knowledge_base process of its own, on a free port."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.harness import free_port

Json = dict[str, Any]
START_SECONDS = 1800  # the first start may have to encode on a busy machine


@dataclass(frozen=True)
class Served:
    """Where it listens, its process, and how long it took until it could answer."""

    base: str
    pid: int
    ready_seconds: float


@contextmanager
def serving(folder: Path, var: Path) -> Iterator[Served]:
    """Serves the articles of `folder` until the block ends; vectors are kept under `var`."""
    port = free_port(1)
    own = {"KNOWLEDGE_BASE_PORT": str(port), "KNOWLEDGE_BASE_ARTICLES": str(folder), "RELAIS_VAR": str(var)}
    started = time.monotonic()
    command = [sys.executable, "-m", "knowledge_base"]
    process = subprocess.Popen(command, env=os.environ | own, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    try:
        _wait(f"http://127.0.0.1:{port}", process, started + START_SECONDS)
        yield Served(f"http://127.0.0.1:{port}", process.pid, round(time.monotonic() - started, 1))
    finally:
        process.terminate()
        process.wait(20)


def _wait(base: str, process: subprocess.Popen[bytes], end: float) -> None:
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the knowledge base ended with code {process.returncode}")
        try:
            with urllib.request.urlopen(f"{base}/healthz", timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("the knowledge base was not ready in time")


def call(
    base: str, path: str, body: Json | None = None, headers: Mapping[str, str] | None = None, method: str | None = None
) -> Json:
    """The JSON that an address answers with; a ``body`` makes a POST of it. Raises ``urllib.error.URLError``."""
    data = json.dumps(body).encode() if body is not None else None
    sent = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(base + path, data, sent, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310 - our own address
        found: Json = json.load(response)
    return found
