"""What was told to the addresses outside, what could not be, and sending it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.people import AuditEntry
from bot.db.webhooks import HandoffEvent, WebhookDelivery
from bot.errors import Refusal
from bot.services import Services, services_of
from bot.web.desk_session import user_with

routes = web.RouteTableDef()
_BASE = "/api/v1/desk/webhooks"
_STATUSES = ("dead", "pending", "delivered")
_PAGE = 100
_LARGEST_ID = 2**31 - 1


@routes.get(_BASE)
async def listed(request: web.Request) -> web.Response:
    """Deliveries, the newest first, how many there are of each status, and where they go."""
    await user_with(request, "administer")
    services = services_of(request)
    status, before = request.query.get("status") or None, request.query.get("before", str(_LARGEST_ID))
    if (status is not None and status not in _STATUSES) or not before.isdecimal() or len(before) > 10:
        raise Refusal("bad_request", 422)
    query = (
        select(WebhookDelivery, HandoffEvent)
        .join(HandoffEvent, HandoffEvent.id == WebhookDelivery.event_id)
        .where(WebhookDelivery.id < min(int(before), _LARGEST_ID))
        .order_by(WebhookDelivery.id.desc())
        .limit(_PAGE + 1)
    )
    count = select(WebhookDelivery.status, func.count().label("number")).group_by(WebhookDelivery.status)
    async with services.db.read() as session:
        rows = (await session.execute(query.where(WebhookDelivery.status == status) if status else query)).all()
        found: dict[str, int] = {row.status: row.number for row in await session.execute(count)}
    answer = {
        "webhooks": [_row(services, delivery, event) for delivery, event in rows[:_PAGE]],
        "more": len(rows) > _PAGE,
        "counts": {name: found.get(name, 0) for name in _STATUSES},
        "targets": [_shown(url) for url in services.settings.webhook_url],
        "attempts": services.settings.webhook_attempts,
    }
    return web.json_response(answer)


def _row(services: Services, delivery: WebhookDelivery, event: HandoffEvent) -> dict[str, Any]:
    urls = services.settings.webhook_url
    return {
        "id": delivery.id,
        "event_id": event.id,
        "type": f"handoff.{event.type}",
        "number": event.number,
        "handoff_id": event.handoff_id,
        "conversation_id": event.conversation_id,
        "target": _shown(urls[delivery.target - 1]) if delivery.target <= len(urls) else None,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "error": delivery.error,
        "created_at": delivery.created_at.isoformat(),
        "next_attempt_at": delivery.next_attempt_at.isoformat() if delivery.status == "pending" else None,
        "ended_at": delivery.ended_at.isoformat() if delivery.ended_at else None,
    }


def _shown(url: str) -> str:
    """An address without its query: some put a key into it."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


@routes.post(_BASE + "/{webhook_id}/replay")
async def replay(request: web.Request) -> web.Response:
    """Sends a dead letter again; one that is not dead is left as it is, so that pressing twice sends once."""
    user = await user_with(request, "administer")
    services = services_of(request)
    wanted = request.match_info["webhook_id"]
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else 0
    now = services.clock()
    async with services.db.write() as session:
        delivery = await session.get(WebhookDelivery, number, with_for_update=True)
        if delivery is None:
            raise Refusal("unknown_webhook", 404)
        event = await session.get_one(HandoffEvent, delivery.event_id)
        if delivery.status == "dead":
            _again(delivery, now)
            session.add(AuditEntry(at=now, actor_id=user.id, action="webhook_replayed", target=event.id))
        answer = _row(services, delivery, event)
    return web.json_response(answer)


@routes.post(_BASE + "/replay")
async def replay_all(request: web.Request) -> web.Response:
    """Sends every dead letter again, in its order."""
    user = await user_with(request, "administer")
    services = services_of(request)
    now = services.clock()
    async with services.db.write() as session:
        dead = await _dead(session)
        for delivery in dead:
            _again(delivery, now)
        if dead:
            detail = str(len(dead))
            session.add(AuditEntry(at=now, actor_id=user.id, action="webhooks_replayed", target="all", detail=detail))
    return web.json_response({"replayed": len(dead)})


async def _dead(session: AsyncSession) -> list[WebhookDelivery]:
    query = select(WebhookDelivery).where(WebhookDelivery.status == "dead").order_by(WebhookDelivery.id)
    return list((await session.execute(query.with_for_update())).scalars())


def _again(delivery: WebhookDelivery, now: datetime) -> None:
    delivery.status, delivery.attempts, delivery.next_attempt_at, delivery.ended_at = "pending", 0, now, None
