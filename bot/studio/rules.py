"""Who may publish what: the company's rules (`studio` and `danger_topics` of service.yml), applied to one form."""

from __future__ import annotations

from typing import Any

from bot.help.catalogue import topic_label
from bot.rights import may
from service import Service

Json = dict[str, Any]


def second_person(service: Service, form: Json, role: str, locale: str, online: Json | None = None) -> Json | None:
    """Why somebody else must approve before ``role`` publishes this: `{reason: danger|topic|all, name}`; None: no need.

    What touches a danger is read by two, whoever they are; `review: all` concerns those who may not `publish`.
    ``online`` is what it takes the place of: taking a danger's words out of an article is read by two as well.
    """
    return _reason(service, form, role, locale) or (_reason(service, online, role, locale) if online else None)


def _reason(service: Service, form: Json, role: str, locale: str) -> Json | None:
    texts = [str(form.get("title", "")), *map(str, form.get("questions") or ()), str(form.get("answer", ""))]
    danger = service.match_danger("\n".join(texts))
    if danger is not None:
        return {"reason": "danger", "name": danger.label.in_locale(locale)}
    topic = str(form.get("topic") or "")
    if topic in service.studio.second_person_topics:
        return {"reason": "topic", "name": topic_label(locale, topic)}
    if service.studio.review == "all" and not may(role, "publish"):
        return {"reason": "all", "name": ""}
    return None
