"""Names, links and folders that could make a count or a job read or write something else."""

from __future__ import annotations

import os

import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice, UnreadableFile
from rai_dash.data.portfolio.addresses import parse_address
from rai_dash.data.portfolio.copying import copy_texts
from rai_dash.data.portfolio.jobs.folder import JobFolder
from rai_dash.data.portfolio.jobs.names import piece_name
from rai_dash.data.portfolio.jobs.running import run_job
from rai_dash.data.portfolio.opened import Opened
from rai_dash.data.portfolio.places import find_place
from rai_dash.data.portfolio.questions import Tally
from tests.job_parts import Doubling, plan_of, write_table


def write(path, rows, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"a": [float(rows)] * rows, **columns}).to_parquet(path, index=False)


def test_names_that_engines_take_for_patterns_are_names(tmp_path):
    names = ["*.parquet", "a1.parquet", "a[1].parquet", "b/**.parquet", "b/x?.parquet", "b/xy.parquet"]
    for i, name in enumerate(names):
        write(tmp_path / name, i + 1)

    opened = Opened(find_place(tmp_path))

    rows = dict(zip([p.name for p in opened.place.parts], opened.part_rows(), strict=True))
    assert rows == {name: i + 1 for i, name in enumerate(names)}
    assert opened.tally(Tally()).column("n").to_pylist() == [21]
    for i, n in enumerate(opened.part_rows()):
        assert [v for b in opened.batches(i, ["a"]) for v in b.column("a").to_pylist()] == [float(n)] * n


def test_names_that_cannot_be_told_to_an_engine_are_refused(tmp_path):
    for folder, name in (("odd", os.fsdecode(b"\xff")), ("both", "a\\[1]"), ("of [2024]", "a")):
        write(tmp_path / folder / "x.parquet", 1)
        (tmp_path / folder / "x.parquet").rename(tmp_path / folder / f"{name}.parquet")
        with pytest.raises(UnreadableFile, match="Rename it"):
            find_place(tmp_path / folder)


def test_results_are_never_written_into_the_table(tmp_path):
    table = write_table(tmp_path / "table")
    before = sorted(p.name for p in table.iterdir())

    with pytest.raises(InvalidChoice, match="lies in the table itself"):
        run_job(plan_of(table), table / "scores", Doubling(plan_of(table)))
    assert sorted(p.name for p in table.iterdir()) == before


@pytest.mark.parametrize("name", ["_manifest.json", piece_name(0), f".{piece_name(0)}.unfinished"])
def test_a_job_never_writes_through_a_link_and_waits_for_no_pipe(tmp_path, name):
    victim, folder = tmp_path / "victim", tmp_path / "out"
    victim.write_text("precious")
    folder.mkdir()
    (folder / name).symlink_to(victim)
    with pytest.raises(InvalidChoice, match="nothing was changed"):
        JobFolder(folder)
    assert victim.read_text() == "precious"

    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(InvalidChoice, match="nothing was changed"):
        JobFolder(folder)


def test_a_part_put_in_place_of_another_as_large_and_as_old_is_not_finished(tmp_path):
    table = write_table(tmp_path / "table")
    plan = plan_of(table)

    def swap(name, batch):
        if (name, batch) == (piece_name(2), 1):
            path = table / "in-2.parquet"
            was, other = path.stat(), path.with_suffix(".new")
            other.write_bytes(path.read_bytes())
            os.utime(other, ns=(was.st_atime_ns, was.st_mtime_ns))
            other.rename(path)

    with pytest.raises(UnreadableFile, match=r"`in-2.parquet` was changed while"):
        run_job(plan, tmp_path / "out", Doubling(plan, swap))
    assert not (tmp_path / "out" / piece_name(2)).exists()


def test_a_copy_is_written_by_one_run_and_through_no_link(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,x\n2,y\n")
    victim, out = tmp_path / "victim", tmp_path / "out"
    victim.write_text("precious")
    out.mkdir()
    place = find_place(tmp_path / "t.csv")
    link = out / ".t.csv.parquet.unfinished"
    link.symlink_to(victim)
    with pytest.raises(UnreadableFile, match="Choose an empty folder"):
        copy_texts(place, out)
    link.unlink()

    with JobFolder(out), pytest.raises(InvalidChoice, match="Another run works"):
        copy_texts(place, out)
    assert victim.read_text() == "precious"


@pytest.mark.parametrize(
    "address", ["ibis:postgres://r@h/b?sslpassword=x1#loans", "sc://h:15002/;token=x1/loans"]
)
def test_a_secret_among_the_choices_of_an_address_is_refused_and_not_repeated(address):
    with pytest.raises(InvalidChoice, match="may not hold a password") as refused:
        parse_address(address)
    assert "x1" not in str(refused.value)


def test_scores_that_are_not_one_a_row_or_changed_are_refused(tmp_path):
    for i in range(2):
        write(tmp_path / "t" / f"p{i}.parquet", 5)
        write(tmp_path / "s" / piece_name(i), 5, score=0.5)
    scores = find_place(tmp_path / "s")
    opened = Opened(find_place(tmp_path / "t"), scores)
    assert opened.tally(Tally()).column("n").to_pylist() == [10]

    write(tmp_path / "s" / piece_name(1), 5, score=0.25)
    with pytest.raises(UnreadableFile, match="has changed since"):
        opened.tally(Tally())
    write(tmp_path / "s" / piece_name(0), 6, score=0.5)
    write(tmp_path / "s" / piece_name(1), 4, score=0.5)
    with pytest.raises(UnreadableFile, match="has 5 rows, and the folder of scores has 6"):
        Opened(find_place(tmp_path / "t"), find_place(tmp_path / "s"))
