"""`python -m launch run` as a whole: ready without the network and within the time promised, and gone on Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launch.config import OFFSETS, ROOT, paths
from launch.health import taken
from tests.harness import Stack, clean_environment, free_port, wait_until
from tests.launch.commands import launch, refused

# Every road to the network ends at a closed door.
NO_NETWORK = {
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9"),
    "UV_OFFLINE": "1",
    "PIP_NO_INDEX": "1",
    "HF_HUB_OFFLINE": "1",
}


class Run:
    """`python -m launch run` without network, in a `var` of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.ports = range(self.port, self.port + len(OFFSETS))
        self.output = folder / "output"
        models = paths({})["models"]
        (folder / "var").mkdir(exist_ok=True)
        if not (folder / "var" / "vectors").is_symlink():
            (folder / "var" / "vectors").symlink_to(models / "test-vectors")
        settings = {"PORT": str(self.port), "RELAIS_VAR": str(folder / "var"), "RELAIS_MODELS": str(models)}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "launch", "run"], cwd=ROOT, env=clean_environment(**settings, **NO_NETWORK),
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def text(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_ready(self) -> float:
        """Seconds until it was ready."""
        began = time.monotonic()
        wait_until(lambda: "Relais is ready" in self.text or self.process.poll() is not None, "ready", timeout=150)
        assert "Relais is ready" in self.text, self.text
        return time.monotonic() - began

    def stop(self, sign: signal.Signals = signal.SIGINT) -> int:
        """Its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(timeout=60)


@pytest.mark.timeout(300)
def test_run_needs_no_network_and_stops_cleanly(stack: Stack, tmp_path: Path) -> None:
    # `stack` made sure that everything is installed, built and trained: this start finds nothing to do.
    run = Run(tmp_path)
    try:
        run.wait_ready()
        for setup in ("Installing", "Building", "Training", "Fetching"):
            assert setup not in run.text
        assert f"http://127.0.0.1:{run.port}/desk" in run.text
        assert "claire@maison-alder.test" in run.text
        assert taken(run.ports) == list(run.ports)
        again = launch("run", tmp_path / "var", {"PORT": str(run.port)})
        assert "Relais already runs" in refused(again)
    finally:
        status = run.stop()
    assert status == 0
    assert run.text.rstrip().endswith("All stopped.")
    assert taken(run.ports) == []


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_second_start_is_ready_within_45_seconds(tmp_path: Path) -> None:
    # As long as the machine has nothing else to do; what else it does takes its share of the time.
    others = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    first = Run(tmp_path)
    try:
        first.wait_ready()
    finally:
        stopped = launch("stop", tmp_path / "var")
        assert first.stop() == 0
    assert (stopped.returncode, stopped.stdout) == (0, "All stopped.\n")
    second = Run(tmp_path)
    try:
        assert second.wait_ready() < 45 * others
    finally:
        second.stop()


def test_the_stack_is_healthy_and_a_killed_process_comes_back(stack: Stack) -> None:
    for name in OFFSETS:
        assert stack.is_healthy(name), name
    before = stack.kill("actions")
    stack.wait_healthy("actions")
    assert stack.pid("actions") not in (0, before)
