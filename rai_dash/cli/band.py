"""``rai-dash band``: judge a review band, search the best one, or write all bands of a grid."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from rai_dash.cli.band_files import check_file, write_routes, write_table
from rai_dash.cli.reading import BROKEN, MODEL_HELP, TABLE_HELP, Reading, options_of
from rai_dash.cli.shared import (
    Favourable,
    JsonOut,
    MinRows,
    ModelClass,
    RolesFile,
    Sensitive,
    Split,
    Target,
    Weight,
    band_end,
    roles_of,
    with_split,
    write_json,
)
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Direction, ReviewBand, Roles

if TYPE_CHECKING:
    import re

    from rai_dash.report.band_choices import BandChoices, BandReport
    from rai_dash.report.band_rows import BandRows, RowChoices
    from rai_dash.review.settings import Workload


class Action(StrEnum):
    """What is done with the band."""

    EVALUATE = "evaluate"
    OPTIMISE = "optimise"
    GRID = "grid"


class Promise(StrEnum):
    """Ways to a promise."""

    FIXED = "fixed"
    SEQUENCE = "sequence"
    SPLIT = "split"
    SGR = "sgr"


def band(  # noqa: PLR0917
    action: Annotated[
        Action, typer.Argument(help="Judge one band, search the cheapest, or write all of a grid.")
    ],
    data: Annotated[Path, typer.Argument(help=TABLE_HELP)],
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    model: Annotated[Path | None, typer.Option(help=MODEL_HELP)] = None,
    score_column: Annotated[str | None, typer.Option(help="Column with scores, instead of a model.")] = None,
    score_direction: Annotated[
        Direction | None, typer.Option(help="Which end is good; higher when nothing says otherwise.")
    ] = None,
    lo: Annotated[
        str | None,
        typer.Option(help="Below it an application is declined; none = never; by default the threshold."),
    ] = None,
    hi: Annotated[
        str | None,
        typer.Option(help="From it on an application is approved; none = never; by default the threshold."),
    ] = None,
    threshold: Annotated[float, typer.Option(help="The model's own cut, inside the band.")] = 0.5,
    amount: Annotated[str | None, typer.Option(help="Column with the money at stake.")] = None,
    human: Annotated[
        str | None, typer.Option(help="Column with what a person decided; used instead of --h1 and --h0.")
    ] = None,
    human_approve: Annotated[
        list[str] | None, typer.Option(help="Its value that means approved. Repeat it.")
    ] = None,
    h1: Annotated[float, typer.Option(help="Chance that a person approves a good application.")] = 0.9,
    h0: Annotated[float, typer.Option(help="Chance that a person refuses a bad application.")] = 0.9,
    deference: Annotated[float, typer.Option(help="Chance that a person just follows the model.")] = 0.0,
    fp_cost: Annotated[float, typer.Option(help="Cost of a bad application approved.")] = 0.0,
    fp_per_amount: Annotated[float, typer.Option(help="The same for each unit of the amount.")] = 0.0,
    fn_cost: Annotated[float, typer.Option(help="Cost of a good application refused.")] = 0.0,
    fn_per_amount: Annotated[float, typer.Option(help="The same for each unit of the amount.")] = 0.0,
    review_cost: Annotated[float, typer.Option(help="Cost of one review.")] = 0.0,
    volume: Annotated[float | None, typer.Option(help="Applications a day.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Minutes that one review takes.")] = None,
    minutes_per_day: Annotated[
        float | None, typer.Option(help="Minutes for reviews that one reviewer has in a day.")
    ] = None,
    reviewers: Annotated[float | None, typer.Option(help="Reviewers there are.")] = None,
    days: Annotated[float, typer.Option(help="State the backlog after so many days.")] = 20.0,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            help='"review at most 8 %", "wrongly declined gap by gender at most 3 points". Repeat it.'
        ),
    ] = None,
    always: Annotated[
        list[str] | None,
        typer.Option(
            help='Always to a person: "amount > 50000", "purpose in car, boat", "unseen category", "out of range", '
            '"blank input", "fragile". Repeat it.'
        ),
    ] = None,
    training: Annotated[
        Path | None, typer.Option(help="Table of training rows, for --always; else those of --split.")
    ] = None,
    guarantee: Annotated[
        Promise | None, typer.Option(help="How the band was chosen; without it: on these rows, no promise.")
    ] = None,
    alpha: Annotated[
        float | None, typer.Option(help="Share of automatic decisions that may be wrong.")
    ] = None,
    delta: Annotated[float, typer.Option(help="Chance that the promise is broken.")] = 0.05,
    step: Annotated[float, typer.Option(help="Distance of the cuts of a grid.")] = 0.005,
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
    roles: RolesFile = None,
    row_id: Annotated[str | None, typer.Option("--id", help="Column that names the row.")] = None,
    weight: Weight = None,
    split: Split = None,
    model_class: ModelClass = None,
    min_n: MinRows = 30,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            help='For example "auto_error_rate > 0.1", "review_rate gap by gender > 0.1", "certified < 1".'
        ),
    ] = None,
    read: Reading = None,
) -> None:
    """Judge which applications the machine may decide alone, and which go to a person."""
    from rai_dash.gate import parse_rule
    from rai_dash.report.band_choices import BandChoices
    from rai_dash.report.band_rows import RowChoices
    from rai_dash.review.settings import BandCosts, Reviewer

    rules = [parse_rule(text) for text in fail_if or ()]
    is_grid = action is Action.GRID
    _refuse_others(
        is_grid, of_grid={"--metric": metric, "--out": out}, of_one={"--routes": routes, "--fail-if": fail_if}
    )
    given = roles_of(
        roles, target=target, favourable=tuple(favourable or ()), sensitive=sensitive or [], score=score_column,
        direction=score_direction, weight=weight, split=split, amount=amount, id=row_id,
    )  # fmt: skip
    choices = BandChoices(
        band=ReviewBand(_cut(lo, threshold), threshold, _cut(hi, threshold)),
        reviewer=Reviewer(h1=h1, h0=h0, deference=deference, use_recorded=human is not None),
        costs=BandCosts(
            fp_fixed=fp_cost, fp_per_amount=fp_per_amount, fn_fixed=fn_cost, fn_per_amount=fn_per_amount,
            review=review_cost,
        ),
        workload=_workload(volume, minutes, minutes_per_day, reviewers=reviewers, days=days),
        min_n=min_n, limits=tuple(limit or ()), promise=guarantee, alpha=alpha, delta=delta, step=step,
    )  # fmt: skip
    asked = RowChoices(human=human, human_approve=tuple(human_approve or ()), always=tuple(always or ()))
    rows = _rows(_Files(data, model, training, model_class, read), given, asked)
    found = _run(action, rows, choices, metric)
    write_json(found.to_json(indent=None if is_grid else 2), json_out)
    if routes is not None:
        write_routes(rows, _band_of(found, choices), routes)
    if out is not None and found.table is not None:
        write_table(found.table, out)
    _gate(found, rules)


class _Files(NamedTuple):
    """What is read, and how."""

    data: Path
    model: Path | None
    training: Path | None
    model_class: str | None
    read: list[str] | None


def _rows(files: _Files, roles: Roles, asked: RowChoices) -> BandRows:
    """Read and score."""
    from rai_dash.data.read import read_dataset
    from rai_dash.models.client import load_model
    from rai_dash.report.band_rows import band_rows

    options = options_of(files.read)
    dataset = with_split(read_dataset(files.data, options=options), roles)
    before = None if files.training is None else read_dataset(files.training, options=options)
    loaded = None
    try:
        if files.model is not None:
            favourable = roles.favourable or None
            loaded = load_model(files.model, model_class=files.model_class, favourable=favourable)
        return band_rows(dataset, loaded, asked, training=before)
    finally:
        if loaded is not None:
            loaded.close()


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
    for text in failures:
        typer.echo(f"Limit broken: {text}", err=True)
    if failures:
        raise typer.Exit(BROKEN)


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


def _cut(text: str | None, threshold: float) -> float | None:
    """Read an end of the band; by default the threshold."""
    return threshold if text is None else band_end(text)


def _workload(
    volume: float | None,
    minutes: float | None,
    per_day: float | None,
    *,
    reviewers: float | None,
    days: float,
) -> Workload | None:
    """Read how much work there is; None where nothing is said."""
    from rai_dash.review.settings import Workload

    if volume is None and minutes is None and per_day is None and reviewers is None:
        return None
    if volume is None or minutes is None or per_day is None:
        msg = "People needed follow from --volume, --minutes and --minutes-per-day together. Give all three."
        raise InvalidChoice(msg)
    return Workload(
        volume_per_day=volume,
        minutes_per_review=minutes,
        minutes_per_day=per_day,
        reviewers=reviewers,
        days=days,
    )
