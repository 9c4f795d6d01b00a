"""Opening a text table makes a Parquet copy of it, in a locked process, and leaves nothing behind."""

from __future__ import annotations

import gc
import shutil

import pandas as pd
import pytest

from rai_dash.cli.parquet import parquet
from rai_dash.core.errors import Cancelled, InvalidChoice, UnreadableFile
from rai_dash.core.settings import get_settings
from rai_dash.data.options import ReadOptions
from rai_dash.data.portfolio import copying
from rai_dash.data.portfolio.opened import Opened
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.portfolio.places import find_place
from rai_dash.data.portfolio.questions import Tally, Value
from rai_dash.data.read import read_dataset


@pytest.fixture
def copies(tmp_path, monkeypatch):
    """Return the folder in which copies are made."""
    folder = tmp_path / "copies"
    folder.mkdir()
    monkeypatch.setenv("RAI_DASH_PORTFOLIO_COPIES", str(folder))
    get_settings.cache_clear()
    yield folder
    get_settings.cache_clear()


@pytest.fixture
def texts(tmp_path):
    folder = tmp_path / "loans"
    for year, lines in {2023: "1;f;0,5\n2;m;\n", 2024: "3;f;1,5\n4;;2\n"}.items():
        (folder / f"year={year}").mkdir(parents=True)
        (folder / f"year={year}" / "part.csv").write_text("id;sex;x\n" + lines)
    (folder / "README.md").write_text("# Loans\n")
    return folder


def test_a_set_of_texts_is_counted_from_a_copy_that_goes_with_it(texts, copies):
    told = []
    portfolio = open_portfolio(texts, on_progress=lambda *seen: told.append(seen))
    counted = portfolio.tally(Tally(keys=(Value(column="sex"), Value(column="year"))))
    dataset = dataset_of(portfolio)

    found = counted.values().assign(n=counted.n).sort_values(["year", "sex"])
    assert found["n"].tolist() == [1, 1, 1, 1]
    assert found["year"].tolist() == [2023, 2023, 2024, 2024]
    assert dataset.frame["x"].tolist()[::2] == [0.5, 1.5]
    assert portfolio.source == "2 CSV files"
    assert {"other_files", "decimal_comma"} <= {n.code for n in dataset.warnings}
    size = sum(f.stat().st_size for f in texts.rglob("*.csv"))
    assert told[-1] == (size, size, "year=2024/part.csv")
    assert len(list(copies.iterdir())) == 1

    portfolio.engine.close()
    del portfolio, counted, dataset
    gc.collect()
    assert list(copies.iterdir()) == []


def test_one_text_gives_the_table_that_is_read_into_memory(tmp_path, copies):
    file = tmp_path / "loans.csv"
    file.write_text("zip;town;rate;n\n" + "".join(f"0{i};Köln {i % 3};{i / 7:.4f};{i}\n" for i in range(500)))

    frame = dataset_of(open_portfolio(file)).frame

    pd.testing.assert_frame_equal(frame, read_dataset(file).frame, check_exact=True)


def test_options_change_what_is_read_and_the_fingerprint(tmp_path, copies):
    file = tmp_path / "loans.csv"
    file.write_text("code,x\n1,?\n2,4\n")

    plain = open_portfolio(file)
    chosen = open_portfolio(file, options=ReadOptions(text=("code",), missing={"x": ("?",)}))

    assert dataset_of(plain).frame.to_dict("list") == {"code": [1, 2], "x": ["?", "4"]}
    assert dataset_of(chosen).frame["code"].tolist() == ["1", "2"]
    assert dataset_of(chosen).frame["x"].dtype == float
    assert plain.fingerprint != chosen.fingerprint
    assert plain.fingerprint == open_portfolio(file).fingerprint


def test_what_is_refused_leaves_no_copy(tmp_path, copies, monkeypatch):
    file = tmp_path / "loans.csv"
    file.write_text("a,b\n1,x\n2\n")
    with pytest.raises(UnreadableFile, match="Line 3 has 1 field"):
        open_portfolio(file)
    file.write_text("a,b\n1,x\n")
    with pytest.raises(Cancelled):
        open_portfolio(file, cancelled=lambda: True)
    monkeypatch.setattr(copying.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 0))
    with pytest.raises(UnreadableFile, match="The disk is nearly full") as caught:
        open_portfolio(file)

    assert caught.value.code == "no_space"
    assert list(copies.iterdir()) == []


def test_options_for_texts_are_refused_for_parquet(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")

    with pytest.raises(InvalidChoice, match="Parquet says itself"):
        open_portfolio(tmp_path / "a.parquet", options=ReadOptions(text=("a",)))


def test_a_copy_goes_on_after_the_parts_that_are_there(tmp_path, monkeypatch):
    texts, out = tmp_path / "texts", tmp_path / "out"
    texts.mkdir()
    out.mkdir()
    for i in range(3):
        (texts / f"{i}.csv").write_text(f"n,w,late\n{i},x,\n{i + 0.5 if i == 2 else i},y,{'' if i else 7}\n")
    place = find_place(texts)
    with pytest.raises(KeyboardInterrupt):
        copying.copy_texts(place, out, on_progress=_stop_after(place.parts[0].size))
    before = (out / "0.csv.parquet").stat().st_mtime_ns

    copy = copying.copy_texts(place, out)

    assert (out / "0.csv.parquet").stat().st_mtime_ns == before
    assert sorted(p.name for p in out.iterdir()) == ["0.csv.parquet", "1.csv.parquet", "2.csv.parquet"]
    table = Opened(copy.place)
    assert table.part_rows() == [2, 2, 2]
    assert table.head(["n", "late"], 9).to_pydict() == {
        "n": [0.0, 0.0, 1.0, 1.0, 2.0, 2.5],
        "late": [None, 7, None, None, None, None],
    }

    (texts / "1.csv").write_text("n,w,late\n9,x,\n")
    assert Opened(copying.copy_texts(find_place(texts), out).place).part_rows() == [2, 1, 2]
    assert (out / "0.csv.parquet").stat().st_mtime_ns == before


def _stop_after(read):
    def told(done, _total, name):
        if done >= read and name != "0.csv":
            raise KeyboardInterrupt

    return told


def test_a_folder_with_other_files_takes_no_copy(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    out = tmp_path / "out"
    out.mkdir()
    (out / "old.parquet").write_bytes(b"PAR1")

    with pytest.raises(UnreadableFile, match=r"holds `old\.parquet`, which is no part of this table"):
        copying.copy_texts(find_place(tmp_path / "a.csv"), out)


def test_the_command_writes_parquet_and_refuses_what_it_cannot(tmp_path, capsys):
    source, out = tmp_path / "a.csv", tmp_path / "out"
    source.write_text("code;x\n1;1,5\n2;2,5\n")

    parquet(source, out, read=["text=code"], quiet=True)

    written = pd.read_parquet(out / "a.csv.parquet")
    assert written.to_dict("list") == {"code": ["1", "2"], "x": [1.5, 2.5]}
    assert capsys.readouterr().out == f"1 Parquet file in `{out}`.\n"
    with pytest.raises(InvalidChoice, match="is Parquet already"):
        parquet(out, tmp_path / "again")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InvalidChoice, match="outside of the table"):
        parquet(tmp_path / "set", tmp_path / "set" / "out")


def test_a_later_part_in_another_encoding_is_told(tmp_path, copies):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.csv").write_bytes(b"town,x\nBonn,1\n")
    (tmp_path / "set" / "b.csv").write_bytes("town,x\nKöln,2\n".encode("cp1252"))

    portfolio = open_portfolio(tmp_path / "set")

    assert dataset_of(portfolio).frame["town"].tolist() == ["Bonn", "Köln"]
    assert [n.message[:22] for n in portfolio.notices if n.code == "encoding"] == ["`b.csv` is not UTF-8. "]
