"""What search engines read of a page: schema.org's words, as JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bot.help.catalogue import Entry

Json = dict[str, Any]
_MOST_QUESTIONS = 50


def questions(entries: Sequence[Entry]) -> Json | None:
    """A FAQPage of the answers that stand on the page."""
    told = [entry for entry in entries if entry.answer][:_MOST_QUESTIONS]
    if not told:
        return None
    found = [
        {
            "@type": "Question",
            "name": entry.title,
            "acceptedAnswer": {"@type": "Answer", "text": entry.answer},
        }
        for entry in told
    ]
    return {"@type": "FAQPage", "inLanguage": told[0].locale, "mainEntity": found}


def breadcrumbs(public_url: str, path: Sequence[tuple[str, str]]) -> Json:
    """The way to the page: (title, url) from the home page on."""
    found = [
        {"@type": "ListItem", "position": place, "name": title, "item": public_url + url}
        for place, (title, url) in enumerate(path, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": found}


def site(public_url: str, home: str, name: str, locale: str) -> Json:
    """The help centre itself, and how it is searched."""
    target = {"@type": "EntryPoint", "urlTemplate": f"{public_url}{home}?q={{search_term_string}}"}
    action = {"@type": "SearchAction", "target": target, "query-input": "required name=search_term_string"}
    return {
        "@type": "WebSite",
        "name": name,
        "url": public_url + home,
        "inLanguage": locale,
        "potentialAction": action,
    }


def as_script(parts: Sequence[Json | None]) -> str:
    """The text of a ``<script type="application/ld+json">``: nothing in it can end the element."""
    graph = {"@context": "https://schema.org", "@graph": [part for part in parts if part is not None]}
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
