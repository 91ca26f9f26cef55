"""Reading ``service.yml``."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from service.model import Service


class ServiceError(ValueError):
    """``service.yml`` cannot be used; the message is one sentence that names the file and the key."""


def load(path: str | Path) -> Service:
    """Read and check the file. Raises ServiceError."""
    file = Path(path)
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ServiceError(f"{file} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ServiceError(f"{file} is not UTF-8 text (byte {error.start}).") from error
    except yaml.YAMLError as error:
        raise ServiceError(_yaml_sentence(file, error)) from error
    if not isinstance(data, dict):
        raise ServiceError(f"{file} must hold keys and values such as brand: and opening_hours:.")
    try:
        return Service.model_validate(data)
    except ValidationError as error:
        raise ServiceError(_validation_sentence(file, error)) from error


def _yaml_sentence(file: Path, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" at line {mark.line + 1}" if mark is not None else ""
    problem = getattr(error, "problem", None) or "it is not YAML"
    return f"{file} cannot be read{where}: {problem}."


def _validation_sentence(file: Path, error: ValidationError) -> str:
    first, *others = error.errors(include_url=False)
    key = ".".join(str(part) for part in first["loc"]) or "the file"
    problem = first["msg"].removeprefix("Value error, ")
    more = f" ({len(others)} more to mend after it)" if others else ""
    return f"{file}: {key}: {problem[:1].lower()}{problem[1:]}{more}."
