"""``python -m bot``: serve (the default), migrate, users add, users seed-demo, erase."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable, Sequence

import aiohttp
from aiohttp import web
from pydantic import ValidationError
from redis.exceptions import RedisError
from sqlalchemy import select

from bot.app import close, create_app, wire
from bot.clock import system_clock
from bot.db.engine import Database
from bot.db.migrate import migrate
from bot.db.people import Customer
from bot.erase import erase_customer
from bot.logs import set_up_logs
from bot.services import Services
from bot.settings import BotSettings
from bot.users import ROLES, add_user, seed_demo_users
from service import ServiceError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="serve the API, the widget and the desk (the default)")
    commands.add_parser("migrate", help="bring the record to the newest schema")
    users = commands.add_parser("users", help="people who work at the desk").add_subparsers(dest="users", required=True)
    add = users.add_parser(
        "add", help="add a user, or change one; the password is asked for or read from standard input"
    )
    add.add_argument("email")
    add.add_argument("--name", required=True)
    add.add_argument("--role", choices=ROLES, default="advisor")
    add.add_argument("--locales", default="fr", help="languages they answer in, as fr,en")
    add.add_argument("--skills", default="", help="names of skills of service.yml, as delivery,payment")
    users.add_parser("seed-demo", help="the demo's users; refused unless RELAIS_DEMO=1")
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
        return asyncio.run(_with_record(settings, _users(settings, options)))
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


def _users(settings: BotSettings, options: argparse.Namespace) -> Callable[[Database], Awaitable[None]]:
    if options.users == "seed-demo":
        if not settings.relais_demo:
            raise ValueError("the demo's users are only made with RELAIS_DEMO=1")
        return lambda db: seed_demo_users(db, system_clock)
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    locales = [part for part in options.locales.split(",") if part]
    skills = [part for part in options.skills.split(",") if part]

    async def add(db: Database) -> None:
        await add_user(db, system_clock, options.email, options.name, options.role, password, locales, skills)

    return add


async def _with_record(settings: BotSettings, work: Callable[[Database], Awaitable[None]]) -> int:
    await asyncio.to_thread(migrate, settings.database_url)
    db = Database(settings.database_url)
    try:
        await work(db)
    finally:
        await db.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
