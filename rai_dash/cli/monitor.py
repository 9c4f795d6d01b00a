"""``rai-dash monitor``: hold a production batch against what was signed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rai_dash.cli.reading import BROKEN, TABLE_HELP, Reading, options_of
from rai_dash.cli.running import check_run, write_run
from rai_dash.cli.shared import JsonOut, MaybeModel, opened
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.words import one_line

if TYPE_CHECKING:
    from rai_dash.govern.monitor.counting import Batch
    from rai_dash.govern.monitor.counts import BatchCounts
    from rai_dash.govern.monitor.lines import MonitorReport
    from rai_dash.govern.monitor.subject import Subject
    from rai_dash.govern.policy import Policy


class FailOn(StrEnum):
    """What ends the command with status 1."""

    BREACH = "breach"
    WATCH = "watch"


def monitor(  # noqa: PLR0917
    batch: Annotated[Path, typer.Argument(help=f"Applications from production. {TABLE_HELP}")],
    policy: Annotated[
        str,
        typer.Option(metavar="P", help="File of a policy or of a draft, or ID@active or ID@N of the store."),
    ],
    model: MaybeModel = None,
    score_column: Annotated[
        str | None, typer.Option(help="Column with the scores, instead of a model.")
    ] = None,
    label: Annotated[
        str, typer.Option(help="What the batch is called; with the same label, outcomes may come later.")
    ] = "",
    period: Annotated[
        str | None,
        typer.Option(help="When the applications came in, such as 2026-11: the order of a series."),
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(help=f"The data that were signed, for the exact KS of columns. {TABLE_HELP}"),
    ] = None,
    json_out: JsonOut = None,
    fail_on: Annotated[
        FailOn | None, typer.Option(help="End with status 1 on this verdict; watch = on a breach as well.")
    ] = None,
    store: Annotated[
        str, typer.Option(help="SQLite file or database URL; by default the configured store.")
    ] = "",
    name: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Write the batch down under this unverified name."),
    ] = None,
    record: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option("--record", help="Write the batch down in the store, as the app itself.")
    ] = False,
    show_small: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option("--show-small", help="Show figures of few people as well.")
    ] = False,
    read: Reading = None,
) -> None:
    """Hold a production batch against a policy: routes, approvals, errors, groups, drift, each against its limit."""
    from rai_dash.cli._policy_store import standing_of
    from rai_dash.core.settings import get_settings
    from rai_dash.report.monitor_json import monitor_json, told

    signed, subject = standing_of(policy, store)
    rows, counts, report = _judged(
        signed, batch, model, score_column, reference=reference, label=label, read=read, subject=subject
    )
    if record or name is not None:
        check_run(json_out)
        _write_down(signed, rows, counts, report, store=store, name=name, label=label, period=period)
    fewest = 0 if show_small else get_settings().smallest_export_cell
    content = monitor_json(report, signed, rows, fewest=fewest)
    if json_out is None:
        for line in told(content):
            typer.echo(line)
    else:
        write_run(content, json_out)
    verdict = report.verdict.state.value
    if fail_on is not None and verdict in {FailOn.BREACH.value, fail_on.value}:
        typer.echo(f"Limit broken: {one_line(report.verdict.sentence)}", err=True)
        raise typer.Exit(BROKEN)


def _judged(
    policy: Policy,
    batch: Path,
    model: Path | None,
    score_column: str | None,
    *,
    reference: Path | None,
    label: str,
    read: list[str] | None,
    subject: Subject,
) -> tuple[Batch, BatchCounts, MonitorReport]:
    """Read, score, count and judge."""
    from rai_dash.data.read import read_dataset
    from rai_dash.govern.monitor.counting import batch_of, count_batch
    from rai_dash.govern.monitor.judging import judge_batch

    if model is not None and score_column is not None:
        msg = "Scores come from a model or from a column. Give --model or --score-column, not both."
        raise InvalidChoice(msg)
    options = options_of(read)
    table = read_dataset(batch, options=options)
    signed = None if reference is None else read_dataset(reference, options=options)
    with opened(model, **_class_of(policy)) as loaded:
        rows = batch_of(policy, table, model=loaded, score_column=score_column)
    counts = count_batch(policy, rows)
    found = judge_batch(
        policy, counts, rows=rows, reference=signed, label=label or table.name, subject=subject
    )
    return rows, counts, found


def _class_of(policy: Policy) -> dict[str, Any]:
    """Say which class of a model is favourable: as at signing."""
    named = policy.model.favourable_class
    return {"favourable": policy.data.favourable or None} if named is None else {"model_class": named}


def _write_down(
    policy: Policy,
    rows: Batch,
    counts: BatchCounts,
    report: MonitorReport,
    *,
    store: str,
    name: str | None,
    label: str,
    period: str | None,
) -> None:
    """Put the batch into the log of the store, and say what followed from it."""
    from rai_dash.core.settings import get_settings
    from rai_dash.govern.monitor.log import MonitorLog
    from rai_dash.govern.people import AppRole, Person, require
    from rai_dash.govern.problems import ProblemDesk
    from rai_dash.govern.store import Store
    from rai_dash.report.problem_batches import problems_on_batch, states_on

    role = AppRole.named(get_settings().local_role)
    person = Person(name=name or "monitor", subject=name or "monitor", role=role)
    require(person, AppRole.ANALYST, "Recording a batch")
    with Store(store or None) as opened_store:
        who = None if name is None else person
        log = MonitorLog(opened_store, who, on_record=problems_on_batch(opened_store))
        run = log.record(policy, counts, report, batch=rows, label=label, period=period)
        tried = states_on(ProblemDesk(opened_store, None).problems(), run.batch_sha256)
    address = f"{run.policy_id}@{run.version}"
    typer.echo(f"The batch is in the log of {address} as {one_line(run.label)}.", err=True)
    if run.problems:
        typer.echo(f"Problems: {', '.join(run.problems)}.", err=True)
    if run.suspended:
        typer.echo(f"{address} is suspended: everything goes to a person.", err=True)
    for text in tried:
        typer.echo(text, err=True)
