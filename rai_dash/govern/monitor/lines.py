"""What a batch looks like beside what was signed: one line a number, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rai_dash.core.types import Estimate, Notice
from rai_dash.govern.monitor.states import State


class Family(StrEnum):
    """What a line is about, in the order in which people need to know."""

    MODEL = "model"
    ERROR = "error"
    ROUTES = "routes"
    APPROVAL = "approval"
    PRIOR = "prior"
    GROUPS = "groups"
    GAPS = "gaps"
    SCORE = "score"
    COLUMNS = "columns"
    CALIBRATION = "calibration"


#: Figures of everyone that a policy is signed for. They share one half of the level, all details the other.
HEADLINES = frozenset({Family.ROUTES, Family.APPROVAL, Family.ERROR, Family.PRIOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One number of a batch beside the signed one.

    Parameters
    ----------
    name : str
        What it is, in the field's words: ``review_rate``, ``selection_rate``, ``base_rate``, ``psi``, ``ks``,
        ``blank_rate``, ``new_categories``, ``gone_categories``, a gap of `rai_dash.review.gaps.GAPS`, …; see
        docs/monitor.md for all of them.
    family : Family
    column, group : str
        Blank = everyone.
    signed, batch : Estimate
        Shares with numerator, denominator and interval. PSI and KS have no signed value.
    tolerance : float or None
        How far the batch may lie from the signed value.
    watch, breach : float or None
        Limits of a PSI or KS.
    state : State
        By the rule for one number (review-band.md 14.1), whatever the other lines are.
    reason : str or None
        Why it is not judged, or does not count, in a few plain words.
    source : str or None
        ``rows`` or ``cells``, where they differ.
    by_chance : float or None
        PSI that chance alone gives for these numbers of rows (median).
    p_value : float or None
        Chance of a difference like this where nothing has moved, the signed figure's own rows allowed for. None = not
        asked, as for what is no breach.
    p_adjusted : float or None
        Of a breach: the same after allowing for all lines that were judged (Holm).
    within_chance : bool
        Whether a breach may be chance among so many lines (``p_adjusted`` above 0.05): it does not count for the
        verdict.
    rows_needed : int or None
        Rows from which the interval reaches no further than two tolerances, or from which chance alone gives no PSI to
        be watched; None = not known, or no number is enough.
    too_few : bool
        Whether the batch has fewer, so that ok settles nothing.
    items : tuple of (str, int)
        New or gone categories with their rows.
    """

    name: str
    family: Family
    column: str = ""
    group: str = ""
    signed: Estimate
    batch: Estimate
    tolerance: float | None = None
    watch: float | None = None
    breach: float | None = None
    state: State
    reason: str | None = None
    source: str | None = None
    by_chance: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    within_chance: bool = False
    rows_needed: int | None = None
    too_few: bool = False
    items: tuple[tuple[str, int], ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """Name, column and group: what makes it the same line in another batch."""
        return self.name, self.column, self.group

    @property
    def counts(self) -> bool:
        """Whether it is a breach that counts for the verdict."""
        return self.state is State.BREACH and not self.within_chance

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """Lowest and highest value within the limits, for a picture; None = open, or no limit."""
        if self.signed.value is not None and self.tolerance is not None:
            return self.signed.value - self.tolerance, self.signed.value + self.tolerance
        return None, self.breach


class Held(StrEnum):
    """What is said about a batch as a whole."""

    HOLDS = "holds"
    WATCH = "watch"
    BREACH = "breach"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is said about a batch as a whole.

    Parameters
    ----------
    state : Held
        ``breach``: a line has left its limits by more than chance among so many lines. ``watch``: a line lies outside
        by less, which chance alone would do in fewer than every other batch, or a watched column is missing.
        ``unsure``: nothing speaks against the policy, and too few rows speak for it. ``holds``: otherwise.
    sentence : str
        For the top of the page; names from files in it are as they were written.
    reasons : tuple of str
        Its parts, the most important first, at most three.
    judged, counted, within_chance, too_few, not_judged : int
        Lines held against a limit; of these breaches that count, breaches that may be chance, and other lines with too
        few rows; and lines that could not be judged.
    """

    state: Held
    sentence: str
    reasons: tuple[str, ...] = ()
    judged: int = 0
    counted: int = 0
    within_chance: int = 0
    too_few: int = 0
    not_judged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorReport:
    """A batch, or several added up, against a policy.

    Parameters
    ----------
    policy_id, version
        What it was held against.
    label : str
        What the batch is called; blank = it has no name.
    rows, outcomes, batches : int
        Rows, those with a known outcome, and how many batches were added up.
    verdict : Verdict
    lines : tuple of Line
        By family, everyone before groups.
    notices : tuple of Notice
        What was noticed while the batch was read and counted.
    not_watched : mapping of str to str
        Columns that the policy leaves out, with the reason.
    signed : bool
        Whether people had signed the version, in force or not.
    """

    policy_id: str
    version: int
    label: str
    rows: int
    outcomes: int
    batches: int
    verdict: Verdict
    lines: tuple[Line, ...]
    notices: tuple[Notice, ...] = ()
    not_watched: Mapping[str, str] = field(default_factory=dict)
    signed: bool = False

    def line(self, name: str, column: str = "", group: str = "") -> Line:
        """Find a line.

        Raises
        ------
        KeyError
            When there is none.
        """
        for line in self.lines:
            if line.key == (name, column, group):
                return line
        raise KeyError((name, column, group))

    def of(self, *families: Family) -> tuple[Line, ...]:
        """Return the lines of some families, in order."""
        return tuple(line for line in self.lines if line.family in families)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values; undefined = None."""
        verdict = self.verdict
        return {
            "policy": {"policy_id": self.policy_id, "version": self.version, "signed": self.signed},
            "batch": {
                "label": self.label,
                "rows": self.rows,
                "outcomes": self.outcomes,
                "batches": self.batches,
            },
            "verdict": {
                "state": verdict.state.value,
                "sentence": verdict.sentence,
                "reasons": list(verdict.reasons),
                "judged": verdict.judged,
                "counted": verdict.counted,
                "within_chance": verdict.within_chance,
                "too_few": verdict.too_few,
                "not_judged": verdict.not_judged,
            },
            "lines": [line_json(line) for line in self.lines],
            "not_watched": dict(self.not_watched),
            "notices": [
                {"code": n.code, "message": n.message, "column": n.column, "rows": n.rows}
                for n in self.notices
            ],
        }


def line_json(line: Line) -> dict[str, Any]:
    """Return a line as plain values; undefined = None."""
    plain = (
        "tolerance", "watch", "breach", "by_chance", "p_value", "p_adjusted", "within_chance", "rows_needed", "too_few",
    )  # fmt: skip
    return {
        "name": line.name,
        "family": line.family.value,
        "column": line.column or None,
        "group": line.group or None,
        "signed": line.signed.to_json(),
        "batch": line.batch.to_json(),
        **{name: getattr(line, name) for name in plain},
        "state": line.state.value,
        "reason": line.reason,
        "from": line.source,
        "items": [list(item) for item in line.items],
    }
