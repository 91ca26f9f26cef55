"""What the launcher refuses, each with a sentence that says what to do."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from launch.config import REQUIRED, ROOT
from tests.harness import free_port
from tests.launch.commands import launch, refused

SERVE = {
    "RELAIS_SECRET": "s" * 32,
    "IDENTITY_SECRET": "i" * 32,
    "BACK_OFFICE_URL": "https://back-office.example.com/v1",
    "BACK_OFFICE_TOKEN": "token",
    "PUBLIC_URL": "https://aide.example.com",
    "ALLOWED_ORIGINS": "https://www.example.com",
}


@pytest.mark.parametrize(("offset", "owner"), [(0, "bot"), (2, "actions"), (5, "valkey")])
def test_a_taken_port_is_named_with_what_to_do(tmp_path: Path, offset: int, owner: str) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port + offset)):
        sentence = refused(launch("run", tmp_path, {"PORT": str(port)}))
    assert f"Port {port + offset} is taken" in sentence
    assert owner in sentence
    assert f"PORT={port + 1000} make run" in sentence


@pytest.mark.parametrize("port", ["abc", "0", "70000", "65535"])
def test_a_port_that_is_none(tmp_path: Path, port: str) -> None:
    assert f"PORT={port} is not a port" in refused(launch("run", tmp_path, {"PORT": port}))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "example.com"])
def test_the_demo_is_refused_on_any_address_but_loopback(tmp_path: Path, host: str) -> None:
    sentence = refused(launch("run", tmp_path, {"RELAIS_HOST": host}))
    assert f"refused on RELAIS_HOST={host}" in sentence
    assert "make serve" in sentence
    assert not list(tmp_path.iterdir())


def test_serve_without_secrets_names_each_one(tmp_path: Path) -> None:
    sentence = refused(launch("serve", tmp_path))
    for name in REQUIRED:
        assert f"{name} is not set: " in sentence
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("missing", sorted(SERVE))
def test_serve_without_one_of_them_names_that_one_alone(tmp_path: Path, missing: str) -> None:
    assert set(SERVE) == set(REQUIRED)
    sentence = refused(launch("serve", tmp_path, {**SERVE, missing: ""}))
    assert [name for name in REQUIRED if name in sentence] == [missing]


def test_serve_with_a_short_secret(tmp_path: Path) -> None:
    assert "RELAIS_SECRET is too short" in refused(launch("serve", tmp_path, {**SERVE, "RELAIS_SECRET": "short"}))


def test_serve_refuses_the_demo(tmp_path: Path) -> None:
    assert "RELAIS_DEMO is for `make run` alone" in refused(launch("serve", tmp_path, {**SERVE, "RELAIS_DEMO": "1"}))


def test_a_redis_url_that_is_none(tmp_path: Path) -> None:
    sentence = refused(launch("serve", tmp_path, {**SERVE, "REDIS_URL": "localhost:6379"}))
    assert "REDIS_URL=localhost:6379 is not an address such as" in sentence


def test_damaged_demo_secrets(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{", encoding="utf-8")
    assert "secrets.json is damaged: remove it" in refused(launch("run", tmp_path))


def _fresh_clone(tmp_path: Path) -> Path:
    """A clone in which nothing is installed; only what the launcher reads first."""
    clone = tmp_path / "clone"
    for folder in ("launch", "requirements"):
        (clone / folder).mkdir(parents=True)
        for file in (ROOT / folder).glob("*.*"):
            (clone / folder / file.name).write_bytes(file.read_bytes())
    return clone


def test_a_missing_interpreter_is_named_in_one_sentence(tmp_path: Path) -> None:
    clone, empty = _fresh_clone(tmp_path), tmp_path / "empty"
    empty.mkdir()
    nowhere = {"PATH": str(empty), "HOME": str(empty), "PYENV_ROOT": str(empty), "XDG_DATA_HOME": str(empty)}
    # No index: the launcher would fetch uv, and with it the interpreter.
    done = launch("environments", tmp_path / "var", {**nowhere, "PIP_NO_INDEX": "1"}, root=clone)
    sentence = refused(done)
    assert sentence.startswith("Relais needs Python 3.10 and found none on PATH, under pyenv or kept by uv: install it")
    assert "\n" not in sentence
    assert not (clone / ".venv").exists()


def test_a_shim_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    clone, shims = _fresh_clone(tmp_path), tmp_path / "shims"
    shims.mkdir()
    for version in ("3.10", "3.11"):
        (shims / f"python{version}").write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
        (shims / f"python{version}").chmod(0o755)
    nowhere = {"PATH": str(shims), "HOME": str(shims), "PYENV_ROOT": str(shims), "XDG_DATA_HOME": str(shims)}
    done = launch("environments", tmp_path / "var", {**nowhere, "PIP_NO_INDEX": "1"}, root=clone)
    assert "Relais needs Python 3.10" in refused(done)


def test_a_line_of_env_that_is_none(tmp_path: Path) -> None:
    clone = _fresh_clone(tmp_path)
    (clone / ".env").write_text("# ports\nPORT=9000\nPORT 9001\n", encoding="utf-8")
    assert ".env:3 is not a line such as PORT=8080" in refused(launch("run", tmp_path / "var", root=clone))
