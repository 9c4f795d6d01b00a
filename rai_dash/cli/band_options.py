"""The options that say how a band is judged, for every command that judges one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from rai_dash.cli.reading import Reading, options_of
from rai_dash.cli.shared import (
    Favourable,
    MaybeModel,
    MinRows,
    ModelClass,
    RolesFile,
    RowId,
    ScoreColumn,
    ScoreDirection,
    Sensitive,
    Split,
    Table,
    Target,
    Weight,
    band_end,
    opened,
    roles_of,
)
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand

if TYPE_CHECKING:
    from rai_dash.core.types import Roles
    from rai_dash.report.band_choices import BandChoices
    from rai_dash.report.band_rows import BandRows, RowChoices
    from rai_dash.review.settings import Workload


class Promise(StrEnum):
    """Ways to a promise."""

    FIXED = "fixed"
    SEQUENCE = "sequence"
    SPLIT = "split"
    SGR = "sgr"


class Judged(NamedTuple):
    """The rows, and what a band is judged by on them."""

    rows: BandRows
    choices: BandChoices


def judged(
    *,
    data: Table,
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    model: MaybeModel = None,
    score_column: ScoreColumn = None,
    score_direction: ScoreDirection = None,
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
    roles: RolesFile = None,
    row_id: RowId = None,
    weight: Weight = None,
    split: Split = None,
    model_class: ModelClass = None,
    min_n: MinRows = 30,
    read: Reading = None,
) -> Judged:
    """Read and score the rows, and gather what the band is judged by."""
    from rai_dash.report.band_choices import BandChoices
    from rai_dash.report.band_rows import RowChoices
    from rai_dash.review.settings import BandCosts, Reviewer

    given = roles_of(
        roles, target=target, favourable=favourable, sensitive=sensitive, score=score_column,
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
    return Judged(_rows(_Files(data, model, training, model_class, read), given, asked), choices)


def with_options_of(
    source: Callable[..., Any], *, without: tuple[str, ...] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command, behind its own options, those of a function; they reach it as further keywords.

    Parameters
    ----------
    source : callable
        With keywords only, annotated for typer.
    without : tuple of str
        Keywords that the command does not offer.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in _parameters(command) if p.kind is not inspect.Parameter.VAR_KEYWORD]
        more = [p for p in _parameters(source) if p.name not in without]
        both = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (*own, *more)]
        command.__signature__ = inspect.Signature(both)  # type: ignore[attr-defined]
        return command

    return decorate


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function, eval_str=True).parameters.values())


class _Files(NamedTuple):
    """What is read, and how."""

    data: Path
    model: Path | None
    training: Path | None
    model_class: str | None
    read: list[str] | None


def _rows(files: _Files, roles: Roles, asked: RowChoices) -> BandRows:
    """Read and score."""
    from rai_dash.cli.tables import opened_table
    from rai_dash.data.read import read_dataset
    from rai_dash.report.band_rows import band_rows

    options = options_of(files.read)
    dataset = opened_table(files.data, roles=roles, read=files.read)
    before = None if files.training is None else read_dataset(files.training, options=options)
    favourable = roles.favourable or None
    with opened(files.model, model_class=files.model_class, favourable=favourable) as loaded:
        return band_rows(dataset, loaded, asked, training=before)


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
