"""Who may publish what: the company's rules (`studio` and `danger_topics` of service.yml), applied to one form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.help.catalogue import topic_label
from bot.rights import may
from service import DangerTopic, Service
from service.trees import Tree

Json = dict[str, Any]
Why = DangerTopic | str  # a danger that is named, or the topic


def second_person(service: Service, form: Json, role: str, locale: str, online: Json | None = None) -> Json | None:
    """Why somebody else must approve before ``role`` publishes this: `{reason: danger|topic|all, name}`; None: no need.

    What touches a danger is read by two, whoever they are; `review: all` concerns those who may not `publish`.
    ``online`` is what it takes the place of: taking a danger's words out of an article is read by two as well.
    """
    return reason(service, read_by_two(service, form, online), role, locale)


def read_by_two(service: Service, form: Json, online: Json | None = None) -> Why | None:
    """What in a form, or in what it takes the place of, is read by two whoever publishes it."""
    return _touched(service, form) or (_touched(service, online) if online else None)


def reason(service: Service, why: Why | None, role: str, locale: str) -> Json | None:
    """The same as `second_person` tells it to ``role``."""
    if isinstance(why, str):
        return {"reason": "topic", "name": topic_label(locale, why)}
    return _named(why, locale) if why else _everything(service, role)


def second_person_of_tree(service: Service, trees: Iterable[Tree], role: str, locale: str) -> Json | None:
    """The same of a decision tree: ``trees`` are what it is to be and what it takes the place of, any text of them."""
    for tree in trees:
        kept = [node.diagnosis for node in tree.nodes.values() if node.diagnosis]
        found = next((told for text in [*tree.texts(), *kept] if (told := service.match_danger(text))), None)
        if found:
            return _named(found, locale)
    return _everything(service, role)


def _touched(service: Service, form: Json) -> Why | None:
    # All of it is read by customers: the body in the help centre, and a passage at a time in the chat.
    texts = [form.get("title"), *(form.get("questions") or ()), form.get("answer"), form.get("body")]
    topic = str(form.get("topic") or "")
    by_topic = topic if topic in service.studio.second_person_topics else None
    return service.match_danger("\n".join(str(text or "") for text in texts)) or by_topic


def _named(danger: DangerTopic, locale: str) -> Json:
    return {"reason": "danger", "name": danger.label.in_locale(locale)}


def _everything(service: Service, role: str) -> Json | None:
    return {"reason": "all", "name": ""} if service.studio.review == "all" and not may(role, "publish") else None
