"""Answers, engine against engine on every set, by the command that anybody can run: ``knowledge_base evaluate``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.sets import Set, public, shipped
from bench.talk import say
from knowledge_base.measuring.tables import comparison

Json = dict[str, Any]
ENGINES = ("bm25", "plain", "hybrid")


def measure(data: Path | None, keep: Path) -> Json:
    """{set: {about, engines, differences}}; `keep` holds the vectors from one run to the next."""
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as folder:
        sets = shipped(Path(folder)) + (public(data, Path(folder)) if data else [])
        found: Json = {}
        for number, each in enumerate(sets, 1):
            say(f"{each.name} ({number} of {len(sets)}): {each.about}")
            found[each.name] = {"about": each.about} | _evaluated(each, keep)
        return found


def _evaluated(each: Set, keep: Path) -> Json:
    command = [sys.executable, "-m", "knowledge_base", "evaluate", "--engine", ",".join(ENGINES), "--json"]
    command += ["--articles", str(each.articles), "--queries", str(each.queries)]
    environment = os.environ | {"RELAIS_VAR": str(keep)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own command
    found: Json = json.loads(done.stdout)
    return found


def show(found: Json) -> str:
    """Every set in full, then one line for each."""
    lines: list[str] = []
    for name, each in found.items():
        lines += [f"-- {name}: {each['about']}", comparison(each), ""]
    return "\n".join([*lines, *_summary(found)])


def _summary(found: Json) -> Sequence[str]:
    head = "".join(f"{engine:>8}" for engine in ENGINES)
    lines = [
        f"{'':<32}{'hit@1':^24}  {'MRR@10':^24}  {'AUROC':^24}  false answers",
        f"{'set':<32}{head}  {head}  {head}",
    ]
    for name, each in found.items():
        engines = each["engines"]
        cells = [
            "".join(_cell(engines[engine][figure]) for engine in ENGINES) for figure in ("hit@1", "mrr@10", "oos_auroc")
        ]
        count = engines["hybrid"]["answers"]
        told = f"{count['false']} of {count['given']} answers"
        if count["out_of_scope"]:
            told += f", {count['out_of_scope_answered']} of {count['out_of_scope']} without an answer"
        lines.append(f"{name:<32}{'  '.join(cells)}  {told}")
    return lines


def _cell(value: float | None) -> str:
    return f"{'–':>8}" if value is None else f"{value:>8.3f}"
