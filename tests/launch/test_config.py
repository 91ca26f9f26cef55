"""What every process is told."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest

from launch.config import ROOT, demo_config, read_env_file, serve_config
from launch.installer import Environment
from launch.pip_settings import pip_settings, uv_arguments
from launch.supervisor import LONGEST_SOCKET_PATH, Supervisor
from launch.training import model_hash
from tests.launch.test_refusals import SERVE


def test_the_demo_keeps_its_secrets_to_itself(tmp_path: Path) -> None:
    given = {"RELAIS_VAR": str(tmp_path), "PORT": "9000"}
    first, second = demo_config(given), demo_config(given)
    assert first.env == second.env
    assert len(first.env["RELAIS_SECRET"]) >= 32
    assert len(json.loads(first.env["HOST_KEYS"])["demo"]) >= 32
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert first.env["RELAIS_DEMO"] == "1"
    assert (
        demo_config({**given, "RELAIS_VAR": str(tmp_path / "other")}).env["RELAIS_SECRET"] != first.env["RELAIS_SECRET"]
    )


def test_internal_ports_derive_from_port(tmp_path: Path) -> None:
    env = demo_config({"RELAIS_VAR": str(tmp_path), "PORT": "9000"}).env
    assert (env["RASA_URLS"], env["ACTIONS_URL"]) == ("http://127.0.0.1:9001", "http://127.0.0.1:9002")
    assert env["KNOWLEDGE_BASE_URL"] == "http://127.0.0.1:9003"
    assert env["BACK_OFFICE_URL"] == "http://127.0.0.1:9004/back-office/v1"
    assert (env["REDIS_URL"], env["REDIS_PORT"]) == ("redis://127.0.0.1:9005/0", "9005")


def test_a_redis_of_your_own_replaces_the_embedded_one(tmp_path: Path) -> None:
    config = serve_config({**SERVE, "RELAIS_VAR": str(tmp_path), "REDIS_URL": "redis://cache.example.com:6380/3"})
    assert not config.own_valkey
    assert [config.env[name] for name in ("REDIS_HOST", "REDIS_PORT", "REDIS_DB")] == ["cache.example.com", "6380", "3"]
    assert serve_config({**SERVE, "RELAIS_VAR": str(tmp_path)}).own_valkey


def test_an_empty_setting_means_the_default(tmp_path: Path) -> None:
    assert demo_config({"RELAIS_VAR": str(tmp_path), "PORT": "", "LOG_LEVEL": ""}).env["LOG_LEVEL"] == "INFO"


def test_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('# a comment\n\nPORT=9000\nHOST_KEYS=\'{"shop": "x=y"}\'\n', encoding="utf-8")
    assert read_env_file(tmp_path / ".env") == {"PORT": "9000", "HOST_KEYS": '{"shop": "x=y"}'}
    assert read_env_file(tmp_path / "none") == {}


def test_pips_settings_reach_uv(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nfind-links = /wheels\n[install]\nextra-index-url =\n    https://a.example\n    https://b.example\n",
        encoding="utf-8",
    )
    given = {"PIP_CONFIG_FILE": str(file), "PIP_INDEX_URL": "https://mirror.example", "PATH": "/usr/bin:/bin"}
    settings = pip_settings(Path(shutil.which("python3.11") or "python3"), given)
    assert uv_arguments(settings) == [
        *("--find-links", "/wheels"),
        *("--extra-index-url", "https://a.example"),
        *("--extra-index-url", "https://b.example"),
        *("--index-url", "https://mirror.example"),
        *("--index-strategy", "unsafe-best-match"),
    ]


def test_an_environment_is_stale_once_its_lock_changes(tmp_path: Path) -> None:
    lock = tmp_path / "main.lock"
    lock.write_text("a==1\n", encoding="utf-8")
    each = Environment(tmp_path / "env", "3.11", lock)
    (each.folder / "bin").mkdir(parents=True)
    each.python.symlink_to("/bin/sh")
    assert not each.is_current()
    (each.folder / "relais.stamp").write_text(each.wanted(), encoding="utf-8")
    assert each.is_current()
    lock.write_text("a==2\n", encoding="utf-8")
    assert not each.is_current()


@pytest.mark.parametrize("changed", ["config.yml", "domain", "data", "rasa_ext"])
def test_rasa_is_trained_again_when_something_it_is_made_of_changed(tmp_path: Path, changed: str) -> None:
    for name in ("config.yml", "domain", "data", "rasa_ext", "requirements"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    before = model_hash(tmp_path, "encoder-1")
    assert model_hash(tmp_path, "encoder-1") == before
    assert model_hash(tmp_path, "encoder-2") != before
    target = tmp_path / changed
    file = (
        target
        if target.is_file()
        else next(each for each in sorted(target.rglob("*")) if each.suffix in (".yml", ".py"))
    )
    file.write_text(file.read_text(encoding="utf-8") + "\n# one more\n", encoding="utf-8")
    assert model_hash(tmp_path, "encoder-1") != before


def test_the_control_socket_fits_whatever_the_folder(tmp_path: Path) -> None:
    assert Supervisor(tmp_path / ("deep/" * 40)).socket != Supervisor(tmp_path / ("deep/" * 41)).socket
    for var in (Path("/srv/relais/var"), tmp_path / ("deep/" * 40)):
        assert len(str(Supervisor(var).socket)) <= LONGEST_SOCKET_PATH
    assert Supervisor(Path("/srv/relais/var")).socket == Path("/srv/relais/var/run/supervisor.sock")
