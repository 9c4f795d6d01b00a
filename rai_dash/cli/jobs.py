"""What commands on tables of any size share: their options, how far they are, and how they end."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

import typer

from rai_dash.core.errors import InvalidChoice

if TYPE_CHECKING:
    from rai_dash.data.portfolio.jobs.running import Progress
    from rai_dash.data.portfolio.portfolio import Portfolio

Keep = Annotated[
    list[str] | None,
    typer.Option("--keep", help="Column of the table to write beside the results. Repeat it."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Do not say how far it is.")]
PartRows = Annotated[
    int | None, typer.Option(min=1_000, help="A single file of more rows is cut into outputs of so many.")
]


class EngineChoice(StrEnum):
    """What works on the rows."""

    HERE = "here"
    SPARK = "spark"


Engine = Annotated[
    EngineChoice, typer.Option(help="What works on the rows: this machine, or Spark (extra spark).")
]

#: Exit status of a run that was stopped with Ctrl-C, as shells have it.
STOPPED: Final = 130
#: Seconds between two reports: on a terminal, and in a file.
_QUICK, _SLOW = 0.2, 5.0


class ProgressLine:
    """Tells on stderr how far a job is: one line that is rewritten on a terminal, a line now and then elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._is_terminal = sys.stderr.isatty()
        self._began = self._told = time.monotonic()
        self._first_rows = 0
        self._is_open, self._text = False, ""
        self.last: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def __call__(self, progress: Progress) -> None:
        """Take down how far a job is, and tell it where it is time."""
        now = time.monotonic()
        if self.last is None:
            self._began = self._told = now
            self._first_rows = progress.found_rows
        self.last = progress
        if self._is_due(is_last=progress.rows == progress.all_rows):
            self._write(_said(progress, progress.rows - self._first_rows, now - self._began))

    def counted(self, done: int, total: int, what: str) -> None:
        """Tell how many of something are done, where it is time."""
        if self._is_due(is_last=done == total):
            self._write(f"{done:,} of {total:,} {what}")

    def _is_due(self, *, is_last: bool) -> bool:
        is_time = time.monotonic() - self._told >= (_QUICK if self._is_terminal else _SLOW)
        return not self._quiet and (is_time or is_last)

    def _write(self, text: str) -> None:
        self._told = time.monotonic()
        if text == self._text:
            return
        self._text = text
        if self._is_terminal:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
            self._is_open = True
        else:
            typer.echo(text, err=True)

    def end(self) -> None:
        """Leave the line that was rewritten."""
        if self._is_open:
            typer.echo("", err=True)
            self._is_open = False


def _said(progress: Progress, done: int, seconds: float) -> str:
    text = (
        f"{progress.parts:,} of {progress.all_parts:,} parts, {progress.rows:,} of {progress.all_rows:,} rows"
    )
    if done <= 0 or seconds <= 0:
        return text
    rate = done / seconds
    left = (progress.all_rows - progress.rows) / rate
    return f"{text}, {rate:,.0f} rows/s" + (f", {time_text(left)} left" if left > 0 else "")


def time_text(seconds: float) -> str:
    """Write a time to wait.

    Examples
    --------
    >>> time_text(8.2), time_text(200), time_text(7300)
    ('9 s', '4 min', '2 h 2 min')
    """
    if seconds < 90:
        return f"{int(seconds) + 1} s"
    minutes = int(seconds // 60) + 1
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def job(folder: Path, *, quiet: bool) -> Iterator[ProgressLine]:
    """Show how far a job is; Ctrl-C ends it with what is finished, and says how it goes on."""
    line = ProgressLine(quiet=quiet)
    try:
        yield line
    except KeyboardInterrupt:
        line.end()
        done = "No part is finished yet"
        if line.last is not None and line.last.parts:
            done = f"{line.last.parts:,} of {line.last.all_parts:,} parts are finished"
        typer.echo(f"Stopped. {done} in `{folder}`; the same command goes on from there.", err=True)
        raise typer.Exit(STOPPED) from None
    finally:
        line.end()


def is_folder(out: str) -> bool:
    """Whether results are to be a folder of parts: it is there, or its name ends like one."""
    return out.endswith(("/", "\\")) or Path(out).is_dir()


def refuse_with_parts(**given: Any) -> None:
    """Refuse options that only a single small table has.

    Raises
    ------
    InvalidChoice
        Naming the first.
    """
    for name, value in given.items():
        if value:
            msg = (
                f"--{name.replace('_', '-')} is for a table that is read at once, and this one is worked on part by "
                "part. Leave it out, or give a single smaller file."
            )
            raise InvalidChoice(msg)


def check_spark_options(
    engine: EngineChoice, master: str | None, remote: str | None, part_rows: int | None = None
) -> None:
    """Refuse an address of Spark where Spark is not asked for, and sizes of parts where it is.

    Raises
    ------
    InvalidChoice
        With what to do.
    """
    if engine is EngineChoice.HERE and (master or remote):
        msg = "An address of Spark is given and Spark is not asked for. Add --engine spark."
        raise InvalidChoice(msg)
    if engine is EngineChoice.SPARK and part_rows is not None:
        msg = "Spark cuts a table into parts by itself. Leave out --part-rows."
        raise InvalidChoice(msg)


def table_of_parts(data: Path) -> Portfolio:
    """Open a table where it lies, for a job."""
    from rai_dash.data.portfolio.opening import open_portfolio

    return for_job(open_portfolio(data))


def for_job(table: Portfolio) -> Portfolio:
    """End the process that looked at a table, since a job has one of its own.

    Raises
    ------
    InvalidChoice
        When the table is none of files.
    """
    from rai_dash.models.portfolio_scores import file_engine

    file_engine(table).close()
    return table


def in_parts(done: dict[str, Any]) -> str:
    """Say how much a job wrote, by its list of parts."""
    parts = len(done["parts"])
    return f"{done['rows']:,} rows in {parts:,} {'part' if parts == 1 else 'parts'}."


def tell(messages: Sequence[str]) -> None:
    """Say what does not quite fit, on stderr."""
    for message in messages:
        typer.echo(f"Note: {message}", err=True)
