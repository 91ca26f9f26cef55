"""The channels that exist, by name."""

from __future__ import annotations

from bot.channels.protocol import Channel
from bot.channels.web import WebChannel

Channels = dict[str, Channel]


def default_channels() -> Channels:
    """One line a channel."""
    return {
        WebChannel.name: WebChannel(),
    }
