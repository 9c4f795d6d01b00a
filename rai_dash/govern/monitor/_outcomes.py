"""Outcomes of a batch, read by the labels that were signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidRoles
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN, Notice
from rai_dash.core.words import count as how_many
from rai_dash.data.labels import label_codes

_MEANING: Final = {"favourable": FAVOURABLE, "unfavourable": UNFAVOURABLE}
#: What each label of the target meant at signing.
Meanings = Mapping[str, str]


def outcomes_of(
    frame: pd.DataFrame, target: str | None, meanings: Meanings
) -> tuple[NDArray[np.int8], dict[str, int]]:
    """Read outcomes; a label that nobody knows is no outcome.

    Parameters
    ----------
    frame : DataFrame (n, ...)
    target : str or None
        Its column with the outcome, which may be missing.
    meanings : mapping of str to str

    Returns
    -------
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 not known.
    strange : dict of str to int
        Labels that nobody knows, with their rows.
    """
    if target is None or target not in frame.columns:
        return np.full(len(frame), UNKNOWN, np.int8), {}
    codes, names = label_codes(frame[target])
    meaning = [_MEANING.get(meanings.get(name, ""), UNKNOWN) for name in names]
    seen = np.bincount(codes[codes >= 0], minlength=len(names))
    strange = {n: int(k) for n, k in zip(names, seen, strict=True) if n not in meanings and k}
    return np.array([*meaning, UNKNOWN], np.int8)[codes], dict(sorted(strange.items()))


def strange_notices(
    target: str | None, meanings: Meanings, strange: Mapping[str, int], *, known: int
) -> tuple[Notice, ...]:
    """Tell of outcomes that nobody knows, once the whole batch is read.

    Parameters
    ----------
    target, meanings
        As of `outcomes_of`.
    strange : mapping of str to int
        Labels with their rows.
    known : int
        Rows with an outcome that is known.

    Raises
    ------
    InvalidRoles
        When there is no other outcome.
    """
    if not strange:
        return ()
    if not known:
        shown, names = (", ".join(map(repr, list(n)[:8])) for n in (strange, meanings))
        msg = tr(
            "The outcomes in `{target}` are {shown}; the policy knows {names}. Write them as at signing, "
            "or leave the column out.",
            target=target,
            shown=shown,
            names=names or tr("none"),
        )
        raise InvalidRoles(msg)
    rows = sum(strange.values())
    have = tr("row has an outcome") if rows == 1 else tr("rows have an outcome")
    text = tr(
        "{how_many} {have} in `{target}` that the policy does not know: taken as not known yet.",
        how_many=how_many(rows),
        have=have,
        target=target,
    )
    return (Notice("strange_outcomes", text, target, rows),)
