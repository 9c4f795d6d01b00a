"""The documents as a site: built strictly, fetching nothing, drawn as they were meant."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from scripts import docs_hooks
from tests.docs_site import build


class Fetched(HTMLParser):
    """What a page fetches by itself, pictures without words, and lists that were taken for text."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.mute: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"script", "img", "iframe", "source", "video", "audio", "embed"} and given.get("src"):
            self.fetched.append(given["src"] or "")
        if tag == "link" and given.get("rel") not in {"canonical", "next", "prev"}:
            self.fetched.append(given.get("href") or "")
        if tag == "img" and not given.get("alt") and "md-logo" not in str(given):
            self.mute.append(given.get("src") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return build(tmp_path_factory.mktemp("site"))


def test_the_site_fetches_nothing_from_elsewhere(site):
    for path in site.rglob("*.html"):
        seen = Fetched()
        seen.feed(path.read_text(encoding="utf-8"))
        assert [a for a in seen.fetched if re.match(r"[a-z]+:|//", a)] == [], path.name
    for path in site.rglob("*.css"):
        addresses = re.findall(r"url\(\s*[\"']?([^)\"']+)|@import\s+[\"']([^\"']+)", path.read_text("utf-8"))
        assert [a for found in addresses for a in found if a and re.match(r"(?!data:)[a-z]+:|//", a)] == []


def test_pictures_of_the_site_have_words_and_formulas_are_drawn(site):
    formulas = (site / "formulas.html").read_text(encoding="utf-8")
    text = re.sub(r"<(script|style|code|pre)\b.*?</\1>", "", formulas, flags=re.DOTALL)

    for path in site.rglob("*.html"):
        seen = Fetched()
        seen.feed(path.read_text(encoding="utf-8"))
        assert seen.mute == [], path.name
    assert formulas.count("<math") > 100
    assert ("$" in text, "merror" in text) == (False, False)


def test_no_list_of_the_site_is_taken_for_text(site):
    """Markdown wants a blank line before a list, and four blanks before what belongs to an entry."""
    for path in site.rglob("*.html"):
        paragraphs = re.findall(r"<p>(.*?)</p>", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert [p for p in paragraphs if re.search(r"^\s*(?:[-*]|\d+\.) ", p, re.MULTILINE)] == [], path.name


# --- formulas ---


@pytest.mark.parametrize("text", ["`$x$`", "```\nD=$(date) $HOME\n```", "It costs $5 and $6.", r"\$x\$"])
def test_a_dollar_that_is_a_dollar_stays_one(text):
    assert docs_hooks.mathml(text) == text


def test_a_formula_in_a_line_is_drawn_and_breaks_no_table():
    drawn = docs_hooks.mathml(r"| a | $\lvert TP_i \rvert \mid x*y$ | b |")

    assert drawn.count("|") == 4
    assert "<math" in drawn
    assert ("*" in drawn, "_" in drawn, "$" in drawn) == (False, False, False)
    assert "<mtext>TP</mtext>" in drawn


def test_a_formula_of_several_lines_is_a_block():
    drawn = docs_hooks.mathml("before\n\n$$\n\\frac{a}{b}\n$$\n\nafter")

    assert drawn.startswith('before\n\n<div class="formula"><math')
    assert 'display="block"' in drawn
    assert drawn.endswith("</math></div>\n\nafter")


def test_pictures_have_a_twin_for_the_dark():
    text = docs_hooks.in_both_themes("![One](a/b-light.png) ![Two](c.png)")

    light = "[![One](a/b-light.png#only-light)](a/b-light.png)"
    dark = "[![One](a/b-dark.png#only-dark)](a/b-dark.png)"
    assert text == f"{light} {dark} ![Two](c.png)"
