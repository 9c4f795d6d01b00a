"""The commands that need no file of data, and the one door out for errors."""

from __future__ import annotations

import logging
import sys
from errno import ELOOP, ENAMETOOLONG
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from rai_dash.cli.audit import audit
from rai_dash.cli.band import band
from rai_dash.cli.cases import cases_app
from rai_dash.cli.changed import changed
from rai_dash.cli.compare import compare
from rai_dash.cli.drivers import drivers
from rai_dash.cli.explain import explain
from rai_dash.cli.files import convert, inspect
from rai_dash.cli.ledger import ledger_app
from rai_dash.cli.models import models_app
from rai_dash.cli.monitor import monitor
from rai_dash.cli.parquet import parquet
from rai_dash.cli.policy import policy_app
from rai_dash.cli.problems import problems_app
from rai_dash.cli.profile import profile
from rai_dash.cli.queue import queue_app
from rai_dash.cli.reading import OUR_FAULT, REFUSED
from rai_dash.cli.rebalance import rebalance
from rai_dash.cli.repeat import repeat
from rai_dash.cli.running import Recorded
from rai_dash.cli.score import score
from rai_dash.cli.slices import slices
from rai_dash.cli.train import train
from rai_dash.core.errors import RaiError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Judge a loan-approval model: groups, gaps, the review band, explanations.",
)
app.add_typer(ledger_app, name="ledger")
app.add_typer(cases_app, name="cases")
app.add_typer(models_app, name="models")
app.add_typer(policy_app, name="policy")
app.add_typer(queue_app, name="queue")
app.add_typer(problems_app, name="problems")


@app.command()
def run(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Start the app in the foreground, open on the bundled case."""
    from rai_dash.serve import serve

    serve(port=port, address=address)


app.command(cls=Recorded)(inspect)
for command in (score, convert, repeat, parquet):
    app.command()(command)
for recorded in (audit, profile, compare, rebalance, explain, drivers, band, monitor, changed, slices, train):
    app.command(cls=Recorded)(recorded)


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
        if isinstance(error, OSError) and error.errno in {ENAMETOOLONG, ELOOP}:
            _refuse(f"The name of a file is not possible here: {error.strerror}. Check it.")
        # One of the three doors for the unforeseen: a sentence for the user, the cause in the log.
        logging.getLogger("rai_dash").debug("command failed", exc_info=True)
        typer.echo(
            f"Something went wrong on our side: {type(error).__name__}: {error}. Please report it.", err=True
        )
        sys.exit(OUR_FAULT)
