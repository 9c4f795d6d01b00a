"""What has to be assumed about people, money and work before a band can be judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """How well the person decides who gets the applications inside the band: review-band.md section 5.

    Parameters
    ----------
    h1, h0 : float
        Probability of approving an application with a favourable, and of refusing one with an unfavourable outcome.
    deference : float
        Probability that the person simply follows the model's score (automation bias).
    by_group : mapping of str to (h1, h0)
        Other probabilities for some groups.
    column : str or None
        The sensitive column whose groups ``by_group`` names; None = the one that has them.
    use_recorded : bool
        Take a person's recorded decision, where there is one, instead of these probabilities.
    """

    h1: float = 0.9
    h0: float = 0.9
    deference: float = 0.0
    by_group: Mapping[str, tuple[float, float]] = field(default_factory=dict, hash=False)
    column: str | None = None
    use_recorded: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        for name in ("h1", "h0", "deference"):
            _check_probability(name, getattr(self, name))
        for group, pair in self.by_group.items():
            if len(pair) != 2:
                msg = tr(
                    "The reviewer of group {group} needs two numbers, h1 and h0. Give a pair like 0.9, 0.8.",
                    group=f"{group!r}",
                )
                raise InvalidChoice(msg)
            for name, value in zip(("h1", "h0"), pair, strict=True):
                _check_probability(f"{name} of group {group!r}", value)

    def pairs(self, groups: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Return h1 and h0 of each group, float64 (groups,) twice."""
        pairs = [self.by_group.get(group, (self.h1, self.h0)) for group in groups]
        both = np.array(pairs, np.float64).reshape(len(groups), 2)
        return both[:, 0], both[:, 1]

    def to_json(self) -> dict[str, object]:
        """Return the settings as plain values."""
        return asdict(self) | {"by_group": {group: list(pair) for group, pair in self.by_group.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class BandCosts:
    """What errors and a review cost, in any one unit: review-band.md section 6.

    Parameters
    ----------
    fp_fixed, fn_fixed : float
        An unfavourable applicant finally approved, a favourable one finally refused.
    fp_per_amount, fn_per_amount : float
        The same for each unit of the amount: loss given default, lost margin.
    review : float
        A person's look at one application.
    """

    fp_fixed: float = 0.0
    fp_per_amount: float = 0.0
    fn_fixed: float = 0.0
    fn_per_amount: float = 0.0
    review: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no cost."""
        for name, value in asdict(self).items():
            _check_least(f"The cost `{name}`", value, 0.0)

    @property
    def needs_amount(self) -> bool:
        """Whether any cost depends on the amount."""
        return self.fp_per_amount > 0.0 or self.fn_per_amount > 0.0

    def to_json(self) -> dict[str, object]:
        """Return the settings as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """How many applications come in, and who is there to look at them: review-band.md section 7.

    Parameters
    ----------
    volume_per_day : float
        Applications a day, all routes.
    minutes_per_review, minutes_per_day : float
        Minutes that one review takes, and that one reviewer has for reviews in a day; both above 0.
    reviewers : float or None
        Reviewers there are; None = not stated.
    days : float
        After how many working days the backlog is stated.
    """

    volume_per_day: float
    minutes_per_review: float
    minutes_per_day: float
    reviewers: float | None = None
    days: float = 20.0

    def __post_init__(self) -> None:
        """Refuse what is no amount of work."""
        _check_least("Applications a day", self.volume_per_day, 0.0)
        _check_least("Days", self.days, 0.0)
        if self.reviewers is not None:
            _check_least("The number of reviewers", self.reviewers, 0.0)
        for what, minutes in (
            ("Minutes per review", self.minutes_per_review),
            ("Minutes per reviewer and day", self.minutes_per_day),
        ):
            if not 0.0 < minutes < math.inf:
                msg = tr(
                    "{what} must be above 0, so {minutes} is not possible. Give a number of minutes.",
                    what=what,
                    minutes=f"{minutes:g}",
                )
                raise InvalidChoice(msg)

    def to_json(self) -> dict[str, object]:
        """Return the settings as plain values."""
        return asdict(self)


def _check_probability(name: str, value: float) -> None:
    """Refuse what does not lie in [0, 1]."""
    if not 0.0 <= value <= 1.0:
        msg = tr(
            "`{name}` is a probability, so {value} is not possible. Give a number from 0 to 1.",
            name=name,
            value=f"{value:g}",
        )
        raise InvalidChoice(msg)


def _check_least(what: str, value: float, least: float) -> None:
    """Refuse what is no finite number from a least one up."""
    if not least <= value < math.inf:
        msg = tr(
            "{what} cannot be {value}. Give a number from {least} up.",
            what=what,
            value=f"{value:g}",
            least=f"{least:g}",
        )
        raise InvalidChoice(msg)
