"""``rai-dash explain``: why a model gave its scores, for some applicants as JSON or for everyone as Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rai_dash.cli import deciding
from rai_dash.cli.against import Background, Correlated, IdColumn, tables_of, write_parquet
from rai_dash.cli.explain_all import AllRows, explain_all
from rai_dash.cli.jobs import Engine, EngineChoice, Keep, PartRows, Quiet, refuse_with_parts
from rai_dash.cli.reading import Reading
from rai_dash.cli.running import write_run
from rai_dash.cli.shared import (
    Favourable,
    JsonOut,
    ModelClass,
    ModelFile,
    RolesFile,
    Sensitive,
    SparkMaster,
    SparkRemote,
    Split,
    Table,
    Target,
    roles_of,
    tell_notices,
)

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset
    from rai_dash.models.client import Model
    from rai_dash.report.explain_json import ExplainOptions
    from rai_dash.report.finder_json import FinderOptions


def explain(  # noqa: PLR0917
    data: Table,
    model: ModelFile,
    rows: Annotated[str, typer.Option(help="Positions from 0: 0,5,10-19.")] = "",
    find: Annotated[
        list[str] | None, typer.Option(help="Text of the id column of an applicant. Repeat it.")
    ] = None,
    id_column: IdColumn = None,
    background: Background = None,
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
    correlated: Correlated = False,  # noqa: FBT002 - an option of the command line
    lime: Annotated[bool, typer.Option("--lime", help="Explain by LIME too.")] = False,  # noqa: FBT002
    seed: Annotated[int, typer.Option(min=0, help="Seed of what is drawn.")] = 0,
    everyone: Annotated[
        Path | None, typer.Option("--all", help="Explain every row and write this Parquet file.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(help="Explain every row of a table of any size, part by part, into this folder."),
    ] = None,
    keep: Keep = None,
    part_rows: PartRows = None,
    engine: Engine = EngineChoice.HERE,
    spark_master: SparkMaster = None,
    spark_remote: SparkRemote = None,
    quiet: Quiet = False,  # noqa: FBT002
    threshold: deciding.Threshold = 0.5,
    counterfactuals: deciding.Ways = False,  # noqa: FBT002
    fixed: deciding.Fixed = None,
    only_up: deciding.OnlyUp = None,
    only_down: deciding.OnlyDown = None,
    rule: deciding.Rule = False,  # noqa: FBT002
    neighbours: deciding.Neighbours = False,  # noqa: FBT002
    distance: deciding.Distance = "range",
    reasons: deciding.Reasons = False,  # noqa: FBT002
    baseline: deciding.Baseline = None,
    steady: deciding.Steady = False,  # noqa: FBT002
    texts: deciding.Texts = None,
    draft_texts: deciding.DraftTexts = None,
    what_if: deciding.WhatIfs = None,
    what_if_from: deciding.Start = "own",
    alone: deciding.Alone = False,  # noqa: FBT002
    curve: deciding.Curves = None,
    fragile: deciding.Fragile = None,
    disagreeing: deciding.Disagreeing = None,
    two_ways: deciding.TwoWays = None,
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    split: Split = None,
    roles: RolesFile = None,
    json_out: JsonOut = None,
    model_class: ModelClass = None,
    read: Reading = None,
) -> None:
    """Explain scores in original columns: exact where a route is, and its additivity error always with it."""
    from rai_dash.models.client import load_model
    from rai_dash.report.explain_json import positions_of
    from rai_dash.report.finder_json import FinderOptions

    blocks = tuple(tuple(name.strip() for name in one.split(",")) for one in block or ())
    plain = {
        "space": space, "perturbation": perturbation, "background_rows": background_rows, "seed": seed
    }  # fmt: skip
    if out is not None:
        refuse_with_parts(rows=rows, find=find, correlated=correlated, lime=lime, json=json_out, all=everyone)
        explain_all(
            AllRows(
                data=data, model=model, out=out, background=background, split=split, how=plain | {"blocks": blocks},
                keep=keep or (), part_rows=part_rows, engine=engine, spark_master=spark_master,
                spark_remote=spark_remote, quiet=quiet, model_class=model_class, read=read,
            )
        )  # fmt: skip
        return
    given = roles_of(
        roles, target=target, favourable=favourable, sensitive=sensitive,
        split=split, id=id_column,
    )  # fmt: skip
    dataset, reference = tables_of(data, background, given, read)
    asked = deciding.decision_options(
        threshold=threshold, counterfactuals=counterfactuals, fixed=fixed, only_up=only_up, only_down=only_down,
        rule=rule, neighbours=neighbours, distance=distance, reasons=reasons, baseline=baseline, texts=texts,
        steady=steady, what_if=what_if, start=what_if_from, moves_along=not alone, curves=curve,
    )  # fmt: skip
    lists = FinderOptions(threshold=threshold, fragile=fragile, disagreeing=disagreeing, two_ways=two_ways)
    chosen = positions_of(dataset, rows=rows, ids=find or ())
    with load_model(model, model_class=model_class) as loaded:
        tell_notices(loaded, dataset)
        how = _options(dataset, loaded, blocks, joined=correlated, **plain)
        if draft_texts is not None:
            deciding.write_texts(loaded.info.feature_names, asked.texts, draft_texts)
        if everyone is not None:
            _write_everyone(dataset, loaded, reference, how, everyone)
        if chosen or lists.asks or (everyone is None and draft_texts is None):
            _write(
                dataset, loaded, reference, json_out, lists, rows=chosen, options=how, lime=lime, decision=asked
            )  # fmt: skip


def _options(
    dataset: Dataset, model: Model, blocks: tuple[tuple[str, ...], ...], *, joined: bool, **plain: Any
) -> ExplainOptions:
    """Build how to explain; correlated blocks are joined where that is asked for and none is named."""
    from rai_dash.core.memo import Memo
    from rai_dash.report.correlated import blocks_of
    from rai_dash.report.explain_json import ExplainOptions

    found = blocks_of(dataset, model.info.feature_names, Memo()) if joined and not blocks else blocks
    return ExplainOptions(blocks=found, **plain)


def _write(
    dataset: Dataset,
    model: Model,
    reference: Dataset | None,
    out: Path | None,
    lists: FinderOptions,
    **asked: Any,
) -> None:
    """List and explain some applicants and write the JSON."""
    from rai_dash.report.explain_json import explain_dataset
    from rai_dash.report.finder_json import find_dataset

    content: dict[str, object] = {}
    if lists.asks:
        content |= find_dataset(dataset, model, background=reference, options=lists, how=asked["options"])
    if asked["rows"] or not lists.asks:
        content |= explain_dataset(dataset, model, background=reference, **asked)
    write_run(content, out)


def _write_everyone(
    dataset: Dataset, model: Model, reference: Dataset | None, asked: ExplainOptions, out: Path
) -> None:
    """Explain every row and write the table."""
    from rai_dash.report.explain_json import attribution_frame, explain_everyone

    found = explain_everyone(dataset, model, background=reference, options=asked)
    name = dataset.roles.id
    ids = {} if name is None else {name: dataset.frame[name].tolist()}
    write_parquet(attribution_frame(found, ids), out)
    typer.echo(
        f"{out}: {dataset.n_rows:,} rows. {found.method}, in {found.space}. "
        f"Largest additivity error {found.largest_error:.1e}.",
        err=True,
    )
