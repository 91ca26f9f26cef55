"""Telegram, by python-telegram-bot: updates come through our own route, or by long polling on a laptop."""
