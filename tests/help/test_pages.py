"""Pages of the help centre: what they hold, where they lead, how they are kept."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from bot.web.markdown import prose_of
from service import Service
from tests.bot.neighbours import ARTICLE
from tests.help.conftest import ARTICLES, Answer, Centre, Door

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
PARCEL = "/aide/suivre-mon-colis"


def told(page: Answer) -> dict[str, dict[str, Any]]:
    """The page's structured data by type; the policy must let it stand."""
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    return {part["@type"]: part for part in json.loads(script)["@graph"]}


def links(page: Answer) -> set[str]:
    return set(re.findall(r'href="(/(?:aide|help)[^"]*)"', page.text))


async def test_the_home_page_has_search_and_topics_in_each_language(centre: Centre) -> None:
    french = await centre.get("/aide")
    assert french.status == 200
    assert {"/aide/theme/livraison", "/aide/theme/paiement", "/aide/theme/autres-questions", PARCEL} <= links(french)
    assert 'role="search"' in french.text
    assert '<html lang="fr">' in french.text
    assert 'hreflang="en" href="https://aide.test/help"' in french.text
    assert told(french)["WebSite"]["potentialAction"]["target"]["urlTemplate"].startswith("https://aide.test/aide?q=")
    english = await centre.get("/help")
    assert "/help/topic/delivery" in links(english)
    assert "/help/topic/payment" not in links(english), "a topic without an article has no page"


async def test_what_the_chat_shows_most_stands_on_the_home_page(centre: Centre) -> None:
    assert "Les questions les plus posées" not in (await centre.get("/aide")).text
    customer = await centre.bot.customer()
    shown = itertools.cycle(["gift-card", "delivery-costs", "track-my-parcel", "only-english", "gone"])
    centre.bot.neighbours.replies = lambda _: [{"custom": {"answer": ARTICLE | {"article_id": next(shown)}}}]
    for number in range(5):
        await customer.ask(f"question {number}")
    centre.bot.clock.forward(700)
    page = await centre.get("/aide")
    assert "Les questions les plus posées" in page.text
    (part,) = re.findall(r'<section class="help-popular".*?</section>', page.text, re.DOTALL)
    assert set(re.findall(r'href="([^"]+)"', part)) == {"/aide/carte-cadeau", "/aide/frais-de-port", PARCEL}


async def test_a_topic_lists_its_articles_and_leads_to_its_twin(centre: Centre) -> None:
    page = await centre.get("/aide/theme/livraison")
    assert {PARCEL, "/aide/frais-de-port", "/help/topic/delivery"} <= links(page)
    questions = told(page)["FAQPage"]["mainEntity"]
    assert questions[0]["acceptedAnswer"]["text"].startswith("La livraison coûte")
    for path in ("/aide/theme/delivery", "/aide/topic/livraison", "/aide/theme/livraison/"):
        assert (await centre.get(path)).headers["Location"] == "/aide/theme/livraison", path
    assert (await centre.get("/aide/theme/livraison?page=9")).headers["Location"] == "/aide/theme/livraison"
    assert (await centre.get("/aide/theme/livraison?page=²")).status == 302
    assert (await centre.get("/aide/theme/astronomie")).status == 404


async def test_an_article_is_read_without_a_script(centre: Centre) -> None:
    page = await centre.get(PARCEL)
    assert page.status == 200
    assert "Le lien de suivi est dans l’e-mail d’expédition." in page.text
    assert '<h2 id="s-le-lien">' in page.text
    assert '<h2 id="s-le-lien-2">' in page.text
    assert '<h2 id="s-un-titre-trop-grand">' in page.text
    assert "<script>alert" not in page.text
    assert "javascript:alert" not in re.sub(r"\[ici\]\([^)]*\)", "", page.text)
    assert 'rel="noopener noreferrer"' in page.text
    assert "/aide/frais-de-port" in links(page), "the related one"
    assert "/help/track-my-parcel" in links(page), "the twin"
    assert '<link rel="canonical" href="https://aide.test/aide/suivre-mon-colis">' in page.text
    assert "Cet article vous a-t-il aidé" in page.text
    found = told(page)
    assert found["FAQPage"]["mainEntity"][0]["name"] == "Comment suivre mon colis\u202f?"
    names = [step["name"] for step in found["BreadcrumbList"]["itemListElement"]]
    assert names == ["Centre d’aide", "Livraison", "Comment suivre mon colis\u202f?"]


def test_the_empty_corner_of_a_table_is_no_heading() -> None:
    html = prose_of("|  | In a shop |\n|---|---|\n| Cost | free |").html
    assert "<td></td>" in html
    assert "<th>In a shop</th>" in html
    assert "<th></th>" not in html


async def test_what_a_writer_writes_cannot_end_the_structured_data(centre: Centre) -> None:
    page = await centre.get("/aide/carte-cadeau")
    assert told(page)["FAQPage"]["mainEntity"][0]["acceptedAnswer"]["text"].endswith("alert(2)</script>")
    assert "<script>alert(2)" not in page.text


async def test_the_language_switch_leads_somewhere_helpful(centre: Centre) -> None:
    alone = await centre.get("/help/only-in-english")
    assert "/aide/theme/livraison?untranslated=1" in links(alone)
    instead = await centre.get("/aide/theme/livraison?untranslated=1")
    assert "n’existe pas encore en français" in instead.text
    assert '<link rel="canonical" href="https://aide.test/aide/theme/livraison">' in instead.text
    without_topic_there = await centre.get("/aide/carte-cadeau")
    assert 'class="help-language" href="/help"' in without_topic_there.text


async def test_addresses_that_are_nearly_right_lead_to_the_article(centre: Centre) -> None:
    for path in ("/aide/track-my-parcel", "/aide/Suivre-Mon-Colis", "/aide/suivre-mon-colis/"):
        moved = await centre.get(path)
        assert moved.headers.get("Location") == PARCEL, path
    assert (await centre.get("/aide/")).headers["Location"] == "/aide"


async def test_a_page_that_is_not_there_helps(centre: Centre) -> None:
    page = await centre.get("/aide/vieux-lien-colis-perdu")
    assert page.status == 404
    assert PARCEL in links(page)
    assert 'value="vieux lien colis perdu"' in page.text
    assert 'content="noindex"' in page.text
    elsewhere = await centre.get("/aide/only-in-english")
    assert elsewhere.status == 404
    assert "/help/only-in-english" in links(elsewhere), "there is one in the other language"


async def test_odd_addresses_are_no_failure(centre: Centre, door: Door) -> None:
    await centre.get("/aide")
    door.asked.clear()
    odd = ("a/b/c", "%2e%2e%2fetc%2fpasswd", "..%5c..%5c", "%00", "%ff%fe", "%3Cscript%3E", "x" * 5000, "%F0%9F%90%8C")
    for tail in odd:
        page = await centre.get(f"/aide/{tail}")
        assert page.status in (400, 404), tail
        assert "<script>" not in page.text
    assert not [call for call in door.asked if "by-slug" in call], "nothing unknown is asked for"
    assert (await centre.get("/deutsch/artikel")).status == 404


async def test_a_page_has_a_tag_and_is_sent_once(centre: Centre) -> None:
    for path in ("/aide", "/aide/theme/livraison", PARCEL, "/sitemap.xml", "/robots.txt"):
        first = await centre.get(path)
        assert first.status == 200
        assert "must-revalidate" in first.headers["Cache-Control"]
        again = await centre.get(path, If_None_Match=first.headers["ETag"])
        assert (again.status, again.text) == (304, ""), path
        assert again.headers["ETag"] == first.headers["ETag"]
        assert (await centre.get(path, If_None_Match='W/"another"')).status == 200
    plain = await centre.get(PARCEL, Accept_Encoding="identity")
    assert "Content-Encoding" not in plain.headers
    packed = await centre.get(PARCEL, Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.text == plain.text


async def test_what_is_published_is_seen_at_once(centre: Centre, articles: Path) -> None:
    file = articles / "fr" / "frais-de-port.md"
    before = await centre.get("/aide/frais-de-port")
    assert "4,90" in before.text
    try:
        file.write_text("---\n" + ARTICLES["fr/frais-de-port"].replace("4,90", "5,20"), "utf-8")
        async with asyncio.timeout(30):
            while "5,20" not in (await centre.get("/aide/frais-de-port")).text:
                await asyncio.sleep(0.1)
        after = await centre.get("/aide/frais-de-port", If_None_Match=before.headers["ETag"])
        assert after.status == 200
    finally:
        file.write_text("---\n" + ARTICLES["fr/frais-de-port"], "utf-8")
        async with asyncio.timeout(30):
            while "4,90" not in (await centre.get("/aide/frais-de-port")).text:
                await asyncio.sleep(0.1)


async def test_without_the_knowledge_base_what_was_read_is_still_served(centre: Centre, door: Door) -> None:
    seen = await centre.get(PARCEL)
    door.is_shut = True
    again = await centre.get(PARCEL)
    assert (again.status, again.text) == (200, seen.text)
    assert (await centre.get("/aide")).status == 200
    assert (await centre.get("/sitemap.xml")).status == 200
    unread = await centre.get("/aide/carte-cadeau")
    assert unread.status == 503
    assert "Deux ans." in unread.text, "the short answer is known"
    assert "Réessayez dans quelques minutes" in unread.text
    door.is_shut = False
    assert (await centre.get("/aide/carte-cadeau")).status == 200


async def test_a_start_without_the_knowledge_base_says_so(make_bot: Any, door: Door) -> None:
    door.is_shut = True
    centre = Centre(await make_bot(knowledge_base_url=door.url))
    for path in ("/aide", PARCEL, "/help/topic/delivery", "/aide?q=colis"):
        page = await centre.get(path)
        assert (page.status, page.headers["Retry-After"]) == (503, "30"), path
        assert "<h1>" in page.text
    assert "ne répond pas" in (await centre.get("/aide")).text
    assert (await centre.get("/sitemap.xml")).status == 503
    assert (await centre.get("/robots.txt")).status == 200


async def test_with_no_article_yet_pages_say_so(make_bot: Any, door: Door) -> None:
    door.is_empty = True
    centre = Centre(await make_bot(knowledge_base_url=door.url))
    home = await centre.get("/aide")
    assert home.status == 200
    assert "Les articles arrivent bientôt" in home.text
    assert (await centre.get("/help/topic/delivery")).status == 404
    assert (await centre.get("/sitemap.xml")).text.count("<loc>") == 2


async def test_a_company_of_one_language_has_one_help_centre(make_bot: Any, door: Door, company: Service) -> None:
    brand = company.brand.model_copy(update={"languages": ("fr",)})
    rules = company.model_copy(update={"brand": brand})
    centre = Centre(await make_bot(knowledge_base_url=door.url, rules=rules))
    for path in ("/help", "/help/track-my-parcel", "/help?q=parcel", "/help/a/b"):
        assert (await centre.get(path)).headers["Location"] == "/aide", path
    page = await centre.get(PARCEL)
    assert "hreflang" not in page.text
    assert 'class="help-language"' not in page.text
    assert "/help/" not in (await centre.get("/sitemap.xml")).text
    assert (await centre.get("/", Accept_Language="en")).headers["Location"] == "/aide"
    assert 'href="/help' not in (await centre.get("/aide/only-in-english")).text


async def test_the_sitemap_names_every_page_with_its_twin(centre: Centre) -> None:
    root = ET.fromstring((await centre.get("/sitemap.xml")).text)  # noqa: S314 - our own
    twins = {
        page.findtext(f"{SITEMAP}loc"): {link.get("hreflang"): link.get("href") for link in page if link.get("href")}
        for page in root
    }
    assert twins["https://aide.test/aide/suivre-mon-colis"] == {
        "fr": "https://aide.test/aide/suivre-mon-colis",
        "en": "https://aide.test/help/track-my-parcel",
    }
    assert twins["https://aide.test/help/only-in-english"] == {}
    assert twins["https://aide.test/aide/theme/livraison"]["en"] == "https://aide.test/help/topic/delivery"
    assert len(twins) == 2 + len(ARTICLES) + 4
    for address in twins:
        assert address
        assert (await centre.get(address.removeprefix("https://aide.test"))).status == 200, address
    robots = await centre.get("/robots.txt")
    assert "Sitemap: https://aide.test/sitemap.xml" in robots.text
    assert "Disallow: /desk" in robots.text


async def test_every_page_of_an_article_brings_the_chat_which_tells_what_is_read(centre: Centre) -> None:
    page = await centre.get(PARCEL)
    assert 'src="/widget/relais.js" data-locale="fr"' in page.text
    seen = {"url": f"{centre.url}{PARCEL}", "title": "Comment suivre mon colis ?"}
    customer = await centre.bot.customer(locale="fr", page=seen)
    desk = await centre.bot.desk("claire")
    await customer.post("handoff", {})
    handoff = (await desk.queue())[0]["handoff_id"]
    _, found = await desk.call("GET", f"handoffs/{handoff}")
    assert found["context"]["why"]["page"] == seen
