"""``rai-dash compare``: a second table against the first, and a gate on what moved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rai_dash.cli.reading import TABLE_HELP, Reading
from rai_dash.cli.running import write_run
from rai_dash.cli.shared import (
    Favourable,
    JsonOut,
    RolesFile,
    RowId,
    ScoreDirection,
    Target,
    Weight,
    end_with,
    roles_of,
)


def compare(  # noqa: PLR0917
    first: Annotated[Path, typer.Argument(help=f"Then, for example the training rows. {TABLE_HELP}")],
    second: Annotated[Path, typer.Argument(help="Now, for example the first rows from production.")],
    target: Target = None,
    favourable: Favourable = None,
    roles: RolesFile = None,
    weight: Weight = None,
    row_id: RowId = None,
    score_column: Annotated[
        str | None, typer.Option(help="Column with scores, to be compared as well.")
    ] = None,
    score_direction: ScoreDirection = None,
    threshold: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Of the scores: approve from here.")
    ] = 0.5,
    classifier: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option(help="Also try whether a classifier can tell the two apart.")
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of the classifier.")] = 0,
    json_out: JsonOut = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(help='For example "psi of age > 0.25", "shared_rows > 0" or "prior_shift > 0.05".'),
    ] = None,
    read: Reading = None,
) -> None:
    """Compare two tables: drift, blanks, unseen categories, prior shift, scores, rows that are in both."""
    from rai_dash.cli.tables import opened_table
    from rai_dash.gate import broken, parse_rule
    from rai_dash.report.drift_json import compare_datasets, limits_of

    given = roles_of(
        roles, target=target, favourable=favourable, direction=score_direction,
        weight=weight, id=row_id, score=score_column,
    )  # fmt: skip
    rules = [parse_rule(text) for text in fail_if or ()]
    then, now = (opened_table(path, read=read) for path in (first, second))
    then = then.with_roles(given)
    # Outcomes of new applications may not be known yet.
    now = now.with_roles(given if given.target in now.columns else given.with_(target=None, favourable=()))
    found = compare_datasets(then, now, threshold=threshold, classifier=classifier, seed=seed)
    write_run(found.content, json_out)
    limits = limits_of(found.content)
    end_with([text for rule in rules if (text := broken(rule, limits))])
