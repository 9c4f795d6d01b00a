"""``Dataset``: a table with its roles, checked against each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidRoles
from rai_dash.core.fingerprint import fingerprint_bytes, fingerprint_value
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice, Roles
from rai_dash.data.columns import is_number, numbers, require_columns
from rai_dash.data.groups import check_edges
from rai_dash.data.labels import label_text, outcome_codes
from rai_dash.data.names import unique_names
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.profile import MOST_LABELS
from rai_dash.data.roles_json import roles_to_json


def _single_columns(roles: Roles) -> dict[str, str]:
    """Map each role that takes one column to its column, where it is given."""
    names = ("target", "id", "amount", "time", "weight", "split", "score")
    return {name: column for name in names if (column := getattr(roles, name))}


def role_columns(roles: Roles) -> tuple[str, ...]:
    """Name every column that the roles speak of."""
    singles = _single_columns(roles).values()
    return tuple(dict.fromkeys([*singles, *roles.sensitive, *roles.bins, *roles.features, *roles.ignored]))


def check_roles(frame: pd.DataFrame, roles: Roles) -> None:
    """Check that roles fit a table and do not contradict each other.

    Raises
    ------
    MissingColumn
        When a column is not there, with the closest names.
    InvalidRoles
        When one column has two jobs that exclude each other, edges do not increase, or a weight is
        not a column of numbers from 0 up.
    """
    require_columns(frame, role_columns(roles))
    singles = _single_columns(roles)
    for column, uses in Counter(singles.values()).items():
        if uses > 1:
            both = " and ".join(name for name, c in singles.items() if c == column)
            msg = tr("`{column}` is given two roles: {both}. Keep one of them.", column=column, both=both)
            raise InvalidRoles(msg)
    if roles.target is not None and roles.target in roles.features:
        msg = tr(
            "`{target}` is the outcome and cannot be a feature as well. Remove it from the features.",
            target=roles.target,
        )
        raise InvalidRoles(msg)
    for column, edges in roles.bins.items():
        check_edges(column, edges)
    if roles.weight is not None:
        _check_weight(frame[roles.weight], roles.weight)


def _check_weight(series: pd.Series, column: str) -> None:
    if not is_number(series) or (numbers(series) < 0).any():
        msg = tr(
            "The weight column `{column}` must hold numbers from 0 up. Choose another column, or none.",
            column=column,
        )
        raise InvalidRoles(msg)


def _is_free_text(series: pd.Series) -> bool:
    return not is_number(series) and len(series) > MOST_LABELS and series.nunique() > MOST_LABELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A table, what its columns are for, and what was noticed while reading it.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        Columns are int64, float64 (NaN = blank) or ``str``; the index is 0 … n-1. Not to be changed.
    roles : Roles
        Checked against the table.
    fingerprint : str
        sha256 of the content the table was read from.
    name : str
        Name to show.
    warnings : tuple of Notice
        Found while reading.
    portfolio : Portfolio or None
        The table that ``frame`` is a sample of: counts are made there, over all of its rows.
    places : int64 (n,) or None
        Place of each row of the sample in the portfolio, from 0; None where all rows are in memory, and where rows
        have no place.

    Raises
    ------
    MissingColumn, InvalidRoles
        When the roles do not fit the table.
    """

    frame: pd.DataFrame
    roles: Roles
    fingerprint: str
    name: str = "table"
    warnings: tuple[Notice, ...] = ()
    portfolio: Portfolio | None = field(default=None, repr=False, compare=False)
    places: NDArray[np.int64] | None = field(default=None, repr=False, compare=False)
    outcome: NDArray[np.int8] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the roles and read the outcome once."""
        check_roles(self.frame, self.roles)
        outcome = self._read_outcome()
        outcome.flags.writeable = False
        object.__setattr__(self, "outcome", outcome)

    def _read_outcome(self) -> NDArray[np.int8]:
        """Read the target; what its labels mean is a matter of all rows, of which a sample may lack some."""
        if self.portfolio is None:
            return outcome_codes(self.frame, self.roles)
        from rai_dash.data.portfolio.outcomes import outcome_in

        return outcome_in(self.frame, self.roles, self.portfolio)

    @property
    def n_rows(self) -> int:
        """Number of rows in memory: all of them, or the sample of a portfolio."""
        return len(self.frame)

    @property
    def n_all(self) -> int:
        """Number of rows that are counted: of the portfolio where there is one."""
        return len(self.frame) if self.portfolio is None else self.portfolio.n_rows

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self.frame.columns)

    @property
    def roles_fingerprint(self) -> str:
        """sha256 of the roles."""
        return fingerprint_value(roles_to_json(self.roles))

    @property
    def weight(self) -> NDArray[np.float64]:
        """Weight of each row, float64 (n,): a blank counts 1, as does every row where there is no weight column."""
        if self.roles.weight is None:
            return np.ones(self.n_rows)
        return np.nan_to_num(numbers(self.frame[self.roles.weight]), nan=1.0)

    @property
    def features(self) -> tuple[str, ...]:
        """Columns offered to a model trained here: the ones named, else all without another role.

        The amount is known when a decision is made and stays; a sensitive column has to be named, and so
        has text with more than ``MOST_LABELS`` values: ids, mails and free text are no categories.
        """
        if self.roles.features:
            return self.roles.features
        singles = set(_single_columns(self.roles).values()) - {self.roles.amount}
        taken = singles.union(self.roles.ignored, self.roles.sensitive)
        return tuple(c for c in self.columns if c not in taken and not _is_free_text(self.frame[c]))

    def with_roles(self, roles: Roles) -> Dataset:
        """Return the same table with other roles, checked; the sample of a portfolio is drawn anew for them."""
        if self.portfolio is None:
            return replace(self, roles=roles)
        from rai_dash.data.portfolio.opening import dataset_of

        return replace(dataset_of(self.portfolio, roles), name=self.name, warnings=self.warnings)


def _texts(series: pd.Series) -> pd.Series:
    """Write a column that holds no numbers as labels, each different value once where equal cells look alike.

    In a column of objects they may not: 1, 1.0 and True are equal.
    """
    if series.dtype == object:
        return series.map(label_text, na_action="ignore").astype("str")
    codes, values = pd.factorize(series)
    texts = pd.array([*map(label_text, values), None], dtype="str")
    return pd.Series(texts.take(codes), index=series.index, name=series.name)


def _in_utc(series: pd.Series) -> pd.Series:
    """Write moments with a zone in UTC, as every reader of files and every engine does."""
    return series.dt.tz_convert("UTC") if isinstance(series.dtype, pd.DatetimeTZDtype) else series


def plain_column(series: pd.Series) -> pd.Series:
    """Bring one column to what a file would have given: int64, float64 or ``str``.

    Whole numbers with blanks become float64, infinities blank, true/false, categories, dates and
    mixed objects text.
    """
    if series.dtype == object and pd.api.types.infer_dtype(series, skipna=True) == "decimal":
        series = series.astype("float64")
    if not is_number(series):
        text = _texts(_in_utc(series))
        return text.mask(text == "") if len(text) else text
    if pd.api.types.is_integer_dtype(series) and not series.hasnans:
        return series.astype("int64")
    return pd.Series(numbers(series), index=series.index, name=series.name)


def dataset_from_frame(
    frame: pd.DataFrame, roles: Roles | None = None, *, name: str = "table", warnings: tuple[Notice, ...] = ()
) -> Dataset:
    """Make a data set of a table in memory.

    Parameters
    ----------
    frame : DataFrame
        Copied column by column into plain types (see ``plain_column``); the index is dropped.
    roles : Roles, optional
        No roles at all when omitted.
    name : str
        Name to show.
    warnings : tuple of Notice
        To carry along.

    Returns
    -------
    Dataset
        Its fingerprint is that of the values, names and types of the columns.
    """
    bare = frame.reset_index(drop=True)
    names, renamed = unique_names([str(c) for c in bare.columns])
    columns = {n: plain_column(bare.iloc[:, i]) for i, n in enumerate(names)}
    plain = pd.DataFrame(columns, index=bare.index)
    rows = pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes()
    shape = [[c, str(t)] for c, t in plain.dtypes.items()]
    content = fingerprint_value({"rows": fingerprint_bytes(rows), "columns": shape})
    return Dataset(
        frame=plain, roles=roles or Roles(), fingerprint=content, name=name, warnings=(*warnings, *renamed)
    )
