"""What stands beside the chain for its size is changed or taken away: `ledger verify` finds it, and so do readers."""

from __future__ import annotations

import pytest

from rai_dash.core.errors import LedgerBroken
from rai_dash.data.slices import parse_slice
from rai_dash.govern.problems import ProblemDesk
from rai_dash.govern.store import verify_store
from tests.command import command
from tests.drills.places import Place
from tests.drills.queue_worker import fill, person


@pytest.fixture
def kept(empty: Place) -> tuple[Place, str, int]:
    """A store with the key of the queues and picked rows beside it; the hash of the latter, and their record."""
    with empty.open() as store:
        fill(store, n=10)
        ProblemDesk(store, person("Ana")).open("Two people", parse_slice("rows A-1 expected favourable, A-2"))
        assert store.verify() == []
    record = next(row for row in empty.rows() if row["kind"] == "problem.open")
    artifact = next(row for row in empty.rows("artifact", "kept_at") if row["kind"] == "patterns")
    return empty, str(artifact["sha256"]), int(record["seq"])


def test_a_changed_content_is_found_where_a_record_rests_on_it(kept: tuple[Place, str, int]) -> None:
    place, sha256, seq = kept
    place.attack("UPDATE artifact SET content = :other WHERE sha256 = :sha256", other=b"{}", sha256=sha256)

    found = verify_store(place.target)

    assert [(f.kind.value, f.seq) for f in found] == [("kept", seq)]
    assert "was changed" in found[0].message
    done = command("ledger", "verify", place.target)
    assert done.returncode == 1
    assert f"record {seq}" in done.stdout + done.stderr
    with place.open() as store, pytest.raises(LedgerBroken):
        ProblemDesk(store, None).problems()


@pytest.mark.parametrize("kind", ["patterns", "queue_key"])
def test_what_is_kept_for_good_and_is_gone_is_found(kept: tuple[Place, str, int], kind: str) -> None:
    place, _, _ = kept
    place.attack("DELETE FROM artifact WHERE kind = :kind", kind=kind)

    found = verify_store(place.target)

    assert [f.kind.value for f in found] == ["kept"]
    assert "is missing" in found[0].message


def test_rows_have_an_end_and_are_not_missed(kept: tuple[Place, str, int]) -> None:
    place, _, _ = kept
    place.attack("DELETE FROM artifact WHERE kind = 'queue_rows'")

    assert verify_store(place.target) == []
