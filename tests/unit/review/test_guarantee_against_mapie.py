"""The rules against MAPIE, an implementation of learn-then-test by others."""

from __future__ import annotations

import numpy as np
import pytest
from mapie import risk_control as control

from rai_dash.review.guarantee import fewest_rows, fixed_sequence, union
from rai_dash.review.nested import count_bands, nested_bands
from tests.unit.review.promised import DELTA, drawn


@pytest.fixture(scope="module")
def labelled():
    score, label = drawn(9, 2000)
    kept = np.isfinite(score) & (label != 2)
    return score[kept], label[kept]


def wrong_decisions(*, among):
    return control.BinaryRisk(lambda y, p: p != y, lambda _, p: among(p), higher_is_better=False)


@pytest.mark.filterwarnings("ignore:Fixed sequence testing requires a monotonic risk:UserWarning")
@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
def test_the_chain_of_approvals_equals_mapies_learn_then_test(alpha, labelled):
    score, label = labelled
    counts = count_bands(score, label, nested_bands(0.5))
    # The label-free start is ours: MAPIE gets the bands from there on.
    start = int(np.argmax(counts.approved >= fewest_rows(alpha, DELTA)))
    wrong = wrong_decisions(among=lambda p: p == 1)

    theirs = control.BinaryClassificationController(
        lambda x: np.stack((1 - x, x), axis=1),
        wrong,
        alpha,
        confidence_level=1 - DELTA,
        best_predict_param_choice=wrong,
        list_predict_params=np.array([band.hi for band in counts.bands[start:]]),
        fwer_method="fixed_sequence",
    ).calibrate(score, label)

    found = fixed_sequence(counts.approved_bad, counts.approved, alpha=alpha)
    tested = [p for p in found.p_values if p is not None]
    assert tested == pytest.approx(np.ravel(theirs.p_values)[: len(tested)], abs=1e-9)
    assert len(theirs.valid_predict_params) == found.found - start + 1


def test_bands_that_pay_for_every_look_equal_mapies_with_abstention(labelled):
    score, label = labelled
    counts = count_bands(score, label, nested_bands(0.5))
    wrong = wrong_decisions(among=lambda p: ~np.isnan(p))

    theirs = control.BinaryClassificationController(
        lambda x, lo, hi: np.where(x < lo, 0.0, np.where(x >= hi, 1.0, np.nan)),
        wrong,
        0.15,
        confidence_level=1 - DELTA,
        best_predict_param_choice=wrong,
        list_predict_params=np.array([(band.lo, band.hi) for band in counts.bands]),
        fwer_method="bonferroni",
    ).calibrate(score, label)

    found = union(counts.k, counts.n, alpha=0.15, bands=counts.bands)
    # Theirs are listed in the order of ours: the last one needs least review.
    assert tuple(theirs.valid_predict_params[-1]) == (found.band.lo, found.band.hi)
