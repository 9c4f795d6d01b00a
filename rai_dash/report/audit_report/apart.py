"""Writes a report in a process of its own: drawing and laying out take seconds, in which other pages go on."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any, Final

from rai_dash.core.errors import RaiError, WorkerFailed
from rai_dash.core.stopping import stop_if
from rai_dash.core.texts import speak, tr

#: Seconds after which a report is given up.
_PATIENCE: Final = 300
_LOOK: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A report in its forms.

    Parameters
    ----------
    document : mapping
        What it was written from, small numbers hidden.
    html : str
        The page.
    pdf : bytes or None
        None where this machine cannot write one; ``problem`` says why.
    problem : str
        Empty where there is none.
    """

    document: Mapping[str, Any]
    html: str
    pdf: bytes | None
    problem: str


def written_apart(
    audit: Mapping[str, Any],
    parts: Mapping[str, Any],
    *,
    language: str,
    cancelled: Callable[[], bool] = lambda: False,
) -> Written:
    """Write a report in a process of its own.

    Parameters
    ----------
    audit : mapping
        ``rai-dash/audit/1``.
    parts : mapping
        The other arguments of `rai_dash.report.audit_report.document.report_document`.
    language : str
        That the report is written in.
    cancelled : callable
        Asked now and then whether to stop.

    Raises
    ------
    WorkerFailed
        The process gave no report.
    Cancelled
        When it was stopped.
    """
    order = json.dumps({"audit": audit, "parts": dict(parts), "language": language}, allow_nan=False).encode()
    with TemporaryFile() as asked, TemporaryFile() as answer:
        asked.write(order)
        asked.seek(0)
        _run(asked, answer, cancelled)
        answer.seek(0)
        raw = answer.read()
    try:
        found = json.loads(raw)
    except ValueError as error:
        msg = tr("The report could not be written. Try again, or write it with rai-dash audit --html.")
        raise WorkerFailed(msg, code="report_failed") from error
    pdf = None if found["pdf"] is None else base64.b64decode(found["pdf"])
    return Written(document=found["document"], html=found["html"], pdf=pdf, problem=found["problem"])


def _run(asked: IO[bytes], answer: IO[bytes], cancelled: Callable[[], bool]) -> None:
    """Run the process until it ends, is stopped, or takes too long; files, since pipes would have to be emptied."""
    from rai_dash.sandbox.spawn import child_environment, scratch_folder

    with subprocess.Popen(
        [sys.executable, "-P", "-m", "rai_dash.report.audit_report.apart"],
        stdin=asked,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        env=child_environment(),
        cwd=scratch_folder(),
    ) as child:
        try:
            for _ in range(int(_PATIENCE / _LOOK)):
                stop_if(cancelled)
                with suppress(subprocess.TimeoutExpired):
                    child.wait(_LOOK)
                    return
        finally:
            child.kill()


def _write(order: Mapping[str, Any]) -> dict[str, Any]:
    from rai_dash.report.audit_report.document import report_document
    from rai_dash.report.audit_report.page import report_html
    from rai_dash.report.pdf import page_pdf

    speak(order["language"])
    document = report_document(order["audit"], **order["parts"])
    html, pdf, problem = report_html(document), None, ""
    try:
        pdf = base64.b64encode(page_pdf(html)).decode()
    except RaiError as error:
        problem = error.message
    return {"document": document, "html": html, "pdf": pdf, "problem": problem}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_write(json.load(sys.stdin))))
