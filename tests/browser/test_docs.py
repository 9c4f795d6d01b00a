"""The documents in a browser: opened from a disk, without a server and without a network."""

from __future__ import annotations

import pytest

from tests.browser.axe import findings
from tests.docs_site import build


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return build(tmp_path_factory.mktemp("site"))


def test_a_site_on_a_disk_is_searched_and_drawn_without_a_network(site, context):
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto((site / "formulas.html").as_uri())
    page.get_by_role("textbox", name="Search").click()
    page.keyboard.type("Newcombe")
    page.get_by_role("link", name="Newcombe (1998, method 10)").first.wait_for()

    # A fraction is taller than a line: the browser draws it, and does not write its parts one after the other.
    height = "() => document.querySelector('div.formula mfrac').getBoundingClientRect().height"
    assert page.evaluate(height) > 25
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["index", "formulas", "cli", "warnings", "comparison", "pages/fairness"])
def test_no_page_is_wider_than_the_window(site, context, name, width):
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})

    page.goto((site / f"{name}.html").as_uri())

    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["formulas", "deployment", "pages/fairness"])
def test_axe_finds_nothing_in_the_documents(site, context, name, theme):
    page = context.new_page()
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")

    page.goto((site / f"{name}.html").as_uri())
    page.wait_for_load_state("load")

    assert findings(page) == []
