"""``rai-dash problems``: what is known to be wrong with a model, and whether a model mends it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rai_dash.cli.reading import BROKEN, TABLE_HELP, Reading
from rai_dash.cli.running import Recorded, write_run
from rai_dash.cli.shared import (
    Favourable,
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
    roles_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rai_dash.govern.problems import Problem
    from rai_dash.report.problems_work import ProblemTable

problems_app = typer.Typer(
    no_args_is_help=True, help="Problems of a model: list, show, open, set, evaluate on models and data."
)
StoreName = Annotated[
    str, typer.Option("--store", help="SQLite file or database URL; by default the configured store.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Option("--as", metavar="NAME", help="Under this name, which nobody vouches for.")]
ProblemId = Annotated[str, typer.Argument(metavar="ID", help="As `problems list` prints it.")]
Threshold = Annotated[float, typer.Option(min=0.0, max=1.0, help="Favourable from this score.")]
_FAIL_HELP: Final = "End with status 1 when a problem has come back, or is open."


class FailOn(StrEnum):
    """What ends a command with status 1."""

    REGRESSED = "regressed"
    OPEN = "open"


FailOption = Annotated[FailOn | None, typer.Option(help=_FAIL_HELP)]


@problems_app.command("list", cls=Recorded)
def list_problems(store: StoreName = "", *, as_json: AsJson = False, fail_on: FailOption = None) -> None:
    """List problems, the highest priority first, by the newest figures on record."""
    from rai_dash.cli._problem_store import lines_of, reading
    from rai_dash.report.problems_json import problems_json

    with reading(store) as desk:
        found = desk.problems()
    told = problems_json(found)
    if as_json:
        write_run(told, None)
    else:
        for line in lines_of(told):
            typer.echo(line)
    _end(found, None, fail_on)


@problems_app.command(cls=Recorded)
def show(problem: ProblemId, store: StoreName = "", *, as_json: AsJson = False) -> None:
    """Show one problem: whom it is about, what was measured, and its history."""
    from rai_dash.cli._problem_store import detail_of, may_see_rows, reading
    from rai_dash.report.problems_json import problems_json

    with reading(store) as desk:
        told = problems_json([desk.problem(problem)], with_rows=may_see_rows())
    if as_json:
        write_run(told, None)
        return
    for line in detail_of(told["problems"][0]):
        typer.echo(line)


@problems_app.command("open")
def open_problem(
    data: Table,
    title: Annotated[str, typer.Option(help="What is wrong, in a few words.")],
    where: Annotated[
        str,
        typer.Option(
            "--slice",
            help='Whom it is about: "age < 25 and gender is Female", "outcome is favourable and score < 0.4", '
            '"rows A-17 expected favourable, A-18".',
        ),
    ],
    name: Name,
    *,
    harm: Annotated[int, typer.Option(min=1, max=5, help="How bad it is for a person it hits.")] = 3,
    harmed: Annotated[str, typer.Option(help="Who is harmed, and how.")] = "",
    tolerance: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="Error rate that was agreed on; else that of all others."),
    ] = None,
    model: MaybeModel = None,
    score_column: ScoreColumn = None,
    score_direction: ScoreDirection = None,
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    threshold: Threshold = 0.5,
    roles: RolesFile = None,
    row_id: RowId = None,
    weight: Weight = None,
    split: Split = None,
    model_class: ModelClass = None,
    store: StoreName = "",
    read: Reading = None,
) -> None:
    """Open a problem that was seen on some data and a model; prints its id."""
    from rai_dash.cli._problem_store import Files, case_of, writing
    from rai_dash.data.slices import parse_slice
    from rai_dash.report.problem_cases import opening_checked
    from rai_dash.report.problems_work import basis_of

    given = roles_of(
        roles, target=target, favourable=favourable, sensitive=sensitive, score=score_column,
        direction=score_direction, weight=weight, split=split, id=row_id,
    )  # fmt: skip
    models = [] if model is None else [model]
    with case_of(Files(data=[data], models=models, model_class=model_class, read=read), given) as case:
        judgement = case.judge()
        wanted = parse_slice(where, columns=judgement.data.dataset.columns)
        opening_checked(judgement, wanted)
        basis = basis_of(judgement, threshold)
    with writing(store, name) as desk:
        made = desk.open(title, wanted, basis=basis, harm=harm, harmed=harmed, tolerance=tolerance)
    typer.echo(made.id)


@problems_app.command("set")
def set_problem(
    problem: ProblemId,
    name: Name,
    *,
    status: Annotated[
        str | None,
        typer.Option(help="open, confirmed, in work, fixed, accepted or not a problem."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why it has that status.")] = "",
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last day of an acceptance: 2027-03-31."),
    ] = None,
    owner: Annotated[str | None, typer.Option(help="Who looks after it; empty = nobody.")] = None,
    harm: Annotated[int | None, typer.Option(min=1, max=5, help="How bad it is.")] = None,
    harmed: Annotated[str, typer.Option(help="Who is harmed, and how.")] = "",
    title: Annotated[str | None, typer.Option(help="Another title.")] = None,
    note: Annotated[str | None, typer.Option(help="Something to remember.")] = None,
    store: StoreName = "",
) -> None:
    """Change a problem: its status, owner, harm or title, or write a note."""
    from rai_dash.cli._problem_store import Changes, change, writing

    wanted = Changes(
        status=status,
        reason=reason,
        until=until,
        owner=owner,
        harm=harm,
        harmed=harmed,
        title=title,
        note=note,
    )
    with writing(store, name) as desk:
        now = change(desk, problem, wanted)
    typer.echo(f"{now.id} is {now.status.value}.")


@problems_app.command()
def restate(
    problem: ProblemId,
    data: Annotated[Path, typer.Argument(help=f"The data it is checked against. {TABLE_HELP}")],
    where: Annotated[str, typer.Option("--slice", help="Whom it is about now, as for `problems open`.")],
    name: Name,
    *,
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    roles: RolesFile = None,
    row_id: RowId = None,
    store: StoreName = "",
    read: Reading = None,
) -> None:
    """Say anew which people a problem is about; what was measured before counts no more."""
    from rai_dash.cli._problem_store import Files, case_of, writing
    from rai_dash.data.slices import parse_slice
    from rai_dash.report.problem_cases import restating_checked

    given = roles_of(roles, target=target, favourable=favourable, sensitive=sensitive, id=row_id)
    with case_of(Files(data=[data], models=[], model_class=None, read=read), given) as case:
        judgement = case.judge()
        wanted = parse_slice(where, columns=judgement.data.dataset.columns)
        with writing(store, name) as desk:
            restating_checked(judgement, desk.problem(problem), wanted)
            now = desk.restate(problem, wanted)
    typer.echo(f"{now.id} is about other people now: evaluate it again.")


@problems_app.command(cls=Recorded)
def evaluate(
    data: Annotated[list[Path], typer.Argument(help=f"One table or several. {TABLE_HELP}")],
    *,
    model: Annotated[list[Path] | None, typer.Option(help="A model. Repeat it.")] = None,
    score_column: ScoreColumn = None,
    score_direction: ScoreDirection = None,
    target: Target = None,
    favourable: Favourable = None,
    sensitive: Sensitive = None,
    problem: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this problem; by default all. Repeat it.")
    ] = None,
    threshold: Threshold = 0.5,
    roles: RolesFile = None,
    row_id: RowId = None,
    weight: Weight = None,
    split: Split = None,
    model_class: ModelClass = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="NAME",
            help="Put the results on record under this name; without it nothing is written.",
        ),
    ] = None,
    store: StoreName = "",
    as_json: AsJson = False,
    fail_on: FailOption = None,
    read: Reading = None,
) -> None:
    """Run every problem of a store on models and tables with outcomes, and say which are fixed or came back."""
    from rai_dash.cli._problem_store import Files, case_of, chosen, lines_of, recorded
    from rai_dash.report.problems_json import problems_json
    from rai_dash.report.problems_work import evaluate_problems

    given = roles_of(
        roles, target=target, favourable=favourable, sensitive=sensitive, score=score_column,
        direction=score_direction, weight=weight, split=split, id=row_id,
    )  # fmt: skip
    found = chosen(store, problem)
    files = Files(data=data, models=model or [], model_class=model_class, read=read)
    with case_of(files, given) as case:
        table = evaluate_problems(case, found, threshold)
        first = (case.data[0].key, case.models[0].key if case.models else None)
    if name is not None:
        found = recorded(store, name, found, table)
    told = problems_json(found, table, pair=first)
    if as_json:
        write_run(told, None)
    else:
        for line in lines_of(told):
            typer.echo(line)
    _end(found, table, fail_on)


def _end(found: Sequence[Problem], table: ProblemTable | None, fail_on: FailOn | None) -> None:
    """End with the status for what was asked to fail on."""
    from rai_dash.report.problems_json import is_regressed

    has_come_back = any(is_regressed(p, table) for p in found)
    is_open = any(not p.status.is_closed for p in found)
    if (fail_on is FailOn.REGRESSED and has_come_back) or (
        fail_on is FailOn.OPEN and (is_open or has_come_back)
    ):
        raise typer.Exit(BROKEN)
