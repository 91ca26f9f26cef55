"""Settings of the demo shop, read from the environment once, at start."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

# The port of the shop is the public port of the product plus this.
PORT_OFFSET = 4
IDENTITY_KEY_ID = "demo"


class Settings(BaseSettings):
    """What the shop needs to run. A bad value stops the start with a sentence."""

    port: int = Field(8080, ge=1, le=65535 - PORT_OFFSET)
    relais_host: str = "127.0.0.1"
    relais_var: Path = Path("var")
    log_level: str = "INFO"
    back_office_token: SecretStr
    host_keys: dict[str, SecretStr]
    shop_url: str = ""
    """Public address of the shop; http://127.0.0.1 with its own port when empty."""
    public_url: str = ""
    """Public address of the chat (bot); http://127.0.0.1:PORT when empty."""

    @field_validator("host_keys")
    @classmethod
    def _has_the_key_of_the_shop(cls, keys: dict[str, SecretStr]) -> dict[str, SecretStr]:
        if IDENTITY_KEY_ID not in keys:
            raise ValueError(f'HOST_KEYS needs a key named "{IDENTITY_KEY_ID}": the shop signs identities with it.')
        if len(keys[IDENTITY_KEY_ID].get_secret_value()) < 32:
            raise ValueError(f'the key "{IDENTITY_KEY_ID}" of HOST_KEYS needs at least 32 characters.')
        return keys

    @property
    def shop_port(self) -> int:
        """The port of the shop."""
        return self.port + PORT_OFFSET

    @property
    def identity_key(self) -> str:
        """The key that signs identities."""
        return self.host_keys[IDENTITY_KEY_ID].get_secret_value()

    @property
    def chat_url(self) -> str:
        """Where the widget is served from, without a trailing slash."""
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def own_url(self) -> str:
        """Where the shop itself is, without a trailing slash."""
        return (self.shop_url or f"http://127.0.0.1:{self.shop_port}").rstrip("/")

    @property
    def database(self) -> Path:
        """The file of the shop's data."""
        return self.relais_var / "demo.db"
