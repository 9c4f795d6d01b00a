"""The same jobs without a browser. Exit status: 0 done, 1 a limit is broken, 2 refused, 3 our fault."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.exceptions import TyperException

from rai_dash.core.errors import InvalidChoice, RaiError, UnreadableFile
from rai_dash.core.types import Direction, ReviewBand, Roles, ScoreScale

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Judge a loan-approval model: groups, gaps, the review band, explanations.",
)
ledger_app = typer.Typer(no_args_is_help=True, help="The signed records.")
app.add_typer(ledger_app, name="ledger")
BROKEN, REFUSED, OUR_FAULT = 1, 2, 3


@app.command()
def run(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Start the app in the foreground, open on the bundled case."""
    from rai_dash.serve import serve

    serve(port=port, address=address)


@app.command()
def audit(  # noqa: PLR0917
    data: Annotated[Path, typer.Argument(help="CSV (also gzip) or Parquet.")],
    target: Annotated[str | None, typer.Option(help="Column with the outcome.")] = None,
    favourable: Annotated[
        list[str] | None, typer.Option(help="Value of the target that is good for the applicant.")
    ] = None,
    sensitive: Annotated[
        list[str] | None, typer.Option(help="Column to compare people by; age:25,35,50 bins a number.")
    ] = None,
    cross: Annotated[list[str] | None, typer.Option(help="Columns to cross: A,B.")] = None,
    model: Annotated[Path | None, typer.Option(help="XGBoost .ubj/.json or scikit-learn .skops.")] = None,
    score_column: Annotated[str | None, typer.Option(help="Column with scores instead of a model.")] = None,
    score_direction: Annotated[
        Direction | None, typer.Option(help="Which end is good; higher when nothing says otherwise.")
    ] = None,
    features_from: Annotated[
        Path | None, typer.Option(help="CSV whose header names the model's features in order.")
    ] = None,
    threshold: Annotated[float, typer.Option(help="Favourable from this score.")] = 0.5,
    band: Annotated[tuple[str, str] | None, typer.Option(help="Review band LO HI; none = open.")] = None,
    explain: Annotated[int, typer.Option(min=0, help="Explain this many rows.")] = 0,
    background: Annotated[Path | None, typer.Option(help="Reference rows of the explanations.")] = None,
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Write the JSON here; - = print it.")
    ] = None,
    roles: Annotated[Path | None, typer.Option(help="JSON with all roles, for awkward names.")] = None,
    weight: Annotated[str | None, typer.Option(help="Column with the weight of a row.")] = None,
    split: Annotated[str | None, typer.Option(help="Column that marks the training rows.")] = None,
    model_class: Annotated[str | None, typer.Option(help="Class of the model that is favourable.")] = None,
    min_n: Annotated[int, typer.Option(min=1, help="Groups with fewer rows enter no gap.")] = 30,
    fail_if: Annotated[
        list[str] | None, typer.Option(help='For example "recall gap by gender > 0.05".')
    ] = None,
) -> None:
    """Judge a table with a model or a score column and write the JSON of the public contract."""
    from rai_dash.audit import audit as run_audit
    from rai_dash.data.read import read_dataset
    from rai_dash.gate import broken
    from rai_dash.models.client import load_model

    given = _roles(
        roles,
        target=target,
        favourable=tuple(favourable or ()),
        sensitive=sensitive or [],
        score=score_column,
        direction=score_direction,
        weight=weight,
        split=split,
    )
    if model is not None and score_column is not None:
        msg = "Both --model and --score-column are given. Keep one of them."
        raise InvalidChoice(msg)
    dataset = read_dataset(data, _with_split(data, given))
    loaded = None
    try:
        if model is not None:
            loaded = load_model(
                model,
                model_class=model_class,
                favourable=given.favourable or None,
                feature_names=_header(features_from),
            )
        found = run_audit(
            dataset,
            loaded,
            threshold=threshold,
            crosses=[_cross(c) for c in cross or ()],
            band=_band(band, threshold),
            explain=explain,
            background=None if background is None else read_dataset(background),
            min_n=min_n,
        )
    finally:
        if loaded is not None:
            loaded.close()
    _write(found.to_json(), json_out)
    failures = [text for rule in fail_if or () if (text := broken(rule, found.content))]
    for text in failures:
        typer.echo(f"Limit broken: {text}", err=True)
    if failures:
        raise typer.Exit(BROKEN)


def _roles(path: Path | None, *, sensitive: list[str], direction: Direction | None, **single: Any) -> Roles:
    """Build the roles from the options, over those of a file."""
    from rai_dash.data.roles_json import roles_from_json

    base = Roles() if path is None else roles_from_json(_read(path))
    names, bins = [], dict(base.bins)
    for item in sensitive:
        column, edges = _bins(item)
        names.append(column)
        if edges:
            bins[column] = edges
    changes: dict[str, Any] = {k: v for k, v in single.items() if v}
    if names:
        changes["sensitive"] = tuple(dict.fromkeys(names))
    # A file's scale belongs to the file's score column.
    scale = base.scale if changes.get("score") in {None, base.score} else ScoreScale()
    changes["scale"] = scale if direction is None else replace(scale, direction=direction)
    return base.with_(bins=bins, **changes)


def _bins(item: str) -> tuple[str, tuple[float, ...]]:
    """Read ``age:25,35,50``; a column whose name has a colon and no edges behind it is left alone."""
    column, colon, edges = item.rpartition(":")
    if not colon:
        return item, ()
    try:
        return column, tuple(float(e) for e in edges.split(","))
    except ValueError:
        return item, ()


#: Labels of a split column that mean "the model was trained on this row", in the usual spellings.
_TRAIN_WORDS = frozenset({"train", "training", "fit", "development", "dev"})


def _with_split(data: Path, roles: Roles) -> Roles:
    """Find which labels of the split column mean training, where nobody said."""
    if roles.split is None or roles.split_train:
        return roles
    from rai_dash.data.labels import labels
    from rai_dash.data.read import read_dataset

    frame = read_dataset(data).frame
    if roles.split not in frame:
        return roles
    values = [str(v) for v in labels(frame[roles.split]).dropna().unique()]
    train = tuple(v for v in values if v.casefold() in _TRAIN_WORDS)
    if not train:
        msg = (
            f"Which values of `{roles.split}` mean training is not clear: {', '.join(values[:10])}. "
            'Say so in a file for --roles: {"split": ..., "split_train": [...]}.'
        )
        raise InvalidChoice(msg)
    return roles.with_(split_train=train)


def _cross(text: str) -> tuple[str, ...]:
    columns = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if len(columns) < 2:
        msg = f"--cross {text} does not name two columns. Write two or more with commas: A,B."
        raise InvalidChoice(msg)
    return columns


def _band(ends: tuple[str, str] | None, threshold: float) -> ReviewBand | None:
    if ends is None:
        return None
    lo, hi = (_end(e) for e in ends)
    inner = min(max(threshold, lo or 0.0), 1.0 if hi is None else max(hi, lo or 0.0))
    return ReviewBand(lo, inner, hi)


def _end(text: str) -> float | None:
    if text.casefold() == "none":
        return None
    try:
        return float(text)
    except ValueError as error:
        msg = f"`{text}` is not an end of a band. Write a score from 0 to 1, or none."
        raise InvalidChoice(msg) from error


def _header(path: Path | None) -> tuple[str, ...] | None:
    if path is None:
        return None
    from rai_dash.data.read import read_dataset

    try:
        return read_dataset(path).columns
    except UnreadableFile as error:
        if error.code != "no_rows":
            raise
    # A header is all that was asked for; repeated, it is a row that fits.
    line = _read(path).strip()
    return read_dataset(line + b"\n" + line).columns


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"`{path}` cannot be read: {error.strerror}. Check the path."
        raise InvalidChoice(msg) from error


def _write(text: str, out: Path | None) -> None:
    if out is None or str(out) == "-":
        typer.echo(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        msg = f"`{out}` cannot be written: {error.strerror}. Choose another place."
        raise InvalidChoice(msg) from error


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="A data or model file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Say what a file is and whether it would be accepted; exit status 2 when it would be refused."""
    from rai_dash.inspection import inspect_file

    found = inspect_file(file)
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        typer.echo(f"{found.kind}, {found.format}: {found.verdict}")
        for message in found.messages:
            typer.echo(f"- {message['message']}")
    if found.verdict == "refuse":
        raise typer.Exit(REFUSED)


@app.command()
def score(
    data: Annotated[Path, typer.Argument(help="CSV (also gzip) or Parquet.")],
    model: Annotated[Path, typer.Option(help="XGBoost .ubj/.json or scikit-learn .skops.")],
    out: Annotated[Path, typer.Option(help="Parquet file to write.")],
    model_class: Annotated[str | None, typer.Option(help="Class of the model that is favourable.")] = None,
) -> None:
    """Score a table: one column `score`, the probability of the favourable outcome."""
    import pandas as pd

    from rai_dash.data.read import read_dataset
    from rai_dash.models.client import load_model

    dataset = read_dataset(data)
    with load_model(model, model_class=model_class) as loaded:
        scored = loaded.score(dataset.frame)
    for notice in scored.notices:
        typer.echo(f"Note: {notice.message}", err=True)
    try:
        pd.DataFrame({"score": scored.scores}).to_parquet(out, index=False)
    except OSError as error:
        # pyarrow puts the reason into the text and leaves strerror empty.
        msg = f"`{out}` cannot be written: {error.strerror or error}. Choose another place."
        raise InvalidChoice(msg) from error


@ledger_app.command()
def verify(
    store: Annotated[
        str, typer.Argument(help="SQLite file or database URL; empty = the configured store.")
    ] = "",
) -> None:
    """Check that no signed record was edited, deleted, inserted, swapped or cut off; exit status 1 if so."""
    from rai_dash.govern.store import verify_store

    findings = verify_store(store)
    for found in findings:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, default=str))
    if findings:
        raise typer.Exit(BROKEN)
    typer.echo("The chain of records is whole.")


def _refuse(message: str) -> NoReturn:
    typer.echo(" ".join(message.split()), err=True)
    sys.exit(REFUSED)


def main() -> None:
    """Run the command line."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        sys.exit(app(standalone_mode=False))
    except RaiError as error:
        _refuse(error.message)
    except TyperException as error:
        # Without a message it is a bare `rai-dash`, which has printed its help.
        _refuse(error.format_message() or "Name one of the commands above.")
    except Exception as error:
        # One of the three doors for the unforeseen: a sentence for the user, the cause in the log.
        logging.getLogger("rai_dash").debug("command failed", exc_info=True)
        typer.echo(
            f"Something went wrong on our side: {type(error).__name__}: {error}. Please report it.", err=True
        )
        sys.exit(OUR_FAULT)
