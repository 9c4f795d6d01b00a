"""Scoring as one function of batches: against the library alone, and however the rows are cut."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.core.errors import MissingColumn, RefusedModel
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.portfolio.jobs.plain import plain_batch
from rai_dash.models.loading import load_reviewed
from rai_dash.models.rows import score_batch
from tests.jobs import INPUTS, expected, loans, trained


@pytest.fixture(scope="module")
def table():
    return loans(3_000)


def batch_of(table):
    return table.combine_chunks().to_batches()[0]


@pytest.fixture(scope="module")
def model():
    return load_reviewed(trained())


def test_scores_equal_those_of_the_library(table, model):
    found = score_batch(batch_of(table), model, 1)

    np.testing.assert_array_equal(found["score"].to_numpy(), expected(trained(), table))
    unseen = np.asarray([text == "R9" for text in table["region"].to_pylist()])
    np.testing.assert_array_equal(found["unseen"].to_numpy(zero_copy_only=False), unseen)
    assert unseen.any()


def test_class_0_may_be_the_favourable_one(table, model):
    np.testing.assert_array_equal(
        score_batch(batch_of(table), model, 0)["score"].to_numpy(), 1.0 - expected(trained(), table)
    )


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_the_cut_into_batches_changes_nothing(table, model, size):
    given = table.slice(0, 40 if size == 1 else 3_000)
    pieces = [score_batch(b, model, 1) for b in given.combine_chunks().to_batches(max_chunksize=size)]

    whole = score_batch(batch_of(given), model, 1)
    assert pa.Table.from_batches(pieces).combine_chunks().equals(pa.Table.from_batches([whole]))


def test_columns_are_taken_by_name(table, model):
    turned = table.select(["owner", "id", "age", "region", "income"])

    assert score_batch(batch_of(turned), model, 1).equals(score_batch(batch_of(table), model, 1))
    with pytest.raises(MissingColumn, match="`age`"):
        score_batch(batch_of(table.drop_columns(["age"])), model, 1)


def test_an_empty_batch_has_the_columns_of_any_other(table, model):
    assert (
        score_batch(batch_of(table).slice(0, 0), model, 1).schema
        == score_batch(batch_of(table), model, 1).schema
    )


class Odd:
    """A model with answers that are given."""

    def __init__(self, info, answers):
        self.info, self.answers = info, answers

    def probability(self, frame):
        return np.resize(self.answers, len(frame))


def test_a_row_without_a_number_has_no_score_and_what_is_no_probability_is_refused(table, model):
    found = score_batch(batch_of(table), Odd(model.info, [0.25, np.nan]), 1)

    assert found["score"].to_pylist()[:4] == [0.25, None, 0.25, None]
    for answer in (1.01, -0.01, np.inf):
        with pytest.raises(RefusedModel, match="no probabilities"):
            score_batch(batch_of(table), Odd(model.info, [0.5, answer, np.nan]), 1)


def test_a_batch_reads_as_the_data_door_reads_the_table():
    day = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    table = pa.table(
        {
            "text": [" a", "a ", "", None],
            "coded": pa.array(["x", None, "y", "x"]).dictionary_encode(),
            "whole": pa.array([1, 2, 3, 4], pa.int8()),
            "gaps": pa.array([1, None, 3, 4], pa.int32()),
            "number": [0.5, float("nan"), float("-inf"), -0.0],
            "truth": [True, False, None, True],
            "time": pa.array([day, None, day, day], pa.timestamp("us", "UTC")),
            "none": pa.nulls(4),
        }
    )
    found = plain_batch(batch_of(table), table.column_names)

    door = dataset_from_frame(pd.DataFrame(table.to_pydict())).frame
    for name in table.column_names:
        mine = found[name].astype("object").where(found[name].notna(), None)
        if name == "time":
            assert mine.tolist() == ["2024-05-01 00:00:00+00:00", None, *["2024-05-01 00:00:00+00:00"] * 2]
        else:
            theirs = door[name].astype("object").where(door[name].notna(), None)
            assert mine.tolist() == theirs.tolist(), name
    assert [str(t) for t in found.dtypes] == [
        "category", "category", "int64", "float64", "float64", "category", "category", "float64",
    ]  # fmt: skip


def test_a_blank_batch_of_text_stays_text():
    found = plain_batch(batch_of(pa.table({"a": pa.array([None, " "], pa.string())})), ["a"])

    assert isinstance(found["a"].dtype, pd.CategoricalDtype)
    assert found["a"].isna().all()


def test_inputs_of_the_story_are_those_of_the_model(model):
    assert list(model.info.feature_names) == INPUTS
