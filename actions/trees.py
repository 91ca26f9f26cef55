"""Checks the decision trees of the guided diagnosis: `python -m actions.trees [folder]`, a sentence a problem."""

from __future__ import annotations

import sys
from pathlib import Path

from service.trees import TreeError, read


def main(arguments: list[str]) -> int:
    """Check a folder: nothing printed but a count when all is well, else a sentence a problem and exit code 1."""
    folder = Path(arguments[0]) if arguments else Path("knowledge_base/trees")
    files = sorted(folder.glob("*.yml"))
    problems: list[str] = [] if files else [f"{folder}: no tree (*.yml) in it."]
    for file in files:
        try:
            read(file)
        except TreeError as error:
            problems += error.problems
    for problem in problems:
        print(problem)  # noqa: T201 - a command line
    if not problems:
        print(f"{len(files)} trees, no problem found.")  # noqa: T201 - a command line
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
