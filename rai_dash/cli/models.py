"""``rai-dash models compare``: candidates on the same rows, with paired intervals and who is decided differently."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rai_dash.cli.reading import Reading, options_of
from rai_dash.cli.running import Recorded, write_run
from rai_dash.cli.shared import (
    Favourable,
    JsonOut,
    MinRows,
    RolesFile,
    RowId,
    Sensitive,
    Split,
    Table,
    Target,
    Tolerance,
    Weight,
    end_with,
    roles_of,
    with_split,
)
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles

if TYPE_CHECKING:
    from rai_dash.case import Case
    from rai_dash.data.dataset import Dataset
    from rai_dash.data.options import ReadOptions
    from rai_dash.report.models_bands import BestBand
    from rai_dash.report.models_found import ModelComparison
    from rai_dash.report.models_json import ModelsReport

models_app = typer.Typer(no_args_is_help=True, help="Candidates for one job.")


@models_app.callback()
def models() -> None:
    """Work on several models of one case."""


@models_app.command(cls=Recorded)
def compare(  # noqa: PLR0917
    data: Table,
    model: Annotated[
        list[Path],
        typer.Option(
            help="Model file, at least two: the first is the one used now. Called by its file's name."
        ),
    ],
    threshold: Annotated[
        list[str] | None,
        typer.Option(help="0.5 for all, or NAME=0.4 for one. Repeat it."),
    ] = None,
    model_class: Annotated[
        list[str] | None, typer.Option(help="Favourable class of all models, or NAME=CLASS. Repeat it.")
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="Another name of a model, in the order of the models. Repeat it.")
    ] = None,
    training: Annotated[
        list[Path] | None,
        typer.Option(help="What each model was trained on, in their order; none = not known. Repeat it."),
    ] = None,
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    tolerance: Tolerance = 0.05,
    cost: Annotated[
        tuple[float, float] | None,
        typer.Option(help="Cost of a wrong approval and of a wrong refusal: FP FN."),
    ] = None,
    review_cost: Annotated[
        float | None,
        typer.Option(help="Cost of one review: with --cost also the cheapest band of each model."),
    ] = None,
    without_seen: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option("--without-seen", help="Leave out rows that a model was trained on.")
    ] = False,
    explain: Annotated[  # noqa: FBT002 - as above
        bool, typer.Option("--explain", help="Also compare what the models lean on.")
    ] = False,
    min_n: MinRows = 30,
    weight: Weight = None,
    split: Split = None,
    row_id: RowId = None,
    roles: RolesFile = None,
    json_out: JsonOut = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            help='Of each model but the first: "recall_difference < -0.02", "worse_shown > 0", '
            '"recall gap by gender > 0.05". Repeat it.'
        ),
    ] = None,
    read: Reading = None,
) -> None:
    """Compare models on the same rows: metrics, groups, decisions that change; the first is the one used now."""
    from rai_dash.gate import broken, parse_rule
    from rai_dash.metrics._base import Costs
    from rai_dash.report.models_found import CompareOptions
    from rai_dash.report.models_json import limits_of

    given = roles_of(
        roles, target=target, favourable=favourable, sensitive=sensitive,
        weight=weight, split=split, id=row_id,
    )  # fmt: skip
    rules = [parse_rule(text) for text in fail_if or ()]
    named = _named(model, name or [])
    costs = None
    if cost is not None:
        costs = Costs(cost_fp=cost[0], cost_fn=cost[1], cost_review=review_cost or 0.0)
    options = CompareOptions(
        thresholds=_numbers(threshold, named), costs=costs, tolerance=tolerance,
        min_n=min_n, without_seen=without_seen,
    )  # fmt: skip
    with ExitStack() as closing:
        dataset, tables = _read(data, _trained(training, named), given, options_of(read))
        case = _case(dataset, named, _pairs(model_class, named), tables, closing)
        for entry in case.models:
            for notice in entry.model.match(case.data[0].dataset):
                typer.echo(f"Note on {entry.key}: {notice.message}", err=True)
        report = _report(case, options, review_cost, explain=explain)
    write_run(report.content, json_out)
    found = [(key, limits_of(report, key)) for key in report.content["pairs"]]
    end_with([f"{key}: {text}" for rule in rules for key, limits in found if (text := broken(rule, limits))])


def _report(case: Case, options: Any, review_cost: float | None, *, explain: bool) -> ModelsReport:
    from rai_dash.report.models_case import DATA
    from rai_dash.report.models_explained import explained_pair
    from rai_dash.report.models_json import models_report
    from rai_dash.report.models_work import compare_models

    found = compare_models(case, DATA, [m.key for m in case.models], options)
    explained = {p.candidate: explained_pair(found, p) for p in found.pairs} if explain else None
    return models_report(found, bands=_bands(found, review_cost), explained=explained)


def _bands(found: ModelComparison, review_cost: float | None) -> tuple[BestBand, ...]:
    """Search the cheapest bands where what they cost is said."""
    from rai_dash.core.types import ReviewBand
    from rai_dash.report.band_choices import BandChoices
    from rai_dash.report.models_bands import BandAsked, best_bands
    from rai_dash.review.settings import BandCosts

    if review_cost is None:
        return ()
    costs = found.options.costs
    if costs is None:
        msg = "The cheapest bands need the costs of both errors as well. Give --cost FP FN."
        raise InvalidChoice(msg)
    priced = BandCosts(fp_fixed=costs.cost_fp, fn_fixed=costs.cost_fn, review=review_cost)
    t = found.current.threshold
    return best_bands(
        found,
        BandAsked(choices=BandChoices(band=ReviewBand(t, t, t), costs=priced, min_n=found.options.min_n)),
    )


def _named(files: list[Path], names: list[str]) -> dict[str, Path]:
    """Name the models: as was said, else by their files."""
    if len(names) > len(files):
        msg = f"There are {len(names)} names and {len(files)} models. Give one name a model, in their order."
        raise InvalidChoice(msg)
    named: dict[str, Path] = {}
    for i, path in enumerate(files):
        key = names[i] if i < len(names) else path.name.split(".", 1)[0]
        if not key or key in named:
            msg = f"Two models are called `{key}`. Give each a --name, in their order."
            raise InvalidChoice(msg)
        named[key] = path
    if len(named) < 2:
        msg = "At least two models are compared. Name the one that is used now first: --model NOW --model CANDIDATE."
        raise InvalidChoice(msg)
    return named


def _trained(files: list[Path] | None, named: dict[str, Path]) -> dict[str, Path]:
    """Return what each model was trained on, as far as it is said."""
    if len(files or ()) > len(named):
        msg = f"There are {len(files or ())} training tables and {len(named)} models. Give one a model, in their order."
        raise InvalidChoice(msg)
    return {key: path for key, path in zip(named, files or (), strict=False) if str(path) != "none"}


def _pairs(texts: list[str] | None, named: dict[str, Path]) -> dict[str, str]:
    """Read NAME=VALUE; a value without a known name is that of all models, under ``""``."""
    found: dict[str, str] = {}
    for text in texts or ():
        name, sign, value = text.partition("=")
        if sign and name in named:
            found[name] = value
        else:
            found[""] = text
    return found


def _numbers(texts: list[str] | None, named: dict[str, Path]) -> dict[str, float]:
    """Read thresholds by name of a model."""
    found = _pairs(texts, named)
    try:
        for_all = float(found.pop("", "0.5"))
        return dict.fromkeys(named, for_all) | {name: float(value) for name, value in found.items()}
    except ValueError as error:
        known = ", ".join(named)
        msg = f"A threshold is a number, or NAME=NUMBER with one of the models {known}: {error}."
        raise InvalidChoice(msg) from error


def _case(
    dataset: Dataset,
    named: dict[str, Path],
    classes: dict[str, str],
    training: dict[str, Dataset],
    closing: ExitStack,
) -> Case:
    """Open the models, and put everything into one case."""
    from rai_dash.models.client import load_model
    from rai_dash.report.models_case import case_of_models

    favourable = dataset.roles.favourable or None
    models = {
        name: closing.enter_context(
            load_model(path, model_class=classes.get(name, classes.get("")), favourable=favourable)
        )
        for name, path in named.items()
    }
    return case_of_models(dataset, models, training)


def _read(
    data: Path, trained: dict[str, Path], roles: Roles, options: ReadOptions | None
) -> tuple[Dataset, dict[str, Dataset]]:
    """Read the test set, and what the models were trained on; a split column marks the training rows of any table."""
    from rai_dash.data.read import read_dataset

    dataset = read_dataset(data, options=options)
    tables = {name: read_dataset(file, options=options) for name, file in trained.items()}
    split = Roles(split=roles.split, split_train=roles.split_train)
    marked = {name for name, own in tables.items() if roles.split in own.columns}
    training = {name: with_split(own, split) if name in marked else own for name, own in tables.items()}
    if roles.split not in dataset.columns and marked:
        # It marks rows of the training tables only; where no table has it, it is refused.
        roles = roles.with_(split=None, split_train=())
    return with_split(dataset, roles), training
