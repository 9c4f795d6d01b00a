"""How people are called after what the target is: an outcome, a past decision, or a stand-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rai_dash.core.texts import mark, tr
from rai_dash.core.types import TargetKind


@dataclass(frozen=True, slots=True)
class Wording:
    """How people with the favourable and the unfavourable label are called, in the language that is spoken."""

    good: str
    bad: str
    caution: str = ""


_SELECTIVE: Final = mark(
    "The target is what was decided, not what happened: refused applicants have no outcome, so agreeing "
    "with past decisions is not the same as being right."
)
_WORDINGS: Final = {
    TargetKind.OBSERVED: Wording(
        mark("applicants with the good outcome"), mark("applicants with the bad outcome")
    ),
    TargetKind.DECISION: Wording(
        mark("applicants approved in the past"), mark("applicants refused in the past"), _SELECTIVE
    ),
    TargetKind.STAND_IN: Wording(
        mark("applicants with the favourable label"),
        mark("applicants with the unfavourable label"),
        mark("The target stands in for a loan outcome; no row is a real decision."),
    ),
    TargetKind.UNSTATED: Wording(
        mark("applicants with the favourable label"), mark("applicants with the unfavourable label")
    ),
}


def wording(kind: TargetKind) -> Wording:
    """Return the words for a kind of target."""
    found = _WORDINGS[kind]
    return Wording(tr(found.good), tr(found.bad), tr(found.caution) if found.caution else "")
