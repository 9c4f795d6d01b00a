"""No row of the test fold, nor a copy of one, is ever handed to training, whatever the strategy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rai_dash.core.types import Roles
from rai_dash.data.cell_plan import CellTarget
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.sandbox.client import Reply
from rai_dash.trials.rebalancing import comparing, smote
from rai_dash.trials.rebalancing.recipe import Recipe
from rai_dash.trials.rebalancing.strategies import STRATEGIES, chosen_strategies
from rai_dash.trials.training import Fitted

# Models are trained here: a busy machine may need longer than the others' limit.
pytestmark = pytest.mark.timeout(400)

FEATURES = ("a", "b", "c")
N, COPIES = 160, 30


class Recorder:
    """Takes the place of the trainer: writes down what it is taught and what it is asked to score."""

    features, kind, is_stand_in = FEATURES, "nothing", True

    def __init__(self) -> None:
        self.taught: list[tuple[pd.DataFrame, np.ndarray, pd.DataFrame]] = []

    def fit(self, train: pd.DataFrame, favourable: np.ndarray, weight: Any, judged: pd.DataFrame) -> Fitted:
        assert weight is None or (len(weight) == len(train) and (weight > 0).all())
        self.taught.append((train[list(FEATURES)], favourable, judged[list(FEATURES)]))
        return Fitted(content=b"", recipe="", score=np.full(len(judged), 0.5))


def smote_here(op: str, args: dict[str, Any], blobs: list[bytes], **rest: object) -> Reply:
    """Run the entry point without its process."""
    assert op == smote.SMOTE_OP
    data, made = smote.invent({}, args, [memoryview(b) for b in blobs], print)
    return Reply(data, made)


def table(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(N, 3)), columns=list(FEATURES))
    frame["y"] = (rng.permutation(N) < 40).astype(int)
    frame["g"] = rng.choice(["f", "m", "x"], N, p=[0.2, 0.6, 0.2])
    at, of = rng.choice(N, 2 * COPIES, replace=False).reshape(2, -1)
    # Copies of people, some with another outcome or in another group.
    frame.loc[at, list(FEATURES)] = frame.loc[of, list(FEATURES)].to_numpy()
    frame["own"] = rng.choice([0.0, 0.5, 1.0, 3.0], N)
    return frame


def seen(frame: pd.DataFrame) -> set[tuple[float, ...]]:
    return set(map(tuple, frame[list(FEATURES)].to_numpy()))


def between(invented: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Whether each point lies on a line between two of some ends, bool (points,): brute force over all pairs."""
    start, stop = ends[:, None, None], ends[None, :, None]
    way, off = stop - start, invented - start
    length = (way**2).sum(-1)
    along = np.clip((off * way).sum(-1) / np.where(length > 0, length, 1.0), 0.0, 1.0)
    gap = ((off - along[..., None] * way) ** 2).sum(-1)
    return gap.min(axis=(0, 1)) < 1e-18


SHARES = st.sampled_from([(0.0, 1.0), (1.0, 1.0), (0.0, 0.3), (0.5, 0.8)])
CELLS = st.dictionaries(
    st.tuples(st.sampled_from("fmx"), st.booleans()), st.integers(1, 200), max_size=4
).map(lambda d: tuple(CellTarget(group=g, favourable=y, rows=n) for (g, y), n in d.items()))


@settings(max_examples=6)
@given(seed=st.integers(0, 10**6), shares=SHARES, cells=CELLS, named=st.booleans())
def test_no_strategy_is_taught_a_test_row_or_a_copy_of_one(seed, shares, cells, named):
    frame = table(seed)
    held_out = np.random.default_rng(seed).random(N) < 0.25 if named else None
    if held_out is not None:
        # Whatever the column says of test rows, it is not looked at.
        frame.loc[held_out, "own"] = np.resize([np.nan, -1.0, 99.0], int(held_out.sum()))
    dataset = dataset_from_frame(
        frame, Roles(target="y", favourable=("1",), sensitive=("g",), features=FEATURES)
    )
    recipe = Recipe(by="g", up=shares[0], down=shares[1], seed=seed % 100, cells=cells, column="own")
    recorder = Recorder()
    study = comparing.Comparison(
        dataset, recorder, recipe, test=None, held_out=held_out, step=lambda _: None, cancelled=None
    )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparing, "run_once", smote_here)
        found = study.run(chosen_strategies(tuple(STRATEGIES), recipe), (recipe.seed, recipe.seed + 1))

    assert [v.strategy.key for v in found.variants if v.failed is not None] == []
    everybody, checked = seen(frame), 0
    for train, favourable, judged in recorder.taught:
        tested, taught = seen(judged), seen(train)
        assert tested
        assert not taught & tested
        new = np.array([row not in everybody for row in map(tuple, train.to_numpy())])
        if not new.any():
            continue
        # SMOTE: every invented row lies between two training rows of its outcome; a neighbour out of the test fold
        # would put it on another line.
        known = train[~new].to_numpy()
        ends = np.unique(known[favourable[~new]], axis=0)
        assert favourable[new].all()
        assert between(train[new].to_numpy(), ends).all()
        checked += 1
    assert checked == 2


def test_the_check_of_lines_can_fail():
    ends = np.random.default_rng(0).normal(size=(12, 3))

    assert between((0.3 * ends[2] + 0.7 * ends[5])[None], ends).all()
    assert not between((0.3 * ends[2] + 0.7 * np.ones(3))[None], ends).any()
