"""Settings of the Telegram channel. Without a token there is no such channel."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# As BotFather gives it, and as setWebhook takes it.
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{30,}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{32,256}")


class TelegramSettings(BaseSettings):
    """One field an environment variable of the same name; a bad value raises ``pydantic.ValidationError``."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    telegram_token: str = ""
    telegram_secret: str = ""
    telegram_mode: Literal["webhook", "polling"] = "webhook"
    telegram_api_url: str = "https://api.telegram.org"

    @model_validator(mode="after")
    def _checked(self) -> TelegramSettings:
        self.telegram_api_url = self.telegram_api_url.rstrip("/")
        if not self.telegram_api_url.startswith(("https://", "http://")):
            raise ValueError("TELEGRAM_API_URL: an address such as https://api.telegram.org")
        if self.telegram_token and not _TOKEN.fullmatch(self.telegram_token):
            raise ValueError("TELEGRAM_TOKEN: the token that BotFather gave, such as 123456789:AAE…")
        needs_secret = self.telegram_token and self.telegram_mode == "webhook"
        if needs_secret and not _SECRET.fullmatch(self.telegram_secret):
            raise ValueError(
                "TELEGRAM_SECRET: 32 to 256 letters, digits, _ or -; Telegram sends it along to the webhook"
            )
        return self
