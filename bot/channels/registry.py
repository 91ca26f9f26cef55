"""The channels that exist. One line each; which of them are set up, the environment says."""

from __future__ import annotations

from bot.channels.protocol import Channel, Channels
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.web import WebChannel
from bot.channels.webhook import WebhookChannel

KINDS: tuple[type[Channel], ...] = (
    WebChannel,
    TelegramChannel,
    WebhookChannel,
)


def default_channels() -> Channels:
    """Those that are set up, by name. Raises ``pydantic.ValidationError`` for settings that can't be."""
    configured = (kind.configured() for kind in KINDS)
    return {channel.name: channel for channel in configured if channel is not None}
