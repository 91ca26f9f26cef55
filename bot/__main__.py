"""``python -m bot``: serve (the default), migrate, users (add, list, disable, seed-demo), erase."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

import aiohttp
from aiohttp import web
from pydantic import ValidationError
from redis.exceptions import RedisError
from sqlalchemy import select

from bot.accounts import command
from bot.app import close, create_app, wire
from bot.db.migrate import migrate
from bot.db.people import Customer
from bot.erase import erase_customer
from bot.logs import set_up_logs
from bot.services import Services
from bot.settings import BotSettings
from service import ServiceError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="serve the API, the widget and the desk (the default)")
    commands.add_parser("migrate", help="bring the record to the newest schema")
    command.add_parsers(commands)
    erase = commands.add_parser("erase", help="erase a customer everywhere, by the host site's reference")
    erase.add_argument("reference", help="such as C-1001")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 when it went well, else a sentence on standard error and 1."""
    options = _parser().parse_args(arguments)
    try:
        settings = BotSettings()
        set_up_logs(settings.log_level)
        if options.command in (None, "serve"):
            return _serve(settings)
        if options.command == "migrate":
            migrate(settings.database_url)
            return 0
        if options.command == "erase":
            return asyncio.run(_erase(settings, options.reference))
        return asyncio.run(_users(settings, options))
    except ValidationError as error:
        for problem in error.errors():
            name = str(problem["loc"][0]).upper() if problem["loc"] else "settings"
            print(f"{name}: {problem['msg'].removeprefix('Value error, ')}", file=sys.stderr)
    except (ServiceError, RedisError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
    return 1


def _serve(settings: BotSettings) -> int:
    migrate(settings.database_url)
    app = create_app(settings)
    # The shutdown must not wait for open live connections: their readers come back by themselves.
    web.run_app(app, host=settings.relais_host, port=settings.port, print=None, shutdown_timeout=1.0, access_log=None)
    return 0


async def _users(settings: BotSettings, options: argparse.Namespace) -> int:
    await asyncio.to_thread(migrate, settings.database_url)
    async with aiohttp.ClientSession() as session:
        services = wire(settings, session)
        try:
            await command.run(services, options)
        finally:
            await close(services)
    return 0


async def _erase(settings: BotSettings, reference: str) -> int:
    async with aiohttp.ClientSession() as session:
        services = wire(settings, session)
        try:
            return await _erase_with(services, reference)
        finally:
            await close(services)


async def _erase_with(services: Services, reference: str) -> int:
    async with services.db.read() as session:
        found = (await session.execute(select(Customer.id).where(Customer.reference == reference))).scalar_one_or_none()
    if found is None:
        raise ValueError(f"no customer has the reference {reference}")
    print(f"Erased with {await erase_customer(services, found)} conversation(s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
