"""Every page in a language that nobody speaks: what is not disguised is not in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rai_dash.audit import audit
from rai_dash.core.pseudo import PSEUDO, pseudo
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import spoken
from rai_dash.core.types import ReviewBand, Roles
from rai_dash.data.read import read_dataset
from tests.app.conftest import Open, texts
from tests.app.pseudo import data_words, untold, visible

PAGES = sorted(p.stem for p in (Path(__file__).parents[2] / "pages").glob("*.py"))


@pytest.fixture
def in_disguise(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let everybody get the pseudo-locale."""
    monkeypatch.setenv("RAI_DASH_LANGUAGE", PSEUDO)
    get_settings.cache_clear()
    # AppTest writes the options of a select box in the thread of the test.
    with spoken(PSEUDO):
        yield
    monkeypatch.undo()
    get_settings.cache_clear()


def test_an_audit_is_the_same_file_whoever_asks_for_it() -> None:
    csv = "y,g,s,w\n" + "1,a,0.4,?\n0,b,0.8,x\n1,b,0.9,x\n0,a,0.2,\n1,a,0.7,x\n" * 30
    roles = Roles(target="y", favourable=("1",), sensitive=("g",), score="s")

    def made() -> str:
        dataset = read_dataset(csv.encode(), roles, name="table.csv")
        return audit(dataset, dataset.frame["s"].to_numpy(), band=ReviewBand(0.3, 0.5, 0.8)).to_json()

    english = made()
    with spoken(PSEUDO):
        disguised = made()
    with spoken("en-ZA"):
        elsewhere = made()

    assert "⟦" in pseudo(english)
    assert disguised == english
    assert elsewhere == english


def test_the_language_is_in_the_address_and_for_this_session_alone(open_page: Open) -> None:
    at = open_page("performance", lang="en-IN")
    other = open_page("performance")

    assert "99.1%" in texts(at)
    assert "99.1 %" not in texts(at)
    assert "99.1 %" in texts(other)
    at.selectbox(key="pick_lang").set_value("en-ZA").run()
    assert at.query_params["lang"] == "en-ZA"
    assert "99,1%" in texts(at)


def test_the_pseudo_locale_is_offered_only_where_it_is_switched_on(open_page: Open) -> None:
    at = open_page("start", lang=PSEUDO)

    assert "⟦" not in texts(at)
    assert len(at.selectbox(key="pick_lang").options) == 3


@pytest.mark.parametrize("page", PAGES)
def test_every_word_of_a_page_is_said_through_the_catalogue(
    page: str, open_page: Open, in_disguise: None
) -> None:
    at = open_page(page)
    known = data_words("story")

    left = {(where, text): found for where, text in visible(at) if (found := untold(text, known))}

    assert not at.exception
    assert not left, "\n".join(
        f"{where}: {found!r} of {text[:300]!r}" for (where, text), found in left.items()
    )
