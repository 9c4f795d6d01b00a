from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, f_oneway, pearsonr

from rai_dash.core.errors import MissingColumn
from rai_dash.data import measures as module
from rai_dash.data.associations import associations


@pytest.fixture
def frame():
    rng = np.random.default_rng(4)
    n = 500
    area = rng.choice(["n", "s", "w"], n)
    x = rng.normal(size=n) + (area == "s")
    return pd.DataFrame(
        {
            "x": np.where(rng.random(n) < 0.1, np.nan, x),
            "y": np.where(rng.random(n) < 0.2, np.nan, x * 2 + rng.normal(size=n)),
            "area": pd.Series(area, dtype="str"),
            "level": pd.Series(
                np.where(rng.random(n) < 0.6, area, rng.choice(["a", "b"], n)), dtype="str"
            ).mask(rng.random(n) < 0.1),
            "one": pd.Series(["k"] * n, dtype="str"),
            "flat": np.full(n, 0.1),
            "none": np.full(n, np.nan),
        }
    )


def at(matrix, a, b):
    i, j = matrix.columns.index(a), matrix.columns.index(b)
    assert matrix.measure[i][j] == matrix.measure[j][i]
    assert matrix.n[i, j] == matrix.n[j, i]
    assert np.array_equal(matrix.value[i, j], matrix.value[j, i], equal_nan=True)
    return matrix.value[i, j], matrix.measure[i][j], matrix.n[i, j]


def cramer(a, b):
    table = pd.crosstab(a.fillna("(blank)"), b.fillna("(blank)")).to_numpy()
    n, (r, k) = table.sum(), table.shape
    phi2 = chi2_contingency(table, correction=False).statistic / n
    phi2 = max(0.0, phi2 - (r - 1) * (k - 1) / (n - 1))
    return math.sqrt(phi2 / min(r - (r - 1) ** 2 / (n - 1) - 1, k - (k - 1) ** 2 / (n - 1) - 1))


def test_two_numbers_have_pearsons_correlation_over_rows_with_both(frame):
    value, measure, n = at(associations(frame, list(frame.columns)), "x", "y")

    both = frame[["x", "y"]].dropna()
    assert (measure, n) == ("Pearson", len(both))
    assert value == pytest.approx(pearsonr(both["x"], both["y"]).statistic, abs=1e-12)


def test_two_categories_have_the_corrected_v_with_blanks_as_a_category(frame):
    value, measure, n = at(associations(frame, list(frame.columns)), "area", "level")

    assert (measure, n) == ("Cramér's V", len(frame))
    assert value == pytest.approx(cramer(frame["area"], frame["level"]), abs=1e-12)


def test_a_number_and_a_category_have_the_correlation_ratio_over_rows_with_both(frame):
    value, measure, n = at(associations(frame, list(frame.columns)), "x", "level")

    both = frame[["x", "level"]].dropna()
    groups = [g.to_numpy() for _, g in both.groupby("level")["x"]]
    k = len(groups)
    f = f_oneway(*groups).statistic
    assert (measure, n) == ("correlation ratio", len(both))
    assert value == pytest.approx(math.sqrt(f * (k - 1) / (f * (k - 1) + len(both) - k)), abs=1e-12)


def test_tables_too_large_to_be_counted_whole_give_the_same_number(frame, monkeypatch):
    wanted = associations(frame, ["area", "level"]).value

    monkeypatch.setattr(module, "_MOST_CELLS", 1)

    assert associations(frame, ["area", "level"]).value == pytest.approx(wanted, abs=1e-15)


@pytest.mark.parametrize("name", ["one", "flat", "none"])
def test_a_column_with_one_value_is_undefined_with_everything(frame, name):
    matrix = associations(frame, list(frame.columns))

    assert np.isnan(matrix.value[matrix.columns.index(name)]).all()


def test_the_diagonal_is_one_where_it_is_defined(frame):
    assert np.diag(associations(frame, ["x", "area", "level"]).value).tolist() == [1.0, 1.0, 1.0]


def test_columns_that_say_the_same_are_one_and_independent_ones_are_zero():
    a = pd.Series(["p", "q"] * 50, dtype="str")
    frame = pd.DataFrame(
        {"a": a, "b": a.map({"p": "x", "q": "y"}).astype("str"), "c": ["u", "u", "v", "v"] * 25}
    )

    matrix = associations(frame, ["a", "b", "c"])

    assert at(matrix, "a", "b")[0] == pytest.approx(1.0, abs=1e-12)
    assert at(matrix, "a", "c")[0] == 0.0


def test_two_tables_of_two_have_no_yates_correction():
    frame = pd.DataFrame(
        {"a": ["x"] * 10 + ["y"] * 10, "b": ["u"] * 8 + ["v"] * 2 + ["u"] * 3 + ["v"] * 7}, dtype="str"
    )

    assert associations(frame, ["a", "b"]).value[0, 1] == pytest.approx(
        cramer(frame["a"], frame["b"]), abs=1e-12
    )


def test_partners_come_strongest_first_without_undefined_ones(frame):
    matrix = associations(frame, list(frame.columns))

    partners = matrix.partners("x", 2)

    assert [p.name for p in partners] == sorted(
        ["y", "area", "level"], key=lambda c: -abs(at(matrix, "x", c)[0])
    )[:2]
    assert [(p.value, p.measure, p.n) for p in partners] == [at(matrix, "x", p.name) for p in partners]


def test_a_column_that_is_not_there_is_named(frame):
    with pytest.raises(MissingColumn, match="`ariea`"):
        associations(frame, ["x", "ariea"])


def test_the_census_agrees_with_pandas_and_scipy(shared):
    census = pd.read_csv(
        shared / "data" / "census-loan" / "census.csv.gz", index_col=0, skipinitialspace=True
    )
    numeric = [c for c in census if census[c].dtype.kind in "if"]
    labels = [c for c in census if c not in numeric]

    ours = associations(census, [*numeric, *labels])

    k = len(numeric)
    assert ours.value[:k, :k] == pytest.approx(census[numeric].corr().to_numpy(), abs=1e-12)
    for i, a in enumerate(labels):
        for j, b in enumerate(labels[:i]):
            assert ours.value[k + i, k + j] == pytest.approx(cramer(census[a], census[b]), abs=1e-12)
