"""The two environments: locked packages, installed by uv (or pip), and only when the lock changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launch.interpreters import find_python
from launch.pip_settings import pip_settings, uv_arguments
from launch.say import Trouble, run_logged

STAMP = "relais.stamp"


@dataclass(frozen=True)
class Environment:
    """One virtual environment, its Python version and its lock."""

    folder: Path
    version: str
    lock: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def wanted(self) -> str:
        """What the stamp reads when the environment holds what the lock names."""
        return f"{self.version} {hashlib.sha256(self.lock.read_bytes()).hexdigest()}"

    def is_current(self) -> bool:
        """Whether nothing is left to install. Touches no network."""
        try:
            stamp = (self.folder / STAMP).read_text(encoding="utf-8")
        except OSError:
            return False
        return stamp == self.wanted() and os.access(self.python, os.X_OK)


def environments(root: Path) -> list[Environment]:
    """Rasa's and everybody else's."""
    locks = root / "requirements"
    return [
        Environment(root / ".venv", "3.11", locks / "main.lock"),
        Environment(root / ".venv-rasa", "3.10", locks / "rasa.lock"),
    ]


def install(root: Path, var: Path, given: Mapping[str, str]) -> None:
    """Bring both environments up to their locks. Raises Trouble."""
    stale = [each for each in environments(root) if not each.is_current()]
    if not stale:
        return
    uv = find_uv(var, given)
    # Both interpreters first: better told now than after a long installation.
    try:
        pythons = {each.version: find_python(each.version, given, uv) for each in stale}
    except Trouble:
        uv = uv or fetch_uv(var, Path(sys.executable))
        pythons = {each.version: find_python(each.version, given, uv, fetch=True) for each in stale}
    uv = uv or fetch_uv(var, pythons[stale[0].version])
    for each in stale:
        _install_one(each, pythons[each.version], uv, var, given)


def find_uv(var: Path, given: Mapping[str, str]) -> Path | None:
    """A uv that runs: on PATH, or the one that an earlier start fetched."""
    candidates = [shutil.which("uv", path=given.get("PATH", "")), str(var / "tools" / "bin" / "uv")]
    for candidate in candidates:
        if candidate and os.access(candidate, os.X_OK):
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                subprocess.run([candidate, "--version"], check=True, capture_output=True, timeout=20)
                return Path(candidate)
    return None


def fetch_uv(var: Path, python: Path) -> Path | None:
    """Install uv with pip into a folder of its own; None if it cannot be had (pip then does all the work)."""
    tools, log = var / "tools", var / "log" / "setup-uv.log"
    pip = [str(python), "-m", "pip"]
    with contextlib.suppress(Trouble):
        if subprocess.run([*pip, "--version"], capture_output=True, timeout=60, check=False).returncode == 0:
            run_logged("Fetching uv", [*pip, "install", "--quiet", "--target", str(tools), "uv"], log)
        else:
            run_logged("Making a place for uv", [str(python), "-m", "venv", "--clear", str(tools)], log)
            pip = [str(tools / "bin" / "python"), "-m", "pip"]
            run_logged("Fetching uv", [*pip, "install", "--quiet", "uv"], log)
        return tools / "bin" / "uv"
    return None


def _install_one(each: Environment, python: Path, uv: Path | None, var: Path, given: Mapping[str, str]) -> None:
    name = each.folder.name
    log = var / "log" / f"setup{name}.log"
    if not _works(each):
        with_uv = [str(uv), "venv", "--quiet", "--clear", "--python", str(python)]
        make = with_uv if uv else [str(python), "-m", "venv", "--clear"]
        run_logged(f"Making {name} with Python {each.version}", [*make, str(each.folder)], log)
    title = f"Installing the packages of {name}"
    env = dict(given)
    if uv:
        settings = pip_settings(python, given)
        if "cert" in settings:
            env.setdefault("SSL_CERT_FILE", settings["cert"])
        command = [str(uv), "pip", "install", "--python", str(each.python), *uv_arguments(settings)]
    else:
        command = [str(each.python), "-m", "pip", "install", "--disable-pip-version-check"]
    run_logged(title, [*command, "-r", str(each.lock)], log, env=env, timeout=3600)
    (each.folder / STAMP).write_text(each.wanted(), encoding="utf-8")


def _works(each: Environment) -> bool:
    probe = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([str(each.python), "-c", probe], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.stdout.strip() == each.version


def lock(root: Path, var: Path, given: Mapping[str, str]) -> None:
    """Resolve both requirements files anew into their locks. Needs uv and the network. Raises Trouble."""
    uv = find_uv(var, given)
    for each in environments(root):
        python = find_python(each.version, given, uv)
        uv = uv or fetch_uv(var, python)
        if uv is None:
            raise Trouble("Locks are made by uv, which is neither on PATH nor to be had by pip: install it.")
        # Extra indexes are left out: one that mirrors a few wheels of a version hides the rest of that version.
        arguments = uv_arguments({**pip_settings(python, given), "extra-index-url": ""})
        _forget_torch(each.lock)
        command = [
            str(uv), "pip", "compile", "--python-version", each.version, "--no-emit-index-url", "--no-emit-find-links",
            "--custom-compile-command", "make lock", *arguments,
            str(each.lock.with_suffix(".in").relative_to(root)), "-o", str(each.lock.relative_to(root)),
        ]  # fmt: skip
        run_logged(f"Resolving {each.lock.name}", command, var / "log" / "setup-lock.log", env=given, cwd=root)
        # "2.13.0+cpu" can be had from a private index only; "2.13.0" takes that build where there is one.
        each.lock.write_text(each.lock.read_text(encoding="utf-8").replace("+cpu", ""), encoding="utf-8")


def _forget_torch(lock_file: Path) -> None:
    """uv keeps the versions of an existing lock, and "2.13.0" would bind it to the build with CUDA."""
    lines = lock_file.read_text(encoding="utf-8").splitlines(keepends=True) if lock_file.exists() else []
    lock_file.write_text("".join(each for each in lines if not each.startswith("torch==")), encoding="utf-8")
