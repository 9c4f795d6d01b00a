"""``rai-dash compare``: a second table against the first, and a gate on what moved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from rai_dash.cli.reading import BROKEN, TABLE_HELP, Reading, options_of
from rai_dash.cli.shared import Favourable, JsonOut, RolesFile, Target, roles_of, write_json


def compare(  # noqa: PLR0917
    first: Annotated[Path, typer.Argument(help=f"Then, for example the training rows. {TABLE_HELP}")],
    second: Annotated[Path, typer.Argument(help="Now, for example the first rows from production.")],
    target: Target = None,
    favourable: Favourable = None,
    roles: RolesFile = None,
    classifier: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option(help="Also try whether a classifier can tell the two apart.")
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of the classifier.")] = 0,
    json_out: JsonOut = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(help='For example "psi of age > 0.25", "new of region > 0" or "prior_shift > 0.05".'),
    ] = None,
    read: Reading = None,
) -> None:
    """Compare two tables column by column: drift, blanks, unseen categories, prior shift."""
    from rai_dash.data.drift import data_drift
    from rai_dash.data.read import read_dataset
    from rai_dash.gate import broken, parse_rule
    from rai_dash.report.drift_json import drift_json, limits_of
    from rai_dash.trials.two_sample import two_sample

    given = roles_of(roles, target=target, favourable=tuple(favourable or ()), sensitive=[], direction=None)
    rules = [parse_rule(text) for text in fail_if or ()]
    then, now = (read_dataset(path, options=options_of(read)) for path in (first, second))
    then = then.with_roles(given)
    # Outcomes of new applications may not be known yet.
    now = now.with_roles(given if given.target in now.columns else given.with_(target=None, favourable=()))
    content = drift_json(data_drift(then, now), two_sample(then, now, seed=seed) if classifier else None)
    write_json(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False), json_out)
    limits = limits_of(content)
    failures = [text for rule in rules if (text := broken(rule, limits))]
    for text in failures:
        typer.echo(f"Limit broken: {text}", err=True)
    if failures:
        raise typer.Exit(BROKEN)
