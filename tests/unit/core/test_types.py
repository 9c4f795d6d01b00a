from __future__ import annotations

import pytest

from rai_dash.core.errors import InvalidBand, RaiError
from rai_dash.core.fingerprint import fingerprint_bytes, fingerprint_value
from rai_dash.core.types import Estimate, Feature, ModelInfo, ReviewBand, Roles


@pytest.mark.parametrize("ends", [(0.3, 0.5, 0.7), (0.5, 0.5, 0.5), (None, 0.5, None), (0.0, 0.0, 1.0)])
def test_a_band_in_order_is_accepted(ends):
    band = ReviewBand(*ends)

    assert (band.lo, band.threshold, band.hi) == ends


@pytest.mark.parametrize("ends", [(0.7, 0.5, 0.3), (0.6, 0.5, None), (None, 0.5, 0.4)])
def test_a_band_out_of_order_is_refused_with_the_way_out(ends):
    with pytest.raises(InvalidBand, match="Swap the ends"):
        ReviewBand(*ends)


@pytest.mark.parametrize(
    "ends", [(-0.1, 0.5, 0.7), (0.1, 0.5, 1.5), (0.1, float("nan"), 0.7), (0.1, 0.5, float("inf"))]
)
def test_a_band_that_leaves_the_scale_is_refused(ends):
    with pytest.raises(ValueError, match="between 0 and 1"):
        ReviewBand(*ends)


def test_an_undefined_estimate_keeps_its_reason_and_parts():
    estimate = Estimate.undefined("nobody is approved", numerator=0.0, denominator=0.0)

    assert not estimate.is_defined
    assert (estimate.value, estimate.reason, estimate.denominator) == (None, "nobody is approved", 0.0)
    assert Estimate(0.5).is_defined


def test_roles_are_copied_with_changes():
    roles = Roles(target="paid")

    assert roles.with_(sensitive=("sex",)) == Roles(target="paid", sensitive=("sex",))
    assert roles.sensitive == ()


def test_a_model_lists_its_columns_in_order():
    info = ModelInfo(format="xgboost", family="x", fingerprint="0", features=(Feature("b"), Feature("a")))

    assert info.feature_names == ("b", "a")


def test_an_error_carries_text_and_code():
    error = RaiError("Nothing here. Upload a file.", code="empty")

    assert (str(error), error.message, error.code) == ("Nothing here. Upload a file.",) * 2 + ("empty",)
    assert RaiError("x").code == "error"


def test_the_fingerprint_of_a_value_does_not_depend_on_the_order_of_keys():
    assert fingerprint_value({"a": 1, "b": [1.5, None]}) == fingerprint_value({"b": [1.5, None], "a": 1})
    assert fingerprint_value({"a": 1}) != fingerprint_value({"a": 2})


def test_the_fingerprint_of_bytes_is_sha256():
    assert fingerprint_bytes(b"abc").startswith("ba7816bf")
