"""An outsider with the whole document cannot tell a number of few people."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rai_dash.report.suppressed import suppress_document
from tests.unit.report.suppressed.attacker import Found, attack, people_behind
from tests.unit.report.suppressed.documents import document, random_rows, wilson

FEWEST = 10


@dataclass(frozen=True)
class Drawn:
    """A table to be drawn, and what its document holds."""

    seed: int
    n: int
    groups: tuple[int, ...]
    band: tuple[float, float] | None = None
    is_complete: bool = True
    is_crossed: bool = True
    has_curves: bool = False

    def leaks(self, *, whole: bool, at_most: int = 10_000) -> list[Found]:
        """Suppress the document and attack it."""
        rows = random_rows(self.seed, n=self.n, groups=self.groups, is_complete=self.is_complete)
        columns = tuple("ab"[: len(self.groups)])
        crosses = [columns] if len(columns) > 1 and self.is_crossed else []
        full = document(rows, columns, crosses, band=self.band, has_curves=self.has_curves)
        found = attack(
            suppress_document(full, fewest=FEWEST), rows, fewest=FEWEST, whole=whole, at_most=at_most
        )
        return [one for one in found if one.is_leak]


@pytest.mark.parametrize(
    "drawn",
    [
        Drawn(1, 80, (2, 2)),
        Drawn(3, 150, (3,), band=(0.3, 0.7)),
        Drawn(4, 700, (3,)),
        Drawn(6, 500, (2,), is_complete=False),
    ],
    ids=str,
)
def test_no_number_of_few_people_can_be_told_in_whole_people(drawn: Drawn) -> None:
    """Least and most, in whole people, of every small count lie well apart."""
    assert not drawn.leaks(whole=True, at_most=12)


def test_the_attack_finds_what_is_not_hidden() -> None:
    """The same attack tells every number of the full document, and some where only the small ones are blank."""
    rows = random_rows(2, n=150, groups=(3,), is_complete=True)
    full = document(rows, ("a",)) | {"impact_ratios": {}}
    found = attack(full, rows, fewest=FEWEST, whole=False, at_most=20)
    assert found
    assert all(one.is_leak for one in found)
    naive = copy.deepcopy(full)
    for metrics in naive["groups"]["a"].values():
        for share in metrics.values():
            if isinstance(share, dict) and 0 < share["numerator"] < FEWEST:
                share.update(dict.fromkeys(share))
    assert any(one.is_leak for one in attack(naive, rows, fewest=FEWEST, whole=False, at_most=20))


@pytest.mark.parametrize(("k", "n"), [(1, 12), (7, 61), (40, 45), (567, 597)])
def test_an_interval_gives_the_number_of_people_back(k: int, n: int) -> None:
    """Why a share goes with its interval, and not only with its counts."""
    low, high = wilson(k, n)
    assert low is not None
    assert high is not None
    assert people_behind(k / n, low, high) == (n, k)


def test_a_share_beside_a_known_size_gives_the_count_back() -> None:
    """Even a percent without decimals does, for a group of 61."""
    percent = round(100 * 5 / 61)
    assert [k for k in range(62) if round(100 * k / 61) == percent] == [5]


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drawn=st.builds(
        Drawn,
        seed=st.integers(0, 10_000),
        n=st.sampled_from([40, 120, 400, 1500, 4000]),
        groups=st.sampled_from([(2,), (5,), (2, 2), (4, 3), (3, 2)]),
        band=st.sampled_from([None, (0.3, 0.7), (0.5, 0.9), (0.48, 0.52)]),
        is_complete=st.booleans(),
        is_crossed=st.booleans(),
    )
)
@pytest.mark.timeout(1800)
def test_no_document_tells_few_people(drawn: Drawn) -> None:
    """The same for many documents, with counts as any numbers."""
    assert not drawn.leaks(whole=False, at_most=150)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "drawn",
    [
        Drawn(1, 3000, (2,), has_curves=True),
        Drawn(2, 3000, (3,), band=(0.3, 0.7), has_curves=True),
        Drawn(3, 4000, (2, 2), has_curves=True),
        Drawn(4, 6000, (3, 2), is_crossed=False, has_curves=True),
    ],
    ids=str,
)
def test_no_bin_of_a_curve_tells_few_people(drawn: Drawn) -> None:
    """Joined bins of groups, beside the finer ones of everyone, give nobody away."""
    assert not drawn.leaks(whole=False)


def test_the_attacker_reads_all_equations() -> None:
    """A document in which nothing is hidden leaves every count a single value."""
    rows = random_rows(3, n=90, groups=(2,), is_complete=True)
    full = document(rows, ("a",), band=(0.3, 0.7)) | {"impact_ratios": {}}
    everything = attack(full, rows, fewest=1000, whole=False, at_most=20)
    assert len(everything) == 20
    for found in everything:
        assert np.isclose(found.least, found.truth, atol=1e-5)
        assert np.isclose(found.most, found.truth, atol=1e-5)
