"""The whole product for tests: real processes under the real supervisor, on free ports and in a `var` of its own."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from launch.config import OFFSETS, ROOT, Config, demo_config, paths
from launch.health import taken
from launch.processes import Process, processes
from launch.run import prepare, running

# What a person may have set for their own Relais must not reach the tests'.
OURS = (
    "RELAIS_", "IDENTITY_SECRET", "HOST_KEYS", "DATABASE_URL", "REDIS_", "RASA_URLS", "ACTIONS_URL", "KNOWLEDGE_BASE_",
    "BACK_OFFICE_", "EMBEDDING_MODEL", "ALLOWED_ORIGINS", "SHOP_URL", "PUBLIC_URL", "PORT", "LOG_LEVEL", "SERVICE_FILE",
    "TELEGRAM_", "TREES_FOLDER",
)  # fmt: skip


_WORKER = "PYTEST_XDIST_WORKER"


def clean_environment(**settings: str) -> dict[str, str]:
    """The process environment without settings of Relais, plus those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**kept, **settings}


def free_port(count: int = len(OFFSETS)) -> int:
    """A port with which the next ones, `count` in all, are free now; each worker has a range of its own."""
    worker, workers = int(os.environ.get(_WORKER, "gw0")[2:]), int(os.environ.get(f"{_WORKER}_COUNT", "1"))
    # Below the ephemeral range, from which the system takes the near ends of connections.
    width = (32_000 - 12_000) // workers
    first = 12_000 + worker % workers * width
    for _ in range(200):
        port = random.randrange(first, first + width - count)
        if not taken(range(port, port + count)):
            return port
    raise RuntimeError("no run of free ports found")


def wait_until(true: Callable[[], bool], what: str, timeout: float = 30.0, every: float = 0.05) -> None:
    """Poll until `true()`; AssertionError naming `what` when that takes longer than `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {timeout:.0f} s"
        time.sleep(every)


def share_vectors(models: Path, var: Path) -> None:
    """Encoding all articles takes longer than everything else; the vectors of a text are the same in every test."""
    vectors = models / "test-vectors"
    vectors.mkdir(parents=True, exist_ok=True)
    (var / "vectors").symlink_to(vectors)


class Stack:
    """valkey, rasa, actions, knowledge_base, bot and the demo shop, as `make run` starts them.

    >>> with Stack() as stack:
    ...     stack.kill("rasa")
    ...     stack.wait_healthy("rasa")
    """

    def __init__(self, settings: Mapping[str, str] | None = None, models: Path | None = None) -> None:
        self.var = Path(tempfile.mkdtemp(prefix="relais-test-"))
        self._models = models or paths(os.environ)["models"]
        share_vectors(self._models, self.var)
        self._settings = dict(settings or {})
        self._closing = contextlib.ExitStack()
        self.config: Config = self._configured()

    def _configured(self) -> Config:
        given = clean_environment(
            RELAIS_VAR=str(self.var),
            RELAIS_MODELS=str(self._models),
            # Nobody here writes as slowly as people do.
            **{"PORT": str(free_port()), "MESSAGES_IN_TEN_SECONDS": "100000", **self._settings},
        )
        return demo_config(given, ROOT)

    def start(self) -> Stack:
        """Start everything and return once all of it is healthy."""
        prepare(self.config)
        self._processes: dict[str, Process] = {each.name: each for each in processes(self.config)}
        try:
            self._supervisor = self._closing.enter_context(running(self.config))
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop everything and remove its files, unless KEEP_TEST_VAR is set."""
        self._closing.close()
        if "KEEP_TEST_VAR" not in os.environ:
            shutil.rmtree(self.var, ignore_errors=True)

    def __enter__(self) -> Stack:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def bot_url(self) -> str:
        return self.config.url_of("bot")

    @property
    def rasa_url(self) -> str:
        return self.config.url_of("rasa")

    @property
    def actions_url(self) -> str:
        return self.config.url_of("actions")

    @property
    def knowledge_url(self) -> str:
        return self.config.url_of("knowledge_base")

    @property
    def shop_url(self) -> str:
        return self.config.url_of("demo")

    @property
    def redis_url(self) -> str:
        return self.config.env["REDIS_URL"]

    @property
    def env(self) -> Mapping[str, str]:
        """What every process was given."""
        return self.config.env

    @property
    def secrets(self) -> dict[str, str]:
        """RELAIS_SECRET, IDENTITY_SECRET, BACK_OFFICE_TOKEN and HOST_KEYS (JSON, key "demo")."""
        names = ("RELAIS_SECRET", "IDENTITY_SECRET", "BACK_OFFICE_TOKEN", "HOST_KEYS")
        return {name: self.config.env[name] for name in names}

    def log(self, name: str) -> str:
        """What a process wrote so far."""
        file = self.var / "log" / f"{name}.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def pid(self, name: str) -> int:
        """The process id, 0 while it does not run."""
        return self._supervisor.pid(name)

    def kill(self, name: str) -> int:
        """kill -9 of a running process; the supervisor starts it again. Returns the process id that is gone."""
        wait_until(lambda: self.pid(name) > 0, f"{name} runs")
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.pid(name) != pid, f"{name} is gone")
        return pid

    def halt(self, name: str) -> None:
        """Stop a process and leave it stopped until `resume`."""
        self._supervisor.stop_process(name)

    def resume(self, name: str) -> None:
        """Start a halted process and wait until it is healthy."""
        self._supervisor.start_process(name)
        self.wait_healthy(name)

    def is_healthy(self, name: str) -> bool:
        """Whether the process answers its health question."""
        return self._processes[name].ready()

    def wait_healthy(self, name: str, timeout: float = 90.0) -> None:
        """Wait until a process answers its health question."""
        wait_until(lambda: self.is_healthy(name), f"{name} is healthy", timeout)
