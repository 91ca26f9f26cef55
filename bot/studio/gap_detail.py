"""One gap opened: the wordings behind its figures, what advisors replied, and how the article has fared since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.questions import masked
from bot.db.gaps import CLOSED, IN_PROGRESS, SENT, STATES, Gap, GapTelling
from bot.db.models import Conversation, Message, UnansweredQuestion
from bot.db.people import AuditEntry, User
from bot.errors import Refusal
from bot.services import Services
from bot.studio.gap_answers import questions_of
from bot.studio.gap_month import months_of
from bot.studio.gaps import LONGEST_DAYS, Asked, figures_of, gap_shown, pending_of

Json = dict[str, Any]
MOST_WORDINGS, MOST_REPLIES = 100, 8
# Conversations in which a reply is looked for.
_MOST_LOOKED_AT = 200
# A greeting is no answer.
_SHORTEST_REPLY = 40
_LONGEST_REPLY = 2_000


async def gap_of(session: AsyncSession, gap_id: str, *, hold: bool = False) -> Gap:
    """The gap. Raises ``Refusal`` (404)."""
    gap = await session.get(Gap, gap_id, with_for_update=hold, populate_existing=True)
    if gap is None:
        raise Refusal("unknown_gap", 404)
    return gap


async def gap_in_progress(services: Services, article_id: str) -> str | None:
    """The gap that an article is being written for."""
    query = select(Gap.id).where(Gap.article_id == article_id, Gap.state == IN_PROGRESS).order_by(Gap.changed_at.desc())
    async with services.db.read() as session:
        return (await session.execute(query.limit(1))).scalar_one_or_none()


async def opened(services: Services, gap_id: str, days: int = LONGEST_DAYS) -> Json:
    """The line of the list with ``wordings``, ``replies``, ``since`` it was closed and ``telling``."""
    now = services.clock()
    async with services.db.read() as session:
        gap = await gap_of(session, gap_id)
        figures, rows = await figures_of(session, gap_id, now, days)
        return gap_shown(services, gap, figures) | {
            "wordings": wordings_of(rows),
            "replies": await replies_to(session, await questions_of(session, gap_id)),
            "since": (await months_of(session, [gap], now)).get(gap_id),
            "telling": await _telling(session, gap_id),
        }


def wordings_of(rows: Sequence[Asked]) -> list[Json]:
    """Different wordings, the most typical first; how often, and on which day last: no minute tells who it was."""
    found: dict[tuple[str, str], Json] = {}
    for row in rows:
        one = found.setdefault(
            (" ".join(row.text.split()).casefold(), row.locale),
            {"text": row.text, "locale": row.locale, "count": 0, "last": row.at, "channels": set(), "reasons": set()},
        )
        one["count"] += 1
        one["last"] = max(one["last"], row.at)
        one["channels"].add(row.channel)
        one["reasons"].add(row.reason)
    return [
        one
        | {
            "last": one["last"].date().isoformat(),
            "channels": sorted(one["channels"]),
            "reasons": sorted(one["reasons"]),
        }
        for one in list(found.values())[:MOST_WORDINGS]
    ]


async def replies_to(session: AsyncSession, rows: Sequence[UnansweredQuestion]) -> list[Json]:
    """What advisors wrote after these questions, masked: the first reply of substance in each conversation."""
    first: dict[str, UnansweredQuestion] = {}
    for row in rows:
        first.setdefault(row.conversation_id, row)
    ids = list(first)[:_MOST_LOOKED_AT]
    query = (
        select(Message.conversation_id, Message.text, Message.created_at)
        .where(Message.conversation_id.in_(ids), Message.author == "advisor")
        .where(Message.internal.is_(False), Message.kind == "text")
        .where(func.length(Message.text) >= _SHORTEST_REPLY)
        .order_by(Message.conversation_id, Message.seq)
    )
    texts: dict[str, str] = {}
    for conversation_id, text, at in await session.execute(query):
        if at >= first[conversation_id].created_at:
            texts.setdefault(conversation_id, text)
    found: list[Json] = []
    for conversation_id in ids:
        if conversation_id not in texts or len(found) >= MOST_REPLIES:
            continue
        conversation = await session.get_one(Conversation, conversation_id)
        said = (await masked(session, conversation, texts[conversation_id]))[:_LONGEST_REPLY]
        if said not in {one["text"] for one in found}:
            found.append({"text": said, "locale": conversation.locale})
    return found


async def _telling(session: AsyncSession, gap_id: str) -> Json:
    query = select(GapTelling.status, func.count()).where(GapTelling.gap_id == gap_id).group_by(GapTelling.status)
    counts: dict[str, int] = {row[0]: row[1] for row in await session.execute(query)}
    return {"due": counts.get("due", 0), "told": counts.get("told", 0)}


async def change_state(services: Services, user: User, gap_id: str, state: str) -> str:
    """Puts it where the writer says; the state it had, so that it can be put back. Raises ``Refusal`` (404, 422)."""
    if state not in STATES:
        raise Refusal("bad_request", 422)
    now = services.clock()
    async with services.db.write() as session:
        gap = await gap_of(session, gap_id, hold=True)
        before = gap.state
        if state == SENT and gap_id not in {each for each, _ in await pending_of(session)}:
            raise Refusal("bad_request", 422)
        if before == state:
            return before
        gap.state, gap.changed_at = state, now
        gap.closed_at = now if state == CLOSED else None
        session.add(AuditEntry(at=now, actor_id=user.id, action=f"gap_{state}", target=gap_id))
    return before
