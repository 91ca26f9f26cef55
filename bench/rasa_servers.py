"""Stock Rasa and ours, on the same toy model, Redis and action server."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import rasa_toy
from bench.talk import say
from launch.config import ROOT
from launch.health import http_ready, valkey_ready
from launch.processes import valkey_server
from tests.harness import free_port, wait_until

PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
START_SECONDS = 180


@dataclass(frozen=True)
class Server:
    """Where a Rasa listens, and its process."""

    base: str
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time since its start."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def both() -> Iterator[tuple[Server, Server]]:
    """(stock, ours) until the block ends."""
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as name, contextlib.ExitStack() as closing:
        folder, port = Path(name), free_port(4)
        say("training a toy assistant")
        model = rasa_toy.train(folder, PYTHON, {})
        stock_file, rest_file = folder / "stock.yml", folder / "rest.yml"
        rasa_toy.stock_endpoints(stock_file, port, port + 1)
        rest_file.write_text("rest:\n", "utf-8")
        ours_env = {
            "REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(port), "REDIS_DB": "0",
            "ACTIONS_URL": f"http://127.0.0.1:{port + 1}",
        }  # fmt: skip
        valkey = [str(valkey_server(ROOT)), "--port", str(port), "--bind", "127.0.0.1", "--dir", name, "--save", ""]
        closing.enter_context(_running(valkey, folder))
        closing.enter_context(_running([sys.executable, "-m", "bench.rasa_action", str(port + 1)], folder))
        say("starting both")
        stock = _rasa(port + 2, model, stock_file, rest_file)
        ours = _rasa(port + 3, model, ROOT / "endpoints.yml", ROOT / "credentials.yml")
        stock_pid = closing.enter_context(_running(stock, folder))
        ours_pid = closing.enter_context(_running(ours, folder, ours_env))
        wait_until(lambda: valkey_ready(port) and http_ready(f"http://127.0.0.1:{port + 1}/health"), "redis and action")
        servers = Server(f"http://127.0.0.1:{port + 2}", stock_pid), Server(f"http://127.0.0.1:{port + 3}", ours_pid)
        for server in servers:
            ready = f"{server.base}/webhooks/rest/"
            wait_until(lambda url=ready: http_ready(url), f"{server.base} answers", START_SECONDS)  # type: ignore[misc]
        yield servers


def _rasa(port: int, model: Path, endpoints: Path, credentials: Path) -> list[str]:
    return [
        str(PYTHON), "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(port), "--model", str(model),
        "--endpoints", str(endpoints), "--credentials", str(credentials),
    ]  # fmt: skip


@contextlib.contextmanager
def _running(command: list[str], folder: Path, env: dict[str, str] | None = None) -> Iterator[int]:
    """The process's id until the block ends; what it says goes to a file in `folder`."""
    given = {**os.environ, "PYTHONWARNINGS": "ignore", "RASA_TELEMETRY_ENABLED": "false", **(env or {})}
    with (folder / "processes.log").open("ab") as log:
        child = subprocess.Popen(command, cwd=ROOT, env=given, stdout=log, stderr=log)  # noqa: S603 - our own command
    try:
        yield child.pid
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(10)
