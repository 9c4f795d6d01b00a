"""What a mitigation trial finds out: plain, frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.metrics.disparity import Disparity
from rai_dash.metrics.table import MetricTable
from rai_dash.metrics.verdict import GapVerdict

IntArray = NDArray[np.int64]
#: Figures of every method, for everyone and by group.
METRICS: Final = ("accuracy", "balanced_accuracy", "selection_rate", "recall", "fpr")


class Goal(StrEnum):
    """Which gap is to be made smaller."""

    EQUALIZED_ODDS = "equalized_odds"
    DEMOGRAPHIC_PARITY = "demographic_parity"
    EQUAL_OPPORTUNITY = "equal_opportunity"


#: The rates that each goal asks to be equal between groups; its gap is the largest of theirs.
GOAL_METRICS: Final[Mapping[Goal, tuple[str, ...]]] = {
    Goal.EQUALIZED_ODDS: ("recall", "fpr"),
    Goal.DEMOGRAPHIC_PARITY: ("selection_rate",),
    Goal.EQUAL_OPPORTUNITY: ("recall",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The gap between groups that the goal speaks of.

    Parameters
    ----------
    value : float or None
        The largest of the gaps of its rates; None = one of them is undefined.
    low, high : float or None
        Newcombe's interval of the pair of groups that attains each gap, at a level that allows for the picked
        pairs and rates.
    rates : mapping of str to Disparity
        The gap in each rate.
    verdicts : mapping of str to (GapVerdict or None)
        What each of them shows, and what chance alone would give.
    reason : str or None
        Why it is undefined.
    """

    value: float | None
    low: float | None
    high: float | None
    rates: Mapping[str, Disparity]
    verdicts: Mapping[str, GapVerdict | None]
    reason: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        rates = {
            name: found.to_json() | {"test": None if (v := self.verdicts[name]) is None else v.to_json()}
            for name, found in self.rates.items()
        }
        return {
            "value": self.value, "low": self.low, "high": self.high, "reason": self.reason, "rates": rates,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One set of decisions on the reporting rows."""

    everyone: MetricTable
    by_group: MetricTable
    gap: Gap

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        groups = {g: self.by_group.to_json(i) for i, g in enumerate(self.by_group.groups)}
        return {"overall": self.everyone.to_json(0), "groups": groups, "gap": self.gap.to_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a method changes on the same rows, with 99 % intervals since five methods are tried; None = undefined.

    Parameters
    ----------
    accuracy, accuracy_low, accuracy_high : float or None
        After minus before, with the interval of Agresti and Min for paired shares.
    gap, gap_low, gap_high : float or None
        After minus before, with the percentile interval of the bootstrap of rows.
    dropped : int
        Replicates in which a gap was undefined.
    """

    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    gap: float | None
    gap_low: float | None
    gap_high: float | None
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moves:
    """Whose decision is another one than before, in rows by group.

    Parameters
    ----------
    groups : tuple of str
        Names in display order.
    n : int64 (groups,)
        Rows with both decisions.
    approved, refused : int64 (groups,)
        Newly approved, and newly refused.
    approved_good, refused_good : int64 (groups,)
        Those of them whose outcome is favourable.
    """

    groups: tuple[str, ...]
    n: IntArray
    approved: IntArray
    refused: IntArray
    approved_good: IntArray
    refused_good: IntArray

    def to_json(self) -> dict[str, object]:
        """Return counts by group."""
        names = ("n", "approved", "refused", "approved_good", "refused_good")
        return {
            group: {name: int(getattr(self, name)[i]) for name in names}
            for i, group in enumerate(self.groups)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """How far the decisions hang on the seed of the prediction.

    Parameters
    ----------
    share : float or None
        Mean over pairs of seeds of the share of rows whose decision differs.
    by_group : mapping of str to (float or None)
        The same in each group; None = a group without rows.
    draws : int
        Seeds tried.
    gap_low, gap_high : float or None
        Smallest and largest gap over the seeds. The figures shown are of the seed whose gap is in the middle.
    """

    share: float | None
    by_group: Mapping[str, float | None]
    draws: int
    gap_low: float | None
    gap_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Before and after at the same share approved, so that only the order of the applicants counts.

    ``moved`` says whose cut was moved: ``"after"`` to the share approved before, or ``"before"`` (for decisions
    without a score) to the share that the method approves.
    """

    moved: str
    before: Judged
    after: Judged

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {"moved": self.moved, "before": self.before.to_json(), "after": self.after.to_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What a method does, in words.

    Parameters
    ----------
    key, title : str
        Stable name, and as on a page.
    what : str
        One plain sentence.
    needs_group : bool
        Whether the method itself, beyond the columns of the model, has to know the group when it decides.
    is_random : bool
        Whether decisions hang on a random number.
    has_score : bool
        Whether it gives a score that a threshold or a review band can be put on.
    study : str
        Why it is for study only; empty = it may be considered.
    """

    key: str
    title: str
    what: str
    needs_group: bool
    is_random: bool
    has_score: bool
    study: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One method tried; ``judged`` is None where it could not be, and ``failed`` says why.

    ``details`` are facts of this run in words, ``cuts`` the thresholds by group where the method has them.
    """

    method: Method
    judged: Judged | None = None
    change: Change | None = None
    moves: Moves | None = None
    flips: Flips | None = None
    matched: Matched | None = None
    details: tuple[str, ...] = ()
    cuts: Mapping[str, float] = field(default_factory=dict)
    failed: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {
            "method": asdict(self.method),
            "judged": None if self.judged is None else self.judged.to_json(),
            "change": None if self.change is None else asdict(self.change),
            "moves": None if self.moves is None else self.moves.to_json(),
            "flips": None if self.flips is None else asdict(self.flips),
            "matched": None if self.matched is None else self.matched.to_json(),
            "details": list(self.details),
            "cuts": dict(self.cuts),
            "failed": self.failed,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Mitigated:
    """All methods on the same rows.

    Parameters
    ----------
    column, goal, threshold, seed
        As asked for.
    base : Judged
        The model as it is, trained again on the fold like the others.
    trials : tuple of Trial
        One a method, in the order tried.
    kind, recipe : str
        What was trained, and how.
    is_stand_in : bool
        Whether it is not the user's own kind of model.
    group_is_feature : bool
        Whether what was trained has the sensitive column among its features: then every method decides with it.
    fold : str
        How the rows were divided, in words.
    train_rows, chosen_on, reported_on : int
        Rows trained on, rows that cuts were chosen on, and rows every figure is of.
    notes : tuple of str
        What limits the figures.
    """

    column: str
    goal: Goal
    threshold: float
    seed: int
    base: Judged
    trials: tuple[Trial, ...]
    kind: str
    recipe: str
    is_stand_in: bool
    group_is_feature: bool
    fold: str
    train_rows: int
    chosen_on: int
    reported_on: int
    notes: tuple[str, ...] = ()

    def knows_group(self, trial: Trial) -> bool:
        """Whether the group has to be known when somebody's application is decided."""
        return trial.method.needs_group or self.group_is_feature

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        plain = ("column", "threshold", "seed", "kind", "recipe", "is_stand_in", "group_is_feature", "fold",
                 "train_rows", "chosen_on", "reported_on")  # fmt: skip
        return {name: getattr(self, name) for name in plain} | {
            "goal": self.goal.value,
            "base": self.base.to_json(),
            "trials": [t.to_json() for t in self.trials],
            "notes": list(self.notes),
        }
