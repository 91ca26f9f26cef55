"""Checks the decision trees of the guided diagnosis: `python -m actions.trees [folder]`, a sentence a problem."""

from __future__ import annotations

import sys
from pathlib import Path

from service.trees import TreeError, problems, read


def main(arguments: list[str]) -> int:
    """Check a folder: a count when all is well, else a sentence a problem; exit code 1 where one is broken."""
    folder = Path(arguments[0]) if arguments else Path("knowledge_base/trees")
    files = sorted(folder.glob("*.yml"))
    broken: list[str] = [] if files else [f"{folder}: no tree (*.yml) in it."]
    doubtful: list[str] = []
    for file in files:
        try:
            doubtful += [f"{file.name}: warning: {each.sentence}" for each in problems(read(file))]
        except TreeError as error:
            broken += error.problems
        except OSError:
            broken.append(f"{file.name}: it cannot be read.")
    for told in [*broken, *doubtful]:
        print(told)  # noqa: T201 - a command line
    if not broken:
        told = "no problem found" if not doubtful else "they can be used as they are"
        print(f"{len(files)} trees, {told}.")  # noqa: T201 - a command line
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
