"""``rai-dash explain --out``: every row of a table of any size, part by part, here or on Spark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from rai_dash.cli.jobs import (
    EngineChoice,
    check_spark_options,
    in_parts,
    job,
    table_of_parts,
    tell,
)
from rai_dash.cli.shared import with_split
from rai_dash.cli.tables import table_or_portfolio
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles

if TYPE_CHECKING:
    import pandas as pd

    from rai_dash.data.dataset import Dataset
    from rai_dash.data.portfolio.portfolio import Portfolio
    from rai_dash.explain.portfolio_shap import ShapOptions
    from rai_dash.models.client import Model


@dataclass(frozen=True, kw_only=True)
class AllRows:
    """What is asked of every row, as the options of the command say it."""

    data: Path
    model: Path
    out: str
    background: Path | None
    split: str | None
    how: dict[str, Any]
    keep: Sequence[str]
    part_rows: int | None
    engine: EngineChoice
    spark_master: str | None
    spark_remote: str | None
    quiet: bool
    model_class: str | None
    read: list[str] | None


def explain_all(asked: AllRows) -> None:
    """Explain every row into a folder, and say what came out."""
    from rai_dash.data.portfolio.places import check_outside
    from rai_dash.explain.portfolio_shap import PIECE_ROWS, ShapOptions, explain_parts, largest_error
    from rai_dash.models.client import load_model

    check_spark_options(asked.engine, asked.spark_master, asked.spark_remote, asked.part_rows)
    check_outside(asked.data, Path(asked.out))
    options = ShapOptions(kept=tuple(asked.keep), piece_rows=asked.part_rows or PIECE_ROWS, **asked.how)
    table = table_of_parts(asked.data)
    with load_model(asked.model, model_class=asked.model_class) as model:
        tell([notice.message for notice in model.match_columns(table.columns)])
        reference = _reference(asked, table, model.info.feature_names)
        if asked.engine is EngineChoice.SPARK:
            _on_spark(asked, model, reference, options)
            return
        model.close()  # the job has a process of its own
        with job(Path(asked.out), quiet=asked.quiet) as line:
            done = explain_parts(table, model, Path(asked.out), reference, options, on_progress=line)
    tell(done["about"]["notices"])
    typer.echo(
        f"{asked.out}: {in_parts(done)} {_method(done['about'])} "
        f"Largest additivity error {largest_error(done):.1e}.",
        err=True,
    )


def _on_spark(asked: AllRows, model: Model, reference: pd.DataFrame, options: ShapOptions) -> None:
    from rai_dash.data.portfolio.spark import spark_session
    from rai_dash.explain.spark import explain_on_spark

    session = spark_session(asked.spark_master, asked.spark_remote)
    rows, about = explain_on_spark(
        session, asked.data, model, asked.out, reference=reference, options=options
    )
    tell(about["notices"])
    typer.echo(f"{asked.out}: {rows:,} rows, written by Spark. {_method(about)}", err=True)


def _method(about: dict[str, Any]) -> str:
    return f"{about['method']}, in {about['space']}."


def _reference(asked: AllRows, table: Portfolio, names: Sequence[str]) -> pd.DataFrame:
    """Return who every row is compared with: every row of the background, or some of the table itself, evenly."""
    from rai_dash.data.dataset import Dataset
    from rai_dash.explain.portfolio_shap import MOST_REFERENCE, reference_rows

    if asked.background is None:
        if asked.split is not None:
            msg = "--split marks training rows of a background. Name the table with --background as well."
            raise InvalidChoice(msg)
        if table.n_rows > MOST_REFERENCE:
            tell(
                [
                    f"Rows are compared with rows of the table itself, evenly drawn, at most {MOST_REFERENCE:,}."
                ]
            )
        return reference_rows(table, names)
    background = table_or_portfolio(asked.background, read=asked.read)
    if isinstance(background, Dataset):
        return _small_reference(background, asked.split)
    if asked.split is not None:
        msg = "--split is for a background that is read at once. Write its training rows into a table of their own."
        raise InvalidChoice(msg)
    return reference_rows(background, names, None)


def _small_reference(found: Dataset, split: str | None) -> pd.DataFrame:
    """Take the rows of a background in memory; where a column marks the training rows, those."""
    from rai_dash.case import held_out_rows

    if split is not None:
        found = with_split(found, Roles(split=split))
    held_out = held_out_rows(found)
    return found.frame if held_out is None else found.frame[~held_out].reset_index(drop=True)
