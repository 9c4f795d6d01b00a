"""A process is killed while rows join a living test set: version, figures and rows are all there, or none of them."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest

from rai_dash.govern.living import LivingSets
from rai_dash.report.models_growth import taken_up
from tests.drills.grower import ANA, case
from tests.drills.places import Place, check_whole
from tests.drills.signers import Signers

ALL = ["living.grown", *["model.result"] * 4]


@pytest.fixture(scope="module")
def grower() -> Iterator[Callable[[Place, int | str | None], int]]:
    """Lets another process grow the set till it reaches a point; returns how it ended."""
    found = Signers("tests.drills.grower")
    yield lambda place, point: found.run(place, ("grow", point))[1][0]
    found.close()


def came(place: Place) -> list[str]:
    """Kinds of the entries behind the start, and that rows are there exactly where a version is."""
    kinds = [row["kind"] for row in check_whole(place, []) if row["kind"] != "living.started"]
    assert len(place.rows("artifact", "sha256")) == kinds.count("living.grown")
    return kinds


def check_recoverable(place: Place) -> None:
    """The case of the dead process is as it was: the new version is taken up from the store, whole."""
    before = case()
    with place.open() as store:
        again = taken_up(before, "living", LivingSets(store, ANA)).data_of("living").dataset
        living = LivingSets(store, ANA).find([before.data[0].dataset.fingerprint])
    assert again.fingerprint == living.latest.data
    assert again.n_rows == living.latest.rows == 150
    assert list(again.frame["id"])[-30:] == [f"p{i}" for i in range(200, 230)]


def test_killed_after_each_statement(empty, grower):
    point, status = 0, -signal.SIGKILL

    while status == -signal.SIGKILL:
        point += 1
        status = grower(empty, point)
        if status == -signal.SIGKILL and came(empty):
            break

    # Version, figures, texts and rows.
    assert point > 15
    assert came(empty) == ALL
    check_recoverable(empty)


@pytest.mark.parametrize(("point", "is_there"), [("before the commit", False), ("after the commit", True)])
def test_killed_around_the_commit(empty, grower, point, is_there):
    assert grower(empty, point) == -signal.SIGKILL

    assert came(empty) == (ALL if is_there else [])
    if is_there:
        check_recoverable(empty)
    else:
        # Whoever comes again can let them in.
        assert grower(empty, None) == 0
        assert came(empty) == ALL
