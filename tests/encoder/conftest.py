"""The real default model, built once into RELAIS_MODELS and reused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def model_folder() -> Path:
    folder = (ROOT / os.environ.get("RELAIS_MODELS", "var/models") / "multilingual-e5-small").resolve()
    subprocess.run([sys.executable, "-m", "encoder", "build", "--into", str(folder)], cwd=ROOT, check=True)
    return folder
