"""The help centre of a real bot over a real knowledge base, with a door between them that can be shut."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from launch.config import ROOT, paths
from launch.health import http_ready
from tests.bot.conftest import Bot, company, empty_record, make_bot, valkey
from tests.harness import clean_environment, free_port, share_vectors, wait_until

__all__ = ["company", "empty_record", "make_bot", "valkey"]
BROWSER = "Mozilla/5.0 (a reader)"
# Slug by language → what the article says.
ARTICLES: dict[str, str] = {
    "fr/suivre-mon-colis": """id: track-my-parcel
title: Comment suivre mon colis ?
questions: ["où est mon colis", "suivre ma livraison", "numéro de suivi"]
answer: "Le lien de suivi est dans l’e-mail d’expédition. Il montre chaque étape du colis."
topic: delivery
related: [delivery-costs, gone-long-ago]
---
## Le lien

Ouvrez le lien reçu à l’expédition.

# Un titre trop grand

<script>alert(1)</script> [ici](javascript:alert(1)) [là](https://transporteur.test/suivi)

## Le lien

| Étape | Délai |
|---|---|
| Tri | 1 jour |
""",
    "fr/frais-de-port": """id: delivery-costs
title: Combien coûte la livraison ?
questions: ["frais de port", "prix de la livraison", "la livraison est elle gratuite"]
answer: "La livraison coûte 4,90 €. Elle est offerte dès 49 €."
topic: delivery
---
À domicile comme en point relais.
""",
    "fr/carte-cadeau": """id: gift-card
title: Combien de temps ma carte cadeau est-elle valable ?
questions: ["ma carte cadeau expire quand", "validité carte cadeau"]
answer: "Deux ans. </script><script>alert(2)</script>"
topic: payment
---
La date est au dos de la carte.
""",
    "fr/sans-theme": """id: no-topic
title: Que faire d’un article sans thème ?
questions: ["un article que personne n'a rangé"]
answer: "Il se range tout seul."
---
Rien de plus.
""",
    "en/track-my-parcel": """id: track-my-parcel
title: How do I track my parcel?
questions: ["where is my parcel", "follow my delivery"]
answer: "The tracking link is in the dispatch e-mail."
topic: delivery
---
Open the link you received.
""",
    "en/only-in-english": """id: only-english
title: Do you deliver to the moon?
questions: ["moon delivery"]
answer: "Not yet."
topic: delivery
---
Soon.
""",
}


@pytest.fixture(scope="session")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder; a test that changes it puts it back."""
    folder = tmp_path_factory.mktemp("articles")
    for name, text in ARTICLES.items():
        file = folder / f"{name}.md"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"---\n{text}", "utf-8")
    return folder


@pytest.fixture(scope="session")
def knowledge(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a knowledge base process over the folder."""
    port, models = free_port(1), paths(os.environ)["models"]
    var = tmp_path_factory.mktemp("var")
    share_vectors(models, var)
    own = {"KNOWLEDGE_BASE_PORT": str(port), "KNOWLEDGE_BASE_ARTICLES": str(articles), "RELAIS_VAR": str(var)}
    environment = clean_environment(**own, RELAIS_MODELS=str(models))
    command = [sys.executable, "-m", "knowledge_base"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    wait_until(lambda: http_ready(f"http://127.0.0.1:{port}/healthz"), "the knowledge base is ready", 100)
    first = urllib.request.Request(f"http://127.0.0.1:{port}/search", b'{"question": "colis", "locale": "fr"}')
    with urllib.request.urlopen(first, timeout=60):  # noqa: S310 - it reads what later ones find in memory
        pass
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


@dataclass
class Door:
    """Between the bot and the knowledge base; ``asked`` is what came through."""

    knowledge: str
    asked: list[str]
    is_shut: bool = False
    is_empty: bool = False
    url: str = ""

    async def pass_on(self, request: web.Request) -> web.Response:
        if self.is_shut:
            return web.json_response({"error": {"code": "down", "message": ""}}, status=503)
        if self.is_empty and request.path == "/articles":
            return web.json_response({"revision": "empty", "articles": []})
        self.asked.append(f"{request.method} {request.path}")
        body, kind = await request.read(), {"Content-Type": "application/json"}
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, self.knowledge + request.path_qs, data=body, headers=kind) as response,
        ):
            return web.Response(body=await response.read(), status=response.status, content_type="application/json")


@pytest.fixture
async def door(knowledge: str) -> AsyncIterator[Door]:
    found = Door(knowledge, [])
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", found.pass_on)
    server = TestServer(app)
    await server.start_server()
    found.url = str(server.make_url("")).rstrip("/")
    yield found
    await server.close()


@dataclass
class Answer:
    """What came back."""

    status: int
    text: str
    headers: Any

    @property
    def words(self) -> str:
        """The text as one reads it, in plain spaces."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.text))


class Centre:
    """The help centre as a reader asks for it, without following where it leads."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.url = str(bot.client.make_url("")).rstrip("/")

    async def get(self, path: str, **headers: str) -> Answer:
        return await self._ask("GET", path, None, headers)

    async def post(self, path: str, data: Any, **headers: str) -> Answer:
        return await self._ask("POST", path, data, headers)

    async def _ask(self, method: str, path: str, data: Any, headers: dict[str, str]) -> Answer:
        named = {"User-Agent": BROWSER} | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.bot.client.request(method, path, data=data, headers=named, allow_redirects=False) as response:
            return Answer(response.status, await response.text(), response.headers)


@pytest.fixture
async def centre(make_bot: Any, door: Door) -> Centre:
    return Centre(await make_bot(knowledge_base_url=door.url, public_url="https://aide.test"))
