"""The figures as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge_base.measuring.figures import FIGURES, LEVEL, Json

NAMES = {"oos_auroc": "AUROC", "mrr@10": "MRR@10", "ndcg@10": "nDCG@10", "false_answer_rate": "false answers"}
_WIDTH = 24


def comparison(found: Json) -> str:
    """Engines side by side, what ours adds to the best baseline, languages apart, reliability."""
    engines: dict[str, Json] = found["engines"]
    first = next(iter(engines.values()))
    outside = first["answers"]["out_of_scope"]
    lines = [f"{first['n']} questions: {first['n'] - outside} with an answer here, {outside} without", ""]
    lines += _side_by_side(engines, found.get("differences", {}))
    for locale in first.get("by_locale", {}):
        parts = {name: engine["by_locale"][locale] for name, engine in engines.items()}
        lines += ["", f"in {locale}: {parts[next(iter(parts))]['n']} questions", *_side_by_side(parts, {})]
    for name, engine in engines.items():
        if "reliability" in engine:
            lines += ["", *_reliability(name, engine["reliability"])]
    return "\n".join(lines)


def _side_by_side(engines: dict[str, Json], differences: dict[str, Json]) -> list[str]:
    added = [f"  hybrid less the best baseline ({LEVEL} %, paired)"] if differences else []
    lines = ["".join([" " * 15, *(f"{name:>{_WIDTH}}" for name in engines), *added])]
    for figure in FIGURES:
        cells = [_cell(engine[figure], engine["intervals"][figure]) for engine in engines.values()]
        more = f"  {_difference(differences[figure])}" if figure in differences else ""
        lines.append(f"{NAMES.get(figure, figure):<15}" + "".join(f"{cell:>{_WIDTH}}" for cell in cells) + more)
    counts = [engine["answers"] for engine in engines.values()]
    lines.append(_row("false / given", [f"{count['false']} of {count['given']}" for count in counts]))
    if any(count["out_of_scope"] for count in counts):
        given = [f"{count['out_of_scope_answered']} of {count['out_of_scope']}" for count in counts]
        lines.append(_row("off-topic ans.", given))
    times = [engine["latency_ms"] for engine in engines.values()]
    lines.append(_row("p50 / p95 ms", [f"{time['p50']} / {time['p95']}" for time in times]))
    return lines


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:<15}" + "".join(f"{cell:>{_WIDTH}}" for cell in cells)


def _cell(value: float | None, interval: Sequence[float] | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" + (f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else "")


def _difference(row: Json) -> str:
    low, high = row["interval"]
    return f"{row['difference']:+.3f} [{low:+.3f}, {high:+.3f}] on {row['baseline']}"


def _reliability(name: str, table: Json) -> list[str]:
    lines = [f"{name}: is its confidence right?", f"{'confidence':<15}{'questions':>10}{'mean':>8}{'right':>8}"]
    for row in table["bins"]:
        span = f"{row['from']:.1f} to {row['to']:.1f}"
        said = f"{row['confidence']:>8.2f}{row['right']:>8.2f}" if row["n"] else f"{'–':>8}{'–':>8}"
        lines.append(f"{span:<15}{row['n']:>10}{said}")
    return [*lines, f"expected calibration error {table['expected_calibration_error']:.3f}"]
