"""What search engines are told: which pages there are, in which languages, and which to leave alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web

from bot.help.catalogue import HOME, Catalogue
from bot.services import services_of
from bot.texts import LOCALES
from bot.web.help_frame import kept, urls_of
from bot.web.help_kept import Page, answer, finished

routes = web.RouteTableDef()
_MOST_PAGES = 50_000  # of one sitemap, by its protocol
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
)
_PRIVATE_PLACES = ("/api/", "/desk", "/studio", "/p/", "/demo/")


@routes.get("/robots.txt")
async def robots(request: web.Request) -> web.Response:
    """The help centre is for everybody; the rest is no page to find."""
    lines = ["User-agent: *", *(f"Disallow: {place}" for place in _PRIVATE_PLACES), "Allow: /"]
    lines += ["", f"Sitemap: {services_of(request).settings.public_url}/sitemap.xml", ""]
    return answer(request, finished("\n".join(lines), kind="text/plain"))


@routes.get("/sitemap.xml")
async def sitemap(request: web.Request) -> web.Response:
    """Every page of the help centre with its twins."""
    return await kept(request, "sitemap", partial(_sitemap, request))


async def _sitemap(request: web.Request, catalogue: Catalogue) -> Page:
    services = services_of(request)
    root, languages = services.settings.public_url, services.service.brand.languages
    rows: list[str] = []
    for twins in _pages(catalogue):
        spoken = {code: root + quote(url, safe="/") for code, url in twins.items() if code in languages}
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href={quoteattr(url)}/>' for code, url in spoken.items()
        )
        rows += [f"<url><loc>{escape(url)}</loc>{links if len(spoken) > 1 else ''}</url>\n" for url in spoken.values()]
    return finished(_HEAD + "".join(rows[:_MOST_PAGES]) + "</urlset>\n", kind="application/xml")


def _pages(catalogue: Catalogue) -> Iterator[Mapping[str, str]]:
    yield HOME
    topics: dict[str, dict[str, str]] = {}
    for code in LOCALES:
        for topic in catalogue.topics(code):
            topics.setdefault(topic.key, {})[code] = topic.url
    yield from topics.values()
    for article_id in dict.fromkeys(entry.article_id for entry in catalogue.entries):
        yield urls_of(catalogue, next(iter(catalogue.versions(article_id).values())))
