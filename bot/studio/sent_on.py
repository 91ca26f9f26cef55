"""Questions that point to a product or a process are sent on to whoever can mend it, and counted until it is mended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.gaps import CLOSED, IN_PROGRESS, SENT
from bot.db.identity import Mail
from bot.db.people import AuditEntry, User
from bot.db.sent import SentOn
from bot.errors import Refusal
from bot.identity.seal import seal
from bot.letters import read_letter
from bot.masking import mask
from bot.services import Services
from bot.studio.gap_detail import gap_of
from bot.studio.sent_case import Subject, case_of
from bot.studio.sent_letter import letter_of
from service.studio import Owner

Json = dict[str, Any]
# The mail waits a little longer than the page offers to undo it.
UNDONE_WITHIN = timedelta(seconds=15)


def owner_of(services: Services, owner_id: str) -> Owner:
    """Raises ``Refusal`` (422) for one that is not in ``service.yml``."""
    for owner in services.service.studio.owners:
        if owner.id == owner_id:
            return owner
    raise Refusal("unknown_owner", 422)


def title_of(services: Services, article_id: str | None, locale: str | None) -> str:
    """Of a published article; of another one its id, of none nothing."""
    catalogue = services.library.catalogue
    entry = catalogue.versions(article_id).get(locale or "") if catalogue and article_id else None
    return entry.title if entry else article_id or ""


async def preview(services: Services, user: User, subject: Subject, owner: Owner, note: str, days: int) -> Json:
    """``{to, subject, text}``, word for word what would go. Raises ``Refusal`` (404, 409)."""
    async with services.db.read() as session:
        text, _ = await _written(services, session, user, subject, owner, note, days)
    told = read_letter(text)
    return {"to": owner.email, "subject": told.subject, "text": told.text}


async def _written(
    services: Services, session: AsyncSession, user: User, subject: Subject, owner: Owner, note: str, days: int
) -> tuple[str, Json]:
    if subject.gap_id is not None:
        await gap_of(session, subject.gap_id)
    case = await case_of(services, session, subject, days)
    if not case.figures["questions"]:
        raise Refusal("nothing_to_send", 409)
    title = title_of(services, subject.article_id, subject.locale)
    return letter_of(services, owner, user, case, title, mask(note, owner.language)), case.figures


async def send(services: Services, user: User, subject: Subject, owner: Owner, note: str, days: int) -> str:
    """Mails it and keeps that it was; its id. Raises ``Refusal`` (404, 409: sent already, nothing to send, no mail)."""
    settings, now = services.settings, services.clock()
    if not (settings.smtp_url or settings.relais_demo):
        raise Refusal("mail_not_set", 409)
    try:
        async with services.db.write() as session:
            text, figures = await _written(services, session, user, subject, owner, note, days)
            mail_id = await mailed(services, session, owner.email, text)
            row = SentOn(
                gap_id=subject.gap_id,
                article_id=subject.article_id,
                locale=subject.locale,
                owner_id=owner.id,
                pending=pending_key(subject, owner.id),
                note=mask(note, owner.language),
                figures=figures,
                mail_id=mail_id,
                sent_by=user.id,
                sent_at=now,
                gap_before=(await gap_of(session, subject.gap_id, hold=True)).state if subject.gap_id else None,
            )
            session.add(row)
            await session.flush()
            await gap_follows(services, session, row)
            session.add(AuditEntry(at=now, actor_id=user.id, action="sent_on", target=row.id, detail=owner.id))
            return row.id
    except IntegrityError as error:
        raise Refusal("already_sent", 409) from error


async def mailed(services: Services, session: AsyncSession, recipient: str, text: str) -> str:
    """Puts a letter on its way, which it leaves for once it can be undone no more; the id of the mail."""
    now = services.clock()
    sealed = seal(services.settings.identity_secret, text)
    mail = Mail(recipient=recipient, sealed=sealed, next_attempt_at=now + UNDONE_WITHIN, created_at=now)
    session.add(mail)
    await session.flush()
    return mail.id


def pending_key(subject: Subject, owner_id: str) -> str:
    """The same while the same thing is with the same owner."""
    return f"{owner_id}:{subject.key}"


async def gap_follows(services: Services, session: AsyncSession, row: SentOn, then: str = CLOSED) -> None:
    """A gap is with its owner until nothing that was sent of it waits, ``then`` this; an article under way goes on."""
    if row.gap_id is None:
        return
    try:
        gap = await gap_of(session, row.gap_id, hold=True)
    except Refusal:  # its last question was erased
        return
    # Read while the gap is held: of two who settle the last two sendings at one moment, the second sees the first.
    others = select(SentOn.id).where(SentOn.gap_id == row.gap_id, SentOn.resolved_at.is_(None)).limit(1)
    is_with_owner, now = (await session.execute(others)).first() is not None, services.clock()
    if is_with_owner and gap.state not in (SENT, IN_PROGRESS):
        gap.state, gap.changed_at, gap.closed_at = SENT, now, None
    elif not is_with_owner and gap.state == SENT:
        gap.state, gap.changed_at, gap.closed_at = then, now, now if then == CLOSED else None
