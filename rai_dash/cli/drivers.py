"""``rai-dash drivers``: which columns move a model's scores, for whom, together with what, and how steadily."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rai_dash.cli.against import Background, Correlated, IdColumn, tables_of, write_parquet
from rai_dash.cli.deciding import Threshold
from rai_dash.cli.reading import Reading
from rai_dash.cli.running import write_run
from rai_dash.cli.shared import (
    Favourable,
    JsonOut,
    ModelClass,
    ModelFile,
    RolesFile,
    Sensitive,
    Split,
    Table,
    Target,
    listed,
    roles_of,
    tell_notices,
)


def drivers(  # noqa: PLR0917
    data: Table,
    model: ModelFile,
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    views: Annotated[
        str, typer.Option(help="With commas: importance,column,swarm,groups,pairs,noise; else all.")
    ] = "importance,column,swarm,groups,pairs,noise",
    background: Background = None,
    space: Annotated[str, typer.Option(help="Of contributions: log-odds or probability.")] = "log-odds",
    correlated: Correlated = False,  # noqa: FBT002 - an option of the command line
    threshold: Threshold = 0.5,
    cost: Annotated[
        tuple[float, float], typer.Option(help="Cost of a wrong approval and of a wrong refusal: FP FN.")
    ] = (5.0, 1.0),
    column: Annotated[
        list[str] | None,
        typer.Option(help="Column of the view of one column; else the one that matters most. Repeat it."),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Sensitive column to compare by; else the first one.")
    ] = None,
    groups: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Groups to compare; else those with the lowest and the highest mean output."),
    ] = None,
    sample: Annotated[
        int, typer.Option(min=1, help="Rows explained where each takes many answers of the model.")
    ] = 200,
    everyone: Annotated[
        Path | None, typer.Option("--all", help="Write each applicant's contributions to this Parquet file.")
    ] = None,
    id_column: IdColumn = None,
    split: Split = None,
    roles: RolesFile = None,
    json_out: JsonOut = None,
    model_class: ModelClass = None,
    read: Reading = None,
) -> None:
    """Say what drives a model: importance, curves, groups, interactions, and what noise does."""
    from rai_dash.models.client import load_model
    from rai_dash.report.drivers_json import DriversOptions, drive_dataset

    given = roles_of(
        roles, target=target, favourable=favourable, sensitive=sensitive,
        split=split, id=id_column,
    )  # fmt: skip
    dataset, reference = tables_of(data, background, given, read)
    first, second = groups or (None, None)
    asked = DriversOptions(
        views=listed(views), space=space,
        correlated=correlated, threshold=threshold, cost_fp=cost[0], cost_fn=cost[1], columns=tuple(column or ()),
        by=by, first=first, second=second, sample=sample, everyone=everyone is not None,
    )  # fmt: skip
    with load_model(model, model_class=model_class) as loaded:
        tell_notices(loaded, dataset)
        found = drive_dataset(dataset, loaded, background=reference, options=asked)
    if everyone is not None and found.everyone is not None:
        write_parquet(found.everyone, everyone)
    write_run(found.content, json_out)
