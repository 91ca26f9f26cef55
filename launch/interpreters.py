"""Finding a Python of the version we need: on PATH, under pyenv, or kept by uv."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from launch.say import Trouble, line

# A candidate counts only if it runs: pyenv leaves shims on PATH for versions that are not switched on.
_PROBE = (
    "import sys, ssl, sqlite3, venv\n"
    "print('%d.%d' % sys.version_info[:2]); print(getattr(sys, '_base_executable', '') or sys.executable)"
)


def find_python(version: str, given: Mapping[str, str], uv: Path | None = None, *, fetch: bool = False) -> Path:
    """The executable of Python `version` ("3.11"); with `fetch`, uv gets it if there is none. Raises Trouble."""
    found = _first_working(version, given, uv)
    if found is None and fetch and uv is not None and _fetch(version, uv):
        found = _first_working(version, given, uv)
    if found is None:
        raise Trouble(
            f"Relais needs Python {version} and found none on PATH, under pyenv or kept by uv: install it "
            f"(for example with `uv python install {version}` or `pyenv install {version}`) and try again."
        )
    return found


def _first_working(version: str, given: Mapping[str, str], uv: Path | None) -> Path | None:
    tried = set()
    for candidate in _candidates(version, given, uv):
        if candidate in tried or not os.access(candidate, os.X_OK):
            continue
        tried.add(candidate)
        working = _probe(candidate, version)
        if working is not None:
            return working
    return None


def _candidates(version: str, given: Mapping[str, str], uv: Path | None) -> Iterator[Path]:
    name = f"python{version}"
    for folder in given.get("PATH", "").split(os.pathsep):
        if folder:
            yield Path(folder) / name
    yield Path(sys.executable)
    home = Path(given.get("HOME") or "~").expanduser()
    for root in {given.get("PYENV_ROOT") or str(home / ".pyenv")}:
        yield from _newest(Path(root) / "versions", f"{version}*/bin/{name}")
    data = Path(given.get("XDG_DATA_HOME") or home / ".local" / "share")
    kept = Path(given.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    yield from _newest(kept, f"cpython-{version}*/bin/{name}")
    if uv is not None:
        yield from _asked_of_uv(version, uv)


def _newest(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern), reverse=True)


def _asked_of_uv(version: str, uv: Path) -> Iterator[Path]:
    answer = _output([str(uv), "python", "find", "--no-project", "--no-python-downloads", version])
    if answer:
        yield Path(answer[-1])


def _probe(candidate: Path, version: str) -> Path | None:
    answer = _output([str(candidate), "-c", _PROBE])
    return Path(answer[1]) if len(answer) == 2 and answer[0] == version else None


def _output(command: list[str]) -> list[str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return done.stdout.split("\n")[:-1]


def _fetch(version: str, uv: Path) -> bool:
    line(f"No Python {version} here: asking uv to fetch it …")
    try:
        subprocess.run([str(uv), "python", "install", version], timeout=300, check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True
