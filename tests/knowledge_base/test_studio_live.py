"""The studio in the real process: what is published is what the next question finds."""

from __future__ import annotations

import json
import threading
import urllib.request
from typing import Any

from tests.knowledge_base.conftest import Served
from tests.knowledge_base.studio import FORM, INES, Json

TEXT = {"questions": ["à quelle heure ouvrent vos boutiques", "boutique ouverte le dimanche"], "body": "Voir /aide."}


def put(served: Served, method: str, path: str, body: Any) -> Any:
    data = json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310
        f"{served.base}/studio/{path}", data, {"Content-Type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
        return json.loads(response.read())


def publish(served: Served, article_id: str, **fields: Any) -> Any:
    body = {"form": FORM | TEXT | fields, "revision": None, "actor": INES}
    draft = put(served, "PUT", f"drafts/{article_id}/fr", body)["draft"]
    return put(served, "POST", f"drafts/{article_id}/fr/publish", {"actor": INES, "revision": draft["revision"]})


def once_searchable(served: Served, done: Json, question: str) -> Json:
    """The first that is found: at once where publishing said so; where a slow machine made it give up, in a moment."""

    def first() -> Json:
        return dict(served.search(question, locale="fr")["results"][0])

    if not done["searchable"]:
        served.until(lambda: first()["version"] == done["version"])
    return first()


def test_what_is_published_is_found_and_never_half(small: Served) -> None:
    question = "vos boutiques ouvrent à quelle heure ?"
    answered = once_searchable(small, publish(small, "shop-hours", answer="Version 0."), question)
    assert answered["article_id"] == "shop-hours"
    seen: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            found = small.search(question, locale="fr")["results"][0]
            seen.append(found["answer"] if found["article_id"] == "shop-hours" else found["article_id"])

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for number in range(1, 5):
            done = publish(small, "shop-hours", answer=f"Version {number}.", slug=f"horaires-{number}")
            found = once_searchable(small, done, question)
            assert (found["answer"], found["version"]) == (f"Version {number}.", done["version"])
    finally:
        ended.set()
        asking.join()
    assert seen == sorted(seen)
    assert set(seen) <= {f"Version {number}." for number in range(5)}
    form = FORM | TEXT | {"slug": "ouverture", "title": "Quand ouvrez-vous ?", "locale": "fr", "article_id": "new"}
    told = put(small, "POST", "check", {"form": form | {"body": "[ici](/aide/rien) [là](/aide/horaires-4)"}})
    assert [one["article_id"] for one in told["duplicates"]] == ["shop-hours"]
    assert told["links"] == [{"url": "/aide/rien", "ok": False}, {"url": "/aide/horaires-4", "ok": True}]
    assert "link_broken" in [one["code"] for one in told["problems"]]
    own = put(small, "POST", "check", {"form": form | {"article_id": "shop-hours", "slug": "horaires-4"}})
    assert own["duplicates"] == []
    small.call("/healthz")
