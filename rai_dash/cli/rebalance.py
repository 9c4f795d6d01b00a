"""``rai-dash rebalance``: train the same kind of model under several strategies, judge all on untouched rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rai_dash.cli.reading import MODEL_HELP, Reading, options_of, read_bytes
from rai_dash.cli.running import write_run
from rai_dash.cli.shared import (
    Favourable,
    JsonOut,
    ModelClass,
    RolesFile,
    Sensitive,
    Split,
    Table,
    Target,
    Weight,
    listed,
    opened,
    roles_of,
    with_split,
    written,
)

if TYPE_CHECKING:
    from rai_dash.trials.rebalancing.results import Compared


def rebalance(  # noqa: PLR0917
    data: Table,
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    by: Annotated[
        str | None, typer.Option(help="Sensitive column that the recipe crosses with the outcome.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help=f"Its kind is trained again; without one a stand-in. {MODEL_HELP}")
    ] = None,
    up: Annotated[float, typer.Option(help="Top small cells up to this share of the largest.")] = 1.0,
    down: Annotated[float, typer.Option(help="Cut large cells down to this share of the largest.")] = 1.0,
    cell: Annotated[
        list[str] | None,
        typer.Option(
            help="A target for one cell: GROUP|LABEL=ROWS, or =SHARE% of the largest cell. Repeat it."
        ),
    ] = None,
    cells: Annotated[
        Path | None, typer.Option(help='The same as JSON: [{"group", "label", "rows" or "share"}].')
    ] = None,
    own_column: Annotated[
        str | None,
        typer.Option(
            help="Column that says which training rows (yes/no) or with which weight: strategy own."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="First seed.")] = 0,
    seeds: Annotated[int, typer.Option(help="Repeat with so many seeds, 1 to 8.")] = 3,
    strategies: Annotated[
        str, typer.Option(help="With commas: none,threshold,up,down,joint,corrected,weights,own,smote.")
    ] = "none,threshold,up,down,joint,corrected,weights",
    test: Annotated[
        Path | None, typer.Option(help="Judge on this table instead, and train on every row.")
    ] = None,
    threshold: Annotated[float, typer.Option(help="Favourable from this score, a multiple of 0.001.")] = 0.5,
    json_out: JsonOut = None,
    out: Annotated[Path | None, typer.Option(help="Write the model of your recipe (joint) here.")] = None,
    roles: RolesFile = None,
    weight: Weight = None,
    split: Split = None,
    model_class: ModelClass = None,
    read: Reading = None,
) -> None:
    """Compare up- and downsampling, weights and thresholds on rows that nothing was trained on."""
    from rai_dash.case import held_out_rows
    from rai_dash.data.read import read_dataset
    from rai_dash.trials.rebalancing.comparing import compare_strategies
    from rai_dash.trials.rebalancing.figures import comparison_json
    from rai_dash.trials.rebalancing.recipe import Recipe, named_cells

    given = roles_of(
        roles, target=target, favourable=favourable, sensitive=sensitive,
        weight=weight, split=split,
    )  # fmt: skip
    if by is not None and by not in given.sensitive:
        given = given.with_(sensitive=(*given.sensitive, by))
    options = options_of(read)
    dataset = with_split(read_dataset(data, options=options), given)
    own = named_cells(dataset, cell or (), None if cells is None else read_bytes(cells))
    other = None
    if test is not None:
        # Which rows of the other table were trained on once says nothing about the models trained here.
        other = read_dataset(test, options=options).with_roles(given.with_(split=None, split_train=()))
    with opened(model, model_class=model_class, favourable=given.favourable or None) as loaded:
        found = compare_strategies(
            dataset, loaded,
            recipe=Recipe(by=by, up=up, down=down, seed=seed, cells=own, column=own_column),
            strategies=listed(strategies), seeds=seeds, test=other, held_out=held_out_rows(dataset),
        )  # fmt: skip
    write_run(comparison_json(found, threshold), json_out)
    if out is not None:
        _keep(found, out)


def _keep(found: Compared, out: Path) -> None:
    """Write the model of the recipe under the first seed, and say how it was trained."""
    joint: Any = found.variant("joint")
    with written(out):
        out.write_bytes(joint.content)
    note = f"{out}: {found.recipe.words}, seed {found.recipe.seed}. {joint.trained}"
    typer.echo(note, err=True)
