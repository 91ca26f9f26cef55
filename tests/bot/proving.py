"""What the tests of one-time codes share: Rasa's side of it, and what was told and stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import jwt
from sqlalchemy import MetaData, select

from bot.db.models import Conversation
from tests.bot.conftest import Bot
from tests.bot.conftest import Customer as Visitor
from tests.bot.mail_server import MailServer
from tests.bot.neighbours import IDENTITY_SECRET

Json = dict[str, Any]
KNOWN, UNKNOWN = "camille@maison-alder.test", "nobody@maison-alder.test"
SENT = "Si un compte existe à cette adresse, un code à 6 chiffres vient d’y être envoyé."


def dialogue(request: Json) -> list[Json]:
    """Rasa's side: an address asks for a code; what comes otherwise is told back."""
    text = request.get("text") or request["command"]
    if "@" in text:
        return [{"custom": {"identify": {"email": text, "task": "cancel_order"}}}, {"text": SENT}]
    if text == "/resend_code":
        return [{"custom": {"identify": {"email": KNOWN, "task": "cancel_order"}}}, {"text": SENT}]
    return [{"text": f"écho : {text}"}]


async def claims(bot: Bot) -> Json:
    token = bot.neighbours.requests[-1]["metadata"]["identity_token"]
    options: Any = {"verify_exp": False, "verify_iat": False}
    return jwt.decode(token, IDENTITY_SECRET, algorithms=["HS256"], audience="relais-actions", options=options)


async def conversation(bot: Bot, visitor: Visitor) -> Conversation:
    async with bot.services.db.read() as session:
        return await session.get_one(Conversation, visitor.id)


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06}"


async def press(visitor: Visitor, message: Json, title: str) -> Json:
    choice = next(each["payload"] for each in message["choices"] if each["title"] == title)
    _, body = await visitor.post("messages", {"client_message_id": f"p{choice}", "choice": choice})
    return body["message"]


async def select_all(bot: Bot, query: Any) -> list[Any]:
    async with bot.services.db.read() as session:
        return list((await session.execute(query)).scalars())


async def dump(bot: Bot) -> str:
    """All that the record holds."""
    known = MetaData()
    async with bot.services.db.engine.connect() as connection:
        await connection.run_sync(known.reflect)
        held = [(await connection.execute(select(table))).all() for table in known.sorted_tables]
    # Of a moment's six digits some would be a code by chance.
    return "\n".join(str(value) for rows in held for row in rows for value in row if not isinstance(value, datetime))


async def started(mails: MailServer, make_bot: Any, **settings: Any) -> Bot:
    """A bot that sends its mails there, beside a Rasa that asks for codes."""
    made: Bot = await make_bot(smtp_url=mails.url(), mail_from="Maison Alder <aide@maison-alder.test>", **settings)
    made.neighbours.replies = dialogue
    return made
