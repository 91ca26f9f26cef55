"""A model trained with one encoder refuses to run on another, and says so."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from launch.config import ROOT, Config
from launch.processes import processes
from launch.training import train
from tests.harness import wait_until
from tests.rasa.stack import Processes, config_for

pytestmark = pytest.mark.timeout(300)


async def test_another_encoder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    config = config_for(tmp_path)
    await asyncio.to_thread(train, config)
    other = other_encoder(config, tmp_path)
    trained_with = {each.name: each for each in processes(config)}["rasa"]
    changed = replace(config, env={**config.env, "EMBEDDING_MODEL": str(other)})
    started = Processes(changed, {"rasa": trained_with})
    try:
        await asyncio.to_thread(started.begin, "rasa")
        log = tmp_path / "rasa.log"
        says = "train Rasa again"
        await asyncio.to_thread(wait_until, lambda: says in log.read_text("utf-8", "replace"), says, 120)
        async with aiohttp.ClientSession() as http:
            assert await status_of(http, config.url_of("rasa") + "/webhooks/relais/healthz") == 503
    finally:
        await asyncio.to_thread(started.stop)


def other_encoder(config: Config, folder: Path) -> Path:
    """The encoder of `config` with another prompt, which makes it another encoder."""
    other = folder / "multilingual-e5-small"
    shutil.copytree(config.env["EMBEDDING_MODEL"], other, symlinks=True)
    prompts = other / "config_sentence_transformers.json"
    prompts.write_text(json.dumps({**json.loads(prompts.read_text("utf-8")), "prompts": {"query": "q: "}}), "utf-8")
    return other


def test_training_with_another_encoder_takes_nothing_from_the_cache(tmp_path: Path) -> None:
    """Rasa keeps trained components by their configuration, which does not change with the encoder."""
    config = config_for(tmp_path)
    ask = "from rasa_ext.featurizer import EncoderFeaturizer as E; print(E.fingerprint_addon(E.get_default_config()))"
    told = []
    for model in (config.env["EMBEDDING_MODEL"], str(other_encoder(config, tmp_path))):
        python = str(ROOT / ".venv-rasa" / "bin" / "python")
        env = {**config.env, "EMBEDDING_MODEL": model, "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(
            [python, "-c", ask], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        told.append(done.stdout.strip())
    assert all(told)
    assert told[0] != told[1]


async def status_of(http: aiohttp.ClientSession, url: str) -> int:
    for _ in range(900):
        try:
            async with http.get(url) as response:
                return response.status
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.1)
    raise AssertionError("Rasa does not listen")
