"""Settings of the bot process, read from the environment once, at start."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.smtp import check_mail

_SHORTEST_KEY = 32
_MOST_SECRETS = 2


def _split(value: object) -> object:
    return [part.strip().rstrip("/") for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def as_written(value: object) -> object:
    """A list with commas between, each part as it was given."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class BotSettings(BaseSettings):
    """One field an environment variable of the same name; a bad value raises ``pydantic.ValidationError``."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    port: int = Field(8080, ge=1, le=65535)
    relais_host: str = "127.0.0.1"
    relais_demo: bool = False
    relais_var: Path = Path("var")
    service_file: Path = Path("service.yml")
    log_level: str = "INFO"
    public_url: str = ""
    shop_url: str = ""
    behind_proxy: bool = False
    allowed_origins: Annotated[list[str], NoDecode] = []

    relais_secret: str = Field(min_length=32)
    identity_secret: str = Field(min_length=32)
    host_keys: dict[str, str] = {}
    smtp_url: str = ""
    mail_from: str = ""

    webhook_url: Annotated[list[str], NoDecode] = []
    webhook_secret: Annotated[list[str], NoDecode] = []
    webhook_attempts: int = Field(12, ge=1, le=50)
    webhook_timeout_seconds: float = Field(10.0, gt=0, le=30)

    database_url: str = ""
    redis_url: str = ""
    rasa_urls: Annotated[list[str], NoDecode] = []
    actions_url: str = ""
    knowledge_base_url: str = ""

    max_message_chars: int = Field(4000, ge=100)
    conversations_per_minute: int = Field(240, ge=120)
    max_file_bytes: int = Field(8 * 1024 * 1024, ge=1024)
    files_per_minute: int = Field(20, ge=1)
    messages_per_minute: int = Field(600, ge=10)
    messages_in_ten_seconds: int = Field(40, ge=5)
    address_messages_per_minute: int = Field(3000, ge=10)
    sign_ins_per_minute: int = Field(10, ge=1)
    help_searches_per_minute: int = Field(600, ge=10)
    help_opinions_per_minute: int = Field(60, ge=1)
    codes_per_hour: int = Field(10, ge=1)
    wrong_codes_per_hour: int = Field(30, ge=5)
    email_proof_hours: float = Field(4.0, gt=0, le=720)
    host_proof_hours: float = Field(24.0, gt=0, le=720)
    turn_timeout_seconds: float = Field(20.0, gt=0)
    turn_retry_seconds: float = Field(60.0, ge=0)
    turns_at_once: int = Field(64, ge=1)

    _split_lists = field_validator("allowed_origins", "rasa_urls", mode="before")(_split)
    _split_as_written = field_validator("webhook_url", "webhook_secret", mode="before")(as_written)

    @model_validator(mode="after")
    def _defaults(self) -> BotSettings:
        here = "http://127.0.0.1"
        self.public_url = (self.public_url or f"{here}:{self.port}").rstrip("/")
        self.database_url = self.database_url or f"sqlite+aiosqlite:///{self.relais_var.resolve()}/relais.db"
        self.redis_url = self.redis_url or f"redis://127.0.0.1:{self.port + 5}/0"
        self.rasa_urls = self.rasa_urls or [f"{here}:{self.port + 1}"]
        self.actions_url = (self.actions_url or f"{here}:{self.port + 2}").rstrip("/")
        self.knowledge_base_url = (self.knowledge_base_url or f"{here}:{self.port + 3}").rstrip("/")
        if any(len(key) < _SHORTEST_KEY for key in self.host_keys.values()):
            raise ValueError(f"HOST_KEYS: each key needs {_SHORTEST_KEY} characters or more")
        check_mail(self.smtp_url, self.mail_from)
        check_webhook(self.webhook_url, self.webhook_secret)
        if self.relais_demo and not _is_loopback(self.relais_host):
            raise ValueError(
                "RELAIS_DEMO brings known passwords: it is refused on any address but loopback (127.0.0.1)"
            )
        return self


def check_webhook(urls: list[str], secrets: list[str], name: str = "WEBHOOK") -> None:
    """Raises ``ValueError`` with a sentence: what is sent is personal, and must be signed."""
    if urls and not secrets:
        raise ValueError(f"{name}_URL needs {name}_SECRET, with which what is sent is signed")
    if any(len(secret) < _SHORTEST_KEY for secret in secrets) or len(secrets) > _MOST_SECRETS:
        raise ValueError(f"{name}_SECRET: one or two secrets of {_SHORTEST_KEY} characters or more")
    for url in urls:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
        if not parts.hostname or not is_safe or parts.username or parts.password or parts.fragment:
            raise ValueError(f"{name}_URL: an https address (http on this machine alone), without a name or password")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
