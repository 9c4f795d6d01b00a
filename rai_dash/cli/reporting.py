"""The report of an audit as files: what it is asked for with, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from rai_dash.cli.running import run_of_result
from rai_dash.cli.shared import check_place, written
from rai_dash.core.errors import InvalidChoice

if TYPE_CHECKING:
    from rai_dash.audit import Audit
    from rai_dash.data.dataset import Dataset

HtmlOut = Annotated[
    Path | None, typer.Option(metavar="OUT.html", help="Write the report as one page that loads nothing.")
]
PdfOut = Annotated[Path | None, typer.Option(metavar="OUT.pdf", help="Write the report for paper.")]
Few = Annotated[
    int | None,
    typer.Option(
        min=0, help="Hide numbers of fewer people in the report; by default the operator's setting."
    ),
]
ShowSmall = Annotated[
    bool, typer.Option("--show-small-cells", help="Hide nothing in the report; it may tell of single people.")
]
About = Annotated[
    Path | None, typer.Option(help="TOML or JSON with what nobody can count: intended_use, motivation, …")
]
CertificateOf = Annotated[
    str | None, typer.Option(metavar="POLICY@VERSION", help="The policy that the report is signed with.")
]
StoreOfPolicy = Annotated[str, typer.Option(help="Store of the policy; by default the configured one.")]
Title = Annotated[str, typer.Option(help="What stands on the first page of the report.")]
Made = Annotated[
    str, typer.Option(help="A date that the report shows; by default none, so that equals are equal.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFiles:
    """Where a report goes, and what it says beside the numbers.

    Parameters
    ----------
    html, pdf : Path or None
        Files to write; None = not wanted.
    few : int or None
        Numbers of fewer people are hidden; None = the operator's setting.
    about : mapping of str to str
        What was stated.
    title, made : str
        See `rai_dash.report.audit_report.document.report_document`.
    """

    html: Path | None = None
    pdf: Path | None = None
    few: int | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    made: str = ""

    @classmethod
    def of(cls, *, about: Path | None, **given: Any) -> Self:
        """Read what is to be read, and refuse places that cannot be written, before anything is counted.

        Raises
        ------
        InvalidChoice
            Naming the file.
        """
        from rai_dash.report.audit_report.about import read_about

        found = cls(about={} if about is None else read_about(about), **given)
        for place in (found.html, found.pdf):
            if place is not None and str(place) == "-":
                msg = "A report is a file: give --html and --pdf the name of one."
                raise InvalidChoice(msg)
            check_place(place)
        return found

    @property
    def is_wanted(self) -> bool:
        """Whether a file is to be written."""
        return self.html is not None or self.pdf is not None

    def write(self, audit: Audit, dataset: Dataset, *, certificate: str | None, store: str) -> None:
        """Write the files that are wanted.

        Raises
        ------
        RaiError
            When one cannot be written, or the policy is not there.
        """
        if not self.is_wanted:
            return
        document = self._document(audit, dataset, certificate, store)
        if self.html is not None:
            from rai_dash.report.audit_report.page import report_html

            page = report_html(document)
            with written(self.html):
                self.html.write_text(page, encoding="utf-8")
        if self.pdf is not None:
            from rai_dash.report.audit_report.paper import report_pdf

            content = report_pdf(document)
            with written(self.pdf):
                self.pdf.write_bytes(content)

    def _document(
        self, audit: Audit, dataset: Dataset, certificate: str | None, store: str
    ) -> dict[str, Any]:
        from rai_dash.cli._policy_store import facts_for_report
        from rai_dash.report.profile_json import profile_dataset

        run = run_of_result(audit.content)
        policy = None if certificate is None else facts_for_report(certificate, store, audit.content)
        return audit.report(
            fewest=self.few,
            title=self.title,
            made=self.made,
            profile=profile_dataset(
                dataset,
                min_n=int(str(audit.content["min_n"])),
                tolerance=float(str(audit.content["tolerance"])),
            ).content,
            policy=policy,
            about=self.about,
            run=run,
        )
