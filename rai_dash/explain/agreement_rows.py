"""How far two explanations agree, of many rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rai_dash.explain._asking import FloatArray
from rai_dash.explain.agreement import TOP


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowAgreement:
    """The measures of `rai_dash.explain.agreement.Agreement` over the top k columns, row by row.

    Parameters
    ----------
    k : int
        Columns compared: at most as many as there are.
    overlap, sign, rank : float64 (n,)
        Share of the top k that is among those of the other; that also pushes the same way; that stands at the same
        place.
    """

    k: int
    overlap: FloatArray
    sign: FloatArray
    rank: FloatArray


def agreement_rows(a: FloatArray, b: FloatArray, names: Sequence[str], k: int = TOP) -> RowAgreement:
    """Compare two explanations of each row.

    Parameters
    ----------
    a, b : float64 (n, columns)
        Contributions of the same columns in the same units, see `rai_dash.explain.agreement.agreement`.
    names : sequence of str (columns,)
        Ties of size are broken by them.
    k : int
        How many of the largest absolute values to compare.

    Raises
    ------
    ValueError
        When the columns differ, or there are none.

    References
    ----------
    Krishna, S. et al. (2022). The disagreement problem in explainable machine learning: a practitioner's
    perspective. arXiv 2202.01602.
    """
    if a.shape != b.shape or a.ndim != 2 or a.shape[1] != len(names) or not names:
        msg = f"Two explanations of the same columns are needed, got {a.shape} and {b.shape} of {len(names)}."
        raise ValueError(msg)
    by_name = np.argsort(np.array(names, dtype=object), kind="stable")
    a, b = a[:, by_name], b[:, by_name]
    top_a, top_b = (np.argsort(-np.abs(x), axis=1, kind="stable")[:, :k] for x in (a, b))
    is_shared = (top_a[:, :, None] == top_b[:, None, :]).any(axis=2)
    sign_a, sign_b = (np.sign(np.take_along_axis(x, top_a, axis=1)) for x in (a, b))
    return RowAgreement(
        k=top_a.shape[1],
        overlap=is_shared.mean(axis=1),
        sign=(is_shared & (sign_a == sign_b)).mean(axis=1),
        rank=(top_a == top_b).mean(axis=1),
    )
