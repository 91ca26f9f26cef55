"""``python -m bench [--data FOLDER] [--only PARTS] [--json]``: measures, in one run, against named baselines."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import answers, conversation, desk, floor, gaps, help_centre, rasa, search, sockets, studio, telegram, widget
from bench.talk import say

Json = dict[str, Any]
PARTS = (
    "answers",
    "search",
    "rasa",
    "conversation",
    "desk",
    "floor",
    "gaps",
    "help",
    "sockets",
    "studio",
    "telegram",
    "widget",
)
NEEDS = {"gaps": "clinc150_en", "search": "service_public_fr"}
_ROOT = Path(__file__).parents[1]


def _parts(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f'there is no part "{name}": {", ".join(PARTS)}, several with commas')
    return names


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of public sets; without it, what is shipped is measured")
    parser.add_argument("--only", type=_parts, default=list(PARTS), help=f"some of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--questions", type=int, default=160, help="questions for each road or client (default 160)")
    parser.add_argument("--keep", type=Path, default=_ROOT / "var" / "bench", help="keeps vectors from run to run")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    if options.data is not None and not options.data.is_dir():
        parser.error(f"{options.data} is not a folder")
    if options.questions < 1:
        parser.error("--questions must be 1 at least")
    return options


def main() -> int:
    """Measures and prints; nothing fails for being slow."""
    options = _options()
    keep = options.keep.resolve()
    measures: dict[str, tuple[Callable[[], Json], Callable[[Json], str]]] = {
        "answers": (lambda: answers.measure(options.data, keep), answers.show),
        "search": (lambda: search.measure(options.data, keep, options.questions), search.show),
        "rasa": (rasa.measure, rasa.show),
        "conversation": (lambda: conversation.measure(options.questions), conversation.show),
        "desk": (desk.measure, desk.show),
        "floor": (floor.measure, floor.show),
        "gaps": (lambda: gaps.measure(options.data, keep), gaps.show),
        "help": (lambda: help_centre.measure(keep), help_centre.show),
        "sockets": (sockets.measure, sockets.show),
        "studio": (lambda: studio.measure(keep), studio.show),
        "telegram": (lambda: telegram.measure(options.questions), telegram.show),
        "widget": (widget.measure, widget.show),
    }
    load = round(os.getloadavg()[0], 1)
    found: Json = {"machine": {"cores": os.cpu_count(), "load_at_start": load}}
    if not options.json:
        print(f"{os.cpu_count()} cores, load {load} at the start: ratios within this run count, not absolutes")
    for name in options.only:
        if name in NEEDS and options.data is None:
            say(f"{name} needs --data FOLDER with {NEEDS[name]}: left out")
            continue
        say(name)
        measure, show = measures[name]
        found[name] = measure()
        if not options.json:
            print(f"\n== {name} ==\n{show(found[name])}", flush=True)
    if options.json:
        print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
