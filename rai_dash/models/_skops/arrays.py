"""Arrays that native code reads by what other arrays say: checked after loading, so that none lies about another."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.models._skops.archive import refuse_damaged
from rai_dash.models._skops.trees import whole

_KERNELS: Final = frozenset({"linear", "poly", "rbf", "sigmoid"})
#: Columns that a preparation may make out of one table.
MAX_OUTPUTS: Final = 100_000
#: Numbers that the generators keep in reserve.
_RESERVE: Final = {"MT19937": ("pos", 624), "Philox": ("buffer_pos", 4)}
_VOTES: Final = frozenset({"predict_proba", "decision_function", "predict"})


def check_support_vectors(part: Any) -> None:
    """Check that the vectors, weights and counts of a support vector machine fit each other."""
    vectors, weights, counts = part.support_vectors_, part._dual_coef_, part._n_support  # noqa: SLF001
    n = vectors.shape[0]
    n_weights = weights.data.size if part._sparse else np.size(weights)  # noqa: SLF001
    fits = vectors.ndim == 2 and vectors.shape[1] == whole(part.n_features_in_) and n_weights == n
    fits = fits and np.shape(counts) == (2,) and int(np.min(counts)) >= 0 and int(np.sum(counts)) == n
    fits = fits and np.shape(part.support_) == (n,) and np.shape(part._intercept_) == (1,)
    fits = fits and np.shape(part._probA) == np.shape(part._probB)  # noqa: SLF001
    fits = fits and np.size(part._probA) <= 1 and part.kernel in _KERNELS  # noqa: SLF001
    if not fits or len(part.classes_) != 2:
        refuse_damaged("its support vectors contradict their weights or counts")


def check_one_hot(part: Any) -> None:
    """Check that every category has its column: the columns are written without a check."""
    sizes = [len(values) for values in part.categories_]
    if part._infrequent_enabled:  # noqa: SLF001 - what transform reads
        mappings, indices = part._default_to_infrequent_mappings, part._infrequent_indices  # noqa: SLF001
        for place, (mapping, rare) in enumerate(zip(mappings, indices, strict=True)):
            sizes[place] -= 0 if rare is None else np.size(rare) - 1
            if (mapping is None) != (rare is None) or not (mapping is None or _inside(mapping, sizes[place])):
                refuse_damaged("the categories of an encoder do not fit its columns")
    dropped = part._drop_idx_after_grouping  # noqa: SLF001
    outputs = list(sizes)
    for place, index in enumerate([] if dropped is None else dropped):
        if index is not None:
            outputs[place] -= 1
            if not 0 <= whole(index) < sizes[place]:
                refuse_damaged("the categories of an encoder do not fit its columns")
    if [whole(n) for n in part._n_features_outs] != outputs:  # noqa: SLF001
        refuse_damaged("the categories of an encoder do not fit its columns")


def _inside(values: Any, size: int) -> bool:
    found = np.asarray(values)
    return found.dtype.kind in "iu" and (found.size == 0 or bool(found.min() >= 0 and found.max() < size))


def check_spline(part: Any) -> None:
    """Check that a spline has as many weights as its knots ask for."""
    knots, weights, degree = np.asarray(part.t), np.asarray(part.c), whole(part.k)
    fits = (
        0 <= degree <= 100 and knots.ndim == 1 and knots.dtype == np.float64 and weights.dtype == np.float64
    )
    fits = fits and bool(np.isfinite(knots).all() and (np.diff(knots) >= 0).all())
    if not fits or knots.size < 2 * degree + 2 or weights.shape[0] < knots.size - degree - 1:
        refuse_damaged("a spline has fewer weights than its knots ask for")


def check_sparse(part: Any) -> None:
    """Check that a sparse matrix points inside itself."""
    if part.format not in {"csr", "csc"}:
        refuse_damaged("a sparse matrix is of another kind than it says")
    part.check_format(full_check=True)


def check_random(part: Any) -> None:
    """Check that a source of random numbers does not read behind its reserve."""
    source = getattr(part, "bit_generator", None)
    state = part.get_state(legacy=False) if source is None else source.state
    name, size = _RESERVE.get(state["bit_generator"], ("", 0))
    if name and not 0 <= int({**state, **state["state"]}[name]) <= size:
        refuse_damaged("a source of random numbers points outside itself")


def check_polynomial(part: Any) -> None:
    """Refuse products of columns that grow beyond any use."""
    n = max(whole(part._n_out_full), whole(part.n_output_features_))  # noqa: SLF001
    if n > MAX_OUTPUTS or whole(part._max_degree) > 10:  # noqa: SLF001
        msg = tr(
            "The model makes {n} products of its columns; at most {max_outputs} of degree 10 are allowed "
            "here.",
            n=f"{n:,}",
            max_outputs=f"{MAX_OUTPUTS:,}",
        )
        raise RefusedModel(msg, code="too_large")


def check_stack(part: Any) -> None:
    """Check that a stack asks its models for votes and nothing else."""
    if not {*part.stack_method_} <= _VOTES:
        refuse_damaged("its stack asks a model for something else than a vote")
