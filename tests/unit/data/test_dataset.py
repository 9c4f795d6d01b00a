from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidRoles, MissingColumn
from rai_dash.core.types import Direction, Roles, ScoreScale, TargetKind
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.names import unique_names
from rai_dash.data.roles_json import roles_from_json, roles_to_json

FULL = Roles(
    target="y", favourable=("1",), unfavourable=("0",), target_kind=TargetKind.DECISION, sensitive=("sex", "age"),
    bins={"age": (25.0, 35.0)}, features=("x",), ignored=("leak",), id="id", amount="amount", time="day",
    weight="w", split="split", split_train=("train",), score="s",
    scale=ScoreScale(direction=Direction.LOWER, low=300, high=850, unit="points"),
)  # fmt: skip
FRAME = pd.DataFrame({"y": [1, 0], "x": [1.0, np.inf], "sex": ["f", "m"], "w": [1, 2], "amount": [5, 6]})


def test_plain_types_come_out_of_any_frame():
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None], dtype="Int32"),
            "level": pd.Categorical(["a", None]),
            "flag": [True, False],
            "mixed": [1, "b"],
        },
        index=[5, 9],
    )

    plain = dataset_from_frame(frame).frame

    assert [str(t) for t in plain.dtypes] == ["float64", "str", "str", "str"]
    assert plain["flag"].tolist() == ["True", "False"]
    assert list(plain.index) == [0, 1]


def test_the_fingerprint_follows_the_values():
    first, same, other = (dataset_from_frame(f).fingerprint for f in (FRAME, FRAME.copy(), FRAME.assign(y=1)))

    assert first == same != other


def test_outcome_and_features_follow_the_roles():
    dataset = dataset_from_frame(
        FRAME, Roles(target="y", favourable=("1",), sensitive=("sex",), weight="w", amount="amount")
    )

    assert dataset.outcome.tolist() == [1, 0]
    assert dataset.features == ("x", "amount")
    assert dataset.with_roles(dataset.roles.with_(features=("sex",))).features == ("sex",)
    with pytest.raises(ValueError, match="read-only"):
        dataset.outcome[0] = 0


@pytest.mark.parametrize(("values", "offered"), [(200, True), (201, False)])
def test_text_with_too_many_values_is_a_feature_only_where_it_is_named(values, offered):
    frame = pd.DataFrame({"town": [f"t{i % values}" for i in range(500)], "pay": range(500)})
    dataset = dataset_from_frame(frame)

    assert ("town" in dataset.features) is offered
    assert "pay" in dataset.features
    assert dataset.with_roles(Roles(features=("town",))).features == ("town",)


@pytest.mark.parametrize(
    ("roles", "error", "words"),
    [
        (Roles(sensitive=("sxe",)), MissingColumn, "`sex`"),
        (Roles(target="y", favourable=("1",), id="y"), InvalidRoles, "two roles: target and id"),
        (Roles(target="y", favourable=("1",), features=("y",)), InvalidRoles, "cannot be a feature"),
        (Roles(weight="sex"), InvalidRoles, "numbers from 0 up"),
        (Roles(bins={"x": (2.0, 1.0)}), InvalidRoles, "increase"),
    ],
)
def test_roles_that_do_not_fit_are_refused(roles, error, words):
    with pytest.raises(error, match=words):
        dataset_from_frame(FRAME, roles)


def test_roles_survive_json():
    assert roles_from_json(json.dumps(roles_to_json(FULL))) == FULL
    assert roles_to_json(Roles()) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON"),
        ("[1]", "one JSON object"),
        ('{"targt": "y"}', "Did you mean `target`"),
        ('{"target": 3}', "name of one column"),
        ('{"sensitive": [1]}', "list of column names"),
        ('{"favourable": [{}]}', "value of its column"),
        ('{"bins": [1]}', "edges by column"),
        ('{"target_kind": "x"}', "must be one of"),
        ('{"scale": {"low": 2, "high": 1}}', "low below high"),
        ('{"scale": {"lo": 0}}', "must look like"),
    ],
)
def test_a_mistake_in_a_file_of_roles_is_named(text, words):
    with pytest.raises(InvalidRoles, match=words):
        roles_from_json(text)


@pytest.mark.parametrize(
    ("header", "names", "codes"),
    [
        (["a", " b ", ""], ("a", "b", "Unnamed: 2"), []),
        (["a", "a", "a (2)"], ("a", "a (3)", "a (2)"), ["duplicate_name"]),
        (["Sex", "s ex"], ("Sex", "s ex"), ["similar_name"]),
        (["sex", "se\u200bx"], ("sex", "se\u200bx"), ["similar_name"]),
    ],
)
def test_every_column_gets_its_own_name_and_look_alikes_are_told(header, names, codes):
    found, notices = unique_names(header)

    assert found == names
    assert [n.code for n in notices] == codes
