"""Rows that join a test set: each application once, by its id, else by all it says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import UNKNOWN
from rai_dash.data.columns import is_number, require_columns
from rai_dash.data.dataset import Dataset, dataset_from_frame
from rai_dash.data.labels import labels, outcome_codes
from rai_dash.data.sources import SOURCE, tells_source, with_source, without_source

BoolArray = NDArray[np.bool_]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Growth:
    """A test set with what joined it.

    Parameters
    ----------
    dataset : Dataset
        The rows there were, in their order, and those that joined.
    joined : bool (offered,)
        Which of the offered rows joined.
    twice : int
        Rows left out since the set, or a row before them, holds the same application.
    clashing : int
        Rows left out since another row has their id and says something else.
    without_outcome : int
        Rows left out since their outcome is not known: nothing can be judged on them.
    dropped : tuple of str
        Columns of the offered rows that the set does not have.
    """

    dataset: Dataset
    joined: BoolArray
    twice: int
    clashing: int
    without_outcome: int
    dropped: tuple[str, ...]

    @property
    def offered(self) -> int:
        """Rows that were offered."""
        return int(self.joined.size)

    @property
    def added(self) -> int:
        """Rows that joined."""
        return int(self.joined.sum())


def grow(before: Dataset, offered: Dataset) -> Growth:
    """Let rows join a test set.

    Parameters
    ----------
    before : Dataset
        The set as it is; its roles hold for all rows.
    offered : Dataset
        More rows with the same columns, in any order.

    Returns
    -------
    Growth
        Where the roles name an id, one id is one application; blanks, and tables without an id, are told apart by all
        that the rows say, so that two people who are alike in everything count once.

    Raises
    ------
    MissingColumn
        When a column of the set is not in the offered rows.
    InvalidChoice
        When a column holds numbers in one table and text in the other, or no row is left to join.

    Notes
    -----
    Where one of the two says of its outcomes that people decided in their place (`rai_dash.data.sources`), the grown
    set says it of every row, and outcomes of the other table count as observed.
    """
    first, more, roles = before.frame, offered.frame, before.roles
    if tells_source(first) or tells_source(more):
        first, more, roles = with_source(first), with_source(more), without_source(roles)
    names = list(first.columns)
    require_columns(more, names)
    _check_kinds(first, more, names)
    both = pd.concat([first, more[names]], ignore_index=True)
    is_known = outcome_codes(more, roles) != UNKNOWN if roles.target else np.ones(offered.n_rows, dtype=bool)
    twice, clashing = _repeated(both, before, is_known)
    joined = is_known & ~twice & ~clashing
    if not joined.any():
        msg = tr(
            "None of the {n_rows} rows joins the test set: {sum} are in it already, {sum_2} have the id "
            "of another row, {sum_3} have no known outcome.",
            n_rows=f"{offered.n_rows:,}",
            sum=f"{int(twice.sum()):,}",
            sum_2=f"{int(clashing.sum()):,}",
            sum_3=f"{int((~is_known).sum()):,}",
        )
        raise InvalidChoice(msg)
    keep = np.concatenate([np.ones(before.n_rows, dtype=bool), joined])
    return Growth(
        dataset=dataset_from_frame(both[keep], roles, name=before.name, warnings=before.warnings),
        joined=joined,
        twice=int(twice.sum()),
        clashing=int(clashing.sum()),
        without_outcome=int((~is_known).sum()),
        dropped=tuple(c for c in offered.columns if c not in names),
    )


def _check_kinds(before: pd.DataFrame, offered: pd.DataFrame, names: list[str]) -> None:
    """Refuse a column that would change its kind for the rows there are."""
    for name in names:
        here, there = before[name], offered[name]
        if here.isna().all() or there.isna().all():
            continue
        if is_number(here) != is_number(there):
            kinds = ("numbers", "text") if is_number(here) else ("text", "numbers")
            msg = tr(
                "`{name}` holds {kinds} in the test set and {kinds_2} in the new rows. Bring it to the "
                "same form first.",
                name=name,
                kinds=kinds[0],
                kinds_2=kinds[1],
            )
            raise InvalidChoice(msg)


def _repeated(both: pd.DataFrame, before: Dataset, is_known: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Mark the offered rows that are there already, and those whose id belongs to another row; bool (offered,)."""
    first = before.n_rows
    # Rows that cannot join do not keep others out.
    counted = np.concatenate([np.ones(first, dtype=bool), is_known])
    id_name = before.roles.id
    # The same application stays the same whoever says how it went.
    said = _hashes(
        both.drop(columns=[*([id_name] if id_name else []), *([SOURCE] if tells_source(both) else [])])
    )
    ids = pd.Series(pd.NA, index=both.index) if id_name is None else labels(both[id_name])
    has_id = ids.notna().to_numpy()
    by_id, by_words = (np.zeros(len(both), dtype=bool) for _ in range(2))
    by_id[has_id & counted] = ids[has_id & counted].duplicated().to_numpy()
    no_id = ~has_id & counted
    by_words[no_id] = pd.Series(said[no_id]).duplicated().to_numpy()
    twice = by_words
    if by_id.any():
        owner = pd.Series(said[has_id & counted], index=ids[has_id & counted].to_numpy())
        owner = owner[~owner.index.duplicated()]
        at = np.flatnonzero(by_id)
        same = owner.loc[ids.iloc[at].to_numpy()].to_numpy() == said[at]
        twice = twice.copy()
        twice[at[same]] = True
        by_id[at[same]] = False
    return twice[first:], by_id[first:]


def _hashes(frame: pd.DataFrame) -> Hashes:
    """Hash what each row says, uint64 (n,)."""
    hashes: Hashes = pd.util.hash_pandas_object(frame, index=False).to_numpy().astype(np.uint64)
    return hashes
