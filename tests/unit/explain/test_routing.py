from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, SGDClassifier

from rai_dash.core.errors import InvalidChoice, UnsupportedModel
from rai_dash.explain._base import EXPLAINERS, Attribution, Reference, to_explanations
from rai_dash.explain.routing import attribute, explain_rows


@pytest.fixture
def linear(loans, wrap):
    frame, label = loans
    numbers = frame[["age", "debt"]] / 100
    return wrap(LogisticRegression().fit(numbers, label), numbers), numbers


def test_routes_are_found_by_a_scan_and_named_by_their_files():
    assert set(EXPLAINERS) == {"linear", "tree_kernel", "tree_paths", "coalitions"}
    assert all(name == route.name and route.label for name, route in EXPLAINERS.items())


def test_every_explanation_says_what_it_is(linear):
    subject, frame = linear

    found = explain_rows(subject, frame.iloc[:2], Reference(frame=frame), row_ids=[70, 3], favourable_index=1)

    assert [e.row for e in found] == [70, 3]
    assert found[0].space == "log-odds"
    assert found[0].base + sum(found[0].values.values()) == pytest.approx(found[0].output, abs=1e-12)
    assert found[0].additivity_error < 1e-12
    assert found[0].background_rows == 400
    assert found[0].exact
    assert found[0].notices == ()


@pytest.mark.parametrize("space", ["log-odds", "probability"])
def test_with_class_0_favourable_the_signs_turn_and_the_sum_still_holds(space, linear):
    subject, frame = linear
    one, other = (
        explain_rows(
            subject, frame.iloc[:1], Reference(frame=frame), row_ids=[0], favourable_index=i, space=space
        )[0]
        for i in (1, 0)
    )

    assert other.values == pytest.approx({name: -v for name, v in one.values.items()})
    assert other.base == pytest.approx(-one.base if space == "log-odds" else 1 - one.base)
    assert other.base + sum(other.values.values()) == pytest.approx(other.output, abs=1e-12)


def test_a_route_that_misses_the_models_output_is_refused_and_the_next_one_taken(loans, wrap):
    # The decision function of this loss is not the log-odds of its probability.
    frame, label = loans
    numbers = frame[["age", "debt"]] / 100
    model = SGDClassifier(loss="modified_huber", random_state=0).fit(numbers, label)
    subject = wrap(model, numbers)
    probability = subject.native.probability

    def margin(rows):
        p = np.clip(probability(rows), 1e-6, 1 - 1e-6)
        return np.log(p / (1 - p))

    subject.native.margin = margin
    found, notices = attribute(subject, numbers.iloc[:1], Reference(frame=numbers))

    assert found.methods[0].startswith("Exact over the columns that differ")
    assert [n.code for n in notices] == ["route_refused"]
    assert "miss the model's output" in notices[0].message


def test_prepared_routes_are_kept_from_call_to_call(linear):
    subject, frame = linear
    prepared = {}
    attribute(subject, frame.iloc[:1], Reference(frame=frame), prepared=prepared)
    kept = dict(prepared)

    attribute(subject, frame.iloc[1:2], Reference(frame=frame), prepared=prepared)

    assert prepared == kept
    assert list(kept) == [("linear", "log-odds")]


def test_a_model_that_answers_nonsense_is_refused_in_words(loans, wrap_formula):
    frame, _ = loans
    subject = wrap_formula(lambda f: np.full(len(f), np.nan), frame)

    with pytest.raises(UnsupportedModel, match="No way of explaining this model held"):
        attribute(subject, frame.iloc[:1], Reference(frame=frame))


def test_no_rows_have_no_explanations(linear):
    subject, frame = linear

    assert explain_rows(subject, frame.iloc[:0], Reference(frame=frame), row_ids=[], favourable_index=1) == []


def test_without_reference_rows_it_says_what_to_do(linear):
    subject, frame = linear

    with pytest.raises(InvalidChoice, match="no reference rows"):
        explain_rows(subject, frame, Reference(frame=frame.iloc[:0]), row_ids=[0], favourable_index=1)


def test_an_unknown_space_is_refused_with_the_choices(linear):
    subject, frame = linear

    with pytest.raises(InvalidChoice, match="log-odds, probability"):
        explain_rows(subject, frame, Reference(frame=frame), row_ids=[0], favourable_index=1, space="odds")


def test_an_unknown_perturbation_is_refused_with_the_choices(linear):
    subject, frame = linear

    with pytest.raises(InvalidChoice, match="interventional, path-dependent"):
        explain_rows(
            subject, frame, Reference(frame=frame), row_ids=[0], favourable_index=1, perturbation="marginal"
        )


def test_errors_of_an_estimate_are_given_by_column():
    attribution = Attribution(
        space="probability",
        base=np.array([0.5]),
        values=np.array([[0.1, 0.2]]),
        output=np.array([0.8]),
        methods=["estimated"],
        background_rows=10,
        exact=np.array([False]),
        errors=np.array([[0.01, 0.02]]),
    )

    found = to_explanations(attribution, ["a", "b"], row_ids=[4], favourable_index=1)[0]

    assert found.errors == {"a": 0.01, "b": 0.02}
    assert not found.exact
