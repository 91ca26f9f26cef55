"""Settings of the action server, read from the environment once, at start."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class ActionSettings(BaseSettings):
    """One field an environment variable of the same name; a bad value raises ``pydantic.ValidationError``."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore")

    port: int = Field(8080, ge=1, le=65535)
    relais_host: str = "127.0.0.1"
    service_file: Path = Path("service.yml")
    relais_var: Path = Path("var")
    trees_folder: str = ""  # not a Path: an empty one would be the folder that the process runs in
    domain_folder: Path = Path("domain")
    log_level: str = "INFO"

    knowledge_base_url: str = ""
    back_office_url: str = ""
    back_office_token: str = Field(min_length=1)
    identity_secret: str = Field(min_length=32)

    @model_validator(mode="after")
    def _defaults(self) -> ActionSettings:
        here = "http://127.0.0.1"
        self.knowledge_base_url = (self.knowledge_base_url or f"{here}:{self.port + 3}").rstrip("/")
        self.back_office_url = (self.back_office_url or f"{here}:{self.port + 4}/back-office/v1").rstrip("/")
        return self

    @property
    def published_trees(self) -> Path:
        """Where the trees of the guided diagnosis lie."""
        return Path(self.trees_folder or self.relais_var / "trees")

    @property
    def listen_port(self) -> int:
        """Two above the public port."""
        return self.port + 2
