"""Doing a prepared task, once: the same function and the same proof as in the chat, told in the customer's words."""

from __future__ import annotations

from typing import Any

from actions.back_office import BackOfficeError, NoSuchOrderError, NotVerifiedError, RefusedError
from actions.prepared.wording import Wording
from actions.tasks.context import Context
from actions.tasks.task import AskAgainError, Outcome, Task

# Payloads that bot acts upon; the others are records of the chat.
_EFFECTS = ("handoff", "erase_conversations", "promise")


async def perform(ctx: Context, wording: Wording, task: Task) -> dict[str, Any]:
    """`{outcome, detail, order, texts, effects, step?, then?}`.

    `outcome`: done; refused (a rule is against it, or a value cannot be used: `step`); failed (it led to a person);
    unavailable (the back office is away and nothing was changed), unknown (no proper answer: the same again tells);
    not_verified.
    """
    try:
        if task.step("identity") is not None:
            ctx.customer()
        ended = await task.perform(ctx)
    except NotVerifiedError:
        return _told(ctx, wording, "not_verified", "not verified")
    except AskAgainError as again:
        ctx.say(again.response)
        return _told(ctx, wording, "refused", "value refused", step=again.step)
    except NoSuchOrderError:
        ctx.say("utter_order_gone")
        return _told(ctx, wording, "refused", "not found")
    except RefusedError as refused:
        known = refused.code in task.refusals
        ctx.say(f"utter_{task.name}_{refused.code}" if known else "utter_task_refused", number=ctx.values.get("order"))
        return _told(ctx, wording, "refused", refused.code)
    except BackOfficeError as error:
        del ctx.dispatcher.messages[:]
        unsure = error.maybe_done and task.changes
        return _told(ctx, wording, "unknown" if unsure else "unavailable", "back office unavailable")
    return _ended(ctx, wording, ended)


def _ended(ctx: Context, wording: Wording, ended: Outcome) -> dict[str, Any]:
    told = _told(ctx, wording, ended.kind, ended.detail)
    if ended.then:
        told["then"] = {"task": ended.then[0], "values": ended.then[1]}
    return told


def _told(ctx: Context, wording: Wording, outcome: str, detail: str, *, step: str | None = None) -> dict[str, Any]:
    messages = ctx.dispatcher.messages
    said = [text for message in messages if (text := wording.said(message, ctx.locale))]
    effects = {
        kind: message["custom"][kind] for message in messages for kind in _EFFECTS if kind in (message["custom"] or {})
    }
    return {
        "outcome": outcome,
        "detail": detail,
        "order": ctx.values.get("order"),
        "texts": [{"text": each.text, "title": each.title} for each in said if each.text],
        "effects": effects,
        "step": step,
        "then": None,
    }
