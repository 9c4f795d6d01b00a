"""Work part by part: what is finished stays, what is not is done again, and nothing is taken for what it is not."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai_dash.core.errors import Cancelled, InvalidChoice, UnreadableFile, WorkerFailed
from rai_dash.data.portfolio.jobs.folder import JobFolder, read_manifest, read_mark
from rai_dash.data.portfolio.jobs.names import is_ours, piece_name, pieces_of
from rai_dash.data.portfolio.jobs.plan import pieces_for
from rai_dash.data.portfolio.jobs.running import run_job
from rai_dash.data.portfolio.jobs.streaming import in_order
from tests.job_parts import ROWS, Doubling, plan_of, write_table

NAMES = [piece_name(i) for i in range(8)]


@pytest.fixture
def table(tmp_path):
    return write_table(tmp_path / "table")


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def stamps(folder, names):
    return [((folder / n).stat().st_ino, (folder / n).stat().st_mtime_ns) for n in names]


def values(folder):
    return pq.read_table(folder)["twice"].to_numpy()


def done_again(plan, folder):
    work = Doubling(plan)
    run_job(plan, folder, work)
    return work.asked


def test_a_job_writes_a_part_for_each_part_in_the_order_of_the_rows(table, tmp_path):
    manifest = run_job(plan_of(table), tmp_path / "out", Doubling(plan_of(table)))

    expected = 2.0 * np.arange(8 * ROWS)
    assert files(tmp_path / "out") == ["_manifest.json", *NAMES]
    np.testing.assert_array_equal(values(tmp_path / "out"), expected)
    assert manifest == json.loads((tmp_path / "out" / "_manifest.json").read_text())
    assert [part["rows"] for part in manifest["parts"]] == [ROWS] * 8
    assert manifest["sums"]["twice"] == {"n": 8 * ROWS, "sum": expected.sum(), "largest": expected[-1]}
    assert manifest["parts"][3]["sums"]["twice"]["sum"] == expected[3 * ROWS : 4 * ROWS].sum()


def test_a_run_that_is_killed_in_part_3_of_8_redoes_part_3_alone(table, tmp_path, repo):
    out = tmp_path / "out"
    killed = subprocess.run(
        [sys.executable, "-m", "tests.job_parts", str(table), str(out)], cwd=repo, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert files(out) == [".part-00002.parquet.unfinished", *NAMES[:2]]
    before = stamps(out, NAMES[:2])

    assert done_again(plan_of(table), out) == NAMES[2:]
    assert stamps(out, NAMES[:2]) == before
    assert files(out) == ["_manifest.json", *NAMES]
    run_job(plan_of(table), tmp_path / "never_killed", Doubling(plan_of(table)))
    for name in NAMES:
        assert pq.read_table(out / name).equals(pq.read_table(tmp_path / "never_killed" / name))
    assert read_manifest(out) == read_manifest(tmp_path / "never_killed")


def test_a_finished_job_is_not_done_again(table, tmp_path):
    run_job(plan_of(table), tmp_path / "out", Doubling(plan_of(table)))
    before = stamps(tmp_path / "out", NAMES)

    assert done_again(plan_of(table), tmp_path / "out") == []
    assert stamps(tmp_path / "out", NAMES) == before


@pytest.mark.parametrize("other", [{"model": "n"}, {"options": ["id"]}, {"program": {"rai-dash": "9"}}])
def test_parts_of_another_model_option_or_version_are_never_taken_for_done(table, tmp_path, other):
    run_job(plan_of(table), tmp_path / "out", Doubling(plan_of(table)))

    assert done_again(plan_of(table, **other), tmp_path / "out") == NAMES


def test_a_part_whose_input_changed_is_done_again_and_no_other(table, tmp_path):
    run_job(plan_of(table), tmp_path / "out", Doubling(plan_of(table)))
    path = table / "in-4.parquet"
    x = pq.read_table(path)["x"].to_numpy().copy()
    # Swapped in the middle: as many rows, as many bytes, the same sums and extremes.
    x[[400, 401]] = x[[401, 400]]
    size = path.stat().st_size
    pq.write_table(pa.table({"x": x}), path)
    assert path.stat().st_size == size

    assert done_again(plan_of(table), tmp_path / "out") == [NAMES[4]]
    assert values(tmp_path / "out")[4_400] == 2 * 4_401


def test_parts_that_a_job_before_had_more_of_are_removed(table, tmp_path):
    run_job(plan_of(table), tmp_path / "out", Doubling(plan_of(table)))
    for i in (6, 7):
        (table / f"in-{i}.parquet").unlink()

    assert done_again(plan_of(table), tmp_path / "out") == []
    assert files(tmp_path / "out") == ["_manifest.json", *NAMES[:6]]


def test_a_single_file_is_cut_by_rows_and_resumed(tmp_path):
    table = write_table(tmp_path / "table", parts=1, rows=2_500)
    plan = plan_of(table, most_rows=1_000)

    def stop(name, _batch):
        if name == piece_name(0, 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_job(plan, tmp_path / "out", Doubling(plan, stop))
    assert files(tmp_path / "out") == [piece_name(0, 0)]
    assert done_again(plan, tmp_path / "out") == [piece_name(0, 1), piece_name(0, 2)]
    np.testing.assert_array_equal(values(tmp_path / "out"), 2.0 * np.arange(2_500))
    mark = read_mark(tmp_path / "out" / piece_name(0, 2))
    assert (mark["input"]["first"], mark["input"]["rows"]) == (2_000, 500)


def test_a_part_without_rows_has_an_output_without_rows(table, tmp_path):
    pq.write_table(pa.table({"x": pa.array([], pa.float64())}), table / "in-0.parquet")

    assert done_again(plan_of(table), tmp_path / "out") == NAMES[1:]
    assert pq.read_metadata(tmp_path / "out" / NAMES[0]).num_rows == 0
    assert done_again(plan_of(table), tmp_path / "out") == []
    np.testing.assert_array_equal(values(tmp_path / "out"), 2.0 * np.arange(ROWS, 8 * ROWS))


def test_a_table_without_any_row_is_refused(tmp_path):
    table = write_table(tmp_path / "table", parts=2, rows=0)

    with pytest.raises(UnreadableFile, match="has no rows"):
        done_again(plan_of(table), tmp_path / "out")


def test_a_folder_with_files_of_others_is_refused_and_left_alone(table, tmp_path):
    for name, content in [("notes.txt", b"mine"), (NAMES[0], b"mine"), ("_SUCCESS", b"")]:
        out = tmp_path / f"out-{name}"
        out.mkdir()
        (out / name).write_bytes(content)
        with pytest.raises(InvalidChoice, match=r"which no run of this kind wrote"):
            done_again(plan_of(table), out)
        assert (out / name).read_bytes() == content


def test_the_table_itself_is_never_written_over(tmp_path):
    table = write_table(tmp_path / "table", parts=2)
    for i in range(2):
        (table / f"in-{i}.parquet").rename(table / piece_name(i))
    before = stamps(table, [piece_name(0), piece_name(1)])

    with pytest.raises(InvalidChoice, match="nothing was changed"):
        done_again(plan_of(table), table)
    assert stamps(table, [piece_name(0), piece_name(1)]) == before


def test_two_runs_never_work_in_one_folder(table, tmp_path):
    with JobFolder(tmp_path / "out"), pytest.raises(InvalidChoice, match="Another run works"):
        done_again(plan_of(table), tmp_path / "out")
    assert done_again(plan_of(table), tmp_path / "out") == NAMES


def test_a_full_disk_is_told_and_leaves_finished_parts_alone(table, tmp_path, monkeypatch):
    calls, sync = iter(range(100)), os.fsync

    def full(fd):
        if next(calls) >= 4:  # two for each part: its content, and its name
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(fd)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InvalidChoice, match=r"No space left on device.*Finished parts are kept"):
        done_again(plan_of(table), tmp_path / "out")
    monkeypatch.undo()
    assert files(tmp_path / "out") == NAMES[:2]
    assert done_again(plan_of(table), tmp_path / "out") == NAMES[2:]


def test_a_job_that_is_cancelled_goes_on_from_its_finished_parts(table, tmp_path):
    plan, told = plan_of(table), []

    with pytest.raises(Cancelled):
        run_job(
            plan, tmp_path / "out", Doubling(plan), on_progress=told.append, cancelled=lambda: len(told) > 13
        )
    assert (told[-1].parts, told[-1].all_parts, told[-1].all_rows) == (2, 8, 8 * ROWS)
    assert files(tmp_path / "out") == NAMES[:2]
    run_job(plan, tmp_path / "out", Doubling(plan), on_progress=told.append)
    assert told[-1].found_rows == 2 * ROWS
    assert (told[-1].rows, told[-1].parts) == (8 * ROWS, 8)


def test_results_of_another_number_of_rows_are_never_written(table, tmp_path):
    plan = plan_of(table)
    short = Doubling(plan)
    plan.place.paths[1].unlink()
    write_table(tmp_path / "short", parts=2, rows=999)
    (tmp_path / "short" / "in-1.parquet").rename(plan.place.paths[1])

    with pytest.raises(WorkerFailed, match="another number of rows"):
        run_job(plan, tmp_path / "out", short)
    assert files(tmp_path / "out") == NAMES[:1]


def test_a_part_that_changes_while_it_is_read_is_not_finished(table, tmp_path):
    plan = plan_of(table)

    def touch(name, batch):
        if (name, batch) == (NAMES[2], 2):
            os.utime(table / "in-2.parquet")

    with pytest.raises(UnreadableFile, match=r"`in-2.parquet` was changed while"):
        run_job(plan, tmp_path / "out", Doubling(plan, touch))
    assert files(tmp_path / "out") == NAMES[:2]


def test_names_pair_outputs_with_parts_in_the_order_of_rows():
    names = ["part-00000-00010.parquet", "part-00000-00002.parquet", "part-00001.parquet", "_manifest.json"]

    assert pieces_of(0, names) == [1, 0]
    assert pieces_of(1, names) == [2]
    assert pieces_of(2, names) == []
    assert [is_ours(n) for n in (*names, ".part-00001.parquet.unfinished", "part-1.parquet", "x")] == [
        *[True] * 5,
        False,
        False,
    ]
    assert [(p.first, p.rows, p.is_whole) for p in pieces_for([5, 7], 3)] == [(0, 5, True), (0, 7, True)]


def test_batches_worked_on_side_by_side_come_back_in_order():
    def work(batch):
        time.sleep(0.02 if batch.column(0)[0].as_py() % 3 == 0 else 0.0)
        return batch

    batches = [pa.RecordBatch.from_arrays([pa.array([i])], names=["x"]) for i in range(12)]

    assert [b.column(0)[0].as_py() for b in in_order(work, iter(batches), 3)] == list(range(12))
