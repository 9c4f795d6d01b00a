"""The page of the mitigation trials, from the button to the tables."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.bundled import open_bundled
from rai_dash.core.types import Roles
from rai_dash.trials.mitigating import methods
from rai_dash.trials.mitigating.results import Change, Trial
from rai_dash.ui import mitigating_words
from tests.app.conftest import Open, table_case, texts


def tried(at: AppTest, seconds: float = 110) -> AppTest:
    """Start all trials and wait for them."""
    at.button(key="mit_go").click()
    at.run()
    end = time.monotonic() + seconds
    while "Method by method" not in texts(at) and not at.error and time.monotonic() < end:
        time.sleep(0.5)
        at.run()
    return at


@pytest.fixture(scope="module")
def rows() -> tuple[str, str]:
    """A table whose group names are Markdown, with two groups that are approved at different rates."""
    rng = np.random.default_rng(2)
    evil = "![x](https://example.invalid/p.png)"
    lines = [f"y,{evil!r},a,b"]
    for _ in range(700):
        group = rng.integers(2)
        a, b = rng.normal(size=2)
        y = int(a + b + 0.8 * group + rng.normal() > 0.6)
        lines.append(f"{y},{(evil, '**m**')[group]},{a:.3f},{b:.3f}")
    return "\n".join(lines), repr(evil)


def test_nothing_is_trained_before_the_button_is_pressed(open_page: Open) -> None:
    words = texts(open_page("mitigation"))

    assert "Nothing is trained until then" in words
    assert "Method by method" not in words


def test_the_page_says_the_gap_the_cost_and_the_coin_and_survives_a_refresh(open_page: Open) -> None:
    case = open_bundled("story", "story.mitigation-page")
    at = tried(open_page("mitigation", case=case, data="living"))

    words = texts(at)
    assert not at.exception
    assert not at.error
    assert "Nobody signs a coin flip" in words
    assert "gap in equalized odds" in words
    assert words.count("For study only") == 3
    # The story's model has gender among its features: no method decides without it.
    assert words.count("reads the group: it is a column of the model") == 2
    assert "decides without the group" not in words
    for title in ("Reweighing", "CorrelationRemover", "ThresholdOptimizer", "ExponentiatedGradient"):
        assert title in words
    again = open_page("mitigation", case=case, data="living")
    assert "Method by method" in texts(again)


def test_where_the_gap_is_undefined_the_page_says_why_and_still_tells_who_moves(open_page: Open) -> None:
    """Only 20 favourable test rows, nearly all of men."""
    at = tried(open_page("mitigation", case=open_bundled("story", "story.mitigation-two")))

    words = texts(at)
    assert not at.exception
    assert "cannot be measured on these rows" in words
    assert any("Fewer than two groups" in str(e.value) for e in at.error)
    assert "newly refused" in words


def test_names_from_the_file_stay_text_and_the_tables_open(open_page: Open, rows: tuple[str, str]) -> None:
    csv, column = rows
    case = table_case(csv, Roles(target="y", favourable=("1",), sensitive=(column,), features=("a", "b")))

    at = tried(open_page("mitigation", case=case))

    words = texts(at)
    assert not at.exception
    assert "Method by method" in words
    assert "![" not in words
    assert "it is not your model" in words


def words_of(now: float | None = 0.04, **change: float | None) -> tuple[str, str]:
    """What is said about the gap and the accuracy of a change, from a gap of 10 points."""
    given: dict[str, Any] = {
        "accuracy": -0.02, "accuracy_low": -0.03, "accuracy_high": -0.01,
        "gap": -0.06, "gap_low": -0.1, "gap_high": -0.02,
    }  # fmt: skip
    judged: Any = SimpleNamespace(gap=SimpleNamespace(value=now))
    result: Any = SimpleNamespace(base=SimpleNamespace(gap=SimpleNamespace(value=0.1)))
    trial = Trial(method=methods.REWEIGHING, judged=judged, change=Change(**(given | change)))
    return mitigating_words._gap_words(result, trial), mitigating_words._accuracy_words(trial)


def test_what_is_said_follows_the_intervals() -> None:
    assert words_of() == (
        "narrows the gap from 10 points to 4 points",
        "costs 2 points of accuracy (1 point to 3 points)",
    )
    assert words_of(accuracy_high=0.01)[1] == "costs no accuracy that this sample can show"
    assert words_of(accuracy=0.02, accuracy_low=0.01, accuracy_high=0.03)[1] == "gains 2 points of accuracy"
    assert words_of(accuracy=None)[1] == "its accuracy is undefined"
    assert "may be chance (−10 points to +1 point)" in words_of(gap_high=0.01)[0]
    assert words_of(0.3, gap_low=0.1, gap_high=0.3)[0].startswith("**widens** the gap")
    assert words_of(gap_low=None, gap_high=None)[0].endswith("without an interval")
    assert words_of(None, gap=None)[0] == "has a gap that is undefined on these rows"


@pytest.mark.parametrize(
    ("share", "said"),
    [(1.0, " **It approves everybody.**"), (0.0, " **It approves nobody.**"), (0.97, ""), (None, "")],
)
def test_a_gap_that_is_closed_by_deciding_the_same_for_everybody_is_called_so(
    share: float | None, said: str
) -> None:
    everyone = SimpleNamespace(estimate=lambda _metric, _at: SimpleNamespace(value=share))
    judged: Any = SimpleNamespace(everyone=everyone)

    assert mitigating_words._all_alike(Trial(method=methods.OPTIMISER, judged=judged)) == said
