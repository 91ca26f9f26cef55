"""`python -m launch run` as a whole: ready without the network and within the time promised, and gone on Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from launch.config import OFFSETS, ROOT, paths
from launch.health import taken
from tests.harness import Stack, clean_environment, free_port, wait_until

# Every road to the network ends at a closed door.
NO_NETWORK = {
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9"),
    "UV_OFFLINE": "1",
    "PIP_NO_INDEX": "1",
    "HF_HUB_OFFLINE": "1",
}


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    port, output = free_port(), tmp_path / "output"
    env = clean_environment(
        PORT=str(port), RELAIS_VAR=str(tmp_path / "var"), RELAIS_MODELS=str(paths({})["models"]), **NO_NETWORK
    )
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "launch", "run"], cwd=ROOT, env=env, stdout=file, stderr=subprocess.STDOUT
        )
    yield process, port, output
    if process.poll() is None:
        process.terminate()
        process.wait(timeout=60)


@pytest.mark.timeout(180)
def test_run_is_ready_without_network_and_stops_cleanly(
    stack: Stack, started: tuple[subprocess.Popen[bytes], int, Path]
) -> None:
    # `stack` made sure that everything is installed, built and trained: this start finds nothing to do.
    process, port, output = started
    began = time.monotonic()

    def text() -> str:
        return output.read_text(encoding="utf-8")

    wait_until(lambda: "Relais is ready" in text() or process.poll() is not None, "ready", timeout=150)
    seconds = time.monotonic() - began
    assert "Relais is ready" in text(), text()
    for setup in ("Installing", "Building", "Training", "Fetching"):
        assert setup not in text()
    assert f"http://127.0.0.1:{port}/desk" in text()
    assert "claire@maison-alder.test" in text()
    assert len(taken(range(port, port + len(OFFSETS)))) == len(OFFSETS)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=40) == 0
    assert text().rstrip().endswith("All stopped.")
    assert taken(range(port, port + len(OFFSETS))) == []
    # The machine also runs the session's stack: twice the 45 s that a start alone may take.
    assert seconds < 90


def test_the_stack_is_healthy_and_a_killed_process_comes_back(stack: Stack) -> None:
    for name in OFFSETS:
        assert stack.is_healthy(name), name
    before = stack.kill("actions")
    stack.wait_healthy("actions")
    assert stack.pid("actions") not in (0, before)
