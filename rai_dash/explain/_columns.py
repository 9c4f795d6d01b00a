"""Which original column each output of a scikit-learn preparation belongs to.

Only preparations that act column by column have an answer. The answer is worked out from the fitted
steps and then checked on mixed rows, so that a step that behaves otherwise than expected is noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rai_dash.explain._base import Subject, take_mixed
from rai_dash.explain._players import Players

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

#: Original column of each output, by position.
Owners = list[int]

#: Steps that turn each input into exactly one output.
ONE_TO_ONE = frozenset(
    {
        "Binarizer",
        "MaxAbsScaler",
        "MinMaxScaler",
        "OrdinalEncoder",
        "PowerTransformer",
        "QuantileTransformer",
        "RobustScaler",
        "StandardScaler",
    }
)
CHECKED_MIXES = 16


class _NotByColumn(Exception):
    """A step that mixes columns, or that is not known here."""


def _one_hot(step: Any, owners: Owners) -> Owners:
    """Repeat each owner once per category that has an output."""
    dropped = step.drop_idx_
    rare = getattr(step, "infrequent_categories_", None) or [None] * len(owners)
    out: Owners = []
    for j, (owner, categories) in enumerate(zip(owners, step.categories_, strict=True)):
        n = len(categories)
        if rare[j] is not None:
            n += 1 - len(rare[j])  # the infrequent ones share one output
        if dropped is not None and dropped[j] is not None:
            n -= 1
        out += [owner] * n
    return out


def _imputer(step: Any, owners: Owners) -> Owners:
    """Leave out columns that were all missing; add the indicator columns."""
    statistics = np.asarray(step.statistics_, dtype=object)
    empty = np.array([isinstance(v, float) and np.isnan(v) for v in statistics])
    kept = [o for o, gone in zip(owners, empty, strict=True) if step.keep_empty_features or not gone]
    if step.add_indicator:
        kept += [owners[j] for j in step.indicator_.features_]
    return kept


def _identity(step: Any, owners: Owners) -> Owners:
    if step.func is not None:
        raise _NotByColumn
    return owners


def _sequence(step: Any, owners: Owners) -> Owners:
    for _, part in step.steps:
        owners = _owners(part, owners)
    return owners


def _side_by_side(step: Any, owners: Owners) -> Owners:
    """Follow a ColumnTransformer: each part's outputs, in the order of ``output_indices_``."""
    names = list(getattr(step, "feature_names_in_", []))
    positions = {name: j for j, name in enumerate(names)}
    everything = np.arange(step.n_features_in_)
    out: dict[int, int] = {}
    for name, part, columns in step.transformers_:
        where = step.output_indices_[name]
        listed = [columns] if isinstance(columns, str) else columns
        if isinstance(listed, list | np.ndarray) and any(isinstance(c, str) for c in listed):
            chosen = np.array([positions[c] for c in listed], dtype=np.int64)
        else:
            chosen = np.atleast_1d(everything[listed])
        found = _owners(part, [owners[j] for j in chosen]) if chosen.size else []
        out.update(zip(range(where.start, where.stop), found, strict=True))
    return [out[i] for i in range(len(out))]


_SPECIAL: dict[str, Callable[[Any, Owners], Owners]] = {
    "ColumnTransformer": _side_by_side,
    "FunctionTransformer": _identity,
    "OneHotEncoder": _one_hot,
    "Pipeline": _sequence,
    "SimpleImputer": _imputer,
}


def _owners(step: Any, owners: Owners) -> Owners:
    """Follow the owners of the inputs of one step to its outputs."""
    if step is None or (isinstance(step, str) and step == "passthrough"):
        return owners
    if isinstance(step, str) and step == "drop":
        return []
    kind = type(step).__name__
    if kind in ONE_TO_ONE:
        return owners
    if kind not in _SPECIAL:
        raise _NotByColumn
    return _SPECIAL[kind](step, owners)


def _steps(subject: Subject) -> Sequence[tuple[str, Any]]:
    """List the steps of a pipeline; a bare model is its own only step."""
    model = subject.native.native
    steps: Sequence[tuple[str, Any]] = getattr(model, "steps", [("model", model)])
    return steps


def last_step(subject: Subject) -> Any:
    """Return the estimator at the end of a pipeline, or the bare model."""
    return _steps(subject)[-1][1]


def owners_of(subject: Subject) -> NDArray[np.int64] | None:
    """Work out the original column of each prepared column, int64 (outputs,), from the fitted steps.

    None where a step mixes columns or is not known. ``compose`` also checks the answer on rows.
    """
    owners: Owners = list(range(len(subject.names)))
    try:
        for _, step in _steps(subject)[:-1]:
            owners = _owners(step, owners)
    except (_NotByColumn, ValueError, KeyError, IndexError, TypeError):
        return None
    return np.array(owners, dtype=np.int64)


def has_blocks(owners: NDArray[np.int64]) -> bool:
    """Whether an original column has several prepared columns."""
    return len(np.unique(owners)) < len(owners)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A preparation by columns and the estimator behind it.

    Parameters
    ----------
    estimator : object
        The last step: what the prepared matrix is given to.
    owners : int64 (outputs,)
        Original column of each prepared column, by position in the model's own order.
    prepare : callable
        Table rows to float64 (n, outputs).
    """

    estimator: Any
    owners: NDArray[np.int64]
    prepare: Callable[[pd.DataFrame], FloatArray]

    def by_player(self, values: FloatArray, players: Players) -> FloatArray:
        """Sum values of prepared columns (n, outputs) into those of the players (n, players)."""
        out = np.zeros((len(players.names), len(values)))
        np.add.at(out, players.of[self.owners], values.T)
        return out.T


def dense(matrix: Any) -> FloatArray:
    """Return a prepared matrix as a dense float64 array."""
    plain = matrix.toarray() if hasattr(matrix, "toarray") else matrix
    return np.asarray(plain, dtype=np.float64)


def _acts_by_column(composed: Composed, frame: pd.DataFrame) -> bool:
    """Compare preparing mixed rows with mixing prepared rows."""
    rng = np.random.default_rng(0)
    pool = frame.iloc[rng.choice(len(frame), size=min(len(frame), CHECKED_MIXES), replace=False)]
    source = rng.integers(0, len(pool), size=(CHECKED_MIXES, frame.shape[1]))
    prepared = composed.prepare(pool.reset_index(drop=True))
    if prepared.shape[1] != len(composed.owners):
        return False
    mixed = composed.prepare(take_mixed(pool, source))
    expected = prepared[source[:, composed.owners], np.arange(len(composed.owners))]
    return bool(np.allclose(mixed, expected, rtol=1e-12, atol=1e-12, equal_nan=True))


def compose(
    subject: Subject,
    frame: pd.DataFrame,
    *,
    matrix: Callable[[Any], FloatArray] = dense,
    inputs: NDArray[np.int64] | None = None,
) -> Composed | None:
    """Split a scikit-learn model into a preparation by columns and an estimator.

    Parameters
    ----------
    subject : Subject
        The model; a bare estimator has the trivial preparation.
    frame : DataFrame (m, columns)
        Rows to check the split on.
    matrix : callable
        What the last step is given to numbers (m, outputs).
    inputs : int64 (outputs,) or None
        Which of the last step's inputs each of those numbers is; None = one after the other.

    Returns
    -------
    Composed or None
        None where the preparation mixes columns or cannot be followed.
    """
    owners = owners_of(subject)
    if owners is None:
        return None
    native, steps = subject.native, _steps(subject)

    def prepare(rows: pd.DataFrame) -> FloatArray:
        given: Any = native.matrix(rows)
        if getattr(native, "is_nameless", False):  # trained on an array: names would be a warning a step
            given = given.to_numpy()
        for _, step in steps[:-1]:
            given = given if isinstance(step, str) or step is None else step.transform(given)
        return matrix(given)

    owners = owners if inputs is None else owners[inputs]
    composed = Composed(estimator=last_step(subject), owners=owners, prepare=prepare)
    return composed if _acts_by_column(composed, frame[list(subject.names)]) else None
