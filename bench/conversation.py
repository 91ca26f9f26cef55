"""A question through the whole product: roads, hops, memory, a warm start."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Any

from bench.memory import megabytes
from bench.roads import BareRasa, PublicApi, run_hops, run_road
from bench.talk import say
from tests.harness import Stack

Json = dict[str, Any]
PROCESSES = ("bot", "rasa", "actions", "knowledge_base", "valkey")
_AT_ONCE = (1, 16)


def measure(questions: int) -> Json:
    """All figures of one run."""
    with Stack() as first:
        roads: dict[str, Json] = {}
        for conversations in _AT_ONCE:
            each = max(5, questions // conversations)
            say(f"{conversations} conversation(s) at once, {each} questions each")
            ours = asyncio.run(run_road(PublicApi, first.bot_url, conversations, each))
            bare = asyncio.run(run_road(BareRasa, first.rasa_url, conversations, each))
            roads[str(conversations)] = {
                "public_api": ours.shown(),
                "bare_rasa": bare.shown(),
                "p50_ratio": round(ours.p50_ms / bare.p50_ms, 2),
                "throughput_ratio": round(ours.per_second / bare.per_second, 2),
            }
        say("each hop alone")
        hops = asyncio.run(run_hops(first.config, questions))
        memory = {name: megabytes(first.pid(name)) for name in PROCESSES}
    say("a warm start")
    started = perf_counter()
    with Stack():
        warm = round(perf_counter() - started, 1)
    total = roads["1"]["public_api"]["p50_ms"]
    return {"roads": roads, "hops": shares(total, hops), "memory_mb": memory, "warm_start_seconds": warm}


def shares(total: float, hops: dict[str, float]) -> Json:
    """What each process adds to a question: the time from it on, less the time from the next one on."""
    ends = {"bot": total, **hops}
    names = list(ends)
    own = {
        name: round(max(0.0, ends[name] - (ends[names[place + 1]] if place + 1 < len(names) else 0.0)), 1)
        for place, name in enumerate(names)
    }
    return {name: {"ms": value, "share": round(value / total, 2)} for name, value in own.items()}


def show(figures: Json) -> str:
    """The figures as a table."""
    lines = ["A question, sent until its answer is here (baseline: the same Rasa by its own REST channel, same run)"]
    lines.append(f"{'at once':>8} {'road':<12} {'p50 ms':>8} {'p95 ms':>8} {'per second':>11}")
    for conversations, road in figures["roads"].items():
        for name in ("public_api", "bare_rasa"):
            row = road[name]
            lines.append(f"{conversations:>8} {name:<12} {row['p50_ms']:>8} {row['p95_ms']:>8} {row['per_second']:>11}")
        lines.append(f"{'':>8} {'ratio':<12} {road['p50_ratio']:>8} {'':>8} {road['throughput_ratio']:>11}")
    lines += ["", "Where a question's time goes (one conversation, p50)"]
    lines += [f"{name:<16} {row['ms']:>7} ms {row['share']:>6.0%}" for name, row in figures["hops"].items()]
    lines += ["", "Memory, MB (proportional set size)"]
    lines += [f"{name:<16} {value:>7}" for name, value in figures["memory_mb"].items()]
    lines += ["", f"A warm start: {figures['warm_start_seconds']} s until everything is ready"]
    return "\n".join(lines)
