"""``python -m bot users``: add, list, disable, and the demo's."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from sqlalchemy import select

from bot.accounts import managing
from bot.clock import system_clock
from bot.db.people import User
from bot.errors import Refusal
from bot.services import Services
from bot.texts import say
from bot.users import ROLES, add_user, seed_demo_users, user_by_email


def add_parsers(commands: Any) -> None:
    """The commands beneath ``users``."""
    users = commands.add_parser("users", help="people who work at the desk").add_subparsers(dest="users", required=True)
    add = users.add_parser(
        "add", help="add a user, or change one; the password is asked for or read from standard input"
    )
    add.add_argument("email")
    add.add_argument("--name", required=True)
    add.add_argument("--role", choices=ROLES, default="advisor")
    add.add_argument("--locales", default="fr", help="languages they answer in, as fr,en")
    add.add_argument("--skills", default="", help="names of skills of service.yml, as delivery,payment")
    users.add_parser("list", help="everybody who has an account")
    disable = users.add_parser("disable", help="close an account: its sessions end, its conversations go to the queue")
    disable.add_argument("email")
    users.add_parser("seed-demo", help="the demo's users; refused unless RELAIS_DEMO=1")


async def run(services: Services, options: argparse.Namespace) -> None:
    """Runs one of them. Raises ``ValueError`` with a sentence."""
    if options.users == "seed-demo":
        if not services.settings.relais_demo:
            raise ValueError("the demo's users are only made with RELAIS_DEMO=1")
        await seed_demo_users(services.db, system_clock)
    elif options.users == "list":
        await _list(services)
    elif options.users == "disable":
        await _disable(services, options.email)
    else:
        await _add(services, options)


async def _add(services: Services, options: argparse.Namespace) -> None:
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    locales = [part for part in options.locales.split(",") if part]
    skills = [part for part in options.skills.split(",") if part]
    await add_user(services.db, system_clock, options.email, options.name, options.role, password, locales, skills)


async def _list(services: Services) -> None:
    async with services.db.read() as session:
        users = (await session.execute(select(User).order_by(User.email))).scalars().all()
    for user in users:
        columns = [user.email, user.name, user.role, user.status, ",".join(user.locales), ",".join(user.skills)]
        sys.stdout.write("\t".join(columns) + "\n")


async def _disable(services: Services, email: str) -> None:
    async with services.db.read() as session:
        user = await user_by_email(session, email)
    if user is None:
        raise ValueError(f"no user has the address {email}")
    try:
        given_back = await managing.disable(services, None, user.id)
    except Refusal as refusal:
        raise ValueError(say("en", f"error_{refusal.code}", **refusal.values)) from refusal
    sys.stdout.write(f"Disabled; {given_back} conversation(s) went back to the queue.\n")
