"""Columns that go together: the correlated blocks of a model's columns, and what stands in for a sensitive one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rai_dash.case import Judgement
from rai_dash.core.memo import Memo
from rai_dash.data.associations import BY_KIND, CRAMER, ETA, PEARSON, AssociationMatrix, Partner
from rai_dash.data.blocks import blocks
from rai_dash.data.columns import is_number
from rai_dash.data.dataset import Dataset
from rai_dash.data.portfolio.associations import associations_of, closest_columns_of
from rai_dash.data.portfolio.coded import has_few_labels
from rai_dash.report.reference import feature_names
from rai_dash.stats.association import correlation_ratio_p, cramers_v_p, pearson_p, strongest_p

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
    return first + [c for c in rest if _is_small(dataset, c)]


def _is_small(dataset: Dataset, column: str) -> bool:
    """Whether a column holds numbers, or text with few labels in all rows."""
    series = dataset.frame[column]
    if series.dtype.kind in "if":
        return True
    # Labels of the sample are fewer, never more.
    is_small = bool(series.nunique() <= MOST_LABELS)
    if dataset.portfolio is None or not is_small:
        return is_small
    return has_few_labels(dataset.portfolio, column, MOST_LABELS)


def drawn_columns(dataset: Dataset, columns: Sequence[str], memo: Memo) -> tuple[str, ...]:
    """Choose at most ``MOST_COMPARED`` of some columns: those that go most with the target and the sensitive ones."""
    roles = dataset.roles
    named = [c for c in (roles.target, *roles.sensitive) if c is not None and c in columns]
    return memo.get(
        ("drawn columns", tuple(columns)),
        lambda: closest_columns_of(dataset, columns, named, MOST_COMPARED),
    )


def strongest_by_chance(dataset: Dataset, column: str, best: Partner, tried: int, memo: Memo) -> float | None:
    """Return how often the strongest of unrelated columns would go with a column as much as the strongest one does.

    Parameters
    ----------
    dataset : Dataset
        The table; how many categories a column has is counted in its frame.
    column : str
        The column.
    best : Partner
        What goes most with it, by kind.
    tried : int
        How many columns there were to be the strongest.
    memo : Memo
        Keeps how many categories the columns of this table have.

    Returns
    -------
    float or None
        In [0, 1]; None for a measure without such a law.
    """
    if best.measure == PEARSON:
        return strongest_p(pearson_p(best.value, best.n), tried)
    sizes = [_distinct(dataset, name, memo) for name in (column, best.name)]
    if best.measure == CRAMER:
        alone = cramers_v_p(best.value, best.n, (sizes[0], sizes[1]))
    elif best.measure == ETA:
        alone = correlation_ratio_p(best.value, best.n, _categories(dataset, (column, best.name), sizes))
    else:
        return None
    return strongest_p(alone, tried)


def _distinct(dataset: Dataset, name: str, memo: Memo) -> int:
    return memo.get(("distinct values", name), lambda: int(dataset.frame[name].nunique(dropna=False)))


def _categories(dataset: Dataset, names: tuple[str, str], sizes: Sequence[int]) -> int:
    """Return how many categories that one of two columns has which holds no numbers."""
    return next((n for name, n in zip(names, sizes, strict=True) if not is_number(dataset.frame[name])), 0)


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
        Keeps the matrix; of a table in memory the Correlations page has the same one.

    Returns
    -------
    tuple of tuple of str
        In the order of the model's columns, as the process that explains names them.
    """
    shown = drawn_columns(dataset, associated_columns(dataset), memo)
    inside = [name for name in shown if name in features]
    if len(inside) < 2:
        return ()
    # In memory the matrix of the Correlations page is made at once; over all rows of a portfolio each pair costs.
    wanted = shown if dataset.portfolio is None else tuple(inside)
    matrix: AssociationMatrix = memo.get(
        ("associations", wanted, "kind"), lambda: associations_of(dataset, wanted, BY_KIND)
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
