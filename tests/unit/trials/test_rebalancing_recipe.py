"""Recipes as one writes them, the own training column, and the fold before anything is trained."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.core.types import Roles
from rai_dash.data.cell_plan import CellTarget
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.trials.rebalancing.folds import looks
from rai_dash.trials.rebalancing.own_column import own_factor
from rai_dash.trials.rebalancing.preview import cautions, cell_facts, preview
from rai_dash.trials.rebalancing.recipe import Recipe, cell_from_text, cells_from_json, named_cells
from rai_dash.trials.rebalancing.strategies import OWN, WEIGHTS, chosen_strategies, draw

ROLES = Roles(target="loan", favourable=("Yes|no=1",), sensitive=("g",), features=("a",))


def table(**more):
    frame = pd.DataFrame(
        {
            "loan": ["Yes|no=1"] * 30 + ["No"] * 70,
            "g": ["a|b=c"] * 4 + ["m"] * 26 + ["a|b=c"] * 30 + ["m"] * 40,
            "a": [1.5, 1.5, 2.5, 2.5, *np.arange(96.0)],
            **more,
        }
    )
    return dataset_from_frame(frame, ROLES)


@pytest.mark.parametrize(
    ("text", "group", "good", "amount"),
    [
        ("m|No=500", "m", False, {"rows": 500}),
        ("m|favourable=80%", "m", True, {"share": 0.8}),
        ("a|b=c|No= 7 ", "a|b=c", False, {"rows": 7}),
        ("No=0", None, False, {"rows": 0}),
        ("m|unfavourable=12.5 %", "m", False, {"share": 0.125}),
    ],
)
def test_a_cell_is_read_from_text(text, group, good, amount):
    assert cell_from_text(table(), text) == CellTarget(group=group, favourable=good, **amount)


@pytest.mark.parametrize("text", ["m|No", "m|No=x", "m|No=1.5", "m|No=inf", "=", "m|No=nan%", ""])
def test_what_is_no_cell_is_refused_with_the_way_to_write_one(text):
    with pytest.raises(InvalidChoice, match="GROUP"):
        cell_from_text(table(), text)


def test_an_outcome_that_there_is_not_is_refused_with_those_there_are():
    with pytest.raises(InvalidChoice, match=r"`Maybe`, which `loan` does not have. Choose from: .*`No`"):
        cell_from_text(table(), "m|Maybe=5")


def test_a_value_of_the_target_goes_before_our_own_words():
    frame = pd.DataFrame({"y": ["unfavourable", "favourable"] * 5, "x": range(10)})
    turned = dataset_from_frame(frame, Roles(target="y", favourable=("unfavourable",)))

    assert cell_from_text(turned, "unfavourable=5").favourable


def test_awkward_names_go_into_a_file_and_the_recipe_is_one():
    cells = cells_from_json(
        table(),
        json.dumps(
            [{"group": "a|b=c", "label": "Yes|no=1", "share": 0.5}, {"group": "m", "label": "No", "rows": 12}]
        ).encode(),
    )

    recipe = Recipe(by="g", up=0, down=1, cells=cells, column="w")
    assert cells == (
        CellTarget(group="a|b=c", favourable=True, share=0.5),
        CellTarget(group="m", favourable=False, rows=12),
    )
    assert cells_from_json(table(), json.dumps(recipe.to_json()["cells"]).encode()) == cells
    assert recipe.to_json()["column"] == "w"
    assert (
        recipe.words
        == "outcome × g, up 0 %, down 100 %, favourable × a|b=c to 50 %, unfavourable × m to 12 rows"
    )
    assert named_cells(table(), ["m|No=3"], None) == (CellTarget(group="m", favourable=False, rows=3),)


@pytest.mark.parametrize(
    "content",
    [
        "no json", "{}", "[1]", '[{"group": "m"}]', '[{"label": "No", "rows": 1.5}]', '[{"label": "No", "rows": true}]',
        '[{"label": "No", "rows": 1, "evil": 2}]', '[{"label": "No", "share": "1"}]',
        '[{"label": "No", "group": [1], "rows": 1}]',
        '[{"label": "No", "share": NaN}]', '[{"label": "No"}]', '[{"label": ["No"], "rows": 1}]', "[" * 100_000,
    ],
)  # fmt: skip
def test_a_file_that_is_none_of_ours_is_refused(content):
    with pytest.raises(InvalidChoice):
        cells_from_json(table(), content.encode())


TRAIN = np.arange(0, 100, 2)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 1], [0.0, 1.0]),
        ([True, False], [1.0, 0.0]),
        (["Yes", "no"], [1.0, 0.0]),
        (["TRUE", "n"], [1.0, 0.0]),
        ([0.25, 3.5], [0.25, 3.5]),
    ],
)
def test_an_own_column_is_read_on_training_rows_and_not_looked_at_elsewhere(values, expected):
    values = [values[i // 2 % 2] for i in range(100)]
    column = pd.Series(values, dtype=object)
    column[1::2] = None

    got = own_factor(table(w=column.infer_objects()), "w", TRAIN)

    assert got.tolist() == [expected[i % 2] for i in range(50)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (-1.0, "no number from 0 up in 1 training rows"),
        (np.nan, "in 1 training rows, 1 of them blank"),
        (np.inf, "no number from 0 up"),
        ("perhaps", "neither yes nor no"),
    ],
)
def test_an_own_column_with_blanks_or_below_0_is_refused_in_one_sentence(wrong, said):
    values = ["1"] * 100 if isinstance(wrong, str) else [1.0] * 100
    values[2] = wrong

    with pytest.raises(InvalidChoice, match=said):
        own_factor(table(w=values), "w", TRAIN)


def test_an_own_column_that_leaves_one_outcome_or_has_another_job_is_refused():
    with pytest.raises(InvalidChoice, match="leaves no favourable training row"):
        own_factor(table(w=[0] * 30 + [1] * 70), "w", TRAIN)
    with pytest.raises(InvalidChoice, match="`loan` is the outcome"):
        own_factor(table(), "loan", TRAIN)
    with pytest.raises(MissingColumn):
        own_factor(table(), "nowhere", TRAIN)
    with pytest.raises(InvalidChoice, match="needs a column"):
        chosen_strategies(("own",), Recipe(by=None, up=1, down=1))


def test_the_own_column_takes_its_rows_with_its_weights_and_joins_as_soon_as_it_is_named():
    w = np.tile([0.0, 2.0, 1.0, 0.5], 25)
    recipe = Recipe(by="g", up=1, down=1, column="w")

    drawn = draw(OWN, table(w=w), TRAIN, recipe, seed=0)

    taken = [i for i in TRAIN if w[i] > 0]
    assert drawn.rows.tolist() == taken
    assert drawn.factor is None  # all of them count 1
    assert OWN in chosen_strategies((), recipe)
    every = draw(OWN, table(w=w), np.arange(100), recipe, seed=0)
    assert every.factor.tolist() == [x for x in w if x > 0]


def test_a_cell_that_is_to_be_empty_is_not_trained_on_with_weights_either():
    recipe = Recipe(by="g", up=0, down=1, cells=(CellTarget(group="m", favourable=True, rows=0),))

    drawn = draw(WEIGHTS, table(), np.arange(100), recipe, seed=0)

    assert sorted(drawn.rows) == [i for i in range(100) if not 4 <= i < 30]


def test_the_fold_is_counted_as_by_hand_and_copies_of_few_people_are_called_that():
    data = table()
    cells = cell_facts(data, np.arange(100), looks(data, ("a",)), "g")
    found = preview(
        cells, Recipe(by="g", up=1, down=1, cells=(CellTarget(group="m", favourable=False, share=0.5),))
    )

    assert [(c.facts.favourable, c.facts.group, c.facts.rows, c.target, c.quick) for c in found] == [
        (False, "a|b=c", 30, 40, 40), (False, "m", 40, 20, 40), (True, "a|b=c", 4, 40, 40), (True, "m", 26, 40, 40),
    ]  # fmt: skip
    assert [c.facts.distinct for c in found] == [30, 40, 2, 26]
    said = "`favourable × a|b=c`: 2 different rows are copied to 40, about 20 times each. The model sees the same "
    assert cautions(found) == (f"{said}people again, not new ones.",)


def test_a_cell_without_a_row_is_told():
    data = table()
    cells = cell_facts(data, np.arange(4, 100), looks(data, ("a",)), "g")

    assert "has no training row" in cautions(preview(cells, Recipe(by="g", up=1, down=1)))[0]
