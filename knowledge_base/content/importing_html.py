"""Questions and answers of an HTML page: schema.org FAQPage (JSON-LD or microdata), else headings and what follows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from knowledge_base.content.html_nodes import Node, markdown, parse

Row = tuple[int, dict[str, Any] | str]
_QUESTION = re.compile(r"schema\.org/Question\b", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)} | {"summary": 7, "dt": 7}
# What stands around the content of a page, and what nobody reads there.
_AROUND = ("nav", "header", "footer", "aside", "form", "head")


def rows(text: str) -> Iterator[Row]:
    """(line, fields) pairs: `title`, `questions`, `body`, and `locale` when the page says it; or what is wrong."""
    page = parse(text)
    html = page.first(lambda node: node.tag == "html")
    language = (html.attributes.get("lang", "") if html else "")[:2].lower()
    said = {"locale": language} if re.fullmatch("[a-z]{2}", language) else {}
    found = list(_linked_data(page)) or list(_microdata(page)) or list(_headings(page))
    for line, question, body in found:
        title = " ".join(question.split())
        yield line, said | {"title": title, "questions": [title] if title else [], "body": body}


def _linked_data(page: Node) -> Iterator[tuple[int, str, str]]:
    for script in page.all(lambda node: node.tag == "script"):
        if "ld+json" not in script.attributes.get("type", "").lower():
            continue
        try:
            data = json.loads(script.raw, strict=False)
        except (json.JSONDecodeError, RecursionError):
            continue  # other data of the page, or none: the headings are read
        for question in _questions_in(data):
            name = _text_in(question.get("name") or question.get("text"))
            answers = question.get("acceptedAnswer") or question.get("suggestedAnswer") or {}
            answer = answers[0] if isinstance(answers, list) and answers else answers
            told = _text_in(answer.get("text")) if isinstance(answer, dict) else _text_in(answer)
            yield script.line + _lines_before(script.raw, name), parse(name).text(), markdown(parse(told))


def _questions_in(data: Any) -> Iterator[dict[str, Any]]:
    """Every Question of every FAQPage, wherever it stands."""
    todo = [(data, False)]
    while todo:
        value, inside = todo.pop()
        if isinstance(value, list):
            todo += [(each, inside) for each in reversed(value)]
        elif isinstance(value, dict):
            kinds = value.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if inside and "Question" in kinds:
                yield value
                continue
            within = inside or "FAQPage" in kinds
            todo += [(each, within) for each in reversed(value.values()) if isinstance(each, list | dict)]


def _text_in(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _lines_before(raw: str, name: str) -> int:
    at = max(raw.find(json.dumps(name, ensure_ascii=False)), raw.find(json.dumps(name)), 0)
    return raw.count("\n", 0, at)


def _microdata(page: Node) -> Iterator[tuple[int, str, str]]:
    for item in page.all(lambda node: bool(_QUESTION.search(node.attributes.get("itemtype", "")))):
        name = item.first(lambda node: _property(node, "name"))
        answer = item.first(lambda node: _property(node, "acceptedAnswer") or _property(node, "suggestedAnswer"))
        text = answer.first(lambda node: _property(node, "text")) if answer else None
        body = markdown(text or answer) if answer else ""
        yield item.line, name.text() if name else "", body


def _property(node: Node, name: str) -> bool:
    return name in node.attributes.get("itemprop", "").split()


def _headings(page: Node) -> Iterator[tuple[int, str, str]]:
    """A heading that asks is a question, what lower ones beneath it tell is part of the answer.

    Where none asks, each heading with something of its own beneath it is one.
    """
    main = page.first(lambda node: node.tag in ("main", "article") and node.first(_is_heading) is not None)
    parts = list(_parts(main or page))
    some_ask = any(_asks(part) for part in parts)
    heading: Node | None = None
    body: list[Node | str] = []
    for part in [*parts, None]:
        if part is not None and not _begins(part, heading, some_ask):
            body.append(part)
            continue
        told = markdown(Node("div", children=body))
        if heading is not None and (_asks(heading) or (told and not some_ask)):
            yield heading.line, heading.text(), told
        heading, body = part if isinstance(part, Node) else None, []


def _begins(part: Node | str, heading: Node | None, some_ask: bool) -> bool:
    """Whether what belongs to `heading` ends before this."""
    if isinstance(part, str) or not _is_heading(part):
        return False
    within = heading is not None and _asks(heading) and _HEADINGS[part.tag] > _HEADINGS[heading.tag]
    return _asks(part) or not (some_ask and within)


def _parts(node: Node) -> Iterator[Node | str]:
    """The content in order, opened up wherever a heading stands within."""
    for child in node.children:
        if isinstance(child, str):
            yield child
        elif child.tag in _AROUND:
            continue
        elif not _is_heading(child) and child.first(_is_heading) is not None:
            yield from _parts(child)
        else:
            yield child


def _is_heading(node: Node) -> bool:
    return node.tag in _HEADINGS


def _asks(part: Node | str) -> bool:
    return isinstance(part, Node) and _is_heading(part) and part.text().rstrip().endswith("?")
