from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from rai_dash.core.errors import InvalidChoice
from rai_dash.govern.rollout import decides, takes_part
from tests.unit.govern.desk_story import LOANS, REASON, MemoryStore, Story, banded


def by_hand(policy_id: str, key: str) -> int:
    return int(hashlib.sha256(policy_id.encode() + b"\x0a" + key.encode("utf-8")).hexdigest()[:16], 16)


@given(
    st.text(min_size=1).filter(lambda t: t.isprintable()), st.sampled_from([0.01, 0.1, 0.25, 0.3, 0.5, 0.99])
)
def test_who_takes_part_is_what_the_hash_says(key, share):
    # 100 * number < per cent * 2^64, in whole numbers.
    assert takes_part(LOANS, key, share) == (100 * by_hand(LOANS, key) < round(share * 100) * 2**64)


@pytest.mark.parametrize(
    ("key", "first_bytes"),
    # From `printf 'loans\n1' | sha256sum`, and so on.
    [("1", 0x8D75E92D), ("2", 0x3B86BDE1), ("A-17", 0x743203DA)],
)
def test_keys_that_never_change_sides(key, first_bytes):
    exact = first_bytes / 2**32

    assert takes_part("loans", key, exact + 1e-6)
    assert not takes_part("loans", key, exact - 1e-6)


def test_who_takes_part_at_a_share_takes_part_at_every_larger_one():
    keys = [str(i) for i in range(3_000)]
    before: set[str] = set()
    for share in (0.01, 0.1, 0.3, 0.5, 0.9, 0.999):
        inside = {key for key in keys if takes_part(LOANS, key, share)}
        assert before < inside
        before = inside


@pytest.mark.parametrize("share", [0.05, 0.3, 0.8])
def test_about_the_share_takes_part(share):
    hits = sum(takes_part(LOANS, f"application {i}", share) for i in range(20_000))

    assert binomtest(hits, 20_000, share).pvalue > 1e-6


def test_another_policy_draws_other_cases():
    keys = [str(i) for i in range(2_000)]
    both = sum(takes_part("loans", key, 0.5) and takes_part("cards", key, 0.5) for key in keys)

    assert binomtest(both, 2_000, 0.25).pvalue > 1e-6


def test_a_case_without_a_key_takes_no_part():
    assert not takes_part(LOANS, "", 0.999)


@pytest.mark.parametrize("share", [-0.1, 0.0, 1.0, 1.5, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(InvalidChoice, match="share"):
        takes_part(LOANS, "1", share)


# ------------------------------------------------------------------ which version decides

SHARE = 0.3
INSIDE = next(str(i) for i in range(100) if by_hand(LOANS, str(i)) / 2**64 < SHARE)
OUTSIDE = next(str(i) for i in range(100) if by_hand(LOANS, str(i)) / 2**64 > SHARE)


@pytest.fixture
def story():
    return Story(MemoryStore())


def deciding(story):
    found = [decides(story.now(), key) for key in (INSIDE, OUTSIDE)]
    return tuple(None if v is None else v.version for v in found)


def test_nobody_decides_before_a_version_is_active(story):
    story.signed()

    assert deciding(story) == (None, None)


def test_in_the_shadow_the_version_before_decides(story):
    story.active(stage="shadow")
    assert deciding(story) == (None, None)

    story.desk("operator").stage(LOANS, 1, stage="all")
    story.active(banded(0.2), stage="shadow")
    assert deciding(story) == (1, 1)


def test_at_a_share_the_new_version_decides_for_those_who_take_part(story):
    story.active()
    story.active(banded(0.2), stage="share", share=SHARE)

    assert deciding(story) == (2, 1)


def test_a_suspended_share_goes_to_a_person_and_not_to_the_version_before(story):
    story.active()
    story.active(banded(0.2), stage="share", share=SHARE)
    story.desk("operator").suspend(LOANS, 2, reason=REASON)

    assert deciding(story) == (None, 1)


def test_what_has_expired_goes_to_a_person(story):
    story.active()
    story.clock.on(days=100)
    story.active(banded(0.2), stage="share", share=SHARE)
    story.clock.on(days=300)

    assert deciding(story) == (2, None)
