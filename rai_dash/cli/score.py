"""``rai-dash score``: a small table into one file, a table of any size part by part, here or on Spark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rai_dash.cli.jobs import (
    Engine,
    EngineChoice,
    Keep,
    PartRows,
    Quiet,
    check_spark_options,
    for_job,
    in_parts,
    is_folder,
    job,
    refuse_with_parts,
    table_of_parts,
    tell,
)
from rai_dash.cli.reading import Reading
from rai_dash.cli.shared import ModelClass, ModelFile, SparkMaster, SparkRemote, TableOrFolder, written
from rai_dash.cli.tables import table_or_portfolio

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset
    from rai_dash.data.portfolio.portfolio import Portfolio
    from rai_dash.models.client import Model


def score(  # noqa: PLR0917
    data: TableOrFolder,
    model: ModelFile,
    out: Annotated[str, typer.Option(help="Parquet file to write; with / at its end a folder of parts.")],
    keep: Keep = None,
    part_rows: PartRows = None,
    engine: Engine = EngineChoice.HERE,
    spark_master: SparkMaster = None,
    spark_remote: SparkRemote = None,
    quiet: Quiet = False,  # noqa: FBT002 - an option of the command line
    model_class: ModelClass = None,
    read: Reading = None,
) -> None:
    """Score a table: column `score`, the probability of the favourable outcome. A folder is scored part by part."""
    from rai_dash.data.dataset import Dataset
    from rai_dash.data.portfolio.places import check_outside
    from rai_dash.models.client import load_model

    check_spark_options(engine, spark_master, spark_remote, part_rows)
    check_outside(data, Path(out))
    kept = tuple(keep or ())
    if engine is EngineChoice.SPARK:
        refuse_with_parts(read=read)
        table = None
    else:
        table = _table(data, out, read)
    with load_model(model, model_class=model_class) as loaded:
        if table is None:
            _score_on_spark(data, loaded, out, kept, master=spark_master, remote=spark_remote)
        elif isinstance(table, Dataset):
            _score_table(table, loaded, Path(out), kept)
        else:
            _score_parts(table, loaded, Path(out), kept, part_rows=part_rows, quiet=quiet)


def _table(data: Path, out: str, read: list[str] | None) -> Dataset | Portfolio:
    """Open a table: in memory, or for a job where it is too large for that or a folder is asked for."""
    from rai_dash.data.dataset import Dataset
    from rai_dash.data.portfolio.size import lies_outside

    if is_folder(out) or lies_outside(data):
        refuse_with_parts(read=read)
        return table_of_parts(data)
    table = table_or_portfolio(data, read=read)
    return table if isinstance(table, Dataset) else for_job(table)


def _score_table(dataset: Dataset, loaded: Model, out: Path, kept: Sequence[str]) -> None:
    """Score a table in memory into one file."""
    import pandas as pd

    from rai_dash.models.row_worker import check_columns

    matched = loaded.match(dataset)
    check_columns(dataset.columns, loaded.info, kept, ("score",))
    scored = loaded.score(dataset.frame)
    tell([notice.message for notice in (*matched, *scored.notices)])
    with written(out):
        found = pd.DataFrame({"score": scored.scores})
        pd.concat([dataset.frame[list(kept)], found], axis=1).to_parquet(out, index=False)


def _score_parts(
    table: Portfolio, loaded: Model, out: Path, kept: Sequence[str], *, part_rows: int | None, quiet: bool
) -> None:
    """Score a table of any size into a folder, and say what came out."""
    from rai_dash.data.portfolio.jobs.plan import PIECE_ROWS
    from rai_dash.models.portfolio_scores import ScoreOptions, score_parts

    tell([notice.message for notice in loaded.match_columns(table.columns)])
    options = ScoreOptions(kept=tuple(kept), piece_rows=part_rows or PIECE_ROWS)
    loaded.close()  # the job has a process of its own
    with job(out, quiet=quiet) as line:
        done = score_parts(table, loaded, out, options, on_progress=line)
    tell(_remarks(done))
    typer.echo(f"{out}: {in_parts(done)}", err=True)


def _remarks(done: dict[str, Any]) -> list[str]:
    """Say which rows have no score, and which a category that the model has never seen."""
    scores, unseen = done["sums"]["score"], int(done["sums"]["unseen"]["sum"])
    none = done["rows"] - int(scores["n"])
    found = []
    if none:
        found.append(f"The model gave no number for {none:,} rows; their score is blank.")
    if unseen:
        found.append(
            f"{unseen:,} rows have a category that the model has never seen; it scores them all the same, and the "
            "column `unseen` marks them."
        )
    return found


def _score_on_spark(
    data: Path, loaded: Model, out: str, kept: Sequence[str], *, master: str | None, remote: str | None
) -> None:
    """Score a table on Spark, which writes the parts."""
    from rai_dash.data.portfolio.spark import spark_session
    from rai_dash.models.spark import score_on_spark

    rows = score_on_spark(spark_session(master, remote), data, loaded, out, kept)
    typer.echo(f"{out}: {rows:,} rows, written by Spark.", err=True)
