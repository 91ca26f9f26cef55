"""The real knowledge base: its own process, the built encoder, a folder of articles to change."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from launch.config import paths
from tests.harness import free_port
from tests.knowledge_base.studio import Client, Clock, app_of, opened

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).parent / "data"
SHIPPED = ROOT / "knowledge_base" / "articles"
START_SECONDS = 300  # the first start encodes every article, on a machine that may be busy

PARCEL = """---
id: track-my-parcel
title: Comment suivre mon colis ?
questions:
  - "où est mon colis"
  - "je veux suivre ma livraison"
answer: "Le lien de suivi est dans l’e-mail d’expédition."
topic: delivery
---
Ouvrez le lien reçu à l’expédition. Le transporteur y montre chaque étape.
"""
PARCEL_EN = PARCEL.replace("Comment suivre mon colis ?", "How do I track my parcel?").replace(
    '  - "où est mon colis"\n  - "je veux suivre ma livraison"', '  - "where is my parcel"\n  - "follow my delivery"'
)
GIFT_CARD = """---
id: gift-card
title: Combien de temps ma carte cadeau est-elle valable ?
questions: ["ma carte cadeau expire quand"]
answer: "Deux ans."
topic: payment
---
La date est au dos de la carte.
"""


@dataclass
class Served:
    """A running process and its folder."""

    base: str
    folder: Path
    var: Path
    seen_before_ready: list[int]

    def call(
        self, path: str, body: Any = None, *, raw: bytes | None = None, method: str | None = None
    ) -> tuple[int, Any]:
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.base + path, data, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def search(self, question: str, **more: Any) -> dict[str, Any]:
        status, found = self.call("/search", {"question": question, **more})
        assert status == 200, found
        return dict(found)

    def until(self, holds: Callable[[], bool], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.05)


@pytest.fixture(scope="session")
def model_folder() -> Path:
    folder = (ROOT / os.environ.get("RELAIS_MODELS", "var/models") / "multilingual-e5-small").resolve()
    subprocess.run([sys.executable, "-m", "encoder", "build", "--into", str(folder)], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="session")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One memory of vectors for the session, so that no text is encoded twice; with those that other tests know."""
    made = tmp_path_factory.mktemp("var")
    (made / "vectors").mkdir()
    for known in (paths(os.environ)["models"] / "test-vectors").glob("*.sqlite3"):
        with closing(sqlite3.connect(known)) as source, closing(sqlite3.connect(made / "vectors" / known.name)) as copy:
            source.backup(copy)
    return made


@pytest.fixture(scope="session")
def environment(model_folder: Path, var: Path) -> dict[str, str]:
    return {
        **os.environ,
        "RELAIS_VAR": str(var),
        "EMBEDDING_MODEL": str(model_folder),
        "KNOWLEDGE_BASE_THREADS": "2",
        "SERVICE_FILE": str(ROOT / "service.yml"),
    }


@pytest.fixture(scope="session")
def run(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command line of the knowledge base."""

    def command(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "knowledge_base", *map(str, arguments)],
            cwd=ROOT,
            env={**environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    return command


@contextmanager
def serving(folder: Path, var: Path, environment: dict[str, str]) -> Iterator[Served]:
    port = free_port(1)
    own = {"KNOWLEDGE_BASE_PORT": str(port), "KNOWLEDGE_BASE_ARTICLES": str(folder), "RELAIS_VAR": str(var)}
    command = [sys.executable, "-m", "knowledge_base"]
    process = subprocess.Popen(command, cwd=ROOT, env={**environment, **own}, stdout=subprocess.DEVNULL)
    try:
        served = Served(f"http://127.0.0.1:{port}", folder, var, [])
        _wait(served, process)
        yield served
    finally:
        process.terminate()
        assert process.wait(60) == 0


def _wait(served: Served, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            status, _ = served.call("/healthz")
        except OSError:
            status = 0
        if status == 200:
            return
        if status:
            served.seen_before_ready.append(status)
        time.sleep(0.05)
    raise AssertionError(f"not ready (exit code {process.poll()})")


@pytest.fixture(scope="session")
def shop(environment: dict[str, str], var: Path) -> Iterator[Served]:
    """Serves the shipped articles."""
    with serving(SHIPPED, var, environment) as served:
        yield served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two articles, one of them in both languages."""
    for name, text in {"fr/suivre": PARCEL, "en/track": PARCEL_EN, "fr/carte-cadeau": GIFT_CARD}.items():
        path = tmp_path / "articles" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "articles"


def own_var(place: Path, var: Path) -> Path:
    """For a process whose drafts are nobody else's; the vectors are those of ``var``."""
    made = place / "var"
    made.mkdir()
    (made / "vectors").symlink_to(var / "vectors")
    return made


@pytest.fixture
def small(folder: Path, tmp_path: Path, var: Path, environment: dict[str, str]) -> Iterator[Served]:
    """Serves a folder that the test may change."""
    with serving(folder, own_var(tmp_path, var), environment) as served:
        yield served


def queries(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture
def clock() -> Clock:
    """The studio's, moved by hand."""
    return Clock()


@pytest.fixture
async def client(tmp_path: Path, clock: Clock) -> AsyncIterator[Client]:
    """Of a studio over a folder of its own, without an encoder."""
    async with TestClient(TestServer(app_of(opened(tmp_path, clock)))) as made:
        yield made
