"""``rai-dash profile``: a table before any model, and a gate on its data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rai_dash.cli.reading import BROKEN, TABLE_HELP, Reading, options_of
from rai_dash.cli.shared import roles_of, with_split, write_json


def profile(  # noqa: PLR0917
    data: Annotated[Path, typer.Argument(help=TABLE_HELP)],
    target: Annotated[str | None, typer.Option(help="Column with the outcome.")] = None,
    favourable: Annotated[
        list[str] | None, typer.Option(help="Value of the target that is good for the applicant.")
    ] = None,
    sensitive: Annotated[
        list[str] | None, typer.Option(help="Column to compare people by; age:25,35,50 bins a number.")
    ] = None,
    roles: Annotated[Path | None, typer.Option(help="JSON with all roles, for awkward names.")] = None,
    row_id: Annotated[str | None, typer.Option("--id", help="Column that names the row.")] = None,
    time: Annotated[str | None, typer.Option(help="Column with the date of the decision.")] = None,
    weight: Annotated[str | None, typer.Option(help="Column with the weight of a row.")] = None,
    split: Annotated[str | None, typer.Option(help="Column that marks the training rows.")] = None,
    other: Annotated[
        list[Path] | None, typer.Option(help="Another table, for example of test rows: copies are counted.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(help="A difference between groups that does not matter.")
    ] = 0.05,
    min_n: Annotated[int, typer.Option(min=1, help="Groups with fewer rows enter no gap.")] = 30,
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Write the JSON here; - = print it.")
    ] = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            help='For example "missing of income > 0.2", "duplicates > 0", "leaks > 0" or '
            '"base_rate gap by gender > 0.05 with evidence".'
        ),
    ] = None,
    read: Reading = None,
) -> None:
    """Profile a table before any model: columns, rows, what to look at first, base rates by group."""
    from rai_dash.data.read import read_dataset
    from rai_dash.gate import broken, parse_rule
    from rai_dash.report.profile_json import limits_of, profile_dataset

    given = roles_of(
        roles, target=target, favourable=tuple(favourable or ()), sensitive=sensitive or [], direction=None,
        weight=weight, split=split, id=row_id, time=time,
    )  # fmt: skip
    rules = [parse_rule(text) for text in fail_if or ()]
    dataset = with_split(read_dataset(data, options=options_of(read)), given)
    others = [read_dataset(path, options=options_of(read)) for path in other or ()]
    found = profile_dataset(dataset, others, min_n=min_n, tolerance=tolerance)
    write_json(found.to_json(), json_out)
    limits = limits_of(found.content)
    failures = [text for rule in rules if (text := broken(rule, limits))]
    for text in failures:
        typer.echo(f"Limit broken: {text}", err=True)
    if failures:
        raise typer.Exit(BROKEN)
