"""FAQ pages in HTML: as search engines read them, and as people do."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.content import importing

LINKED = """<!doctype html><html lang="fr-FR"><head><script type="application/ld+json">
{"@graph": [{"@type": "WebPage"}, {"@type": ["FAQPage"], "mainEntity": [
{"@type": "Question", "name": "Puis-je payer en 3 fois&nbsp;?", "acceptedAnswer": {"@type": "Answer", "text":
"<p>Oui, <b>sans frais</b>.<ul><li>Carte<li>Virement<ul><li>SEPA</ul></ul><script>alert(1)<\\/script>"}},
{"@type": "Question", "name": "Et sans réponse ?", "acceptedAnswer": {"@type": "Answer", "text": ""}}]}]}
</script></head><body><h2>Autre chose ?</h2><p>Non lu.</body></html>"""
MICRODATA = """<html lang=en><div itemscope itemtype="https://schema.org/FAQPage">
<div itemprop="mainEntity" itemscope itemtype="https://schema.org/Question">
<h3 itemprop="name">Can I <em>return</em> it?</h3>
<div itemprop="acceptedAnswer" itemscope itemtype="https://schema.org/Answer"><div itemprop="text">Within 30 days.<br>
See <a href="https://shop.test/r_(x)">here</a>, not <a href="javascript:x()">there</a>.
<table><tr><th>a<td>b<tr><td>1<td>2</table></div></div></div>"""
HEADINGS = """<body><nav><h2>Menu ?</h2><p>Non.</nav><main><h1>Questions</h1><p>Bonjour.<h2>Livraison</h2>
<h3>Quand suis-je livré ?</h3><p>Sous 3 jours.<h4>En Corse</h4><p>Cinq jours, 1 &lt; 2 * 3.
<h2>Montage</h2><details><summary>Faut-il une clé ?</summary>Non.</details></main>
<footer><h3>Contact ?</h3>Non.</footer>"""
PLAIN = "<h1>Aide</h1><h2>Horaires</h2>De 9 h à 19 h.<dl><dt>Adresse<dd>1, rue Bleue<dt>Parking<dd># 3 places</dl>"


def read(tmp_path: Path, page: str) -> tuple[list[tuple[str, str, str]], list[tuple[int, str]]]:
    """(locale, title, body) of each article, and (line, code) of each problem."""
    source = tmp_path / "faq.html"
    source.write_text(page, "utf-8")
    found = importing.read(source, topic="orders")
    articles = [entry.article for entry in found.entries.values()]
    assert all(article.answer for article in articles)
    told = [(problem.line, getattr(problem.message, "code", "")) for problem in found.problems]
    return [(one.locale, one.title, one.body) for one in articles], told


def test_a_page_that_says_it_is_a_faq_is_read_as_it_says(tmp_path: Path) -> None:
    body = "Oui, **sans frais**.\n\n- Carte\n- Virement\n  - SEPA"
    assert read(tmp_path, LINKED) == ([("fr", "Puis-je payer en 3 fois ?", body)], [(5, "no_answer")])
    body = (
        "Within 30 days.\\\nSee [here](https://shop.test/r_%28x%29), not there.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"
    )
    assert read(tmp_path, MICRODATA) == ([("en", "Can I return it?", body)], [])


def test_headings_that_ask_are_questions_and_without_any_each_is_one(tmp_path: Path) -> None:
    body = "Sous 3 jours.\n\n### En Corse\n\nCinq jours, 1 \\< 2 \\* 3."
    asked = [("fr", "Quand suis-je livré ?", body), ("fr", "Faut-il une clé ?", "Non.")]
    assert read(tmp_path, HEADINGS) == (asked, [])
    plain = [("Horaires", "De 9 h à 19 h."), ("Adresse", "1, rue Bleue"), ("Parking", "\\# 3 places")]
    assert read(tmp_path, PLAIN) == ([("fr", *one) for one in plain], [])


def test_a_page_without_questions_and_one_without_an_end_are_told(tmp_path: Path) -> None:
    assert read(tmp_path, "<p>Bonjour") == ([], [(1, "nothing_found")])
    articles, told = read(tmp_path, "<div>" * 5_000 + "<h2>Qui ?</h2>Nous." + "<b>" * 5_000)
    assert ([one[1] for one in articles], told) == (["Qui ?"], [])


@pytest.mark.parametrize(
    "inside",
    [f"<pre>a{' ' * 50_000}b</pre>", f"a{'<br>' * 50_000}b", "<a " * 20_000],
    ids=["spaces", "lines", "never ends"],
)
def test_a_page_that_repeats_itself_is_read_in_the_time_that_its_length_takes(tmp_path: Path, inside: str) -> None:
    # Looked at anew from each place of the run, it would be minutes in which no question is answered.
    found, problems = read(tmp_path, f"<h2>Quand ?</h2><p>Demain.{inside}")
    assert [title for _, title, _ in found] == ["Quand ?"]
    assert found[0][2].startswith("Demain.")
    assert problems == []
