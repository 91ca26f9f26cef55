"""The links of an article: those that lead into the help centre must lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from knowledge_base.content.article import HELP_CENTRE, Article
from knowledge_base.studio.form import Form

# Runs are bounded, and none is read twice: a text of nothing but "](" would take minutes, and searches wait meanwhile.
_LINK = re.compile(
    r"\]\(\s{0,9}+<?([^\s()<>]{1,2000}+)>?[^)]{0,300}+\)|"
    r"^\[[^\[\]\n]{1,300}+\]:[ \t]*+(\S{1,2000}+)|<(https?://[^<>\s]{1,2000}+)>",
    re.MULTILINE,
)
_HELP = re.compile(r"/(aide|help)(?:/(.*))?")
_LISTS = {"aide": "theme/", "help": "topic/"}
MOST = 200


def links(form: Form, articles: Sequence[Article]) -> list[dict[str, object]]:
    """[{url, ok}] in the order of the text; `ok` is null where nobody here can know."""
    found = (part for text in (form.answer, form.body) for match in _LINK.finditer(text) for part in match.groups())
    urls = list(dict.fromkeys(url for url in found if url))[:MOST]
    pages = {unquote(article.url) for article in articles}
    pages.add(f"{HELP_CENTRE.get(form.locale, '/help')}/{form.slug}")
    return [{"url": url, "ok": _leads(url, pages)} for url in urls]


def _leads(url: str, pages: set[str]) -> bool | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return None if "." in (parts.hostname or "") else False
    if parts.scheme or parts.netloc:
        return parts.scheme in ("mailto", "tel") and bool(parts.path)
    path = unquote(parts.path).rstrip("/")
    return _page(path, pages) if path else bool(parts.fragment)


def _page(path: str, pages: set[str]) -> bool | None:
    found = _HELP.fullmatch(path)
    if found is None:
        return None if path.startswith("/") else False  # the company's own site may stand there
    rest = found.group(2)
    return rest is None or rest.startswith(_LISTS[found.group(1)]) or path in pages
