"""``rai-dash audit``: the whole job on one table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rai_dash.cli.jobs import Engine, EngineChoice
from rai_dash.cli.reading import Reading, read_bytes
from rai_dash.cli.reporting import (
    About,
    CertificateOf,
    Few,
    HtmlOut,
    Made,
    PdfOut,
    ReportFiles,
    ShowSmall,
    StoreOfPolicy,
    Title,
)
from rai_dash.cli.running import write_run
from rai_dash.cli.shared import (
    Favourable,
    JsonOut,
    MaybeModel,
    MinRows,
    ModelClass,
    RolesFile,
    ScoreDirection,
    ScoresFolder,
    Sensitive,
    SparkMaster,
    SparkRemote,
    Split,
    TableOrFolder,
    Target,
    Tolerance,
    Weight,
    WhereItLies,
    WorkFolder,
    band_end,
    end_with,
    listed,
    opened,
    roles_of,
)
from rai_dash.cli.tables import Opening, opened_table
from rai_dash.core.errors import InvalidChoice, UnreadableFile
from rai_dash.core.types import ReviewBand
from rai_dash.data.options import ReadOptions


def audit(  # noqa: PLR0917
    data: TableOrFolder,
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    reference: Annotated[
        list[str] | None, typer.Option(help="Group to compare the others of its column with: gender=Male.")
    ] = None,
    cross: Annotated[list[str] | None, typer.Option(help="Columns to cross: A,B.")] = None,
    control: Annotated[
        list[str] | None, typer.Option(help="Column within whose levels groups are compared as well.")
    ] = None,
    tolerance: Tolerance = 0.05,
    cost: Annotated[
        tuple[float, float] | None,
        typer.Option(help="Cost of a wrong approval and of a wrong refusal: FP FN."),
    ] = None,
    model: MaybeModel = None,
    score_column: Annotated[
        str | None, typer.Option(help="Column with scores, instead of a model or to compare one with.")
    ] = None,
    score_direction: ScoreDirection = None,
    features_from: Annotated[
        Path | None, typer.Option(help="CSV whose header names the model's features in order.")
    ] = None,
    threshold: Annotated[float, typer.Option(help="Favourable from this score.")] = 0.5,
    band: Annotated[tuple[str, str] | None, typer.Option(help="Review band LO HI; none = open.")] = None,
    explain: Annotated[int, typer.Option(min=0, help="Explain this many rows.")] = 0,
    background: Annotated[Path | None, typer.Option(help="Reference rows of the explanations.")] = None,
    json_out: JsonOut = None,
    roles: RolesFile = None,
    weight: Weight = None,
    split: Split = None,
    model_class: ModelClass = None,
    min_n: MinRows = 30,
    fail_if: Annotated[
        list[str] | None, typer.Option(help='For example "recall gap by gender > 0.05".')
    ] = None,
    read: Reading = None,
    portfolio: WhereItLies = False,  # noqa: FBT002 - an option of the command line
    scores: ScoresFolder = None,
    engine: Engine = EngineChoice.HERE,
    spark_master: SparkMaster = None,
    spark_remote: SparkRemote = None,
    work: WorkFolder = None,
    html: HtmlOut = None,
    pdf: PdfOut = None,
    few: Few = None,
    show_small_cells: ShowSmall = False,  # noqa: FBT002 - an option of the command line
    about: About = None,
    certificate: CertificateOf = None,
    store: StoreOfPolicy = "",
    title: Title = "",
    made: Made = "",
) -> None:
    """Judge a table of any size with a model or a score column; write JSON of the public contract, HTML and PDF."""
    from rai_dash.audit import audit as run_audit
    from rai_dash.data.read import read_dataset
    from rai_dash.gate import broken, parse_rule
    from rai_dash.metrics.table import Costs

    given = roles_of(
        roles,
        target=target,
        favourable=favourable,
        sensitive=sensitive,
        score=score_column,
        direction=score_direction,
        weight=weight,
        split=split,
    )
    rules = [parse_rule(text) for text in fail_if or ()]
    report = ReportFiles.of(
        html=html, pdf=pdf, few=0 if show_small_cells else few, about=about, title=title, made=made
    )
    references = _references(reference)
    is_portfolio = portfolio or scores is not None
    how = Opening(engine=engine, is_portfolio=is_portfolio, master=spark_master, remote=spark_remote)
    dataset = opened_table(data, roles=given, read=read, how=how)
    named = None if model is None else _header(features_from)
    with opened(
        model, model_class=model_class, favourable=given.favourable or None, feature_names=named
    ) as loaded:
        found = run_audit(
            dataset,
            loaded,
            threshold=threshold,
            crosses=[_cross(c) for c in cross or ()],
            band=_band(band, threshold),
            explain=explain,
            background=None if background is None else read_dataset(background),
            min_n=min_n,
            references=references,
            controls=control or (),
            tolerance=tolerance,
            costs=None if cost is None else Costs(cost_fp=cost[0], cost_fn=cost[1]),
            scores=scores,
            work=work,
        )
    if json_out is not None or not report.is_wanted:
        write_run(found.content, json_out)
    report.write(found, dataset, certificate=certificate, store=store)
    end_with([text for rule in rules if (text := broken(rule, found.content))])


def _references(items: list[str] | None) -> dict[str, str]:
    found = {}
    for item in items or ():
        column, sign, group = item.rpartition("=")
        if not sign or not column or not group:
            msg = f"--reference {item} is not COLUMN=GROUP. Write for example --reference gender=Male."
            raise InvalidChoice(msg)
        found[column] = group
    return found


def _cross(text: str) -> tuple[str, ...]:
    columns = listed(text)
    if len(columns) < 2:
        msg = f"--cross {text} does not name two columns. Write two or more with commas: A,B."
        raise InvalidChoice(msg)
    return columns


def _band(ends: tuple[str, str] | None, threshold: float) -> ReviewBand | None:
    if ends is None:
        return None
    lo, hi = (band_end(e) for e in ends)
    inner = min(max(threshold, lo or 0.0), 1.0 if hi is None else max(hi, lo or 0.0))
    return ReviewBand(lo, inner, hi)


def _header(path: Path | None) -> tuple[str, ...] | None:
    if path is None:
        return None
    from rai_dash.data.read import read_dataset

    named = ReadOptions(header=True)
    try:
        return read_dataset(path, options=named).columns
    except UnreadableFile as error:
        if error.code != "no_rows":
            raise
    # A header is all that was asked for; repeated, it is a row that fits.
    line = read_bytes(path).strip()
    return read_dataset(line + b"\n" + line, options=named).columns
