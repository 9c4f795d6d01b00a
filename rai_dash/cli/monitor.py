"""``rai-dash monitor``: hold a production batch against what was signed."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from rai_dash.cli.jobs import Engine, EngineChoice, ProgressLine, Quiet, job
from rai_dash.cli.reading import BROKEN, TABLE_HELP, Reading, options_of
from rai_dash.cli.running import check_run, write_run
from rai_dash.cli.shared import (
    JsonOut,
    MaybeModel,
    SparkMaster,
    SparkRemote,
    WhereItLies,
    WorkFolder,
    opened,
)
from rai_dash.cli.tables import Opening, table_or_portfolio
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.words import one_line

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset
    from rai_dash.data.portfolio.portfolio import Portfolio
    from rai_dash.govern.monitor.counting import Batch, BatchFacts
    from rai_dash.govern.monitor.counts import BatchCounts
    from rai_dash.govern.monitor.lines import MonitorReport
    from rai_dash.govern.monitor.subject import Subject
    from rai_dash.govern.policy import Policy


#: What is not done with a batch that is counted where it lies.
_NO_ROWS: Final = (
    "Its rows stay where they are: none are kept for the review queue, and no problem is tried on them."
)


class FailOn(StrEnum):
    """What ends the command with status 1."""

    BREACH = "breach"
    WATCH = "watch"


def monitor(  # noqa: PLR0917
    batch: Annotated[
        Path,
        typer.Argument(
            help=f"Applications from production. {TABLE_HELP} A folder of such files is one batch."
        ),
    ],
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
    portfolio: WhereItLies = False,  # noqa: FBT002 - an option of the command line
    engine: Engine = EngineChoice.HERE,
    spark_master: SparkMaster = None,
    spark_remote: SparkRemote = None,
    work: WorkFolder = None,
    quiet: Quiet = False,  # noqa: FBT002 - an option of the command line
) -> None:
    """Hold a production batch against a policy: routes, approvals, errors, groups, drift, each against its limit."""
    from rai_dash.cli._policy_store import standing_of
    from rai_dash.core.settings import get_settings
    from rai_dash.report.monitor_json import monitor_json, told

    signed, subject = standing_of(policy, store)
    how = Opening(engine=engine, is_portfolio=portfolio, master=spark_master, remote=spark_remote)
    source = _Source(
        batch, model, score_column, reference=reference, read=read, work=work, quiet=quiet, how=how
    )
    rows, counts, report = _judged(signed, source, label=label, subject=subject)
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


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a batch and its scores come from, as the options say."""

    batch: Path
    model: Path | None
    score_column: str | None
    _: KW_ONLY
    reference: Path | None
    read: list[str] | None
    work: Path | None
    quiet: bool
    how: Opening


def _judged(
    policy: Policy, source: _Source, *, label: str, subject: Subject
) -> tuple[BatchFacts, BatchCounts, MonitorReport]:
    """Read, score, count and judge."""
    from rai_dash.data.dataset import Dataset
    from rai_dash.data.read import read_dataset
    from rai_dash.govern.monitor.counting import Batch
    from rai_dash.govern.monitor.judging import judge_batch

    if source.model is not None and source.score_column is not None:
        msg = "Scores come from a model or from a column. Give --model or --score-column, not both."
        raise InvalidChoice(msg)
    table = table_or_portfolio(source.batch, read=source.read, how=source.how)
    facts: BatchFacts
    signed = None
    if isinstance(table, Dataset):
        if source.reference is not None:
            signed = read_dataset(source.reference, options=options_of(source.read))
        facts, counts = _of_rows(policy, table, source)
    else:
        facts, counts = _of_parts(policy, table, source)
    report = judge_batch(
        policy,
        counts,
        rows=facts if isinstance(facts, Batch) else None,
        reference=signed,
        label=label or table.name,
        notices=facts.notices,
        subject=subject,
    )
    return facts, counts, report


def _of_rows(policy: Policy, table: Dataset, source: _Source) -> tuple[Batch, BatchCounts]:
    """Score and count a batch in memory."""
    from rai_dash.govern.monitor.counting import batch_of, count_batch

    with opened(source.model, **_class_of(policy)) as loaded:
        rows = batch_of(policy, table, model=loaded, score_column=source.score_column)
    return rows, count_batch(policy, rows)


def _of_parts(policy: Policy, table: Portfolio, source: _Source) -> tuple[BatchFacts, BatchCounts]:
    """Score and count a batch where it lies."""
    if source.reference is not None:
        msg = (
            "--reference is for the exact KS of columns, which needs every row of the batch in memory, and this one is "
            "counted where it lies. Leave it out: everything else is judged."
        )
        raise InvalidChoice(msg)
    with opened(source.model, **_class_of(policy)) as loaded:
        if source.how.engine is EngineChoice.SPARK:
            from rai_dash.govern.monitor.on_spark import count_on_spark

            if source.work is not None:
                msg = "Spark does lost work again by itself and keeps no parts. Leave out --work, or --engine spark."
                raise InvalidChoice(msg)
            return count_on_spark(policy, table, model=loaded, score_column=source.score_column)
        from rai_dash.govern.monitor.parts import count_parts

        shown = job(source.work, quiet=source.quiet) if source.work else ProgressLine(quiet=source.quiet)
        with shown as line:
            return count_parts(
                policy,
                table,
                model=loaded,
                score_column=source.score_column,
                folder=source.work,
                on_progress=line,
            )


def _class_of(policy: Policy) -> dict[str, Any]:
    """Say which class of a model is favourable: as at signing."""
    named = policy.model.favourable_class
    return {"favourable": policy.data.favourable or None} if named is None else {"model_class": named}


def _write_down(
    policy: Policy,
    rows: BatchFacts,
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
    from rai_dash.govern.monitor.counting import Batch
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
    if not isinstance(rows, Batch):
        typer.echo(_NO_ROWS, err=True)
    typer.echo(f"The batch is in the log of {address} as {one_line(run.label)}.", err=True)
    if run.problems:
        typer.echo(f"Problems: {', '.join(run.problems)}.", err=True)
    if run.suspended:
        typer.echo(f"{address} is suspended: everything goes to a person.", err=True)
    for text in tried:
        typer.echo(text, err=True)
