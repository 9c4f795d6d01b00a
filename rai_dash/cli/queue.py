"""``rai-dash queue``: fill a review queue, list them, look at their figures, write what was decided."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rai_dash.cli.reading import TABLE_HELP, Reading, options_of
from rai_dash.cli.running import Recorded, note_store, write_run
from rai_dash.cli.shared import JsonOut, MaybeModel, ModelClass, RolesFile, RowId
from rai_dash.core.errors import InvalidChoice

if TYPE_CHECKING:
    from rai_dash.govern.people import Person
    from rai_dash.govern.queue.desk import QueueDesk
    from rai_dash.govern.queue.state import Queue
    from rai_dash.govern.queue.summary import QueueFigures

queue_app = typer.Typer(
    no_args_is_help=True, help="Review queues: fill, list, figures, decisions as a table."
)
StoreName = Annotated[
    str, typer.Option("--store", help="SQLite file or database URL; by default the configured store.")
]
QueueName = Annotated[str, typer.Argument(metavar="QUEUE", help="As `rai-dash queue list` prints it.")]
_AS: Final = "The name it is recorded under, unverified; by default that of your account."
As = Annotated[str, typer.Option("--as", metavar="NAME", help=_AS)]


@queue_app.command()
def fill(
    batch: Annotated[Path, typer.Argument(metavar="BATCH", help=TABLE_HELP)],
    *,
    policy: Annotated[
        str, typer.Option(metavar="ID[@active]", help="Policy whose active version routes it.")
    ],
    model: MaybeModel = None,
    model_class: ModelClass = None,
    score_column: Annotated[
        str | None, typer.Option(help="Column with the scores, where there is no model.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Column with the outcome, where some are known.")] = None,
    favourable: Annotated[
        list[str] | None, typer.Option(help="Value of it that is good for the applicant.")
    ] = None,
    sensitive: Annotated[
        list[str] | None,
        typer.Option(help="Column to compare people by; reviewers do not see it. age:25,50 bins it."),
    ] = None,
    row_id: RowId = None,
    roles: RolesFile = None,
    label: Annotated[
        str, typer.Option(help="What the batch is called; by default the name of the file.")
    ] = "",
    audit_share: Annotated[
        float | None, typer.Option(help="Share of the automatic decisions that is audited.")
    ] = None,
    second_reads: Annotated[
        float | None, typer.Option(help="Share of the cases that two people decide.")
    ] = None,
    store: StoreName = "",
    name: As = "",
    read: Reading = None,
) -> None:
    """Put whom the active version sends to a person into a queue, with an audit sample of its other decisions."""
    from rai_dash.case import CaseData, CaseModel, DataRole, judge
    from rai_dash.cli.shared import opened, roles_of
    from rai_dash.data.read import read_dataset

    if (model is None) is (score_column is None):
        msg = "Say what scores the batch: --model FILE or --score-column NAME, one of them."
        raise InvalidChoice(msg)
    dataset = read_dataset(batch, options=options_of(read))
    chosen = roles_of(
        roles, target=target, favourable=favourable, sensitive=sensitive, score=score_column, id=row_id
    )
    data = CaseData(
        key="batch", title=dataset.name, role=DataRole.PRODUCTION, dataset=dataset.with_roles(chosen)
    )
    with _desk(store, name) as desk, opened(model, model_class=model_class, favourable=favourable) as found:
        by = None if found is None else CaseModel(key="model", title=found.info.family, model=found)
        judgement = judge(data, by)
        queue = desk.fill(
            policy, data.dataset, judgement.score, label=label, model=None if found is None else found.info.fingerprint,
            audit_share=audit_share, second_share=second_reads,
        )  # fmt: skip
    typer.echo(_told(queue))


@queue_app.command("list", cls=Recorded)
def list_queues(
    store: StoreName = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    name: As = "",
) -> None:
    """Show every queue and how far it is."""
    from rai_dash.core.words import count, one_line
    from rai_dash.report.queue_json import line_json

    with _desk(store, name, must_be_there=True) as desk:
        lines = desk.lines()
    if as_json:
        found = {"schema": "rai-dash/queue-list/1", "queues": [line_json(line) for line in lines]}
        write_run(found, None)
        return
    for line in lines:
        done = f"{count(line.settled)} of {count(line.cases)} settled"
        typer.echo(f"{line.id}  {done}, {count(line.escalated)} with a third person  {one_line(line.label)}")
    if not lines:
        typer.echo("There are no review queues in this store.")


@queue_app.command(cls=Recorded)
def stats(
    queue: QueueName,
    store: StoreName = "",
    json_out: JsonOut = None,
    *,
    small: Annotated[bool, typer.Option("--show-small", help="Show figures of few people as well.")] = False,
    names: Annotated[bool, typer.Option("--names", help="Name the readers.")] = False,
    name: As = "",
) -> None:
    """Say how people agree, how right they are, how much they follow the model, and how the machine does."""
    from rai_dash.core.settings import get_settings
    from rai_dash.govern.queue.summary import figures_of
    from rai_dash.report.queue_json import queue_json

    with _desk(store, name, must_be_there=True) as desk:
        found = desk.queue(queue)
        outcomes, rows = desk.facts(queue)
        told = desk.names(queue) if names else None
    figures = figures_of(found, outcomes, {} if rows is None else rows.groups)
    if json_out is None:
        for line in _lines(figures):
            typer.echo(line)
        return
    fewest = 0 if small else get_settings().smallest_export_cell
    content = queue_json(found, figures, names=told, fewest=fewest)
    write_run(content, json_out)


@queue_app.command()
def export(
    queue: QueueName,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv or .parquet.")],
    store: StoreName = "",
    *,
    accepted: Annotated[
        bool, typer.Option("--accepted", help="Only accepted cases, as rows for the next training set.")
    ] = False,
    name: As = "",
) -> None:
    """Write what was decided, one line a case, with the columns of the application while they are kept."""
    from rai_dash.cli.band_files import check_file, write_table
    from rai_dash.core.settings import get_settings
    from rai_dash.govern.people import require_rows
    from rai_dash.govern.queue.feeding import accepted_table, decisions_table

    check_file(out)
    with _desk(store, name, must_be_there=True) as desk:
        found = desk.queue(queue)
        require_rows(_person(name, sees_rows=get_settings().local_sees_rows))
        outcomes, rows = desk.facts(queue)
        if accepted:
            table = accepted_table(found, desk.rows(queue), outcomes)[0]
        else:
            table = decisions_table(found, rows, outcomes)
    write_table(table, out)


@queue_app.command()
def outcomes(
    queue: QueueName,
    table: Annotated[Path, typer.Argument(metavar="TABLE", help=TABLE_HELP)],
    *,
    row_id: Annotated[str, typer.Option("--id", help="Column that names the application, as in the batch.")],
    target: Annotated[str, typer.Option(help="Column with the outcome; blank = not known yet.")],
    favourable: Annotated[list[str], typer.Option(help="Value of it that is good for the applicant.")],
    store: StoreName = "",
    name: As = "",
    read: Reading = None,
) -> None:
    """Take in what became of the applications, found again by their ids."""
    from rai_dash.core.types import UNKNOWN, Roles
    from rai_dash.core.words import count
    from rai_dash.data.read import read_dataset

    roles = Roles(id=row_id, target=target, favourable=tuple(favourable))
    dataset = read_dataset(table, roles, options=options_of(read))
    with _desk(store, name, must_be_there=True) as desk:
        found = desk.add_outcomes(queue, dataset)
        known = int((desk.facts(queue)[0] != UNKNOWN).sum())
    typer.echo(f"The outcomes of {count(known)} of {count(len(found.cases))} cases are known.")


def _told(queue: Queue) -> str:
    from rai_dash.core.words import count

    audit = sum(case.is_audit for case in queue.cases)
    twice = sum(case.two_reads for case in queue.cases)
    return (
        f"{queue.id}: {count(len(queue.cases) - audit)} of {count(sum(queue.fill.batch_routes))} rows go to a person, "
        f"{count(audit)} automatic decisions are audited, {count(twice)} are read twice."
    )


def _lines(figures: QueueFigures) -> Iterator[str]:
    from rai_dash.core.words import count, estimate_words, number
    from rai_dash.report.queue_json import named_figures

    counts = figures.counts
    yield f"{count(counts.settled)} of {count(counts.cases)} settled, {count(counts.waiting)} waiting."
    seconds = figures.seconds
    if seconds.median is not None:
        shown = number(seconds.median, digits=0)
        yield f"{shown} {'second' if shown == '1' else 'seconds'} a case (median of {count(seconds.n)})."
    for what, one in named_figures(figures).items():
        # Kappa is no share, so it has no percent.
        if what.startswith("kappa") and one.value is not None:
            interval = "" if one.low is None else f" ({number(one.low)} to {number(one.high)})"
            yield f"{what}: {number(one.value)}{interval}"
        else:
            yield f"{what}: {estimate_words(one)}"


def _person(name: str, *, sees_rows: bool) -> Person:
    from rai_dash.core.settings import get_settings
    from rai_dash.govern.people import AppRole, Person

    called = name or getpass.getuser()
    role = AppRole.named(get_settings().local_role)
    return Person(name=called, subject=called, role=role, sees_rows=sees_rows)


@contextmanager
def _desk(store: str, name: str, *, must_be_there: bool = False) -> Iterator[QueueDesk]:
    from rai_dash.core.settings import get_settings
    from rai_dash.govern.database import sqlite_path, store_url
    from rai_dash.govern.queue.desk import QueueDesk
    from rai_dash.govern.store import Store

    path = sqlite_path(store_url(store or None))
    if must_be_there and path is not None and not Path(path).is_file():
        msg = f"There is no store at {path}. Check --store."
        raise InvalidChoice(msg)
    with Store(store or None) as found:
        note_store(found)
        yield QueueDesk(found, _person(name, sees_rows=get_settings().local_sees_rows))
