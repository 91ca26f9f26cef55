"""The demo's mailbox: the mails that the demo has sent, for want of a mail server. Served with RELAIS_DEMO=1 alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from sqlalchemy import select

from bot.db.identity import Mail
from bot.identity.seal import unseal
from bot.letters import read_letter
from bot.services import Services, services_of
from bot.texts import locale_from, say

routes = web.RouteTableDef()
_SHOWN = 50
Json = dict[str, Any]


async def _sent(services: Services, recipient: str | None) -> list[Json]:
    query = select(Mail).where(Mail.status == "sent", Mail.sealed.is_not(None))
    if recipient:
        query = query.where(Mail.recipient == recipient.strip().lower())
    async with services.db.read() as session:
        mails = (await session.execute(query.order_by(Mail.created_at.desc()).limit(_SHOWN))).scalars().all()
    shown = []
    for mail in mails:
        kept = unseal(services.settings.identity_secret, mail.sealed)
        if kept is not None:
            about = {"to": mail.recipient, "at": mail.created_at.isoformat(), "conversation_id": mail.conversation_id}
            shown.append(about | asdict(read_letter(kept)))
    return shown


@routes.get("/demo/mailbox")
async def mailbox(request: web.Request) -> web.Response:
    """The newest mails first; ``?to=`` one person's."""
    services = services_of(request)
    locale = locale_from(request.headers.get("Accept-Language"))
    context = {
        "locale": locale,
        "brand": services.service.brand.name,
        "mails": await _sent(services, request.query.get("to")),
        "say": lambda key: say(locale, key),
    }
    response = aiohttp_jinja2.render_template("demo/mailbox.html", request, context)
    response.headers.update({"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
    return response


@routes.get("/demo/mailbox.json")
async def mailbox_json(request: web.Request) -> web.Response:
    """The same for programs: ``{mails: [{to, subject, text, at, conversation_id}]}``."""
    mails = await _sent(services_of(request), request.query.get("to"))
    return web.json_response({"mails": mails}, headers={"Cache-Control": "no-store"})
