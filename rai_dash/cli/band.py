"""``rai-dash band``: judge a review band, search the best one, or write all bands of a grid."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rai_dash.cli.band_files import check_file, write_routes, write_table
from rai_dash.cli.band_options import judged, with_options_of
from rai_dash.cli.running import write_run
from rai_dash.cli.shared import JsonOut, end_with
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand

if TYPE_CHECKING:
    import re

    from rai_dash.report.band_choices import BandChoices, BandReport
    from rai_dash.report.band_rows import BandRows


class Action(StrEnum):
    """What is done with the band."""

    EVALUATE = "evaluate"
    OPTIMISE = "optimise"
    GRID = "grid"


@with_options_of(judged)
def band(
    action: Annotated[
        Action, typer.Argument(help="Judge one band, search the cheapest, or write all of a grid.")
    ],
    *,
    metric: Annotated[
        list[str] | None, typer.Option(help="Number to write for every band of the grid. Repeat it.")
    ] = None,
    routes: Annotated[
        Path | None, typer.Option(help="Write the route of every row here: .csv or .parquet.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the grid as a long table: .csv or .parquet.")
    ] = None,
    json_out: JsonOut = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            help='For example "auto_error_rate > 0.1", "review_rate gap by gender > 0.1", "certified < 1".'
        ),
    ] = None,
    **judging: Any,
) -> None:
    """Judge which applications the machine may decide alone, and which go to a person."""
    from rai_dash.data.all_rows import require_all_rows
    from rai_dash.gate import parse_rule

    rules = [parse_rule(text) for text in fail_if or ()]
    is_grid = action is Action.GRID
    _refuse_others(
        is_grid, of_grid={"--metric": metric, "--out": out}, of_one={"--routes": routes, "--fail-if": fail_if}
    )
    rows, choices = judged(**judging)
    if routes is not None:
        require_all_rows(rows.judgement.data.dataset, "A table with the route of every row")
    found = _run(action, rows, choices, metric)
    write_run(found.content, json_out, indent=None if is_grid else 2)
    if routes is not None:
        write_routes(rows, _band_of(found, choices), routes)
    if out is not None and found.table is not None:
        write_table(found.table, out)
    _gate(found, rules)


def _run(action: Action, rows: BandRows, choices: BandChoices, metrics: list[str] | None) -> BandReport:
    from rai_dash.report.band_json import evaluate_band, grid_bands, optimise_band

    if action is Action.GRID:
        return grid_bands(rows, choices, metrics or ())
    return evaluate_band(rows, choices) if action is Action.EVALUATE else optimise_band(rows, choices)


def _band_of(found: BandReport, choices: BandChoices) -> ReviewBand | None:
    """Return the band that was judged or found; None = none was found."""
    if "optimum" not in found.content:
        return choices.band
    best = found.content["optimum"]["best"]
    return None if best is None else ReviewBand(best["lo"], best["t"], best["hi"])


def _gate(found: BandReport, rules: list[re.Match[str]]) -> None:
    """Say which limits are broken, and end with the status for it."""
    from rai_dash.gate import broken
    from rai_dash.report.band_json import limits_of

    failures = [*found.broken]
    if "rates" in found.content:
        limits = limits_of(found.content)
        failures += [text for rule in rules if (text := broken(rule, limits))]
    end_with(failures)


def _refuse_others(is_grid: bool, *, of_grid: dict[str, object], of_one: dict[str, object]) -> None:  # noqa: FBT001
    """Refuse options that say nothing about what is asked for, and files that cannot be written."""
    wrong = [name for name, value in (of_one if is_grid else of_grid).items() if value is not None]
    if wrong:
        where = "evaluate and optimise" if is_grid else "grid"
        msg = f"{wrong[0]} belongs to `rai-dash band {where}`. Leave it out, or ask for that."
        raise InvalidChoice(msg)
    for path in (of_grid["--out"], of_one["--routes"]):
        if isinstance(path, Path):
            check_file(path)
