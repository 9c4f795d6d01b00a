"""What stands in the ledger about a batch: counts, states, and hashes of what is too large for it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from rai_dash.govern._bodies import Code, Fingerprint, SealedText, Version
from rai_dash.govern._signed import Rows, Text
from rai_dash.govern.journal import JournalBody

PREFIX: Final = "monitor:"
RUN: Final = "monitor.run"
#: Letters, digits and what dates are written with: nothing that could name a person.
Period = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z .:/_-]{0,39}$")]
Part = Annotated[float, Field(ge=0)]


class RunLine(JournalBody):
    """One line of the report, short: ``counts`` = it is a breach that counts for the verdict."""

    name: Code
    family: Code
    column: Text
    group: Text
    k: Part | None
    n: Part | None
    value: float | None
    state: Literal["ok", "watch", "breach", "no_data", "no_rows", "no_limit"]
    counts: bool


class Run(JournalBody):
    """A batch was held against a version of the policy.

    Parameters
    ----------
    version : int
    key : str
        Stands for the label, so that the batch is found again when the label was erased.
    label : SealedText
        What somebody calls the batch.
    batch : str
        sha256 of the table.
    basis : str
        Fingerprint of what it was counted by.
    rows, outcomes : int
    period : str or None
        When the applications came in.
    verdict : str
    judged, counted, within_chance, too_few, not_judged : int
        As of `rai_dash.govern.monitor.lines.Verdict`.
    lines : tuple of RunLine
    report, counts : str
        Hashes of both, which stand beside the chain.
    kept_rows : str or None
        Hash of the rows, where they are kept.
    suspended : bool
        Whether the policy was suspended for it.
    problems : tuple of str
        Problems that were opened or seen again.
    """

    version: Version
    key: Code
    label: SealedText
    batch: Fingerprint
    basis: Fingerprint
    rows: Rows
    outcomes: Rows
    period: Period | None
    verdict: Literal["holds", "watch", "breach", "unsure"]
    judged: Rows
    counted: Rows
    within_chance: Rows
    too_few: Rows
    not_judged: Rows
    lines: tuple[RunLine, ...]
    report: Fingerprint
    counts: Fingerprint
    kept_rows: Fingerprint | None
    suspended: bool
    problems: tuple[Code, ...]
