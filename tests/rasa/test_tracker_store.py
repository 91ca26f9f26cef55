"""Conversations in Redis: appended, seen by whoever comes next, whole or not there; and nobody waits a second."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from launch.config import ROOT
from launch.health import valkey_ready
from launch.processes import valkey_server
from tests.harness import free_port, wait_until
from tests.rasa.in_rasa import checks_of, outcomes_of

pytestmark = pytest.mark.timeout(240)  # Rasa takes its time to import


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    port, folder = free_port(1), tmp_path_factory.mktemp("valkey")
    command = [str(valkey_server(ROOT)), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    with Path(folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until(lambda: valkey_ready(port), "valkey")
        yield outcomes_of("tracker_store", str(port))
    finally:
        server.terminate()
        server.wait(10)


@pytest.mark.parametrize("check", checks_of("tracker_store"))
def test_trackers_and_locks(outcomes: dict[str, str], check: str) -> None:
    assert outcomes[check] == "ok", outcomes[check]
