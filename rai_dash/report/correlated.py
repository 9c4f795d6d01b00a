"""Columns that go together: the correlated blocks of a model's columns, and what stands in for a sensitive one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rai_dash.case import Judgement
from rai_dash.core.memo import Memo
from rai_dash.data.associations import BY_KIND, AssociationMatrix, associations, closest_columns
from rai_dash.data.blocks import blocks
from rai_dash.data.dataset import Dataset
from rai_dash.report.reference import feature_names

Blocks = tuple[tuple[str, ...], ...]
#: Columns of one matrix; the heatmap draws as many.
MOST_COMPARED = 43
#: Categories with more labels than this say nothing in a table of pairs.
MOST_LABELS = 200


def associated_columns(dataset: Dataset) -> list[str]:
    """Choose the columns of the matrix: target and sensitive first, no ids, no text with too many labels."""
    roles = dataset.roles
    first = [c for c in (roles.target, *roles.sensitive) if c]
    skip = {roles.id, roles.split, roles.weight, *first}
    rest = [c for c in dataset.columns if c not in skip]
    frame = dataset.frame
    small = [c for c in rest if frame[c].dtype.kind in "if" or frame[c].nunique() <= MOST_LABELS]
    return first + small


def drawn_columns(dataset: Dataset, columns: Sequence[str], memo: Memo) -> tuple[str, ...]:
    """Choose at most ``MOST_COMPARED`` of some columns: those that go most with the target and the sensitive ones."""
    roles = dataset.roles
    named = [c for c in (roles.target, *roles.sensitive) if c is not None and c in columns]
    return memo.get(
        ("drawn columns", tuple(columns)),
        lambda: closest_columns(dataset.frame, columns, named, MOST_COMPARED),
    )


def correlated_blocks(judgement: Judgement) -> Blocks:
    """Find the correlated blocks of the model's columns once, as the Correlations page measures them."""
    return judgement.memo.get(
        "correlated_blocks",
        lambda: blocks_of(judgement.data.dataset, feature_names(judgement), judgement.memo),
    )


def blocks_of(dataset: Dataset, features: Sequence[str], memo: Memo) -> Blocks:
    """Find the correlated blocks among some columns of a table.

    Parameters
    ----------
    dataset : Dataset
        The table. Of more than ``MOST_COMPARED`` columns those are compared that go most with the target and the
        sensitive ones.
    features : sequence of str
        The model's columns.
    memo : Memo
        Keeps the matrix; the Correlations page has the same one.

    Returns
    -------
    tuple of tuple of str
        In the order of the model's columns, as the process that explains names them.
    """
    shown = drawn_columns(dataset, associated_columns(dataset), memo)
    inside = [name for name in shown if name in features]
    if len(inside) < 2:
        return ()
    matrix: AssociationMatrix = memo.get(
        ("associations", shown, "kind"), lambda: associations(dataset.frame, shown, BY_KIND)
    )
    found = blocks(matrix.only(inside))
    return tuple(tuple(name for name in features if name in block) for block in found)


def stand_ins(judgement: Judgement) -> Mapping[str, str]:
    """Return the model's columns in one correlated block with a sensitive column that it takes, with that one."""
    features = feature_names(judgement)
    sensitive = [c for c in judgement.roles.sensitive if c in features]
    return {
        name: inside[0]
        for block in correlated_blocks(judgement)
        if (inside := [c for c in block if c in sensitive])
        for name in block
        if name not in sensitive
    }


def mates(column: str, joined: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the other columns of a column's block."""
    return tuple(name for block in joined if column in block for name in block if name != column)
