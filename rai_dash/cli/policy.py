"""``rai-dash policy``: draft a policy, route by it, write it for other programs, and look at those of a store."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from rai_dash.cli.band_options import judged, with_options_of
from rai_dash.cli.reading import BROKEN, TABLE_HELP, Reading, options_of
from rai_dash.cli.running import Recorded, write_run
from rai_dash.cli.shared import write_json, written
from rai_dash.core.errors import InvalidChoice

policy_app = typer.Typer(no_args_is_help=True, help="Policies: draft, route, export, look at, compare.")
_STORE: Final = "SQLite file or database URL; by default the configured store."
PolicyPath = Annotated[
    Path, typer.Argument(metavar="POLICY.json", help="A file of `policy draft` or `policy show`.")
]
StoreName = Annotated[str, typer.Option("--store", help=_STORE)]
ScoreColumn = Annotated[str | None, typer.Option(help="Column with the scores.")]


class Dialect(StrEnum):
    """Databases whose SQL is written."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    DUCKDB = "duckdb"


class FailOn(StrEnum):
    """What ends the list with status 1."""

    EXPIRED = "expired"
    EXPIRING = "expiring"


@policy_app.command()
@with_options_of(judged, without=("step",))
def draft(
    *,
    title: Annotated[
        str | None, typer.Option(help="Its name for people; by default that of the data.")
    ] = None,
    environment: Annotated[str, typer.Option(help="What it is meant for, such as QA or production.")] = "QA",
    wrong_approval: Annotated[
        str | None, typer.Option(help="What a wrong approval does to a person.")
    ] = None,
    wrong_refusal: Annotated[str | None, typer.Option(help="What a wrong refusal does to a person.")] = None,
    answerable: Annotated[str | None, typer.Option(help="Who answers for wrong decisions.")] = None,
    people_before: Annotated[
        str | None, typer.Option(help="What changes for the people who decided before.")
    ] = None,
    policy_id: Annotated[
        str | None, typer.Option(help="Short name for ever: small letters, digits and dashes.")
    ] = None,
    data_role: Annotated[
        str, typer.Option(help="What the rows are, such as test or production.")
    ] = "not stated",
    tick: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Code of a warning that you have read. Repeat it."),
    ] = None,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="How far a later batch may lie from what is signed: review_rate=0.05, psi_breach=0.2, ks=0.1; see "
            "docs/monitor.md. Repeat it.",
        ),
    ] = None,
    suspend_on_breach: Annotated[
        bool, typer.Option("--suspend-on-breach", help="A breach found later sends everything to a person.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="POLICY.json", help="Write the draft here; - = print it.")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="NAME", help="Put it into the store as a draft, under this unverified name."
        ),
    ] = None,
    store: StoreName = "",
    **band: Any,
) -> None:
    """Judge a band as `rai-dash band evaluate` does, and write it down as the draft of a policy."""
    from rai_dash.cli._policy_draft import drafted, stored
    from rai_dash.govern.drafting import HarmFacts

    if store and name is None:
        msg = "A draft is put into the store under a name. Give it by --as NAME, or leave --store out."
        raise InvalidChoice(msg)
    found = drafted(
        judged(**band), title=title, environment=environment, people_before=people_before, policy_id=policy_id,
        harm=HarmFacts(wrong_approval=wrong_approval, wrong_refusal=wrong_refusal, answerable=answerable),
        data_role=data_role, ticked=tick or (), tolerances=tolerance or (), suspend_on_breach=suspend_on_breach,
    )  # fmt: skip
    if name is not None:
        found = stored(found, name, store)
        typer.echo(f"{found.policy_id}@{found.version} is in the store as a draft.", err=True)
    write_json(json.dumps(found.content(), ensure_ascii=False, indent=2, allow_nan=False), out)


@policy_app.command()
def route(
    policy: PolicyPath,
    scores: Annotated[Path, typer.Argument(metavar="SCORES", help=TABLE_HELP)],
    *,
    score_column: ScoreColumn = None,
    id_column: Annotated[str | None, typer.Option(help="Column that names the application.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write to a .csv or .parquet instead of printing.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Route as of then: 2026-11-29T14:05:06Z; by default now."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a policy that is not signed.")] = False,
    read: Reading = None,
) -> None:
    """Route every row of a table; prints `row,score,route,reason` as CSV, and counts on stderr."""
    from rai_dash.cli import _policy_files as files
    from rai_dash.cli.band_files import check_file
    from rai_dash.data.read import read_dataset
    from rai_dash.govern.policy_export import read_policy_file

    if out is not None:
        check_file(out)
    moment, found = files.moment_of(at), read_policy_file(policy)
    if strict and not found.has_ledger:
        # What a file says of its signatures anybody can have written; only the records can show it.
        msg = f"`{policy}` is not signed, as --strict asks for. Give a file of `rai-dash policy show`."
        raise InvalidChoice(msg)
    data = read_dataset(scores, options=options_of(read))
    frame = data.frame
    column = files.score_column(frame, found, named=score_column, key=id_column)
    files.check_names(data.warnings, {column, id_column, *found.columns})
    table = files.routed_table(frame, found, score=column, key=id_column, at=moment)
    files.write_routed(table, out)
    for line in files.told(found, table, at=moment):
        typer.echo(line, err=True)


@policy_app.command()
def export(
    policy: PolicyPath,
    *,
    python: Annotated[Path | None, typer.Option(metavar="OUT.py", help="Write a Python file.")] = None,
    sql: Annotated[Path | None, typer.Option(metavar="OUT.sql", help="Write a SELECT statement.")] = None,
    vectors: Annotated[
        Path | None, typer.Option(metavar="OUT.json", help="Write vectors to check a router by.")
    ] = None,
    dialect: Annotated[Dialect, typer.Option(help="Database of --sql.")] = Dialect.POSTGRESQL,
    score_column: ScoreColumn = None,
    id_column: Annotated[
        str | None, typer.Option(help="Column that names the application, for a policy on a share of them.")
    ] = None,
    table: Annotated[str, typer.Option(help="Table of --sql.")] = "applications",
) -> None:
    """Write the routing for other programs, which need nothing of this app; the expiry is part of it."""
    from rai_dash.govern.policy_export import read_policy_file
    from rai_dash.govern.policy_sql import sql_text

    if python is sql is vectors is None:
        msg = "What is to be written? Give --python OUT.py, --sql OUT.sql or --vectors OUT.json."
        raise InvalidChoice(msg)
    found = read_policy_file(policy)
    texts: list[tuple[Path, str]] = []
    if python is not None:
        texts.append((python, found.python()))
    if sql is not None:
        score = score_column or found.score_column or "score"
        texts.append((sql, sql_text(found, dialect=dialect, table=table, score=score, key=id_column)))
    if vectors is not None:
        texts.append(
            (vectors, json.dumps(found.vectors(), ensure_ascii=False, indent=1, allow_nan=False) + "\n")
        )
    for path, text in texts:
        with written(path):
            path.write_text(text, encoding="utf-8")


@policy_app.command()
def schema() -> None:
    """Print the JSON Schema of a policy."""
    from rai_dash.govern.policy import policy_schema

    typer.echo(json.dumps(policy_schema(), ensure_ascii=False, indent=2))


@policy_app.command("list", cls=Recorded)
def list_policies(
    store: StoreName = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    fail_on: Annotated[
        FailOn | None, typer.Option(help="End with status 1 when a policy has expired, or will soon.")
    ] = None,
) -> None:
    """Show every version of every policy with its state and its end, and what there is to remind of."""
    from rai_dash.cli._policy_store import listed

    found = listed(store)
    if as_json:
        write_run(found.plain(), None)
    else:
        for line in found.lines():
            typer.echo(line)
    if fail_on is not None and (found.has_expired or (fail_on is FailOn.EXPIRING and found.reminders)):
        raise typer.Exit(BROKEN)


Address = Annotated[str, typer.Argument(metavar="ID[@active|@N]", help="By default the active version.")]


@policy_app.command()
def show(
    policy: Address,
    store: StoreName = "",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here; - = print it.")] = None,
) -> None:
    """Write a version as one file: the policy, how it stands, its signed records, and how to check them."""
    from rai_dash.cli._policy_store import shown

    write_json(json.dumps(shown(policy, store), ensure_ascii=False, indent=1, allow_nan=False), out)


@policy_app.command()
def compare(
    old: Annotated[str, typer.Argument(metavar="A", help="A file, or ID@N of the store.")],
    new: Annotated[str, typer.Argument(metavar="B", help="The same.")],
    store: StoreName = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what changed from one policy to another, in words and numbers."""
    from dataclasses import asdict

    from rai_dash.cli._policy_store import policy_of
    from rai_dash.govern.policy_changes import compare as changes_between

    changes = changes_between(policy_of(old, store), policy_of(new, store))
    if as_json:
        typer.echo(json.dumps([asdict(change) for change in changes], ensure_ascii=False, indent=2))
        return
    for change in changes:
        typer.echo(change.words)
    if not changes:
        typer.echo("Nothing changed.")


@policy_app.command()
def certificate(
    policy: Address,
    store: StoreName = "",
    html: Annotated[Path | None, typer.Option(metavar="OUT.html", help="Write it as a page.")] = None,
    pdf: Annotated[Path | None, typer.Option(metavar="OUT.pdf", help="Write it for paper.")] = None,
) -> None:
    """Write the certificate of a version."""
    from rai_dash.cli._policy_store import certified

    if html is pdf is None:
        msg = "What is to be written? Give --html OUT.html or --pdf OUT.pdf."
        raise InvalidChoice(msg)
    page = certified(policy, store)
    if html is not None:
        with written(html):
            html.write_text(page, encoding="utf-8")
    if pdf is not None:
        from rai_dash.report.pdf import certificate_pdf

        content = certificate_pdf(page)
        with written(pdf):
            pdf.write_bytes(content)
