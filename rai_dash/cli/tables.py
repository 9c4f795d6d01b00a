"""The one door of tables on the command line: into memory, or counted where they lie when they are too large for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rai_dash.cli.jobs import EngineChoice, check_spark_options
from rai_dash.cli.reading import options_of
from rai_dash.cli.shared import known_split, with_split
from rai_dash.core.errors import InvalidChoice, UnreadableFile
from rai_dash.core.types import Roles

if TYPE_CHECKING:
    import pandas as pd

    from rai_dash.data.dataset import Dataset
    from rai_dash.data.portfolio.portfolio import Portfolio

#: Labels of a column that marks the training rows; more make no sense there.
_MOST_SPLITS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Where a table is counted, as the options say.

    Parameters
    ----------
    engine : EngineChoice
        Here: in memory where the table fits, else by DuckDB.
    is_portfolio : bool
        Whether a table that fits into memory is counted where it lies as well.
    master, remote : str or None
        Of Spark.
    """

    engine: EngineChoice = EngineChoice.HERE
    is_portfolio: bool = False
    master: str | None = None
    remote: str | None = None

    def __post_init__(self) -> None:
        """Refuse options that exclude each other."""
        check_spark_options(self.engine, self.master, self.remote)

    @property
    def is_chosen(self) -> bool:
        """Whether an option says that the table is counted where it lies."""
        return self.is_portfolio or self.engine is EngineChoice.SPARK


_MEMORY = Opening()


def opened_table(
    path: Path, *, roles: Roles | None = None, read: Sequence[str] | None = None, how: Opening = _MEMORY
) -> Dataset:
    """Open a table for a command: a folder, or a file above the limits of one table, is counted where it lies.

    Parameters
    ----------
    path : Path
        A file, or a folder of files of one kind.
    roles : Roles, optional
        What the columns are for; which labels of the split mean training is found out where nobody said.
    read : sequence of str, optional
        ``KEY=VALUE`` texts of ``--read``, for a table in memory.
    how : Opening
        Where it is counted.

    Returns
    -------
    Dataset
        With its ``portfolio`` where it is counted where it lies.

    Raises
    ------
    UnreadableFile, MissingColumn, InvalidRoles, InvalidChoice
        When it cannot be read, the roles do not fit, or the options do not go together.
    """
    from rai_dash.data.dataset import Dataset
    from rai_dash.data.portfolio.opening import dataset_of

    found = table_or_portfolio(path, read=read, how=how)
    if not isinstance(found, Dataset):
        return dataset_of(found, known_split(roles or Roles(), _values(found)))
    return found if roles is None else with_split(found, roles)


def table_or_portfolio(
    path: Path, *, read: Sequence[str] | None = None, how: Opening = _MEMORY
) -> Dataset | Portfolio:
    """Open a table without roles, in memory or where it lies; see `opened_table`. No sample is drawn."""
    from rai_dash.data.portfolio.size import can_be_counted, lies_outside
    from rai_dash.data.read import read_dataset

    if how.is_chosen or lies_outside(path):
        return _portfolio(path, read, how)

    try:
        return read_dataset(path, options=options_of(read))
    except UnreadableFile as error:
        if error.code != "too_large" or not can_be_counted(path):
            raise
    return _portfolio(path, read, how)


def _portfolio(path: Path, read: Sequence[str] | None, how: Opening) -> Portfolio:
    if how.engine is EngineChoice.SPARK:
        if read:
            msg = "--read is for text tables, which are not read on Spark. Leave it out, or write the table as Parquet."
            raise InvalidChoice(msg)
        from rai_dash.data.portfolio.spark import spark_portfolio, spark_session

        return spark_portfolio(path, spark_session(how.master, how.remote))
    from rai_dash.data.portfolio.opening import open_portfolio

    return open_portfolio(path, options=options_of(read))


def _values(portfolio: Portfolio) -> Callable[[str], pd.Series | None]:
    """Return what looks up the different values of a column; None = there is no such column."""
    from rai_dash.data.portfolio.questions import Tally, Value

    def values(column: str) -> pd.Series | None:
        if column not in portfolio.columns:
            return None
        found = portfolio.tally(Tally(keys=(Value(column=column),), most=_MOST_SPLITS))
        return found.values()[column]

    return values
