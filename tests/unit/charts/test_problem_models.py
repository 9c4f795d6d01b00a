"""What the chart of a problem draws."""

from __future__ import annotations

import pytest

from rai_dash.charts.problem_models import ModelError, problem_models
from rai_dash.core.types import Estimate


def one(name="m", *, at=0.3, rows=200.0, is_shown=True, state="still there", rest=0.1):
    error = Estimate.undefined("nobody has an outcome") if at is None else Estimate(at, at - 0.05, at + 0.06)
    rest_of = Estimate.undefined("nobody") if rest is None else Estimate(rest)
    return ModelError(name=name, error=error, rest=rest_of, rows=rows, is_shown=is_shown, state=state)


def test_every_model_is_a_row_in_its_order_with_its_numbers():
    data = problem_models([one("old"), one("new", at=0.12, is_shown=False, state="fixed")]).data
    assert data["name"].tolist() == ["old", "new"]
    assert data[["x", "low", "high", "rest"]].to_numpy().tolist() == [
        [0.3, pytest.approx(0.25), pytest.approx(0.36), 0.1], [0.12, pytest.approx(0.07), pytest.approx(0.18), 0.1],
    ]  # fmt: skip
    assert data["label"].tolist() == ["30 %, still there", "12 %, fixed"]
    assert data["shown"].tolist() == [True, False]
    assert data["description"][0] == (
        "old: 30 % wrong, 95 % interval 25 % to 36 %, 200 people, everybody else 10 %, still there"
    )


def test_an_undefined_error_says_why_and_is_no_zero():
    row = problem_models([one(at=None, rest=None)]).data.iloc[0]
    assert not row["defined"]
    assert not row["has_rest"]
    assert row["label"] == "– nobody has an outcome"


@pytest.mark.parametrize(("rows", "few"), [(29.0, True), (30.0, False)])
def test_few_people_are_grey(rows, few):
    assert problem_models([one(rows=rows)]).data["few"].iloc[0] == few


@pytest.mark.parametrize(("at", "reach"), [(0.03, 0.1), (0.2, 0.5), (0.6, 1.0), (None, 0.25)])
def test_the_axis_holds_every_interval(at, reach):
    spec = problem_models([one(at=at, rest=0.2 if at is None else 0.01)]).spec
    assert f"'domain': [0, {reach}]" in str(spec)


def test_more_models_than_can_be_read_are_refused():
    with pytest.raises(ValueError, match="at most 40 models, got 41"):
        problem_models([one(str(i)) for i in range(41)])
