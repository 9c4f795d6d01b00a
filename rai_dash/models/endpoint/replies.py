"""Reading what a model behind an address answered: one probability a row, or a plain refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.endpoints import Endpoint
from rai_dash.core.errors import ModelUnreachable, RefusedModel
from rai_dash.core.texts import tr
from rai_dash.models._base import FloatArray

#: Probabilities in 32 bits miss 1 by this much when both are added.
_ROUNDING: Final = 1e-5


def strange(endpoint: Endpoint, what: str) -> ModelUnreachable:
    """Say that an answer cannot be read; nothing of it is shown."""
    msg = f"The model `{endpoint.name}` gave an answer that cannot be used: {what}. Tell the operator."
    return ModelUnreachable(msg, code="endpoint_strange")


def probabilities(endpoint: Endpoint, values: Sequence[Any], n: int, width: int) -> FloatArray:
    """Check the numbers of an answer and return the probability of class 1, float64 (n,).

    Parameters
    ----------
    endpoint : Endpoint
        Says which class one column is of.
    values : sequence
        Row by row, ``n * width`` of them, as they came.
    n, width : int
        Rows asked, and columns of the answer: 1 or 2.

    Raises
    ------
    ModelUnreachable, RefusedModel
        When they are too many or too few, no numbers, not finite, outside [0, 1], or two that do not add up to 1.
    """
    if len(values) != n * width:
        raise strange(endpoint, tr("{values} numbers for {n} rows", values=f"{len(values):,}", n=f"{n:,}"))
    blank = sum(v is None for v in values)
    if blank:
        raise _no_number(endpoint, blank, n * width)
    if any(type(v) not in {int, float} for v in values):
        raise _no_probabilities(endpoint, tr("it answers with something else than numbers"))
    if n and width == 1 and all(type(v) is int for v in values):
        raise _no_probabilities(endpoint, tr("it answers with whole numbers, which are decisions"))
    found = _floats(endpoint, values).reshape(n, width)
    if not np.isfinite(found).all():
        raise _no_number(endpoint, int((~np.isfinite(found)).sum()), found.size)
    if found.size and (found.min() < -_ROUNDING or found.max() > 1.0 + _ROUNDING):
        raise _no_probabilities(endpoint, tr("its answers leave 0 to 1"))
    if width == 2 and (np.abs(found.sum(axis=1) - 1.0) > _ROUNDING).any():
        raise _no_probabilities(endpoint, tr("its two answers for a row do not add up to 1"))
    is_first = width == 1 and endpoint.one_column_is == endpoint.labels[0]
    clipped = np.clip(found[:, -1], 0.0, 1.0)
    return np.asarray(1.0 - clipped if is_first else clipped, dtype=np.float64)


def _floats(endpoint: Endpoint, values: Sequence[Any]) -> NDArray[np.float64]:
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError as error:
        raise _no_probabilities(endpoint, tr("its answers leave 0 to 1")) from error


def _no_number(endpoint: Endpoint, missing: int, n: int) -> RefusedModel:
    msg = (
        f"The model `{endpoint.name}` returned no number for {missing:,} of {n:,} answers. "
        "It may not handle blanks: fill them before the model."
    )
    return RefusedModel(msg, code="no_number")


def _no_probabilities(endpoint: Endpoint, why: str) -> RefusedModel:
    msg = (
        f"The model `{endpoint.name}` gives no probabilities: {why}. The operator has to name the output that "
        "holds them, or serve the model so that it returns them (docs/endpoints.md)."
    )
    return RefusedModel(msg, code="no_probabilities")
