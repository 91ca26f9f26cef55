"""`.env.example` lists every setting that some process reads, with its true default, and no other."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from bot.channels.registry import KINDS
from launch.config import REQUIRED, ROOT, read_env_file

PROCESSES = ("bot", "knowledge_base", "actions", "demo")
# Read by the launcher, the encoder's build or Rasa's featurizer, which have no settings class.
ELSEWHERE = {"RELAIS_MODELS": "launch/config.py", "EMBEDDING_MODEL": "launch/config.py"}
LINE = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$", re.MULTILINE)


def _settings_class(process: str) -> type[BaseSettings]:
    module = importlib.import_module(f"{process}.settings")
    own = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]
    (found,) = [each for each in own if issubclass(each, BaseSettings)]
    return found


def _fields(process: str) -> dict[str, FieldInfo]:
    classes = [_settings_class(process)]
    if process == "bot":
        classes += [kind.settings_class for kind in KINDS if kind.settings_class is not None]
    return {name.upper(): field for each in classes for name, field in each.model_fields.items()}


def _listed() -> dict[str, str]:
    return dict(LINE.findall((ROOT / ".env.example").read_text(encoding="utf-8")))


def test_every_setting_is_listed_and_nothing_else() -> None:
    read = {name for process in PROCESSES for name in _fields(process)}
    assert set(_listed()) == read | set(ELSEWHERE)
    for name, file in ELSEWHERE.items():
        assert name in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("process", PROCESSES)
def test_the_defaults_shown_are_the_true_ones(process: str) -> None:
    listed = _listed()
    for name, field in _fields(process).items():
        if listed[name] and not field.is_required():
            shown, true = listed[name], field.default
            assert shown == str(int(true) if isinstance(true, bool) else true), name


def test_what_serve_requires_is_listed_without_a_value() -> None:
    listed = _listed()
    assert {name: listed[name] for name in REQUIRED} == dict.fromkeys(REQUIRED, "")


def test_the_example_can_be_used_as_it_is(tmp_path: Path) -> None:
    copy = tmp_path / ".env"
    copy.write_text((ROOT / ".env.example").read_text(encoding="utf-8"), encoding="utf-8")
    assert set(read_env_file(copy).values()) == {""}


@pytest.mark.parametrize("process", ["knowledge_base", "actions"])
def test_an_empty_folder_of_trees_is_the_default_one(process: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `.env.example` shows it; what is published and committed there must never be the program's own folder."""
    for name, value in {"BACK_OFFICE_TOKEN": "t", "IDENTITY_SECRET": "i" * 32, "RELAIS_VAR": "kept"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TREES_FOLDER", "")
    assert _settings_class(process)().published_trees == Path("kept/trees")  # type: ignore[attr-defined]
    monkeypatch.setenv("TREES_FOLDER", "own")
    assert _settings_class(process)().published_trees == Path("own")  # type: ignore[attr-defined]
