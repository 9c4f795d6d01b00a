"""``rai-dash explain``: why a model gave its scores, for some applicants as JSON or for everyone as Parquet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rai_dash.cli.reading import MODEL_HELP, TABLE_HELP, Reading, options_of
from rai_dash.cli.shared import JsonOut, ModelClass, write_json
from rai_dash.core.errors import InvalidChoice

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset
    from rai_dash.models.client import Model
    from rai_dash.report.explain_json import ExplainOptions


def explain(  # noqa: PLR0917
    data: Annotated[Path, typer.Argument(help=TABLE_HELP)],
    model: Annotated[Path, typer.Option(help=MODEL_HELP)],
    rows: Annotated[str, typer.Option(help="Positions from 0: 0,5,10-19.")] = "",
    find: Annotated[
        list[str] | None, typer.Option(help="Text of the id column of an applicant. Repeat it.")
    ] = None,
    id_column: Annotated[str | None, typer.Option(help="Column that names a row.")] = None,
    background: Annotated[
        Path | None,
        typer.Option(help="Reference rows: who the applicants are compared with; else the table."),
    ] = None,
    background_rows: Annotated[
        int | None, typer.Option(min=1, help="Use at most so many reference rows; else all the route takes.")
    ] = None,
    space: Annotated[str, typer.Option(help="log-odds or probability.")] = "log-odds",
    perturbation: Annotated[
        str, typer.Option(help="interventional, or path-dependent for trees.")
    ] = "interventional",
    block: Annotated[
        list[str] | None, typer.Option(help="Columns that count as one, with commas between. Repeat it.")
    ] = None,
    lime: Annotated[bool, typer.Option("--lime", help="Explain by LIME too.")] = False,  # noqa: FBT002
    seed: Annotated[int, typer.Option(min=0, help="Seed of what is drawn.")] = 0,
    everyone: Annotated[
        Path | None, typer.Option("--all", help="Explain every row and write this Parquet file.")
    ] = None,
    json_out: JsonOut = None,
    model_class: ModelClass = None,
    read: Reading = None,
) -> None:
    """Explain scores in original columns: exact where a route is, and its additivity error always with it."""
    from rai_dash.data.read import read_dataset
    from rai_dash.models.client import load_model
    from rai_dash.report.explain_json import ExplainOptions, explain_dataset, positions_of

    options = options_of(read)
    dataset = read_dataset(data, options=options)
    if id_column is not None:
        dataset = dataset.with_roles(dataset.roles.with_(id=id_column))
    reference = None if background is None else read_dataset(background, options=options)
    asked = ExplainOptions(
        space=space, perturbation=perturbation, background_rows=background_rows, seed=seed,
        blocks=tuple(tuple(name.strip() for name in one.split(",")) for one in block or ()),
    )  # fmt: skip
    chosen = positions_of(dataset, rows=rows, ids=find or ())
    with load_model(model, model_class=model_class) as loaded:
        for notice in loaded.match(dataset):
            typer.echo(f"Note: {notice.message}", err=True)
        if everyone is not None:
            _write_everyone(dataset, loaded, reference, asked, everyone)
        if chosen or everyone is None:
            content = explain_dataset(
                dataset, loaded, rows=chosen, background=reference, options=asked, lime=lime
            )
            write_json(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False), json_out)


def _write_everyone(
    dataset: Dataset, model: Model, reference: Dataset | None, asked: ExplainOptions, out: Path
) -> None:
    """Explain every row and write the table."""
    from rai_dash.report.explain_json import attribution_frame, explain_everyone

    found = explain_everyone(dataset, model, background=reference, options=asked)
    name = dataset.roles.id
    ids = {} if name is None else {name: dataset.frame[name].tolist()}
    try:
        attribution_frame(found, ids).to_parquet(out, index=False)
    except OSError as error:
        msg = f"`{out}` cannot be written: {error.strerror or error}. Choose another place."
        raise InvalidChoice(msg) from error
    typer.echo(
        f"{out}: {dataset.n_rows:,} rows. {found.method}, in {found.space}. "
        f"Largest additivity error {found.largest_error:.1e}.",
        err=True,
    )
