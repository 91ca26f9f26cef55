"""The mail to supervisors when a promise may be missed: what, by when, whose word; nothing of the customer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.accounts.links import locale_of, write_to
from bot.db.people import Promise, User
from bot.promises.words import moment
from bot.services import Services
from bot.texts import say


async def warn_supervisors(services: Services, session: AsyncSession, promise: Promise) -> None:
    """On its way with the caller's transaction; none without a mail server, or where ``service.yml`` says so."""
    settings = services.settings
    if not services.service.promises.mail_supervisors or not (settings.smtp_url or settings.relais_demo):
        return
    giver = await session.get(User, promise.made_by) if promise.made_by else None
    by = giver.name if giver is not None else services.service.brand.assistant_name
    for user in await _supervisors(session):
        locale = locale_of(user)
        known = promise.kind if promise.kind != "other" else "something"
        write_to(
            services,
            session,
            user,
            "mail_promise_at_risk",
            what=say(locale, f"promise_what_{known}"),
            when=moment(services, locale, promise.due_at),
            by=by,
            link=f"{settings.public_url}/desk/callbacks",
        )


async def _supervisors(session: AsyncSession) -> Sequence[User]:
    """Those who lead the floor; where nobody does, whoever runs the house."""
    query = select(User).where(User.status == "active", User.role.in_(("supervisor", "admin"))).order_by(User.id)
    found = (await session.execute(query)).scalars().all()
    return [user for user in found if user.role == "supervisor"] or found
