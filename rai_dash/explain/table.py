"""Attributions of many rows at once, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from rai_dash.core.errors import WorkerFailed
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Notice

if TYPE_CHECKING:
    from rai_dash.sandbox.client import Reply

FloatArray = NDArray[np.float64]
OTHER_QUESTION = mark("The model's process answered another question than it was asked. Explain again.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttributionTable:
    """Contributions of original columns, or of blocks of them, to the favourable outcome of many rows.

    Parameters
    ----------
    names : tuple of str
        Columns of ``values``: the model's columns, a block's joined by " + ".
    space : str
        ``"log-odds"`` or ``"probability"``.
    base : float64 (n,)
        Value before any column is known.
    values : float64 (n, columns)
        ``base + values.sum(axis=1) = output``.
    output : float64 (n,)
        The model's own output in that space.
    methods : tuple of str
        Plain names of the routes that were taken: one, unless some rows could only be estimated.
    background_rows : int or None
        Reference rows used; None where the route uses none.
    exact : bool (n,)
        Whether a row's values are the exact Shapley values of what the method names.
    errors : float64 (n, columns) or None
        Standard errors where rows are estimates (0 in the others); None where all are exact.
    notices : tuple of Notice
        What the reader must know.
    """

    names: tuple[str, ...]
    space: str
    base: FloatArray
    values: FloatArray
    output: FloatArray
    methods: tuple[str, ...]
    background_rows: int | None
    exact: NDArray[np.bool_]
    errors: FloatArray | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def method(self) -> str:
        """The routes in one line."""
        return "; ".join(self.methods)

    @property
    def additivity_error(self) -> FloatArray:
        """``|base + values.sum(axis=1) - output|``, float64 (n,)."""
        return np.asarray(np.abs(self.base + self.values.sum(axis=1) - self.output))

    @property
    def largest_error(self) -> float:
        """The largest additivity error; 0 without rows."""
        return float(self.additivity_error.max(initial=0.0))


class _Said(BaseModel):
    """What comes with the arrays."""

    names: tuple[str, ...]
    space: str
    methods: tuple[str, ...]
    background_rows: int | None
    notices: tuple[Notice, ...]


def _arrays(blobs: Sequence[bytes], n: int, n_columns: int) -> list[FloatArray]:
    """Read base, values, output, marks of exact rows, and errors where they are sent.

    Raises
    ------
    WorkerFailed
        When a size is wrong or a number is not finite.
    """
    kinds = (("<f8", (n,)), ("<f8", (n, n_columns)), ("<f8", (n,)), ("u1", (n,)), ("<f8", (n, n_columns)))
    if len(blobs) not in {len(kinds) - 1, len(kinds)}:
        raise WorkerFailed(tr(OTHER_QUESTION))
    found = []
    for blob, (kind, shape) in zip(blobs, kinds, strict=False):
        if len(blob) != int(np.prod(shape)) * np.dtype(kind).itemsize:
            raise WorkerFailed(tr(OTHER_QUESTION))
        found.append(np.frombuffer(blob, dtype=kind).reshape(shape).astype(np.float64))
    if not all(np.isfinite(array).all() for array in found):
        raise WorkerFailed(tr(OTHER_QUESTION))
    return found


def read_table(reply: Reply, names: tuple[str, ...], n: int) -> AttributionTable:
    """Read what the model's process sent, for n rows and the columns or blocks that were asked for.

    Raises
    ------
    WorkerFailed
        When it is not the answer to that.
    """
    try:
        said = _Said.model_validate(reply.data)
    except ValidationError:
        raise WorkerFailed(tr(OTHER_QUESTION)) from None
    if said.names != names:
        raise WorkerFailed(tr(OTHER_QUESTION))
    base, values, output, exact, *errors = _arrays(reply.blobs, n, len(names))
    return AttributionTable(
        names=names,
        space=said.space,
        base=base,
        values=values,
        output=output,
        methods=said.methods,
        background_rows=said.background_rows,
        exact=exact.astype(np.bool_),
        errors=errors[0] if errors else None,
        notices=said.notices,
    )
