"""Who may publish what: the company's rules (`studio` and `danger_topics` of service.yml), applied to one form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.help.catalogue import topic_label
from bot.rights import may
from service import Service
from service.trees import Tree

Json = dict[str, Any]


def second_person(service: Service, form: Json, role: str, locale: str, online: Json | None = None) -> Json | None:
    """Why somebody else must approve before ``role`` publishes this: `{reason: danger|topic|all, name}`; None: no need.

    What touches a danger is read by two, whoever they are; `review: all` concerns those who may not `publish`.
    ``online`` is what it takes the place of: taking a danger's words out of an article is read by two as well.
    """
    return _reason(service, form, role, locale) or (_reason(service, online, role, locale) if online else None)


def second_person_of_tree(service: Service, trees: Iterable[Tree], role: str, locale: str) -> Json | None:
    """The same of a decision tree: ``trees`` are what it is to be and what it takes the place of, any text of them."""
    for tree in trees:
        kept = [node.diagnosis for node in tree.nodes.values() if node.diagnosis]
        found = next((told for text in [*tree.texts(), *kept] if (told := _danger(service, text, locale))), None)
        if found:
            return found
    return _everything(service, role)


def _reason(service: Service, form: Json, role: str, locale: str) -> Json | None:
    # All of it is read by customers: the body in the help centre, and a passage at a time in the chat.
    texts = [form.get("title"), *(form.get("questions") or ()), form.get("answer"), form.get("body")]
    danger = _danger(service, "\n".join(str(text or "") for text in texts), locale)
    if danger is not None:
        return danger
    topic = str(form.get("topic") or "")
    if topic in service.studio.second_person_topics:
        return {"reason": "topic", "name": topic_label(locale, topic)}
    return _everything(service, role)


def _danger(service: Service, text: str, locale: str) -> Json | None:
    danger = service.match_danger(text)
    return {"reason": "danger", "name": danger.label.in_locale(locale)} if danger else None


def _everything(service: Service, role: str) -> Json | None:
    return {"reason": "all", "name": ""} if service.studio.review == "all" and not may(role, "publish") else None
