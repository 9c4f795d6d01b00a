from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rai_dash.review.constraints import LIMITED, Constraint
from rai_dash.review.gaps import GAPS
from rai_dash.ui.reviewing.limit_codes import decode, encode

COLUMNS = {"sex; <b>": ("women", "men", "1@2:3"), "9": ("a", "b")}


@st.composite
def limits(draw):
    """Draw a limit that these columns allow."""
    metric = draw(st.sampled_from(sorted(LIMITED)))
    column, groups = None, ()
    if metric in GAPS:
        column = draw(st.sampled_from(list(COLUMNS)))
        if draw(st.booleans()):
            groups = tuple(draw(st.permutations(COLUMNS[column]))[:2])
    elif metric != "cost" and draw(st.booleans()):
        column = draw(st.sampled_from(list(COLUMNS)))
        groups = (draw(st.sampled_from(COLUMNS[column])),)
    value = draw(st.floats(0, 1e17) if metric == "cost" else st.floats(0, 1))
    return Constraint(metric, draw(st.sampled_from(["<=", ">="])), value, column, groups)


@given(st.lists(limits(), unique=True, max_size=5))
def test_limits_come_back_from_the_address_to_the_last_bit(some):
    assert decode(encode(some, COLUMNS), COLUMNS) == tuple(some)


@given(st.lists(limits(), max_size=5))
def test_no_word_of_a_file_is_in_the_address(some):
    code = encode(some, COLUMNS)

    assert not any(word in code for word in ("women", "men", "sex", "<b>"))


@given(st.text(max_size=60))
def test_anything_in_the_address_is_read_or_left_out(text):
    assert all(isinstance(limit, Constraint) for limit in decode(text, COLUMNS))


@given(st.lists(limits(), min_size=1, max_size=3), st.data())
def test_a_code_that_was_tampered_with_is_read_or_left_out(some, data):
    code = encode(some, COLUMNS)
    at = data.draw(st.integers(0, len(code) - 1))
    bent = code[:at] + data.draw(st.sampled_from("<>@:;-9e.x²")) + code[at + 1 :]

    assert all(math.isfinite(limit.value) for limit in decode(bent, COLUMNS))


@pytest.mark.parametrize(
    "nonsense",
    [
        "", ";;", "review_rate", "review_rate<", "review_rate<x", "review_rate<1e999", "review_rate=0.1", "nope<0.1",
        "review_rate_gap<0.1@7", "review_rate_gap<0.1@0:0", "review_rate_gap<0.1@0:0-9", "review_rate_gap<0.1@0:--",
        "review_rate<0.1@0:99",
    ],
)  # fmt: skip
def test_what_these_data_do_not_have_is_left_out_and_the_rest_stays(nonsense):
    assert decode(nonsense, COLUMNS) == ()
    assert decode(f"{nonsense};review_rate<0.1", COLUMNS) == (Constraint("review_rate", "<=", 0.1),)


def test_the_same_limit_twice_is_one():
    assert len(decode("review_rate<0.1;review_rate<0.10", COLUMNS)) == 1
