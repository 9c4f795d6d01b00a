"""``rai-dash slices``: where a model errs more than elsewhere, and a gate on it."""

from __future__ import annotations

from typing import Annotated

import typer

from rai_dash.cli.deciding import Threshold
from rai_dash.cli.reading import Reading, options_of
from rai_dash.cli.running import write_run
from rai_dash.cli.shared import (
    Favourable,
    JsonOut,
    MaybeModel,
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
    end_with,
    opened,
    roles_of,
    with_split,
)
from rai_dash.core.errors import InvalidChoice


def slices(  # noqa: PLR0917
    data: Table,
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    model: MaybeModel = None,
    score_column: ScoreColumn = None,
    score_direction: ScoreDirection = None,
    threshold: Threshold = 0.5,
    column: Annotated[
        list[str] | None,
        typer.Option(help="Column that slices may speak of; else features and sensitive ones. Repeat it."),
    ] = None,
    min_rows: Annotated[
        int | None, typer.Option(min=1, help="Fewest rows of a slice; else 30, or 1 in 500.")
    ] = None,
    max_terms: Annotated[int, typer.Option(min=1, max=2, help="Conditions of a slice, at most.")] = 2,
    most: Annotated[int, typer.Option(min=1, max=100, help="Slices that are named, at most.")] = 10,
    roles: RolesFile = None,
    row_id: RowId = None,
    weight: Weight = None,
    split: Split = None,
    model_class: ModelClass = None,
    json_out: JsonOut = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(help='For example "slices > 0", "worst_rate > 0.3" or "worst_difference > 0.15".'),
    ] = None,
    show_small: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option("--show-small", help="Show figures of few people as well.")
    ] = False,
    read: Reading = None,
) -> None:
    """Find the slices of a table in which a model errs more than elsewhere, corrected for looking at many."""
    from rai_dash.core.settings import get_settings
    from rai_dash.data.read import read_dataset
    from rai_dash.gate import broken, parse_rule
    from rai_dash.report.slices_few import without_few
    from rai_dash.report.slices_json import find_dataset_slices, limits_of
    from rai_dash.trials.slices.finder import SliceOptions

    given = roles_of(
        roles, target=target, favourable=favourable, sensitive=sensitive,
        direction=score_direction, score=score_column, weight=weight, split=split, id=row_id,
    )  # fmt: skip
    _require(has_target=given.target is not None, has_scores=model is not None or given.score is not None)
    rules = [parse_rule(text) for text in fail_if or ()]
    dataset = with_split(read_dataset(data, options=options_of(read)), given)
    how = SliceOptions(min_rows=min_rows, max_terms=max_terms, most=most)
    with opened(model, model_class=model_class, favourable=given.favourable or None) as loaded:
        found = find_dataset_slices(dataset, loaded, threshold=threshold, columns=column or (), options=how)
    fewest = 0 if show_small else get_settings().smallest_export_cell
    write_run(without_few(found, fewest=fewest), json_out)
    limits = limits_of(found)
    end_with([text for rule in rules if (text := broken(rule, limits))])


def _require(*, has_target: bool, has_scores: bool) -> None:
    if not has_target:
        msg = "Error slices need outcomes. Name their column with --target."
        raise InvalidChoice(msg)
    if not has_scores:
        msg = "Error slices need scores. Give a model with --model, or a column with --score-column."
        raise InvalidChoice(msg)
