"""Where Markdown names its pictures, and where it does not."""

from __future__ import annotations

import pytest

from bot.studio.picture_places import moved


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("![a](b.png)", ["b.png"]),
        ('![a [b] c](<b c.png> "t")', ["b c.png"]),
        ("![a\nb](b_(1).png 'x') ![](c.png)", ["b_(1).png", "c.png"]),
        ("[a](b.png) \\[x](y.png)", []),
        ("[a]: b.PNG\n[c]: d.html", ["b.PNG"]),
        ("```\n![a](b.png)\n```\n![c](d.png)", ["d.png"]),
        ("~~~ md\n![a](b.png)", []),
        ("![" * 200_000, []),
        ("![a](" * 100_000, []),
        ("```\n" * 100_001, []),
    ],
    ids=["one", "alt", "parentheses", "link", "definition", "fence", "open fence", "alts", "addresses", "fences"],
)
def test_where_markdown_names_its_pictures(text: str, found: list[str]) -> None:
    seen: list[str] = []
    assert moved(text, lambda address, _: seen.append(address)) == text
    assert seen == found
