"""What becomes of what was sent on: resolved, a mistake that its owner is told of, or taken back in time."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.gaps import OPEN, SENT
from bot.db.identity import Mail
from bot.db.people import AuditEntry, User
from bot.db.sent import SentOn
from bot.errors import Refusal
from bot.services import Services
from bot.studio.sent_case import Subject, case_of
from bot.studio.sent_letter import mistake_of
from bot.studio.sent_on import gap_follows, mailed, owner_of, pending_key, title_of

PENDING, RESOLVED, MISTAKEN = STATES = ("pending", "resolved", "mistaken")
_ACTIONS = {PENDING: "sent_on_reopened", RESOLVED: "sent_on_resolved", MISTAKEN: "sent_on_mistaken"}


async def settle(services: Services, user: User, sent_id: str, state: str) -> str:
    """Puts it where the writer says; the state it had. Raises ``Refusal`` (404; 409: sent again, or told since)."""
    now = services.clock()
    try:
        async with services.db.write() as session:
            row = await _held(session, sent_id)
            before = _state_of(row)
            if before == state:
                return before
            if before == MISTAKEN:
                if row.word_id and not await _dropped(session, row.word_id):
                    raise Refusal("mistake_told", 409)
                row.word_id = None
            if state == MISTAKEN:
                row.word_id = await _word(services, session, user, row)
            row.resolved_at = None if state == PENDING else now
            row.pending = pending_key(_subject(row), row.owner_id) if state == PENDING else None
            await session.flush()
            await _follow(services, session, row, state)
            session.add(
                AuditEntry(at=now, actor_id=user.id, action=_ACTIONS[state], target=sent_id, detail=row.owner_id)
            )
    except IntegrityError as error:
        raise Refusal("already_sent", 409) from error
    return before


async def take_back(services: Services, user: User, sent_id: str) -> None:
    """As if it had never been sent, while its mail has not gone. Raises ``Refusal`` (404, 409)."""
    async with services.db.write() as session:
        row = await _held(session, sent_id)
        if _state_of(row) != PENDING or not await _dropped(session, row.mail_id):
            raise Refusal("sent_gone", 409)
        await session.delete(row)
        await session.flush()
        await _follow(services, session, row, MISTAKEN)
        entry = {"action": "sent_on_taken_back", "target": sent_id, "detail": row.owner_id}
        session.add(AuditEntry(at=services.clock(), actor_id=user.id, **entry))


async def _held(session: AsyncSession, sent_id: str) -> SentOn:
    row = await session.get(SentOn, sent_id, with_for_update=True)
    if row is None:
        raise Refusal("not_found", 404)
    return row


def _state_of(row: SentOn) -> str:
    if row.word_id is not None:
        return MISTAKEN
    return RESOLVED if row.resolved_at else PENDING


def _subject(row: SentOn) -> Subject:
    return Subject(row.gap_id, row.article_id, row.locale)


async def _follow(services: Services, session: AsyncSession, row: SentOn, state: str) -> None:
    """What nobody was to mend is where it was before; what was mended is closed."""
    if state != MISTAKEN:
        await gap_follows(services, session, row)
        return
    before = row.gap_before
    await gap_follows(services, session, row, before if before and before != SENT else OPEN)


async def _dropped(session: AsyncSession, mail_id: str) -> bool:
    """Whether the mail was still here, and is not any more; whoever sends mails holds the same row before it goes."""
    mail = await session.get(Mail, mail_id, with_for_update=True, populate_existing=True)
    if mail is None or mail.status != "pending" or mail.attempts:
        return False
    await session.delete(mail)
    return True


async def _word(services: Services, session: AsyncSession, user: User, row: SentOn) -> str:
    """The mail that says so to who got the first one; none where that never arrived, or they are not known any more."""
    first = await session.get(Mail, row.mail_id)
    try:
        owner = owner_of(services, row.owner_id)
    except Refusal:
        return ""
    if first is not None and first.status == "failed":
        return ""
    case = await case_of(services, session, _subject(row), row.figures["days"])
    about = case.typical or title_of(services, row.article_id, row.locale)
    return await mailed(services, session, owner.email, mistake_of(services, owner, user, about, row.sent_at))
