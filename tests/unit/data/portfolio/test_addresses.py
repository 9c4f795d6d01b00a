"""Addresses: object stores through a real S3 client, DuckDB files, Ibis tables, and the list of the operator."""

from __future__ import annotations

import io

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rai_dash.core.errors import InvalidChoice, NotAllowed, RaiError, UnreadableFile
from rai_dash.core.settings import get_settings
from rai_dash.data.portfolio.addresses import is_address, listed, listed_address, parse_address
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.portfolio.questions import Factor, Tally, Value
from tests.object_store import object_store

QUESTION = Tally(keys=(Value(column="sex"),), sums=((Factor(column="x"),),))


def parquet(table):
    out = io.BytesIO()
    pq.write_table(pa.table(table), out)
    return out.getvalue()


def by_sex(portfolio):
    answer = portfolio.tally(QUESTION)
    sexes = answer.values()["sex"]
    return {
        None if pd.isna(s) else s: (int(n), t)
        for s, n, t in zip(sexes, answer.n, answer.sums(0), strict=True)
    }


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(4)
    n = 3_000
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "sex": rng.choice(["f", "m", None], n),
            "x": rng.integers(0, 9, n) / 4,
            "note": [f"{v:.17f}" for v in rng.random(n)],
        }
    )


@pytest.fixture(scope="module")
def expected(rows):
    found = rows.groupby("sex", dropna=False)["x"].agg(["size", "sum"])
    return {None if pd.isna(s) else s: (int(row["size"]), row["sum"]) for s, row in found.iterrows()}


@pytest.fixture
def store(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reader")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-messages")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with object_store() as found:
        yield found


def address(store, path="bank/loans"):
    return f"s3://{path}?region=us-east-1&scheme=http&endpoint_override=127.0.0.1:{store.port}"


def test_an_object_store_is_counted_like_a_folder(store, rows, expected):
    for year, part in (("2023", rows[:1000]), ("2024", rows[1000:])):
        store.put(
            f"bank/loans/year={year}/part.parquet", parquet(pa.Table.from_pandas(part, preserve_index=False))
        )
    store.put("bank/loans/_SUCCESS", b"1")
    store.put("bank/loans/README.txt", b"about")
    store.put("bank/other.parquet", parquet({"x": [1]}))

    portfolio = open_portfolio(address(store), name="loans")
    found = by_sex(portfolio)
    frame = dataset_of(portfolio).frame

    assert found == expected
    assert portfolio.engine.part_rows == (1_000, 2_000)
    assert portfolio.source == "2 Parquet objects in an object store"
    assert [n.code for n in portfolio.notices] == ["other_files"]
    pd.testing.assert_frame_equal(frame[["id", "x"]], rows[["id", "x"]])
    assert frame["year"].tolist() == [2023] * 1_000 + [2024] * 2_000
    assert "id" in next(portfolio.batches(1, ["id"])).columns

    store.put(
        "bank/loans/year=2024/part.parquet", parquet({"id": [1], "sex": ["f"], "x": [1.0], "note": [""]})
    )
    with pytest.raises(UnreadableFile, match="changed since the table was opened"):
        portfolio.tally(Tally(keys=(Value(column="id"),)))
    portfolio.engine.close()


def means_its_own_columns(portfolio, cells):
    """Whether columns with awkward names are counted, shown and picked as they are."""
    assert portfolio.columns == tuple(cells)
    for name, column in cells.items():
        answer = portfolio.tally(Tally(keys=(Value(column=name),)))
        found = dict(zip(answer.values()[name], answer.n.tolist(), strict=True))
        assert found == dict(zip(*np.unique(column, return_counts=True), strict=True)), name
        assert portfolio.first_rows((name,))[name].tolist() == list(column), name
    # Each reading starts a process: all in another order, and the name that could mean all of them by itself.
    for names in (list(cells)[::-1], ["*"]):
        (batch,) = portfolio.batches(0, names)
        assert list(batch.columns) == names
        assert {name: batch[name].tolist() for name in names} == {name: list(cells[name]) for name in names}
    picked = portfolio.pick(np.array([1, 3]))
    assert {name: picked[name].tolist() for name in cells} == {n: [c[1], c[3]] for n, c in cells.items()}
    portfolio.engine.close()


def awkward():
    names = ("*", "rows", "n", "c1", "a.b", "`x`", 'q"q', "given")
    return {name: [f"{i}", "u", "v", "v", f"{i}"] for i, name in enumerate(names)}


def test_awkward_names_mean_their_own_columns_in_a_store(store):
    store.put("bank/loans/part.parquet", parquet(awkward()))

    means_its_own_columns(open_portfolio(address(store)), awkward())


def test_awkward_names_mean_their_own_columns_in_a_duckdb_file(tmp_path):
    path, cells = tmp_path / "bank.duckdb", awkward()
    with duckdb.connect(path) as made:
        made.register("cells", pa.table({f"x{i}": column for i, column in enumerate(cells.values())}))
        named = ", ".join('"{}" VARCHAR'.format(name.replace('"', '""')) for name in cells)
        made.execute(f"CREATE TABLE loans ({named})")
        made.execute("INSERT INTO loans SELECT * FROM cells")

    means_its_own_columns(open_portfolio(f"duckdb://{path}?table=loans"), cells)


def test_names_that_differ_by_their_case_only_are_refused_in_a_store(store):
    store.put("bank/loans/part.parquet", parquet({"sex": ["f"], "Sex": ["m"]}))

    with pytest.raises(UnreadableFile, match="differ by their case only"):
        open_portfolio(address(store))


def test_one_object_is_a_table_too(store, rows, expected):
    store.put("bank/loans.parquet", parquet(pa.Table.from_pandas(rows, preserve_index=False)))

    portfolio = open_portfolio(address(store, "bank/loans.parquet"))

    assert by_sex(portfolio) == expected
    portfolio.engine.close()


def test_a_count_fetches_only_the_columns_that_it_needs(store, rows, expected):
    heavy = rows.assign(note=[np.random.default_rng(i).bytes(400).hex() for i in range(len(rows))])
    store.put("bank/loans.parquet", parquet(pa.Table.from_pandas(heavy, preserve_index=False)))
    portfolio = open_portfolio(address(store, "bank/loans.parquet"))

    before = store.bytes_read
    assert by_sex(portfolio) == expected
    assert store.bytes_read - before < len(store.objects["bank/loans.parquet"]) / 4
    portfolio.engine.close()


def test_what_a_store_refuses_is_one_sentence_without_keys(store):
    said = []
    with pytest.raises(UnreadableFile, match="`s3://bank/loans`") as caught:
        open_portfolio(address(store))
    said.append(caught.value.message)
    store.put("bank/loans/a.parquet", parquet({"x": [1]})[:-20])
    with pytest.raises(UnreadableFile) as caught:
        open_portfolio(address(store))
    said.append(caught.value.message)
    store.is_closed = True
    with pytest.raises(UnreadableFile, match="access is denied") as caught:
        open_portfolio(address(store))
    said.append(caught.value.message)

    assert not any("not-for-messages" in s or "reader" in s or "127.0.0.1" in s for s in said)


def test_parts_in_a_store_must_agree(store):
    store.put("bank/loans/a.parquet", parquet({"x": [1]}))
    store.put("bank/loans/b.parquet", parquet({"x": ["one"]}))

    with pytest.raises(
        UnreadableFile, match=r"`x` is a whole number in the part `a\.parquet` and text in `b\.parquet`"
    ):
        open_portfolio(address(store))


@pytest.fixture(scope="module")
def database(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("db") / "bank.duckdb"
    with duckdb.connect(path) as made:
        made.execute("CREATE TABLE loans AS SELECT * FROM rows")
        made.execute("CREATE SCHEMA risk; CREATE TABLE risk.loans AS SELECT * FROM rows LIMIT 10")
        made.execute("CREATE VIEW women AS SELECT * FROM loans WHERE sex = 'f'")
        made.execute("CREATE VIEW elsewhere AS SELECT * FROM read_text('/etc/hostname')")
    return path


def test_a_table_of_a_duckdb_file_is_counted_in_the_locked_process(database, rows, expected):
    portfolio = open_portfolio(f"duckdb://{database}?table=loans")
    frame = dataset_of(portfolio).frame

    assert by_sex(portfolio) == expected
    pd.testing.assert_frame_equal(frame[["id", "x"]], rows[["id", "x"]])
    assert portfolio.pick(np.array([5, 2_999]))["id"].tolist() == [5, 2_999]
    portfolio.engine.close()


def test_a_schema_and_a_view_are_named_too(database, expected):
    risk = open_portfolio(f"duckdb://{database}?table=risk.loans")
    women = open_portfolio(f"duckdb://{database}?table=women")

    assert risk.n_rows == 10
    assert by_sex(women) == {"f": expected["f"]}
    for portfolio in (risk, women):
        portfolio.engine.close()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("loan", "The file `bank.duckdb` has no table `loan`. There are: `loans`."),
        ("loans; DROP TABLE loans", "The file `bank.duckdb` has no table"),
        ("elsewhere", "The table reads other files, which it may not."),
    ],
)
def test_other_tables_of_a_duckdb_file_are_refused(database, table, said):
    with pytest.raises(UnreadableFile) as caught:
        open_portfolio(f"duckdb://{database}?table={table}")

    assert str(caught.value).startswith(said)


def test_no_duckdb_file_is_said(tmp_path):
    (tmp_path / "a.db").write_bytes(b"no database " * 999)

    with pytest.raises(UnreadableFile, match=r"`a\.db` cannot be read as a DuckDB file"):
        open_portfolio(f"duckdb://{tmp_path}/a.db?table=x")
    with pytest.raises(InvalidChoice, match=r"There is no file `b\.db`"):
        open_portfolio(f"duckdb://{tmp_path}/b.db?table=x")


def test_an_ibis_table_is_counted_where_it_lies(tmp_path, rows, expected):
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as made:
        made.execute("CREATE TABLE loans AS SELECT * FROM rows")

    portfolio = open_portfolio(f"ibis:duckdb://{path}#loans")

    assert by_sex(portfolio) == expected
    assert portfolio.source == "a table through Ibis"
    with pytest.raises(InvalidChoice, match="The table `nowhere` cannot be opened through Ibis"):
        open_portfolio(f"ibis:duckdb://{path}#nowhere")
    assert ibis is not None


@pytest.mark.parametrize(
    ("text", "kind", "place", "table", "choices"),
    [
        ("s3://bank/loans/2024?region=eu-west-1", "s3", "bank/loans/2024", "", {"region": "eu-west-1"}),
        ("S3://bank/loans", "s3", "bank/loans", "", {}),
        ("file:///data/my%20loans", "file", "/data/my loans", "", {}),
        ("/data/loans", "file", "/data/loans", "", {}),
        ("loans: 2024.csv", "file", "loans: 2024.csv", "", {}),
        ("duckdb:///data/bank.db?table=risk.loans", "duckdb", "/data/bank.db", "risk.loans", {}),
        ("duckdb://data/bank.db?table=loans", "duckdb", "data/bank.db", "loans", {}),
        ("spark:risk.loans", "spark", "", "risk.loans", {}),
        ("sc://cluster:15002/risk.loans", "sc", "sc://cluster:15002", "risk.loans", {}),
        ("ibis:postgres://me@host/bank#loans", "ibis", "postgres://me@host/bank", "loans", {}),
    ],
)
def test_every_form_of_an_address_is_read(text, kind, place, table, choices):
    found = parse_address(text)

    assert (found.kind, found.place, found.table, dict(found.choices)) == (kind, place, table, choices)
    assert is_address(text) == (kind != "file" or text.startswith("file:"))


@pytest.mark.parametrize(
    "text",
    [
        "s3://key:secret@bank/loans", "s3://key@bank/loans", "ibis:postgres://me:secret@host/bank#loans",
        "s3://", "duckdb:///data/bank.db", "spark:", "sc://cluster:15002", "sc:///loans", "ibis:postgres://host/bank",
    ],
)  # fmt: skip
def test_an_address_that_lacks_a_part_or_holds_a_secret_is_refused_without_repeating_it(text):
    with pytest.raises(InvalidChoice) as caught:
        parse_address(text)

    assert "secret" not in caught.value.message.replace("AWS_SECRET", "")
    assert "bank" not in caught.value.message


@pytest.mark.parametrize(
    "choice", ["access_key=a", "secret_key=b", "role_arn=c", "session_token=d", "proxy_options=e"]
)
def test_an_object_store_takes_no_keys_from_its_address(choice):
    with pytest.raises(RaiError, match="keys and passwords come from environment variables"):
        open_portfolio(f"s3://bank/loans?{choice}")


def test_only_what_the_operator_lists_is_opened_by_name(monkeypatch, tmp_path):
    monkeypatch.setenv("RAI_DASH_PORTFOLIOS", '{"Loans 2024": "s3://bank/loans", "Old": "/data/old"}')
    get_settings.cache_clear()
    try:
        assert listed() == {"Loans 2024": "s3://bank/loans", "Old": "/data/old"}
        assert listed_address("Old") == "/data/old"
        for name in ("loans 2024", "/data/old", "s3://bank/loans", "", "Loans 2024 "):
            with pytest.raises(NotAllowed, match="is not among the tables that the operator lists"):
                listed_address(name)
    finally:
        get_settings.cache_clear()
