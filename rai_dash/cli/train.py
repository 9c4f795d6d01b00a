"""``rai-dash train``: a model on all rows of a table, however large, with weights for its cells."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from rai_dash.cli.jobs import Engine, EngineChoice, ProgressLine, Quiet
from rai_dash.cli.reading import MODEL_HELP, Reading
from rai_dash.cli.running import write_run
from rai_dash.cli.shared import (
    Favourable,
    JsonOut,
    ModelClass,
    RolesFile,
    SparkMaster,
    SparkRemote,
    Split,
    TableOrFolder,
    Target,
    Weight,
    check_place,
    listed,
    opened,
    roles_of,
    written,
)
from rai_dash.cli.tables import Opening, opened_table
from rai_dash.core.errors import InvalidChoice


def train(  # noqa: PLR0917
    data: TableOrFolder,
    out: Annotated[Path, typer.Option(help="The model to write (.ubj).")],
    target: Target = None,
    favourable: Favourable = None,
    by: Annotated[
        str | None, typer.Option(help="Column that is crossed with the outcome for the weights.")
    ] = None,
    up: Annotated[float, typer.Option(help="Small cells weigh at least this share of the largest.")] = 0.0,
    down: Annotated[float, typer.Option(help="Large cells weigh at most this share of the largest.")] = 1.0,
    features: Annotated[str | None, typer.Option(help="Columns to train on, with commas.")] = None,
    model: Annotated[
        Path | None, typer.Option(help=f"An XGBoost model whose kind is trained again. {MODEL_HELP}")
    ] = None,
    trees: Annotated[int | None, typer.Option(min=1, max=100_000, help="Number of trees.")] = None,
    depth: Annotated[int | None, typer.Option(min=1, max=16, help="Depth of a tree.")] = None,
    eta: Annotated[float | None, typer.Option(help="Learning rate, above 0 and at most 1.")] = None,
    work: Annotated[
        Path | None,
        typer.Option(help="Folder with room for XGBoost's bins, about one byte a cell; temporary else."),
    ] = None,
    json_out: JsonOut = None,
    roles: RolesFile = None,
    weight: Weight = None,
    split: Split = None,
    model_class: ModelClass = None,
    read: Reading = None,
    engine: Engine = EngineChoice.HERE,
    spark_master: SparkMaster = None,
    spark_remote: SparkRemote = None,
    workers: Annotated[int, typer.Option(min=1, help="Spark tasks that train together.")] = 1,
    quiet: Quiet = False,  # noqa: FBT002 - an option of the command line
) -> None:
    """Train XGBoost on a table of any size: rows pass by in batches, cells are weighed and not copied."""
    from rai_dash.data.portfolio.places import check_outside
    from rai_dash.trials.portfolio.training import train_on_all_rows
    from rai_dash.trials.rebalancing.recipe import Recipe

    check_place(out)
    check_outside(data, out)
    given = roles_of(roles, target=target, favourable=favourable, weight=weight, split=split)
    if by is not None and by not in given.sensitive:
        given = given.with_(sensitive=(*given.sensitive, by))
    how = Opening(engine=engine, is_portfolio=True, master=spark_master, remote=spark_remote)
    dataset = opened_table(data, roles=given, read=read, how=how)
    with (
        opened(model, model_class=model_class, favourable=given.favourable or None) as loaded,
        tempfile.TemporaryDirectory(dir=work) as folder,
        ProgressLine(quiet=quiet) as line,
    ):
        made = train_on_all_rows(
            dataset, loaded, Recipe(by=by, up=up, down=down),
            folder=Path(folder), features=listed(features or ""), params=_params(trees, depth, eta),
            spark=_spark(data, how), workers=workers, on_progress=line.counted,
        )  # fmt: skip
    with written(out):
        out.write_bytes(made.content)
    write_run(made.to_json(), json_out)
    typer.echo(f"{out}: {made.recipe} Trained on {made.rows:,} rows.", err=True)


def _params(trees: int | None, depth: int | None, eta: float | None) -> dict[str, Any]:
    if eta is not None and not 0.0 < eta <= 1.0:
        msg = f"A learning rate of {eta:g} is none. Give a number above 0 and at most 1, such as 0.1."
        raise InvalidChoice(msg)
    given = {"n_estimators": trees, "max_depth": depth, "eta": eta}
    return {name: value for name, value in given.items() if value is not None}


def _spark(data: Path, how: Opening) -> Any:
    """Open the table on Spark, where Spark trains."""
    if how.engine is not EngineChoice.SPARK:
        return None
    from rai_dash.data.portfolio.spark import spark_frame, spark_session

    return spark_frame(spark_session(how.master, how.remote), data)
