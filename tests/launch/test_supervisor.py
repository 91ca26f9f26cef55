"""The real supervisor over small processes: start, restart, one that cannot start, a stop that leaves none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launch.config import ROOT, Config, demo_config
from launch.processes import Process
from launch.run import wait_ready
from launch.say import Trouble
from launch.supervisor import Supervisor
from tests.harness import clean_environment, wait_until

SLEEPER = "import time; time.sleep(600)"
# Starts a child of its own, and neither of them listens to a polite word.
STUBBORN = (
    "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    f"child = subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]); print('child', child.pid, flush=True); "
    "time.sleep(600)"
)


def _process(name: str, code: str, ready: bool = True) -> Process:
    return Process(name, (sys.executable, "-c", code), lambda: ready, 0)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2]
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return demo_config(clean_environment(RELAIS_VAR=str(tmp_path / "var with spaces % and more"), PORT="9000"))


@pytest.fixture
def supervisor(config: Config) -> Iterator[Supervisor]:
    made = Supervisor(config.var)
    yield made
    made.stop()


def test_a_killed_process_is_started_again(config: Config, supervisor: Supervisor) -> None:
    supervisor.start(config, [_process("sleeper", SLEEPER)])
    wait_until(lambda: supervisor.states()["sleeper"]["statename"] == "RUNNING", "the sleeper runs")
    first = supervisor.pid("sleeper")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: supervisor.pid("sleeper") not in (0, first), "another sleeper runs")


def test_stop_leaves_no_process_behind(config: Config, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launch.supervisor.STOP_SECONDS", 1)
    supervisor.start(config, [_process("sleeper", SLEEPER), _process("stubborn", STUBBORN)])
    log = supervisor.log / "stubborn.log"
    wait_until(lambda: log.exists() and log.read_text(encoding="utf-8").endswith("\n"), "the stubborn one has a child")
    pids = [supervisor.pid("sleeper"), supervisor.pid("stubborn"), int(log.read_text(encoding="utf-8").split()[1])]
    assert all(_alive(pid) for pid in pids)
    supervisor.stop()
    wait_until(lambda: not any(_alive(pid) for pid in pids), "all are gone")
    assert not supervisor.answers()


def test_nothing_is_left_when_the_supervisor_itself_was_killed(config: Config, supervisor: Supervisor) -> None:
    supervisor.start(config, [_process("sleeper", SLEEPER)])
    wait_until(lambda: supervisor.pid("sleeper") > 0, "the sleeper runs")
    supervisor.states()
    sleeper = supervisor.pid("sleeper")
    master = int((config.var / "run" / "supervisord.pid").read_text(encoding="utf-8"))
    os.kill(master, signal.SIGKILL)
    wait_until(lambda: not supervisor.alive(), "the supervisor is gone")
    assert _alive(sleeper)
    supervisor.stop()
    wait_until(lambda: not _alive(sleeper), "the sleeper is gone")


def test_nothing_is_left_when_the_launcher_itself_was_killed(config: Config, supervisor: Supervisor) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from launch.config import demo_config; "
        "from launch.processes import Process; from launch.supervisor import Supervisor; "
        "config = demo_config(os.environ); "
        f"Supervisor(config.var).start(config, [Process('sleeper', (sys.executable, '-c', {SLEEPER!r}), bool, 0)]); "
        "time.sleep(600)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=dict(config.env))
    try:
        wait_until(supervisor.answers, "the supervisor answers")
        wait_until(lambda: supervisor.pid("sleeper") > 0, "the sleeper runs")
        sleeper = supervisor.pid("sleeper")
    finally:
        launcher.kill()
        launcher.wait()
    wait_until(lambda: not _alive(sleeper), "the sleeper is gone")
    wait_until(lambda: not supervisor.answers(), "the supervisor is gone")


def test_a_process_that_cannot_start_is_named_with_the_end_of_its_log(config: Config, supervisor: Supervisor) -> None:
    supervisor.start(config, [_process("broken", "raise SystemExit('DATABASE_URL is not an address')", ready=False)])
    with pytest.raises(Trouble) as caught:
        wait_ready(supervisor, [_process("broken", "", ready=False)], timeout=100)
    assert str(caught.value).startswith("broken cannot start. The end of ")
    assert "DATABASE_URL is not an address" in str(caught.value)


def test_a_process_that_never_gets_ready_is_named(config: Config, supervisor: Supervisor) -> None:
    supervisor.start(config, [_process("slow", SLEEPER, ready=False)])
    with pytest.raises(Trouble, match="slow is not ready after 1 s"):
        wait_ready(supervisor, [_process("slow", SLEEPER, ready=False)], timeout=1)
