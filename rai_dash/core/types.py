"""The nouns of the house that are plain values (see docs/how_it_works.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from rai_dash.core.errors import InvalidBand
from rai_dash.core.texts import tr

MISSING_GROUP = "(missing)"
UNFAVOURABLE, FAVOURABLE, UNKNOWN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning that is data: found while reading, scoring or guessing, and shown to the user.

    Parameters
    ----------
    code : str
        Stable machine-readable name.
    message : str
        One plain sentence.
    column : str or None
        The column it is about.
    rows : int or None
        How many rows are concerned.
    """

    code: str
    message: str
    column: str | None = None
    rows: int | None = None


class TargetKind(StrEnum):
    """What the target column is; the wording of every page follows it."""

    OBSERVED = "observed_outcome"
    DECISION = "past_decision"
    STAND_IN = "stand_in"
    UNSTATED = "unstated"


class Direction(StrEnum):
    """Which end of a score column is good for the applicant."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreScale:
    """How a score column maps to the probability scale [0, 1].

    The map is linear, ``(x - low) / (high - low)``, turned round when lower is better. A probability
    has ``low=0, high=1``; points have the ends of their scale.
    """

    direction: Direction = Direction.HIGHER
    low: float = 0.0
    high: float = 1.0
    unit: str = "probability"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What each column of a table is for.

    Values of columns are written as text labels (see ``rai_dash.data.labels``): ``1``, ``1.0`` and
    ``"1"`` in a file are all the label ``"1"``.

    Parameters
    ----------
    target : str or None
        Column with the outcome; None = no outcome known yet.
    favourable : tuple of str
        Labels that are good for the applicant.
    unfavourable : tuple of str
        Labels that are bad; empty = every other label that is not blank.
    target_kind : TargetKind
        Observed outcome, past decision, stand-in, or not stated.
    sensitive : tuple of str
        Columns to compare people by.
    bins : mapping of str to tuple of float
        Inner edges of numeric sensitive columns; group ``[a, b)``.
    features : tuple of str
        Columns offered to a model trained here; empty = every column without another role.
    ignored : tuple of str
        Columns left out (leaks, row numbers).
    id, amount, time, weight, split, score : str or None
        Single columns. ``split`` says which rows the model was trained on.
    split_train : tuple of str
        Labels of ``split`` that mean "the model was trained on this row".
    scale : ScoreScale
        How ``score`` reads.
    """

    target: str | None = None
    favourable: tuple[str, ...] = ()
    unfavourable: tuple[str, ...] = ()
    target_kind: TargetKind = TargetKind.UNSTATED
    sensitive: tuple[str, ...] = ()
    bins: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    id: str | None = None
    amount: str | None = None
    time: str | None = None
    weight: str | None = None
    split: str | None = None
    split_train: tuple[str, ...] = ()
    score: str | None = None
    scale: ScoreScale = field(default_factory=ScoreScale)

    def with_(self, **changes: object) -> Roles:
        """Return a copy with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its interval, or *undefined* with the reason.

    ``value is None`` means undefined (a denominator of 0); it is never shown as 0 or 1.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    reason: str | None = None

    @property
    def is_defined(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    @classmethod
    def undefined(
        cls, reason: str, *, numerator: float | None = None, denominator: float | None = None
    ) -> Estimate:
        """Build the undefined estimate."""
        return cls(None, None, None, numerator, denominator, reason)

    def to_json(self) -> dict[str, Any]:
        """Return all fields as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ReviewBand:
    """Which scores a person looks at: ``score < lo`` declined, ``score >= hi`` approved, else review.

    Parameters
    ----------
    lo, hi : float or None
        Ends in [0, 1]; None = open (nothing is declined / approved automatically).
    threshold : float
        The inner cut of the model's own opinion; must lie inside the band.
    """

    lo: float | None
    threshold: float
    hi: float | None

    def __post_init__(self) -> None:
        """Check order and range."""
        ends = [x for x in (self.lo, self.threshold, self.hi) if x is not None]
        if any(not math.isfinite(x) or not 0.0 <= x <= 1.0 for x in ends):
            msg = tr(
                "The band {lo}, {threshold}, {hi} leaves 0 to 1. Give scores between 0 and 1.",
                lo=self.lo,
                threshold=self.threshold,
                hi=self.hi,
            )
            raise InvalidBand(msg)
        if ends != sorted(ends):
            msg = tr(
                "The band needs low <= threshold <= high, got {lo}, {threshold}, {hi}. Swap the ends or "
                "move the threshold inside.",
                lo=self.lo,
                threshold=self.threshold,
                hi=self.hi,
            )
            raise InvalidBand(msg)


@dataclass(frozen=True, slots=True)
class Feature:
    """One input of a model.

    Parameters
    ----------
    name : str
        Column name in the model's own order.
    kind : str
        ``"number"`` or ``"category"``.
    categories : tuple of str
        The labels the model knows, in its own order; empty for numbers or where the file does not say.
    """

    name: str
    kind: str = "number"
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """What a model file says about itself.

    Parameters
    ----------
    format : str
        ``"skops"``, ``"xgboost"``, ``"lightgbm"``, ``"onnx"``, or ``"pickle"`` where an operator approved one.
    family : str
        Plain name of the model, for example ``"XGBoost, 200 trees"``.
    fingerprint : str
        sha256 of the file.
    features : tuple of Feature
        Inputs in the model's order.
    classes : tuple of str
        The two class labels, class 0 first; ``("0", "1")`` where the file has none.
    has_class_labels : bool
        Whether ``classes`` came from the file.
    can_refit : bool
        Whether the same kind of model can be trained again here.
    warnings : tuple of Notice
        Found while loading.
    """

    format: str
    family: str
    fingerprint: str
    features: tuple[Feature, ...]
    classes: tuple[str, str] = ("0", "1")
    has_class_labels: bool = False
    can_refit: bool = False
    warnings: tuple[Notice, ...] = ()

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the inputs in the model's order."""
        return tuple(f.name for f in self.features)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Contributions of the ORIGINAL columns to one score.

    Parameters
    ----------
    row : int
        Position of the applicant in the table.
    space : str
        ``"log-odds"`` or ``"probability"``, of the favourable outcome.
    base : float
        Value before any column is known.
    values : mapping of str to float
        Contribution a column; ``base + sum(values) = output``.
    output : float
        The model's own output in that space.
    method : str
        Plain name of the route, printed on the chart.
    background_rows : int or None
        Reference rows used; None where the route uses none.
    additivity_error : float
        ``abs(base + sum(values) - output)``, always computed.
    exact : bool
        Whether the values are the exact Shapley values of what ``method`` names; False = an estimate.
    errors : mapping of str to float
        Standard error a column of an estimate; empty where the route draws no coalitions.
    notices : tuple of Notice
        What the reader must know, for example that a cheaper route was tried and refused.
    """

    row: int
    space: str
    base: float
    values: Mapping[str, float]
    output: float
    method: str
    background_rows: int | None
    additivity_error: float
    exact: bool = True
    errors: Mapping[str, float] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
