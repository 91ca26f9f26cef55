"""The default encoder: built once; and the fingerprint by which a trained Rasa model knows its encoder."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

from launch.config import DEFAULT_MODEL, Config
from launch.say import Trouble, run_logged

_ASK = "import sys, encoder; print(encoder.load(sys.argv[1]).fingerprint)"


def build_encoder(config: Config) -> None:
    """Build the default model unless it is there already, or another one is chosen. Raises Trouble."""
    folder = config.models / DEFAULT_MODEL
    if Path(config.env["EMBEDDING_MODEL"]) != folder:
        return
    stamp = config.models / f"{DEFAULT_MODEL}.stamp"
    made_by = _code_hash(config.root / "encoder")
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == made_by and folder.is_dir():
        return
    command = [str(config.root / ".venv" / "bin" / "python"), "-m", "encoder", "build", "--into", str(folder)]
    # Exporting and quantising is one big job while nothing else runs: it may have its cores.
    env = {name: value for name, value in config.env.items() if not name.endswith("_NUM_THREADS")}
    run_logged("Building the encoder", command, config.var / "log" / "setup-encoder.log", env=env, cwd=config.root)
    stamp.write_text(made_by, encoding="utf-8")


def _code_hash(package: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(package.glob("*.py")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def encoder_fingerprint(config: Config) -> str:
    """The encoder's own fingerprint; remembered for a folder as long as its files look the same. Raises Trouble."""
    model = config.env["EMBEDDING_MODEL"]
    memory = config.models / "fingerprints.json"
    key = f"{model} {_look(Path(model))} {_code_hash(config.root / 'encoder')}"
    known = _remembered(memory)
    if key not in known:
        known = {key: _asked(config, model)}
        if Path(model).is_dir():
            memory.parent.mkdir(parents=True, exist_ok=True)
            memory.write_text(json.dumps(known), encoding="utf-8")
    return known[key]


def _look(folder: Path) -> str:
    files = sorted(file for file in folder.rglob("*") if file.is_file()) if folder.is_dir() else []
    seen = [(str(file.relative_to(folder)), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def _remembered(memory: Path) -> dict[str, str]:
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _asked(config: Config, model: str) -> str:
    command = [str(config.root / ".venv" / "bin" / "python"), "-c", _ASK, model]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=300, check=False, env=dict(config.env), cwd=config.root
        )
    except subprocess.TimeoutExpired as error:
        raise Trouble(f"The encoder {model} did not load within five minutes.") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Trouble(f"The encoder EMBEDDING_MODEL={model} cannot be loaded: {last}")
    return done.stdout.strip().splitlines()[-1]
