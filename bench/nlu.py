"""``python -m bench.nlu --train FILE --test FILE [--stock]`` or ``--train FILE --folds 5``: how well intents are told.

The pipeline of ``config.yml`` is trained by Rasa on one NLU file and asked every example of the other. Prints one JSON
object: ``{auroc, thresholds: [{threshold, in_scope_accuracy, out_of_scope_recall}]}``. An example counts as understood
when its intent comes first with at least the threshold's confidence; one of the intent ``out_of_scope`` counts as
caught when nothing does. ``--stock`` adds the same figures of stock DIET, trained in the same run, as ``stock``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.nlu_figures import figures
from bench.talk import say

Json = dict[str, Any]
_ROOT = Path(__file__).parents[1]
_PIPELINES = {"ours": _ROOT / "config.yml", "stock": _ROOT / "bench" / "nlu_stock.yml"}


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.nlu", description=__doc__)
    parser.add_argument("--train", type=Path, required=True, help="Rasa NLU file (or folder) to train on")
    parser.add_argument("--test", type=Path, help="Rasa NLU file (or folder) to measure on")
    parser.add_argument("--folds", type=int, help="measure on parts of the training file, each left out in turn")
    parser.add_argument("--stock", action="store_true", help="train stock DIET (100 epochs) beside it")
    parser.add_argument("--config", type=Path, default=_PIPELINES["ours"], help="the pipeline (default: config.yml)")
    parser.add_argument("--errors", type=Path, help="write every mistake to this file, as JSON Lines")
    options = parser.parse_args(arguments)
    if (options.test is None) == (options.folds is None):
        parser.error("give either --test FILE or --folds NUMBER")
    if options.folds is not None and options.folds < 2:
        parser.error("--folds must be 2 at least")
    for path in (options.train, options.test, options.config):
        if path is not None and not path.exists():
            parser.error(f"there is no {path}")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Measures and prints; nothing fails for being low. 1 when a file or the training failed, told on stderr."""
    options = _options(arguments)
    answered = _predicted(options, options.config)
    if answered is None:
        return 1
    found = figures(answered, folds=options.folds)
    if options.errors is not None:
        wrong = [row for row in answered if row["intent"] != row["predicted"]]
        options.errors.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in wrong), "utf-8")
    if options.stock:
        beside = _predicted(options, _PIPELINES["stock"])
        if beside is None:
            return 1
        found["stock"] = figures(beside, folds=options.folds)
    print(json.dumps(found))  # noqa: T201 - the figures are the output
    return 0


def _predicted(options: argparse.Namespace, pipeline: Path) -> list[Json] | None:
    """What the pipeline said to each test example; None when it could not, which the worker has told."""
    say(f"training {pipeline.name}")
    with tempfile.TemporaryDirectory(prefix="relais-nlu-") as scratch:
        answers = Path(scratch) / "answers.json"
        job: Json = {
            "config": str(pipeline.resolve()),
            "train": str(options.train.resolve()),
            "test": str(options.test.resolve()) if options.test else None,
            "folds": options.folds,
            "answers": str(answers),
            "scratch": scratch,
        }
        command = [str(_ROOT / ".venv-rasa" / "bin" / "python"), "-m", "bench.nlu_worker", json.dumps(job)]
        # Rasa talks to stdout; ours holds the figures and nothing else.
        done = subprocess.run(command, cwd=_ROOT, env=_environment(), stdout=sys.stderr, check=False)  # noqa: S603
        if done.returncode != 0 or not answers.is_file():
            return None
        rows: list[Json] = json.loads(answers.read_text("utf-8"))
        return rows


def _environment() -> dict[str, str]:
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    # Nothing is taken from, or left in, the cache of an earlier training: its time would not be its time.
    quiet |= {"RASA_MAX_CACHE_SIZE": "0", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    defaults = {"OMP_NUM_THREADS": "1", "TF_INTRA_OP_PARALLELISM_THREADS": "1", "TF_INTER_OP_PARALLELISM_THREADS": "1"}
    return {**defaults, **os.environ, **quiet}


if __name__ == "__main__":
    sys.exit(main())
