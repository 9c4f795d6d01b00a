"""``rai-dash profile``: a table before any model, and a gate on its data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rai_dash.cli.jobs import Engine, EngineChoice
from rai_dash.cli.reading import Reading
from rai_dash.cli.running import write_run
from rai_dash.cli.shared import (
    Favourable,
    JsonOut,
    MinRows,
    RolesFile,
    RowId,
    Sensitive,
    SparkMaster,
    SparkRemote,
    Split,
    TableOrFolder,
    Target,
    Tolerance,
    Weight,
    WhereItLies,
    end_with,
    roles_of,
)
from rai_dash.cli.tables import Opening, opened_table


def profile(  # noqa: PLR0917
    data: TableOrFolder,
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    roles: RolesFile = None,
    row_id: RowId = None,
    time: Annotated[str | None, typer.Option(help="Column with the date of the decision.")] = None,
    weight: Weight = None,
    split: Split = None,
    other: Annotated[
        list[Path] | None, typer.Option(help="Another table, for example of test rows: copies are counted.")
    ] = None,
    tolerance: Tolerance = 0.05,
    min_n: MinRows = 30,
    json_out: JsonOut = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            help='For example "missing of income > 0.2", "duplicates > 0", "leaks > 0" or '
            '"base_rate gap by gender > 0.05 with evidence".'
        ),
    ] = None,
    read: Reading = None,
    portfolio: WhereItLies = False,  # noqa: FBT002 - an option of the command line
    engine: Engine = EngineChoice.HERE,
    spark_master: SparkMaster = None,
    spark_remote: SparkRemote = None,
) -> None:
    """Profile a table before any model: columns, rows, what to look at first, base rates by group."""
    from rai_dash.gate import broken, parse_rule
    from rai_dash.report.profile_json import limits_of, profile_dataset

    given = roles_of(
        roles, target=target, favourable=favourable, sensitive=sensitive,
        weight=weight, split=split, id=row_id, time=time,
    )  # fmt: skip
    rules = [parse_rule(text) for text in fail_if or ()]
    how = Opening(engine=engine, is_portfolio=portfolio, master=spark_master, remote=spark_remote)
    dataset = opened_table(data, roles=given, read=read, how=how)
    others = [opened_table(path, read=read) for path in other or ()]
    found = profile_dataset(dataset, others, min_n=min_n, tolerance=tolerance)
    write_run(found.content, json_out)
    limits = limits_of(found.content)
    end_with([text for rule in rules if (text := broken(rule, limits))])
