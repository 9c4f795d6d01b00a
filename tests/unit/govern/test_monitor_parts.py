"""Batches of any size: counted part by part, equal to the count of all rows at once, resumed after a kill."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import Cancelled, InvalidChoice, InvalidRoles, MissingColumn, UnreadableFile
from rai_dash.govern.monitor.counting import Batch, batch_of, count_batch
from rai_dash.govern.monitor.judging import judge_batch
from rai_dash.govern.monitor.parts import count_parts
from rai_dash.govern.monitor.states import State
from tests.unit.govern.monitor_story import applications, make_policy, portfolio_of, table


def pieces(frame: pd.DataFrame, ends: list[int]) -> list[pd.DataFrame]:
    return [frame.iloc[a:b] for a, b in zip([0, *ends], [*ends, len(frame)], strict=True)]


@pytest.fixture(scope="module")
def policy():
    return make_policy(conditions=("amount > 9000",))


@pytest.fixture(scope="module")
def frame():
    found = applications(4_000, 7, purposes=("car", "home", "boat", "ring"))
    # Groups and labels that only one part has, and a part without an outcome that is known.
    found.loc[3_500:, "sex"] = "x"
    found.loc[2_500:2_999, "outcome"] = "open"
    return found


def plain(counts) -> dict:
    found = counts.to_json()
    found["scores"].pop("sums")
    return found


@pytest.mark.parametrize("ends", [[], [2_000], [1, 2, 3_999], [500, 2_500, 3_000], [0, 4_000]])
def test_parts_add_up_to_what_all_rows_at_once_give(policy, frame, ends):
    rows = batch_of(policy, table(frame))
    at_once = count_batch(policy, rows)

    facts, counts = count_parts(policy, portfolio_of(pieces(frame, ends)))

    assert plain(counts) == plain(at_once)
    np.testing.assert_allclose(
        counts.scores.score_sums().values, at_once.scores.score_sums().values, rtol=1e-12
    )
    assert [n for n in facts.notices if n.code == "strange_outcomes"] == list(rows.notices)
    assert (facts.score_column, facts.model, facts.sha256) == ("score", None, "ab" * 32)
    assert not isinstance(facts, Batch)


def test_every_line_of_the_report_is_that_of_the_rows_but_those_that_need_rows(policy, frame):
    rows = batch_of(policy, table(frame))
    at_once = judge_batch(policy, count_batch(policy, rows))
    facts, counts = count_parts(policy, portfolio_of(pieces(frame, [1_500])))
    by_part = judge_batch(policy, counts, notices=facts.notices)

    apart = [a.name for a, b in zip(at_once.lines, by_part.lines, strict=True) if a.state != b.state]
    assert set(apart) <= {"calibration_intercept", "calibration_slope"}
    for name in ("calibration_intercept", "calibration_slope"):
        assert by_part.line(name).state is State.NO_ROWS
        assert "thousandths" in by_part.line(name).reason
    assert by_part.line("ks", "amount").state is State.NO_ROWS
    assert by_part.line("brier").batch.value == pytest.approx(at_once.line("brier").batch.value, rel=1e-12)


def test_a_run_that_was_ended_goes_on_from_its_finished_parts(policy, frame, tmp_path):
    parts = pieces(frame, [1_000, 2_000, 3_000])
    whole = count_parts(policy, portfolio_of(parts))[1]
    first = portfolio_of(parts)
    seen = []

    def is_over() -> bool:
        seen.append(1)
        return len(seen) > 5  # two batches a part: in the third part

    with pytest.raises(Cancelled):
        count_parts(policy, first, folder=tmp_path / "work", cancelled=is_over)
    assert sorted(p.name for p in (tmp_path / "work").iterdir()) == ["part-00000.json", "part-00001.json"]
    (tmp_path / "work" / ".part-00002.json.unfinished").write_text('{"schema": "rai')

    again, told = portfolio_of(parts), []
    counts = count_parts(policy, again, folder=tmp_path / "work", on_progress=told.append)[1]

    assert again.engine.read == [2, 3]
    assert counts.to_json() == whole.to_json()
    assert (told[0].parts, told[0].rows, told[0].found_rows) == (2, 2_000, 2_000)
    assert (told[-1].rows, told[-1].all_rows) == (4_000, 4_000)


def test_counts_of_another_batch_or_policy_are_not_taken(policy, frame, tmp_path):
    count_parts(policy, portfolio_of(pieces(frame, [2_000])), folder=tmp_path)
    others = [
        (make_policy(), portfolio_of(pieces(frame, [2_000]))),
        (policy, portfolio_of(pieces(frame, [1_999]))),
    ]
    for other, batch in others:
        with pytest.raises(InvalidChoice, match="no counts of this batch"):
            count_parts(other, batch, folder=tmp_path)

    path = tmp_path / "part-00001.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "counts": {}}))
    with pytest.raises(InvalidChoice, match=r"part-00001\.json"):
        count_parts(policy, portfolio_of(pieces(frame, [2_000])), folder=tmp_path)


def test_only_strange_outcomes_are_refused_once_all_rows_are_seen(policy, frame):
    with pytest.raises(InvalidRoles, match="the policy knows"):
        count_parts(policy, portfolio_of(pieces(frame.assign(outcome="open"), [2_000])))


def test_what_is_missing_is_said_before_a_row_is_read(policy, frame):
    batch = portfolio_of([frame.drop(columns="amount")])
    with pytest.raises(MissingColumn, match="amount"):
        count_parts(policy, batch)
    assert batch.engine.read == []

    with pytest.raises(UnreadableFile, match="no rows"):
        count_parts(policy, portfolio_of([frame.iloc[:0]]))
