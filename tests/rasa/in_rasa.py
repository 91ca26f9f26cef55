"""Runs checks in Rasa's own environment (Python 3.10), which pytest does not live in."""

from __future__ import annotations

import ast
import json
import os
import subprocess
from pathlib import Path

from launch.config import ROOT

SIDE = Path(__file__).parent / "rasa_side"


def checks_of(module: str) -> list[str]:
    """Names of the checks in a module of `rasa_side`."""
    tree = ast.parse((SIDE / f"{module}.py").read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node.name for node in tree.body if isinstance(node, kinds) and node.name.startswith("check_")]


def outcomes_of(module: str, *arguments: str) -> dict[str, str]:
    """What became of each check: `ok` or a traceback."""
    python = str(ROOT / ".venv-rasa" / "bin" / "python")
    env = {**os.environ, "PYTHONWARNINGS": "ignore", "RASA_TELEMETRY_ENABLED": "false", "SANIC_WORKERS": "1"}
    done = subprocess.run(
        [python, "-m", f"tests.rasa.rasa_side.{module}", *arguments],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found
