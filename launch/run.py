"""`make run` and `make serve`: prepare, start, wait until all is ready, watch, stop."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import signal
import time
import xmlrpc.client
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from launch.config import OFFSETS, Config
from launch.fingerprint import build_encoder
from launch.health import http_json, taken
from launch.installer import install
from launch.processes import Process, processes
from launch.say import TICK, Progress, Trouble, line, tail
from launch.seeding import seed, tell_broken_articles
from launch.supervisor import Supervisor
from launch.training import train

READY_SECONDS = 240.0
# A process that ended this often before it was ever ready will not come up by itself.
DEATHS = 3
WATCH_SECONDS = 5.0
TRY_AGAIN_SECONDS = 60.0
DEMO_USERS = {
    "claire": "advisor, French and English",
    "hugo": "advisor, French",
    "ines": "writer",
    "marc": "supervisor",
    "ada": "admin",
}


def prepare(config: Config) -> None:
    """Environments, encoder and trained Rasa: whatever is missing or out of date. Raises Trouble."""
    config.var.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(config.root / "var" / "setup.lock"):
        install(config.root, config.var, config.env)
        build_encoder(config)
        train(config)


@contextlib.contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Let a second set-up of the same clone wait for the first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            line("Another set-up of this clone is under way: waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(config: Config) -> None:
    """Prepare and run everything until Ctrl-C or SIGTERM. Raises Trouble."""
    began = time.monotonic()
    with stopped_by_signals():
        check_ports(config)
        prepare(config)
        with running(config) as supervisor:
            announce(config, time.monotonic() - began)
            watch(supervisor)


@contextlib.contextmanager
def running(config: Config) -> Iterator[Supervisor]:
    """All processes, ready; stopped at the end of the block. Raises Trouble when one does not come up."""
    seed(config)
    supervisor = Supervisor(config.var)
    wanted = processes(config)
    try:
        supervisor.start(config, wanted)
        wait_ready(supervisor, wanted)
        tell_broken_articles(config)
        yield supervisor
    finally:
        with signals_ignored():
            line("Stopping …")
            supervisor.stop()
            line("All stopped.")


def check_ports(config: Config) -> None:
    """Raises Trouble when Relais runs already, or a port that it needs is taken."""
    if Supervisor(config.var).answers():
        raise Trouble(f"Relais already runs with {config.var}: `make stop` stops it.")
    unused = {name for name, skip in (("demo", not config.demo), ("valkey", not config.own_valkey)) if skip}
    names = {config.port_of(name): name for name in OFFSETS if name not in unused}
    busy = taken([port for port, name in names.items() if name != "bot"])
    busy += taken([config.port], host=config.env["RELAIS_HOST"])
    if busy:
        port = min(busy)
        raise Trouble(
            f"Port {port} is taken, and Relais needs it for {names[port]} (it uses {min(names)} to {max(names)}): "
            f"stop what listens there, or choose others, for example with PORT={config.port + 1000} make "
            f"{'run' if config.demo else 'serve'}."
        )


def wait_ready(supervisor: Supervisor, wanted: Sequence[Process], timeout: float = READY_SECONDS) -> None:
    """Wait for the health of each process, with a line for each. Raises Trouble naming the one that fails."""
    progress = Progress("Starting " + ", ".join(each.name for each in wanted))
    waiting = list(wanted)
    starts: dict[str, set[int]] = {}
    while waiting:
        for each in [one for one in waiting if one.ready()]:
            waiting.remove(each)
            line(f"\r  {each.name:<15} ready in {progress.seconds:.1f} s")
        if not supervisor.alive():
            raise Trouble(f"The supervisor ended:\n{tail(supervisor.log / 'supervisord.log')}")
        _check_deaths(supervisor, waiting, starts)
        if waiting and progress.seconds > timeout:
            _give_up(supervisor, waiting[0], f"is not ready after {timeout:.0f} s")
        progress.tick()
        time.sleep(TICK)


def _check_deaths(supervisor: Supervisor, waiting: list[Process], starts: dict[str, set[int]]) -> None:
    states = supervisor.states()
    for each in waiting:
        state = states[each.name]
        seen = starts.setdefault(each.name, set())
        seen.add(int(state["start"]))
        if state["statename"] in ("FATAL", "EXITED", "STOPPED") or len(seen) > DEATHS:
            _give_up(supervisor, each, "cannot start")


def _give_up(supervisor: Supervisor, process: Process, why: str) -> None:
    log = supervisor.log / f"{process.name}.log"
    answer = http_json(process.health_url) if process.health_url else {}
    says = f"Asked for its health it says {json.dumps(answer)}. " if answer else ""
    raise Trouble(f"{process.name} {why}. {says}The end of {log}:\n{tail(log)}")


def announce(config: Config, seconds: float) -> None:
    """Addresses and, in the demo, the logins."""
    bot = config.env.get("PUBLIC_URL") or config.url_of("bot")
    line(f"\nRelais is ready ({seconds:.0f} s).\n")
    if config.demo:
        line(f"  The demo shop, with the chat   {config.env['SHOP_URL']}/")
    line(f"  Advisor desk                   {bot}/desk")
    line(f"  Help centre                    {bot}/aide  {bot}/help")
    line(f"  API                            {bot}/api/openapi.json")
    if config.demo:
        line("\n  Demo logins, password relais-demo:")
        for name, role in DEMO_USERS.items():
            line(f"    {name}@maison-alder.test".ljust(33) + role)
    line(f"\n  Logs are in {config.var / 'log'}. Ctrl-C stops everything.")


def watch(supervisor: Supervisor) -> None:
    """Until a signal or `make stop`: say when the supervisor gives a process up, and try it again. Raises Trouble."""
    tried: dict[str, float] = {}
    while not supervisor.was_shut_down():
        time.sleep(WATCH_SECONDS)
        if not supervisor.alive() and not supervisor.was_shut_down():
            raise Trouble(f"The supervisor ended:\n{tail(supervisor.log / 'supervisord.log')}")
        with contextlib.suppress(OSError, xmlrpc.client.Error, http.client.HTTPException):
            for name, state in supervisor.states().items():
                if state["statename"] == "FATAL" and time.monotonic() - tried.get(name, 0.0) > TRY_AGAIN_SECONDS:
                    tried[name] = time.monotonic()
                    line(f"{name} ended again and again; trying once more. The end of its log:")
                    line(tail(supervisor.log / f"{name}.log", 5))
                    supervisor.start_process(name)


class Stopped(KeyboardInterrupt):
    """SIGTERM or SIGHUP, treated as Ctrl-C is."""


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into what Ctrl-C does, so that every road out runs the same clean-up."""
    before = {number: signal.signal(number, _raise_stopped) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        _restore(before)


@contextlib.contextmanager
def signals_ignored() -> Iterator[None]:
    """A second Ctrl-C must not interrupt the clean stop."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        _restore(before)


def _restore(handlers: Mapping[signal.Signals, object]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)  # type: ignore[arg-type]
