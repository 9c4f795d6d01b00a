from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Notice, Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.findings import ORDER, findings
from rai_dash.data.roles import guess_roles

N = 400
ROLES = Roles(target="y", favourable=("1",), sensitive=("sex",))


def table(**columns):
    """Build a table of applicants that are all different, with some columns changed."""
    rng = np.random.default_rng(0)
    base = {
        "y": (np.arange(N) % 3 > 0).astype(int),
        "sex": np.where(np.arange(N) % 2 == 0, "f", "m"),
        "pay": rng.normal(3000, 500, N),
        "debt": rng.normal(900, 100, N),
    }
    return pd.DataFrame(base | columns)


def codes(frame, roles=ROLES, *others, **more):
    found = findings(dataset_from_frame(frame, roles, **more), others)
    return {n.code: n for n in found}


def test_a_plain_table_has_no_findings():
    assert findings(dataset_from_frame(table(), ROLES)) == ()


@pytest.mark.parametrize(
    ("code", "values", "words"),
    [
        ("constant_column", ["x"] * N, "400 of 400 cells"),
        ("empty_column", [None] * N, "400 blank cells"),
        ("id_like", [f"K{i}" for i in range(N)], "400 different in 400 cells"),
        ("id_like", list(np.random.default_rng(1).permutation(np.arange(7000, 7000 + N))), "400 different"),
        ("row_number", range(1, N + 1), "only numbers the rows"),
        ("many_values", [f"t{i % 250}" for i in range(N)], "250 different"),
        ("date_column", [f"2020-01-{1 + i % 28:02d}" for i in range(N)], "holds dates"),
        ("long_text", [f"He said that he will pay all of it in month {i % 90} or later" for i in range(N)],
         "sentences"),
        ("code_or_quantity", [1 + i % 5 for i in range(N)], "5 values from 1 to 5"),
    ],
)  # fmt: skip
def test_an_odd_column_is_named_with_its_figure(code, values, words):
    found = codes(table(odd=values))

    assert set(found) == {code}
    assert found[code].column == "odd"
    assert words in found[code].message


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("dependents", [i % 5 for i in range(N)]),  # counted by its name
        ("flag", [i % 2 for i in range(N)]),
        ("code", [10 * (i % 7) + 100 for i in range(N)]),  # too large for a code
        ("price", list(np.random.default_rng(2).permutation(N) * 1000 + 50_000)),  # wide apart
        ("kind", [f"k{i % 11}" for i in range(N)]),
    ],
)
def test_usual_columns_are_not_odd(name, values):
    assert codes(table(**{name: values})) == {}


def test_roles_and_what_reading_said_silence_findings_about_a_column():
    frame = table(
        n=range(N), key=[f"K{i}" for i in range(N)], day=[f"2020-01-{1 + i % 28:02d}" for i in range(N)]
    )
    said = (Notice("row_number", "told", column="n"),)

    assert set(codes(frame)) == {"row_number", "id_like", "date_column"}
    assert codes(frame, ROLES.with_(id="key", time="day"), warnings=said) == {}
    assert codes(frame, ROLES.with_(ignored=("n", "key", "day"))) == {}


def test_many_odd_columns_of_one_kind_are_one_sentence():
    found = findings(dataset_from_frame(table(**{f"c{i}": ["x"] * N for i in range(10)}), ROLES))

    assert [n.code for n in found] == ["constant_column"]
    assert found[0].column is None
    assert found[0].message.startswith("10 columns have the same value")
    assert "`c7` and 2 more" in found[0].message


def test_leaks_are_told_with_evidence_by_content_and_by_name():
    frame = table(
        after=[5 if i % 3 else 9 for i in range(N)], recoveries=np.random.default_rng(3).normal(size=N)
    )

    found = {
        n.column: n.message for n in findings(dataset_from_frame(frame, ROLES)) if n.code == "leak_suspect"
    }

    assert "repeats the outcome one to one in 400 rows" in found["after"]
    assert "reads as something known only after the decision" in found["recoveries"]
    left_out = codes(frame, ROLES.with_(ignored=("after", "recoveries")))["leak_suspect"]
    assert "It is left out" in left_out.message
    assert left_out.column == "after"


def test_no_message_holds_a_value_of_a_personal_column():
    mails = [f"private{i % 300}@bank.example" for i in range(N)]
    frame = table(mail=mails, surname=[f"Secret{'abcdefghij'[i % 10]}" for i in range(N)])

    found = findings(dataset_from_frame(frame, ROLES))

    assert [(n.code, n.column) for n in found] == [("personal_data", "mail"), ("personal_data", "surname")]
    assert "e-mail addresses (100 % of its cells)" in found[0].message
    assert not any("private" in n.message or "Secret" in n.message for n in found)


def test_rows_without_outcome_are_counted_by_reason():
    y = ["yes"] * 200 + ["no"] * 150 + ["withdrawn"] * 30 + [None] * 20
    found = codes(table(y=y), ROLES.with_(favourable=("yes",), unfavourable=("no",)))

    assert found["no_outcome"].rows == 50
    assert "50 rows of 400 have no outcome" in found["no_outcome"].message
    assert "20 blank and 30 with a value on neither side" in found["no_outcome"].message


@pytest.mark.parametrize(("value", "side"), [(1, "favourable"), (0, "unfavourable")])
def test_one_outcome_is_explained(value, side):
    roles = ROLES.with_(unfavourable=("0",))

    found = codes(table(y=[value] * N), roles)["one_outcome"]

    assert f"All 400 rows with an outcome in `y` are {side}" in found.message


def test_a_target_that_is_blank_throughout_has_no_outcome_and_not_one():
    found = codes(table(y=[None] * N))

    assert set(found) == {"no_outcome"}
    assert found["no_outcome"].rows == N


def test_few_rows_of_one_outcome_or_at_all():
    assert codes(table()[:60])["few_rows"].rows == 60
    found = codes(table(y=[1] * 12 + [0] * (N - 12)))["few_rows"]
    assert found.rows == 12
    assert "12 rows of 400 have the favourable outcome" in found.message


def test_no_sensitive_column_is_said():
    assert set(codes(table(), ROLES.with_(sensitive=()))) == {"no_sensitive"}


def test_repeated_rows_are_counted_as_pandas_counts_them_without_ids():
    frame = pd.concat([table(), table()[:37]], ignore_index=True)
    named = frame.assign(key=[f"K{i}" for i in frame.index], n=range(len(frame)))

    found = codes(named, ROLES.with_(id="key", ignored=("n",)))

    assert found["duplicate_rows"].rows == frame.duplicated().sum() == 37


def test_rows_of_few_coarse_columns_repeat_by_chance_and_nobody_is_alarmed():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {"y": rng.integers(0, 2, N), "sex": rng.choice(["f", "m"], N), "area": rng.choice(list("abc"), N)}
    )

    assert frame.duplicated().sum() > 300
    assert codes(frame) == {}


def test_rows_with_the_same_features_and_another_outcome():
    turned = table()[:25].assign(y=lambda t: 1 - t["y"])
    frame = pd.concat([table(), turned], ignore_index=True).assign(copy=lambda t: t["y"] * 7)

    found = codes(frame, ROLES.with_(ignored=("copy",)))

    assert found["conflicting_rows"].rows == 50
    assert "duplicate_rows" not in found


def test_copies_on_both_sides_of_a_split():
    frame = pd.concat([table(), table()[:21]], ignore_index=True)
    frame["split"] = ["train"] * N + ["test"] * 21

    found = codes(frame, ROLES.with_(split="split", split_train=("train",)))

    assert found["rows_in_training_and_test"].rows == 21
    assert "21 rows of 21 equal a row of the training rows" in found["rows_in_training_and_test"].message


def other(frame, roles=ROLES):
    return dataset_from_frame(frame, roles, name="the other")


def test_copies_in_another_table_with_other_types_and_more_columns():
    theirs = table()[:40].assign(more=1, sex=lambda t: t["sex"] + "x")
    theirs["y"] = theirs["y"].astype(float)

    found = codes(table(), ROLES, other(theirs.assign(sex=table()["sex"])))["rows_in_training_and_test"]

    assert found.rows == 40
    assert "40 rows of 400 equal a row of `the other`" in found.message
    assert codes(table(), ROLES, other(theirs)) == {}  # another label is another row
    assert codes(table(), ROLES, other(table())) == {}  # the very same table


def test_ids_tell_copies_from_people_who_look_alike():
    roles = ROLES.with_(id="key")
    mine, theirs = (table(key=[f"{k}{i}" for i in range(N)]) for k in "KL")
    same = theirs[:30].assign(key=mine["key"])

    told = codes(mine, roles, other(theirs, roles))["rows_in_training_and_test"].message
    assert "None of them has the same id" in told
    told = codes(mine, roles, other(same, roles))["rows_in_training_and_test"].message
    assert "30 of them have the same id" in told


def test_findings_come_in_the_order_of_importance():
    frame = pd.concat([table(), table()[:9]], ignore_index=True)
    frame = frame.assign(
        one="x",
        recoveries=np.random.default_rng(5).normal(size=len(frame)),
        mail=[f"a{i % 40}@b.org" for i in frame.index],
    )

    found = [n.code for n in findings(dataset_from_frame(frame, Roles(target="y", favourable=("1",))))]

    assert found == ["leak_suspect", "personal_data", "no_sensitive", "constant_column"]
    assert sorted(found, key=ORDER.index) == found


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"a": np.array([], np.float64)})])
def test_an_empty_table_has_few_rows_and_nothing_else(frame):
    assert set(codes(frame, Roles())) == {"few_rows"}


REAL = {
    "census-loan/census": {"duplicate_rows", "conflicting_rows"},
    "german-credit/german_credit_coded": set(),
    "german-credit/german_credit_decoded": set(),
    "german-credit/south_german_credit": {"code_or_quantity"},
    "boston-mortgage/loanapp": {"leak_suspect", "code_or_quantity", "constant_column"},
    "hmda-pricing/hmda_2018_pricing_test": {"duplicate_rows"},
    "taiwan-default/credit_card_clients": {"duplicate_rows", "code_or_quantity"},
    "story/group_production_110": set(),
    "story/group_training": {"duplicate_rows"},
}


@pytest.mark.parametrize("name", REAL)
def test_published_tables_raise_no_false_alarm(name, shared, parse):
    (path,) = (shared / "data").glob(f"{name}.*.gz")
    frame, said = parse(path.read_bytes())
    roles = guess_roles(frame).roles

    notices = tuple(Notice(**n) for group in said.values() for n in group)
    found = findings(dataset_from_frame(frame, roles, warnings=notices))

    assert {n.code for n in found} == REAL[name]
    assert {n.column for n in found if n.code == "leak_suspect"} <= {"action", "reject"}
    for n in found:
        if n.code == "duplicate_rows":
            assert (
                n.rows == frame.drop(columns=[*roles.ignored, *filter(None, [roles.id])]).duplicated().sum()
            )


def test_the_census_has_the_duplicates_that_its_description_states(shared, parse):
    frame, _ = parse((shared / "data" / "census-loan" / "census.csv.gz").read_bytes())

    found = findings(dataset_from_frame(frame, guess_roles(frame).roles))

    assert next(n.rows for n in found if n.code == "duplicate_rows") == 3804


def test_rows_without_a_weight_are_told():
    frame = pd.DataFrame({"y": ["a", "b"] * 60, "w": [1.0, np.nan, 2.0] * 40})
    data = dataset_from_frame(frame, Roles(target="y", favourable=("a",), weight="w"))
    told = next(n for n in findings(data) if n.code == "blank_weight")
    assert (told.column, told.rows) == ("w", 40)
    assert "40 rows of 120 have no weight in `w` and count 1" in told.message
