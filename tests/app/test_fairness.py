"""The Fairness page: every view of it, on the story, on many groups and on one column."""

from __future__ import annotations

import numpy as np
import pytest

from pages.fairness import LENSES
from rai_dash.bundled import open_bundled
from rai_dash.core.types import Roles
from tests.app.conftest import Open, table_case, texts

TWO = Roles(target="y", favourable=("1",), sensitive=("g", "h"), score="s")
ONE = Roles(target="y", favourable=("1",), sensitive=("g",), score="s")


def _rows(n: int = 600, *, groups: int = 2, lower: str = "") -> str:
    """Rows whose scores are alike in all groups, but for one whose good applicants mostly score low."""
    rng = np.random.default_rng(7)
    lines = ["y,g,h,s,income"]
    for i in range(n):
        g, h, y = f"g{i % groups}", f"h{(i // groups) % 2}", (i // (2 * groups)) % 2
        score = rng.uniform(0.4, 1.0) if y else rng.uniform(0.0, 0.6)
        if f"{g}{h}" == lower:
            score = score * 0.4
        lines.append(f"{y},{g},{h},{score:.4f},{i % 3}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("lens", LENSES)
def test_every_view_of_the_story_opens(lens: str, open_page: Open) -> None:
    at = open_page("fairness", case=open_bundled("story", "story.views"), lens=lens)

    assert not at.exception
    assert not at.error
    assert any(pill.value == lens for pill in at.button_group if pill.label == "View")


@pytest.mark.parametrize("lens", LENSES)
def test_no_view_breaks_with_one_sensitive_column_or_sixty_groups(lens: str, open_page: Open) -> None:
    for case in (table_case(_rows(), ONE), table_case(_rows(1_200, groups=60), TWO)):
        at = open_page("fairness", case=case, lens=lens)

        assert not at.exception
        assert "Something went wrong" not in texts(at)


def test_nonsense_in_the_address_opens_the_first_view(open_page: Open) -> None:
    query = {
        "lens": "../../etc",
        "metric": "no_such",
        "shown": "auc,,recall",
        "tolerance": "-7",
        "within": "<b>",
    }
    at = open_page("fairness", case=open_bundled("story", "story.views"), **query)

    assert not at.exception
    assert any(pill.value == "groups" for pill in at.button_group if pill.label == "View")


def test_an_intersection_that_is_treated_worse_is_named_first(open_page: Open) -> None:
    at = open_page("fairness", case=table_case(_rows(2_000, lower="g1h0"), TWO), lens="crossing")

    assert "Shown to lie below everybody else: **g1 × h0**" in texts(at)


def test_without_a_disparity_no_intersection_is_named(open_page: Open) -> None:
    at = open_page("fairness", case=table_case(_rows(400), TWO), lens="crossing")

    assert "No intersection is shown to differ" in texts(at)


def test_the_finding_follows_the_metric(open_page: Open) -> None:
    at = open_page("fairness", case=open_bundled("story", "story.views"), data="living", metric="fnr")

    # Women and men whom the first model wrongly refuses.
    assert "247 of 250" in texts(at)
    assert "216 of 250" in texts(at)


def test_like_with_like_says_what_is_left_of_a_gap(open_page: Open) -> None:
    # In each half of h the groups are treated alike, but g1 is mostly in the half that is treated worse.
    rows = ["y,g,h,s"]
    for g, h, n, good in (
        ("g0", "a", 300, 240),
        ("g1", "a", 100, 80),
        ("g0", "b", 100, 30),
        ("g1", "b", 300, 90),
    ):
        rows += [f"1,{g},{h},0.9"] * good + [f"1,{g},{h},0.1"] * (n - good)
    case = table_case("\n".join(rows) + "\n", ONE)

    at = open_page("fairness", case=case, lens="within", within="h")

    words = texts(at)
    assert "**g0** lies 25 points above everybody else; among people alike in h it is 0 points" in words
    assert "With it held fixed no difference is shown" in words
