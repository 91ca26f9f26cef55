"""The environment that every process gets, for the demo and for real use."""

from __future__ import annotations

import ipaddress
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from launch.say import Trouble

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_MODEL = "multilingual-e5-small"

# Each process listens on PORT plus this.
OFFSETS = {"bot": 0, "rasa": 1, "actions": 2, "knowledge_base": 3, "demo": 4, "valkey": 5}

# `make serve` refuses to start without these.
REQUIRED = {
    "RELAIS_SECRET": "at least 32 random characters that sign conversation tokens",
    "IDENTITY_SECRET": "at least 32 random characters, shared by bot and actions, that sign who a customer is",
    "BACK_OFFICE_URL": "the address of your back office, see docs/back-office.md",
    "BACK_OFFICE_TOKEN": "the token that your back office expects",
    "PUBLIC_URL": "the address under which customers reach Relais, such as https://aide.example.com",
    "ALLOWED_ORIGINS": "the sites that may show the chat, such as https://www.example.com",
}

# Made up by the demo itself, beside a key with which the demo shop signs identities.
DEMO_SECRETS = ("RELAIS_SECRET", "IDENTITY_SECRET", "BACK_OFFICE_TOKEN")

# Two cores carry six processes: libraries that start a thread for each core would fight each other.
QUIET = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUNBUFFERED": "1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}


@dataclass(frozen=True)
class Config:
    """Where things are and what the processes are told."""

    root: Path
    var: Path
    models: Path
    port: int
    demo: bool
    env: Mapping[str, str]

    def port_of(self, name: str) -> int:
        """The port of a process by its name."""
        return self.port + OFFSETS[name]

    def url_of(self, name: str) -> str:
        """The loopback address of a process by its name, without a trailing slash."""
        return f"http://127.0.0.1:{self.port_of(name)}"

    @property
    def own_valkey(self) -> bool:
        """Whether the embedded Valkey is to run: no, if REDIS_URL names another server."""
        return self.env["REDIS_URL"] == own_redis_url(self.port)


def given_environment(root: Path = ROOT) -> dict[str, str]:
    """The process environment over the lines of `.env` beside the Makefile, if there is one. Raises Trouble."""
    return {**read_env_file(root / ".env"), **os.environ}


def read_env_file(file: Path) -> dict[str, str]:
    """NAME=value lines; blank lines and # comments are left out, quotes around a value are dropped."""
    values: dict[str, str] = {}
    if not file.is_file():
        return values
    lines = file.read_text(encoding="utf-8").splitlines()
    for number, text in enumerate(map(str.strip, lines), start=1):
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise Trouble(f"{file.name}:{number} is not a line such as PORT=8080.")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        values[name.strip()] = value
    return values


def paths(given: Mapping[str, str], root: Path = ROOT) -> dict[str, Path]:
    """RELAIS_VAR and RELAIS_MODELS as absolute paths."""
    var = (root / (given.get("RELAIS_VAR") or "var")).resolve()
    return {"var": var, "models": (root / (given.get("RELAIS_MODELS") or var / "models")).resolve()}


def demo_config(given: Mapping[str, str], root: Path = ROOT) -> Config:
    """Everything on this machine, with demo logins and secrets of its own. Raises Trouble."""
    host = given.get("RELAIS_HOST") or "127.0.0.1"
    if not is_loopback(host):
        raise Trouble(
            f"The demo has logins that everybody knows, so it is refused on RELAIS_HOST={host}: "
            "leave 127.0.0.1, or use `make serve` for real use."
        )
    where = paths(given, root)
    port = _port(given)
    shop = f"http://127.0.0.1:{port + OFFSETS['demo']}"
    own = demo_secrets(where["var"])
    defaults = {
        **own,
        "BACK_OFFICE_URL": f"{shop}/back-office/v1",
        "SHOP_URL": shop,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_ORIGINS": f"{shop},{shop.replace('127.0.0.1', 'localhost')}",
    }
    return _config({**defaults, **_set(given), "RELAIS_DEMO": "1", "RELAIS_HOST": host}, root, port, demo=True)


def serve_config(given: Mapping[str, str], root: Path = ROOT) -> Config:
    """Real use: no demo, and every secret given. Raises Trouble that names all that is missing."""
    chosen = _set(given)
    if chosen.get("RELAIS_DEMO", "0").lower() not in ("0", "false", "no"):
        raise Trouble("RELAIS_DEMO is for `make run` alone: take it out of the environment, then `make serve`.")
    missing = [f"{name} is not set: {what}." for name, what in REQUIRED.items() if name not in chosen]
    missing += [
        f"{name} is too short: {REQUIRED[name]}."
        for name in ("RELAIS_SECRET", "IDENTITY_SECRET")
        if 0 < len(chosen.get(name, "")) < 32
    ]
    if missing:
        raise Trouble("Relais does not start for real use yet.\n  " + "\n  ".join(missing))
    return _config({**chosen, "RELAIS_DEMO": "0"}, root, _port(given), demo=False)


def _config(chosen: dict[str, str], root: Path, port: int, *, demo: bool) -> Config:
    where = paths(chosen, root)
    here = "http://127.0.0.1"
    env = {
        **QUIET,
        "RELAIS_HOST": "127.0.0.1",
        "LOG_LEVEL": "INFO",
        "SERVICE_FILE": str(root / "service.yml"),
        "DATABASE_URL": f"sqlite+aiosqlite:///{where['var']}/relais.db",
        "REDIS_URL": own_redis_url(port),
        "RASA_URLS": f"{here}:{port + OFFSETS['rasa']}",
        "ACTIONS_URL": f"{here}:{port + OFFSETS['actions']}",
        "KNOWLEDGE_BASE_URL": f"{here}:{port + OFFSETS['knowledge_base']}",
        "KNOWLEDGE_BASE_ARTICLES": str(where["var"] / "articles"),
        "TREES_FOLDER": str(where["var"] / "trees"),
        "EMBEDDING_MODEL": str(where["models"] / DEFAULT_MODEL),
        **chosen,
        "PORT": str(port),
        "RELAIS_VAR": str(where["var"]),
        "RELAIS_MODELS": str(where["models"]),
        "RASA_TELEMETRY_ENABLED": "false",
        # Rasa's command line does not look for our modules in the folder it runs in.
        "PYTHONPATH": str(root),
    }
    env.update(_redis_parts(env["REDIS_URL"]))
    # Compiling Rasa's modules anew at each start would double the time it takes.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return Config(root=root, var=where["var"], models=where["models"], port=port, demo=demo, env=env)


def own_redis_url(port: int) -> str:
    """The address of the embedded Valkey."""
    return f"redis://127.0.0.1:{port + OFFSETS['valkey']}/0"


def _redis_parts(url: str) -> dict[str, str]:
    """REDIS_URL once more, in the parts that Rasa's endpoints.yml can take."""
    try:
        parts = urlsplit(url)
        port, database = parts.port or 6379, int(parts.path.strip("/") or 0)
    except ValueError:
        parts, port, database = urlsplit(""), 0, 0
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise Trouble(f"REDIS_URL={url} is not an address such as redis://127.0.0.1:6379/0.")
    return {"REDIS_HOST": parts.hostname, "REDIS_PORT": str(port), "REDIS_DB": str(database)}


def _set(given: Mapping[str, str]) -> dict[str, str]:
    """Without the empty ones: NAME= in .env means "the default"."""
    return {name: value for name, value in given.items() if value != ""}


def _port(given: Mapping[str, str]) -> int:
    text = given.get("PORT") or "8080"
    highest = 65535 - max(OFFSETS.values())
    if not text.isdigit() or not 1 <= int(text) <= highest:
        raise Trouble(f"PORT={text} is not a port: a number from 1 to {highest} (the next five are used too).")
    return int(text)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def demo_secrets(var: Path) -> dict[str, str]:
    """The demo's secrets: made once, kept in `secrets.json`, readable by its owner alone. Raises Trouble."""
    file = var / "secrets.json"
    kept = _read_secrets(file)
    if kept is None:
        kept = {name: secrets.token_urlsafe(32) for name in DEMO_SECRETS}
        kept["HOST_KEYS"] = json.dumps({"demo": secrets.token_urlsafe(32)})
        var.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
            json.dump(kept, output, indent=1)
    return kept


def _read_secrets(file: Path) -> dict[str, str] | None:
    if not file.exists():
        return None
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return {name: str(kept[name]) for name in (*DEMO_SECRETS, "HOST_KEYS")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Trouble(f"{file} is damaged: remove it, and new demo secrets are made at the next start.") from error
