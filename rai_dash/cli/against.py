"""A table, and the one that its applicants are compared with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rai_dash.cli.reading import options_of
from rai_dash.cli.shared import with_split, written
from rai_dash.core.types import Roles

if TYPE_CHECKING:
    import pandas as pd

    from rai_dash.data.dataset import Dataset

Background = Annotated[
    Path | None,
    typer.Option(
        help="Reference rows: who the applicants are compared with; else the table. Where the column of --split is in "
        "it, its training rows."
    ),
]
Correlated = Annotated[
    bool, typer.Option("--correlated", help="Columns that go together at 0.8 or more count as one.")
]
IdColumn = Annotated[str | None, typer.Option(help="Column that names a row.")]


def tables_of(
    data: Path, background: Path | None, roles: Roles, read: list[str] | None
) -> tuple[Dataset, Dataset | None]:
    """Read both tables; a split counts in each of them that has its column.

    Raises
    ------
    RaiError
        When a table cannot be read, or the roles do not fit.
    """
    from rai_dash.data.read import read_dataset

    options = options_of(read)
    dataset = read_dataset(data, options=options)
    other = None if background is None else read_dataset(background, options=options)
    split = Roles(split=roles.split, split_train=roles.split_train)
    if other is not None and roles.split in other.columns:
        other = with_split(other, split)
        if roles.split not in dataset.columns:
            roles = roles.with_(split=None, split_train=())
    return with_split(dataset, roles), other


def write_parquet(frame: pd.DataFrame, out: Path) -> None:
    """Write a table.

    Raises
    ------
    InvalidChoice
        When the file cannot be written.
    """
    with written(out):
        frame.to_parquet(out, index=False)
