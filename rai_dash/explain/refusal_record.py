"""What is kept of drafted reasons, so that they can be made again and checked."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict

from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.explain.refusal import LEGAL_NOTE, Refusal

SCHEMA = "rai-dash/refusal/1"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ReasonRecord(_Part):
    """One reason as it was drafted."""

    factor: str
    value: str | None
    contribution: float
    text: str
    is_reviewed: bool


class BaselineRecord(_Part):
    """Who the applicant was compared with."""

    kind: str
    name: str
    rows: int
    of: int
    fingerprint: str


class SufficiencyRecord(_Part):
    """What setting the listed factors to the baseline did."""

    columns: list[str]
    mean_after: float
    typical_after: float
    share_that_flips: float
    rows: int
    verdict: str


class RefusalRecord(_Part):
    """Drafted reasons with all they rest on; plain values only.

    Parameters
    ----------
    model_fingerprint, data_fingerprint, texts_fingerprint : str
        sha256 of the model file, of the table, of the dictionary of texts.
    row : int
        Position of the applicant in the table.
    space, method, additivity_error, is_exact, background_rows
        Of the explanation.
    """

    record_schema: str = SCHEMA
    model_fingerprint: str
    data_fingerprint: str
    texts_fingerprint: str
    row: int
    score: float
    threshold: float
    space: str
    method: str
    is_exact: bool
    background_rows: int | None
    additivity_error: float
    baseline: BaselineRecord
    reasons: list[ReasonRecord]
    tied: list[str]
    blocking: list[str]
    sufficiency: SufficiencyRecord
    can_be_sent: bool
    note: str = LEGAL_NOTE

    @classmethod
    def of(cls, refusal: Refusal, *, model_fingerprint: str, data_fingerprint: str) -> Self:
        """Write down drafted reasons."""
        why, base, tested = refusal.explanation, refusal.baseline, refusal.sufficiency
        return cls(
            model_fingerprint=model_fingerprint,
            data_fingerprint=data_fingerprint,
            texts_fingerprint=refusal.texts_fingerprint,
            row=why.row,
            score=refusal.score,
            threshold=refusal.threshold,
            space=why.space,
            method=why.method,
            is_exact=why.exact,
            background_rows=why.background_rows,
            additivity_error=why.additivity_error,
            baseline=BaselineRecord(
                kind=base.kind.value, name=base.name, rows=len(base.rows), of=base.of, fingerprint=base.fingerprint
            ),
            reasons=[
                ReasonRecord(
                    factor=r.factor.column, value=r.factor.shown, contribution=r.factor.contribution, text=r.text,
                    is_reviewed=r.is_reviewed,
                )
                for r in refusal.reasons
            ],
            tied=list(refusal.tie.others) if refusal.tie else [],
            blocking=[one.column for one in refusal.blocking],
            sufficiency=SufficiencyRecord(
                columns=list(tested.columns), mean_after=tested.mean_after, typical_after=tested.typical_after,
                share_that_flips=float(tested.flips.value or 0.0), rows=tested.rows, verdict=tested.verdict,
            ),
            can_be_sent=refusal.can_be_sent,
        )  # fmt: skip

    def to_json(self) -> str:
        """Write as JSON; `model_validate_json` reads it back."""
        return self.model_dump_json(indent=2)

    @property
    def fingerprint(self) -> str:
        """sha256 of the content."""
        return fingerprint_value(self.model_dump(mode="json"))
