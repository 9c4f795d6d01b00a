"""The audit of a table that is counted where it lies, number by number against that of the same rows in memory."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import rai_dash
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Direction, ReviewBand, Roles, ScoreScale
from rai_dash.data.dataset import Dataset
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.read import read_dataset
from rai_dash.metrics.table import Costs
from tests.in_process import played  # noqa: F401 - a fixture of this file
from tests.same_json import differences

pytestmark = pytest.mark.usefixtures("played")

ROWS = 50_000
LOANS = Roles(
    target="out", favourable=("good",), sensitive=("sex", "age"), score="points", weight="w", split="split",
    split_train=("train",), scale=ScoreScale(low=300.0, high=850.0, direction=Direction.LOWER),
)  # fmt: skip
#: Taken from rows in memory and from cells where the table lies: named in the JSON by ``from``.
BLURRED = ("calibration_intercept", "calibration_slope")
#: Of another file, drawn anew with a seed from it, or findings, which have tests of their own.
OTHER = {
    ("data", "name"), ("data", "fingerprint"), ("data", "warnings"), ("costs", "stability"), ("costs", "reason"),
    ("rests_on",), ("data", "roles", "bins"),  # of a portfolio the edges of numbers are found once, and kept
}  # fmt: skip


def loans(n: int = ROWS) -> pd.DataFrame:
    """Applications with blanks, NaN, ties, weights, a split, and points on a scale where lower is better."""
    rng = np.random.default_rng(3)
    truth = rng.beta(2.0, 2.0, n)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m", None], n, p=[0.4, 0.59, 0.01]),
            "age": rng.integers(18, 80, n),
            "region": rng.choice(["a", "b", "c"], n),
            "w": np.where(rng.random(n) < 0.02, np.nan, rng.integers(1, 5, n) / 4),
            "split": rng.choice(["train", "test"], n),
            "points": np.where(rng.random(n) < 0.01, np.nan, np.round(850 - 550 * truth)),
            "income": np.where(rng.random(n) < 0.01, np.nan, rng.random(n) * 1e4),
            "out": np.where(rng.random(n) < truth, "good", "bad"),
        }
    )
    frame.loc[rng.random(n) < 0.02, "out"] = None
    return frame


def put(frame: pd.DataFrame, place: Path, parts: int) -> Path:
    """Write a table as one file beside a folder of parts, and return the folder."""
    folder = place / "parts"
    folder.mkdir()
    ends = np.linspace(0, len(frame), parts + 1).astype(int)
    for i in range(parts):
        frame.iloc[ends[i] : ends[i + 1]].to_parquet(folder / f"part-{i}.parquet", index=False)
    frame.to_parquet(place / "all.parquet", index=False)
    return folder


def audited(dataset: Dataset, **how: Any) -> dict[str, Any]:
    return json.loads(rai_dash.audit(dataset, **how).to_json())


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """The audit in memory, and where the table lies."""
    folder = put(loans(), tmp_path_factory.mktemp("loans"), 3)
    how = {
        "crosses": [("sex", "age")], "controls": ("region",), "threshold": 0.4567, "band": ReviewBand(0.3, 0.45, 0.7),
        "costs": Costs(cost_fp=5.0, cost_fn=1.0), "references": {"sex": "m"},
    }  # fmt: skip
    here = read_dataset(folder.parent / "all.parquet", LOANS)
    return audited(here, **how), audited(dataset_of(open_portfolio(folder), LOANS), **how)


def is_other(at: tuple[str, ...]) -> bool:
    return any(at[: len(one)] == one for one in OTHER)


def is_from_cells(at: tuple[str, ...]) -> bool:
    """Whether a place is in a figure that says itself that it comes from cells."""
    return at[-1] in {"from", "bound"} or any(name in at for name in (*BLURRED, "impact_ratios"))


def test_every_count_and_all_that_follows_from_it_is_that_of_the_rows_in_memory(both):
    """Sums of weights are added in another order by the engine, so numbers with a fraction may differ by 1e-12."""
    memory, lying = both
    apart = [
        at for at, *_ in differences(memory, lying, rel=1e-12) if not is_other(at) and not is_from_cells(at)
    ]

    # Two scores in one thousandth are a tie for the area under the curve: it may move, within its stated bound.
    assert {at[-2] for at in apart} <= {"auc"}
    assert list(lying) == [*list(memory)[:2], "rests_on", *list(memory)[2:]]


def test_what_comes_from_cells_says_so_and_lies_beside_what_comes_from_rows(both):
    memory, lying = both
    for where in (
        lambda j: j["overall"],
        lambda j: j["groups"]["sex"]["f"],
        lambda j: j["groups"]["age"]["[64, inf)"],
    ):
        rows, cells = where(memory), where(lying)
        for name in ("auc", *BLURRED):
            assert (rows[name]["from"], cells[name]["from"]) == ("rows", "cells")
            for end in ("value", "low", "high"):
                assert cells[name][end] == pytest.approx(rows[name][end], abs=1e-6)
        assert abs(cells["auc"]["value"] - rows["auc"]["value"]) <= cells["auc"]["bound"]
        for name in ("mean_score", "brier"):
            assert cells[name]["value"] == pytest.approx(rows[name]["value"], rel=1e-12)
    medians = [j["impact_ratios"]["sex"]["median_score"] for j in (memory, lying)]
    assert medians[1] == pytest.approx(medians[0], abs=1e-3)


def test_the_counts_are_those_of_pandas_over_all_rows(both):
    _, lying = both
    frame = loans()
    rows = frame[frame["split"] != "train"]

    assert lying["data"]["rows"] == ROWS
    assert lying["data"]["judged_rows"] == len(rows)
    assert lying["data"]["exposure"] == "held out"
    assert lying["scores"]["n"] == ROWS
    assert lying["scores"]["missing"] == frame["points"].isna().sum()
    first = [None if np.isnan(x) else 1 - (x - 300) / 550 for x in frame["points"][:200]]
    assert lying["scores"]["first"] == [None if x is None else pytest.approx(x, abs=1e-14) for x in first]
    for group, part in rows.groupby(rows["sex"].fillna("(missing)")):
        assert lying["groups"]["sex"][group]["n"] == len(part)
        selected = part[1 - (part["points"] - 300) / 550 >= 0.4567]
        weight = selected["w"].fillna(1.0).sum()
        assert lying["groups"]["sex"][group]["selection_rate"]["numerator"] == pytest.approx(
            weight, rel=1e-12
        )


def test_how_stable_a_cheapest_threshold_is_needs_the_rows_where_they_carry_weights(both):
    memory, lying = both

    assert memory["costs"]["stability"]["source"] == "rows"
    assert lying["costs"]["stability"] is None
    assert "rows in memory" in lying["costs"]["reason"]


def test_it_says_what_it_rests_on(both):
    memory, lying = both

    assert "rests_on" not in memory
    assert lying["rests_on"]["rows_counted"] == ROWS
    assert 19_000 < lying["rests_on"]["rows_sampled"] < ROWS
    assert lying["rests_on"]["source"] == "3 Parquet files"
    assert lying["rests_on"]["engine"] == "duckdb"
    assert lying["rests_on"]["fingerprint_of"] == "names, sizes and footers of the files"
    assert "explanations" in lying["rests_on"]["of_the_sample"]
    assert "scores.first" not in lying["rests_on"]["of_the_sample"]


def test_the_german_credit_data_too(shared, tmp_path):
    frame = pd.read_csv(shared / "data" / "german-credit" / "german_credit_decoded.csv.gz")
    rng = np.random.default_rng(0)
    good = frame["credit_risk"] == "good"
    frame["score"] = np.clip(0.35 + 0.3 * good + rng.normal(0, 0.15, len(frame)), 0, 1)
    folder = put(frame, tmp_path, 2)
    roles = Roles(
        target="credit_risk", favourable=("good",), sensitive=("sex", "age_in_years", "foreign_worker"),
        bins={"age_in_years": (25.0, 35.0, 50.0)}, score="score",
    )  # fmt: skip
    how = {"crosses": [("sex", "age_in_years")], "controls": ("housing",), "threshold": 0.5123}

    memory = audited(read_dataset(tmp_path / "all.parquet", roles), **how)
    lying = audited(dataset_of(open_portfolio(folder), roles), **how)

    apart = [
        at for at, *_ in differences(memory, lying, rel=1e-12) if not is_other(at) and not is_from_cells(at)
    ]
    assert {at[-2] for at in apart} <= {"auc"}
    assert lying["rests_on"]["rows_sampled"] == lying["rests_on"]["rows_counted"] == 1_000


def test_a_cell_of_training_rows_only_brings_none_of_them(tmp_path):
    """The rows of a cell are asked for by themselves: all of them trained does not mean that all rows are."""
    frame = pd.DataFrame(
        {
            "out": ["good", "bad"] * 4,
            "split": ["train", "train", "test", "test"] * 2,
            "score": [0.5004, 0.5006, 0.2, 0.8] * 2,
        }
    )
    folder = put(frame, tmp_path, 1)
    roles = Roles(
        target="out", favourable=("good",), score="score", split="split", split_train=("train",)
    )  # fmt: skip

    found = audited(dataset_of(open_portfolio(folder), roles), threshold=0.5005)

    assert found["overall"]["n"] == 4
    assert found["overall"]["selection_rate"]["numerator"] == 2.0


def test_scores_of_the_sample_are_not_taken_for_those_of_all_rows(tmp_path):
    dataset = dataset_of(open_portfolio(put(loans(300), tmp_path, 2)), LOANS.with_(score=None))

    with pytest.raises(InvalidChoice, match="counted where it lies"):
        rai_dash.audit(dataset, np.full(dataset.n_rows, 0.5))


def test_a_model_scores_all_rows_once_and_explains_rows_of_the_sample_by_their_place(repo, tmp_path):
    frame = pd.read_csv(repo / "sample_data" / "story_living_1100.csv.gz")
    folder = put(frame, tmp_path, 3)
    roles = Roles(target="loan", favourable=("Approved",), sensitive=("gender",))
    background = read_dataset(tmp_path / "all.parquet", roles)

    with rai_dash.load_model(repo / "sample_data" / "story_biased.ubj", favourable=("Approved",)) as model:
        how = {"explain": 2, "background": background}
        memory = audited(background, model_or_scores=model, **how)
        table = dataset_of(open_portfolio(folder), roles)
        # A sample that leaves rows out: their places are those in the whole table.
        few = replace(table, frame=table.frame.iloc[5:].reset_index(drop=True), places=table.places[5:])
        lying = audited(few, model_or_scores=model, work=tmp_path / "work", **how)
        again = audited(
            dataset_of(open_portfolio(folder), roles), model_or_scores=model, scores=tmp_path / "work"
        )
        turned = dataset_of(open_portfolio(_turned(frame, tmp_path)), roles)
        with pytest.raises(InvalidChoice, match="of another table"):
            rai_dash.audit(turned, model, scores=tmp_path / "work")

    assert (lying["scores"]["n"], lying["scores"]["missing"]) == (1_100, memory["scores"]["missing"])
    assert lying["scores"]["first"] == memory["scores"]["first"]
    for found in (lying, again):
        apart = [at for at, *_ in differences(memory["groups"], found["groups"], rel=1e-12)]
        assert {at[-2] for at in apart if not is_from_cells(at)} <= {"auc"}
    assert [e["row"] for e in lying["explanations"]] == [5, 6]
    assert [e["row"] for e in memory["explanations"]] == [0, 1]


def _turned(frame: pd.DataFrame, place: Path) -> Path:
    """The same rows in another order: each score would stand beside another row."""
    other = place / "turned"
    other.mkdir()
    return put(frame.iloc[::-1], other, 3)
