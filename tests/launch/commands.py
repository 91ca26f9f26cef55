"""Calling the launcher as people do, in a `var` and on ports of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from launch.config import ROOT
from tests.harness import clean_environment


def launch(
    command: str, var: Path, settings: Mapping[str, str] = {}, *, root: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run `python -m launch COMMAND` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "launch", command],
        cwd=root,
        env=clean_environment(RELAIS_VAR=str(var), **settings),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The sentence with which the launcher refused: exit 1, no traceback, nothing started."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "Starting" not in done.stdout
    return done.stderr.strip()
