"""What is said about how steady an explanation is, from hand-made results."""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.core.types import Estimate, Explanation
from rai_dash.explain.baselines import BaselineKind
from rai_dash.explain.one_stability import OneStability
from rai_dash.explain.steadiness import Against, Steadiness
from rai_dash.ui.deciding.steady_words import finding, is_shaky, sensitive_among

KINDS = (BaselineKind.POPULATION, BaselineKind.APPROVED, BaselineKind.JUST_APPROVED)
OWN = ("a", "b", "c", "d")


def share(hits: int, of: int = 200) -> Estimate:
    return Estimate(hits / of, 0.1, 0.2, hits, of)


def noise(own=OWN, among=None, same=180, towards=-1) -> OneStability:
    among = dict.fromkeys(own, 200) if among is None else among
    return OneStability(
        eps=0.05, copies=200, k=4, towards=towards, names=(*own, "e"), own=own,
        among={name: share(hits) for name, hits in among.items()},
        same_set=share(same), same_first=share(190), flip=share(10),
        values=np.zeros(5), low=np.zeros(5), high=np.zeros(5),
    )  # fmt: skip


def against(*lists: tuple[str, ...], people: tuple[int, ...] = (900, 300, 40)) -> tuple[Against, ...]:
    shap = Explanation(
        row=0, space="log-odds", base=0.0, values={}, output=0.0, method="m", background_rows=1, additivity_error=0.0,
        exact=True,
    )  # fmt: skip
    return tuple(
        Against(kind=kind, people=n, shap=shap if n else None, reasons=one)
        for kind, n, one in zip(KINDS, people, lists, strict=True)
    )


@pytest.mark.parametrize(
    ("second", "third", "words"),
    [
        (("d", "c", "b", "a"), OWN, "All four reasons hold under all three comparisons."),
        (("b", "a", "x", "y"), OWN, "The first two reasons hold under all three comparisons."),
        (("x", "a"), ("a", "b"), "The first reason holds under all three comparisons."),
        (("x", "c", "b"), OWN, "Of the four reasons only **b** and **c** hold under all three comparisons."),
        (("x", "y"), OWN, "None of the four reasons holds under all three comparisons."),
    ],
)
def test_what_holds_under_all_comparisons_comes_first(second, third, words):
    text = finding(Steadiness(noise=noise(), against=against(OWN, second, third)))

    assert text.startswith(words)
    assert "In **90 %** of 200 shaken copies the same four come out; the first stays first in 95.0 %." in text
    assert text.endswith("The decision itself flips in 5.0 % of them (10 % to 20 %).")


def test_a_comparison_with_few_people_does_not_count_and_is_said():
    two = finding(Steadiness(noise=noise(), against=against(OWN, OWN, ("x",), people=(900, 300, 29))))
    one = finding(Steadiness(noise=noise(), against=against(OWN, ("x",), (), people=(900, 29, 0))))

    assert two.startswith("All four reasons hold under both comparisons that have enough people.")
    assert one.endswith(
        "Too few reference rows are approved to say whether these reasons hold against other people."
    )


def test_the_least_steady_reason_and_what_comes_in_are_named():
    found = noise(among={"a": 200, "b": 198, "c": 190, "d": 120, "e": 80, "f": 3})

    text = finding(Steadiness(noise=found, against=()))

    assert "Least steady is **d**, which drops out in 40 %. **e** comes in most often, in 40 %." in text


def test_a_single_reason_and_none_at_all_are_whole_sentences():
    single = Steadiness(noise=noise(own=("a",)), against=against(("a",), ("a", "b"), ("a",)))
    none = Steadiness(noise=noise(own=()), against=())

    assert finding(single).startswith(
        "The only reason holds under all three comparisons. In **90 %** of 200 shaken copies it stays the only one."
    )
    assert finding(none).startswith("Nothing pushes towards this decision")


def test_neither_of_two_reasons_holds():
    two = Steadiness(noise=noise(own=("a", "b")), against=against(("a", "b"), ("c",), ("a",)))

    assert finding(two).startswith("Neither of the two reasons holds under all three comparisons.")


def test_it_is_a_warning_where_copies_or_comparisons_disagree():
    steady = Steadiness(noise=noise(), against=against(OWN, OWN, OWN))

    assert not is_shaky(steady)
    assert is_shaky(Steadiness(noise=noise(same=150), against=against(OWN, OWN, OWN)))
    assert is_shaky(Steadiness(noise=noise(), against=against(OWN, ("a", "b", "c"), OWN)))


def test_a_sensitive_column_among_the_reasons_of_a_refusal_is_named_with_where():
    found = Steadiness(
        noise=noise(among={"a": 200, "b": 200, "c": 200, "d": 200, "sex + age": 16, "race": 2}),
        against=against(OWN, OWN, ("sex + age", "a")),
    )
    columns = ("a", "b", "c", "d", "sex", "age", "race")

    (text,) = sensitive_among(found, ("sex", "race"), columns)

    assert text.startswith(
        "**sex** is among the reasons compared with just approved and in 8.0 % of the copies."
    )
    approved = Steadiness(noise=noise(towards=1), against=against(OWN, OWN, ("sex",)))
    assert sensitive_among(approved, ("sex",), columns) == []
