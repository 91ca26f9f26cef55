"""pip's configuration, read so that uv can follow it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path


def pip_settings(python: Path, given: Mapping[str, str]) -> dict[str, str]:
    """What pip is told in its configuration files and environment, by option name ("find-links": "…").

    uv reads none of it, and a company's own index or a CPU build of torch usually stand there.
    """
    try:
        done = subprocess.run(
            [str(python), "-m", "pip", "config", "list"],
            capture_output=True, text=True, timeout=60, check=True, env=dict(given),
        )  # fmt: skip
        lines = done.stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        lines = [
            f":env:.{key[4:].lower().replace('_', '-')}={value!r}" for key, value in given.items() if key[:4] == "PIP_"
        ]
    # The environment wins over the command's own section, that over the general one: as pip has it.
    ranks = {":env:": 2, "install": 1, "global": 0}
    found: dict[str, str] = {}
    for rank in sorted(ranks, key=lambda section: ranks[section]):
        for each in lines:
            key, _, value = each.partition("=")
            section, _, option = key.rpartition(".")
            if section == rank:
                found[option] = value.strip("'\"").replace("\\n", " ").strip()
    return found


def uv_arguments(settings: Mapping[str, str]) -> list[str]:
    """pip's settings in uv's words."""
    arguments: list[str] = []
    for option in ("find-links", "extra-index-url", "index-url"):
        for value in settings.get(option, "").split():
            arguments += [f"--{option}", value]
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        arguments.append("--no-index")
    if settings.get("extra-index-url"):
        # pip looks at every index for the best version; uv would stop at the first that knows the name.
        arguments += ["--index-strategy", "unsafe-best-match"]
    return arguments
