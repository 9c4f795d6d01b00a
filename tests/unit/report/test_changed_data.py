"""Two data sets side by side: counts against pandas, intervals against scipy and formulas of our own."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.report.changed import changed
from rai_dash.report.changed.datasets import changed_data
from tests.oracles.formulas import newcombe, wilson_of_scipy

ROLES = Roles(target="paid", favourable=("yes",), sensitive=("sex",), id="loan")


def frame_of(n=400, seed=1):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "loan": [f"L{i:05d}" for i in range(n)],
            "paid": rng.choice(["yes", "no"], n),
            "sex": rng.choice(["f", "m"], n),
            "income": rng.normal(50, 10, n).round(2),
            "job": rng.choice(["a", "b", "c"], n),
        }
    )


def made(frame, roles=ROLES):
    return dataset_from_frame(frame, roles)


def words(found, area):
    return " ".join(item.words for item in found.of(area))


def test_the_same_data_have_not_changed():
    found = changed(made(frame_of()), made(frame_of()))

    assert found.is_same
    assert found.headline == "The data are the same file: 400 rows, 5 columns."


def test_another_file_with_the_same_cells_says_so():
    first, frame = made(frame_of()), frame_of()
    second = made(frame[["paid", "loan", "sex", "income", "job"]])

    found = changed_data(first, second)

    assert "another file, and every cell of it is the same" in found.headline
    assert [item.what for item in found.of("columns")] == ["order"]
    assert [item.what for item in found.items if item.area == "file"] == ["Fingerprint"]


def test_another_role_is_told_though_every_cell_is_the_same():
    other = ROLES.with_(sensitive=(), favourable=("no",))

    found = changed_data(made(frame_of()), made(frame_of(), other))

    assert {item.what for item in found.of("roles")} == {"role sensitive", "role favourable"}
    assert "2 roles of the columns are not as before" in found.headline


def test_edited_cells_are_found_by_their_id_whatever_the_order_of_rows():
    then = frame_of()
    now = then.sample(frac=1, random_state=4).iloc[:-50].copy()
    rng = np.random.default_rng(9)
    edited = rng.choice(now.index, 37, replace=False)
    now.loc[edited, "income"] += 1
    flipped = edited[:11]
    now.loc[flipped, "paid"] = now.loc[flipped, "paid"].map({"yes": "no", "no": "yes"})
    now = pd.concat([now, frame_of(30, 7).assign(loan=[f"N{i}" for i in range(30)])])

    found = changed_data(made(then), made(now))

    both = then.merge(now, on="loan", suffixes=("_then", "_now"))
    by_hand = {
        c: int((both[f"{c}_then"] != both[f"{c}_now"]).sum()) for c in ("income", "paid", "sex", "job")
    }
    told = {item.what: item.after for item in found.of("rows")}
    assert (by_hand["income"], by_hand["paid"]) == (37, 11)
    assert {c: told.get(c, 0) for c in by_hand} == by_hand
    assert told["values"] == 37
    assert [(i.before, i.after) for i in found.items if i.what == "ids"] == [(50, 30)]
    outcome = next(i for i in found.items if i.what == "outcome of the same id")
    lost = int(((both["paid_then"] == "yes") & (both["paid_now"] == "no")).sum())
    assert (outcome.before, outcome.after) == (lost, 11 - lost)
    low, high = wilson_of_scipy(37, len(both))
    assert f"{37 / len(both) * 100:.0f} % ({low * 100:.1f} % to {high * 100:.0f} %), 37 of 350" in words(
        found, "rows"
    )


def test_blanks_are_no_change_and_a_blank_that_is_filled_is_one():
    then = frame_of(60)
    then.loc[:9, ["income", "job"]] = None
    now = then.copy()
    now.loc[:3, "income"] = 1.0

    found = changed_data(made(then), made(now))

    assert {i.what: i.after for i in found.of("rows")} == {"values": 4, "income": 4}


def test_ids_that_stand_there_twice_or_are_blank_are_left_out_and_counted():
    then, now = frame_of(60), frame_of(60)
    now.loc[0, "loan"] = "L00001"
    now.loc[2, "loan"] = None
    now.loc[5, "job"] = "z"

    found = changed_data(made(then), made(now))

    assert any(note.startswith("3 rows could not be followed") for note in found.notes)
    assert [(i.before, i.after) for i in found.items if i.what == "ids"] == [(3, 0)]


def test_without_ids_rows_are_not_followed_and_it_says_so():
    roles = ROLES.with_(id=None)
    now = frame_of()
    now.loc[0, "income"] = 99

    found = changed_data(made(frame_of(), roles), made(now, roles))

    assert any("single rows are not followed" in note for note in found.notes)


def test_numbers_with_the_same_label_are_the_same_in_text_and_in_numbers():
    then = pd.DataFrame({"loan": [f"x{i}" for i in range(40)], "n": [1, 2] * 20})
    now = pd.DataFrame({"loan": [f"x{i}" for i in range(40)], "n": ["1", "2"] * 20})
    now.loc[3, "n"] = "many"
    roles = Roles(id="loan")

    found = changed_data(made(then, roles), made(now, roles))

    assert "`n` held numbers before and holds text now." in words(found, "columns")
    assert {i.what: i.after for i in found.of("rows")}["n"] == 1


def test_a_column_with_the_same_values_under_another_name_is_told_as_renamed():
    now = frame_of().rename(columns={"income": "salary"})

    found = changed_data(made(frame_of()), made(now))

    assert "`salary` is new and holds the same values in every row" in words(found, "columns")
    assert {i.what for i in found.of("columns")} == {"income", "salary"}


def test_new_and_gone_categories_are_counted():
    now = frame_of(seed=2)
    now["job"] = now["job"].replace({"a": "z"})
    n = int((now["job"] == "z").sum())

    found = changed_data(made(frame_of()), made(now))

    said = words(found, "categories")
    assert f"z ({n} rows)" in said
    assert re.search(r"gone now: a \(\d+ rows\)", said)


def test_moved_columns_and_the_outcome_have_the_numbers_of_an_independent_count():
    then, now = frame_of(600), frame_of(500, 5)
    now["income"] += 8
    now["loan"] = [f"N{i}" for i in range(500)]
    now["paid"] = np.where(np.arange(500) < 450, "yes", "no")

    found = changed_data(made(then), made(now))

    edges = np.quantile(then["income"], np.arange(1, 10) / 10)
    shares = [
        np.bincount(np.searchsorted(edges, f["income"], side="right"), minlength=10) / len(f)
        for f in (then, now)
    ]
    old, new = (np.maximum(s, 1e-4) for s in shares)
    psi = float(((new - old) * np.log(new / old)).sum())
    moved = next(i for i in found.of("distributions") if i.what == "income")
    assert moved.size == pytest.approx(psi, abs=0.02)
    assert (moved.before, moved.after) == (
        pytest.approx(then["income"].mean()),
        pytest.approx(now["income"].mean()),
    )
    good = int((then["paid"] == "yes").sum())
    low, high = newcombe(450 / 500, 500, good / 600, 600)
    assert f"({low * 100:+.1f} points to {high * 100:+.1f} points)" in words(found, "outcome")
    assert found.headline.startswith("The data are other ones: 600 rows before, 500 now")


def test_nothing_is_called_moved_in_a_fresh_draw_of_the_same():
    found = changed_data(
        made(frame_of(500, 3)), made(frame_of(500, 4).assign(loan=[f"N{i}" for i in range(500)]))
    )

    assert not found.of("distributions")
    assert "no column is shown to have moved" in found.headline
    assert any("not to say that there is none" in note for note in found.notes)


def test_few_rows_and_no_outcome_are_said_not_guessed():
    bare = Roles(sensitive=("sex",))

    found = changed_data(made(frame_of(10), bare), made(frame_of(8, 2), bare))

    assert any("outcome is known of fewer than 30 rows" in note for note in found.notes)
    assert not found.of("distributions")
    json.loads(found.to_json())


def test_the_json_says_everything_in_plain_values():
    content = json.loads(changed_data(made(frame_of(300)), made(frame_of(200, 2))).to_json())

    assert content["schema"] == "rai-dash/changed/1"
    assert content["kind"] == "data"
    assert {c["column"] for c in content["details"]["columns"]} == {"sex", "income", "job"}
    assert content["same"] is False
    assert content["items"][0].keys() == {
        "area",
        "what",
        "words",
        "before",
        "after",
        "size",
        "rows",
    }
