"""`python -m tests.dialogues.report`: tasks × paths × languages, counted in conversations/*.yml.

`--json` prints the counts as {task: {path: {"fr": n, "en": n}}}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from actions.tasks.registry import TASKS
from tests.dialogues.form import LANGUAGES, PATHS, Conversation, FormError, load

NEEDED = ("happy", "cancel")
Counts = dict[str, dict[str, dict[str, int]]]


def coverage(conversations: Sequence[Conversation], tasks: Sequence[str]) -> Counts:
    """How many conversations there are, for tasks without any too; other matters come after the tasks."""
    names = list(dict.fromkeys([*tasks, *(each.task for each in conversations)]))
    counts: Counts = {name: {path: dict.fromkeys(LANGUAGES, 0) for path in (*PATHS, "all")} for name in names}
    for each in conversations:
        for path in (*each.paths, "all"):
            counts[each.task][path][each.language] += 1
    return counts


def missing(counts: Counts, tasks: Sequence[str]) -> list[str]:
    """The conversations that every task must have and has not."""
    return [
        f"{task} has no conversation on the path “{path}” in {language}"
        for task in tasks
        for path in NEEDED
        for language in LANGUAGES
        if not counts[task][path][language]
    ]


def table(counts: Counts) -> str:
    """French/English in each cell."""
    head = ["", *PATHS, "all"]
    rows = [[name, *(_cell(paths[path]) for path in (*PATHS, "all"))] for name, paths in counts.items()]
    total = {language: sum(paths["all"][language] for paths in counts.values()) for language in LANGUAGES}
    rows.append(["all", *("" for _ in PATHS), _cell(total)])
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    return "\n".join(line.rstrip() for line in lines)


def _cell(counted: dict[str, int]) -> str:
    return "/".join(str(counted[language]) for language in LANGUAGES) if any(counted.values()) else "·"


def main() -> int:
    """Exit code 1 when a task lacks what every task must have, 2 when a file cannot be read."""
    try:
        counts = coverage(load(), list(TASKS))
    except FormError as error:
        print(error, file=sys.stderr)
        return 2
    lacking = missing(counts, list(TASKS))
    if "--json" in sys.argv[1:]:
        print(json.dumps(counts, indent=1))
    else:
        print("Conversations, French/English\n")
        print(table(counts))
        print("\n" + "\n".join(lacking or ["Every task has its happy and its cancel path in both languages."]))
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
