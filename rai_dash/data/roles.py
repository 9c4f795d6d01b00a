"""Guessing what each column is for, every guess with its reason; the user confirms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from rai_dash.core.types import Direction, Roles, ScoreScale, TargetKind
from rai_dash.data import role_words as words
from rai_dash.data.columns import is_number, is_row_number, numbers
from rai_dash.data.groups import MAX_CODES
from rai_dash.data.labels import label_codes, outcome_codes
from rai_dash.data.leaks import LEAK_AUC, leaks

AGE_EDGES: Final = (25.0, 35.0, 50.0, 65.0)
_OLDEST: Final = 130
_MOST_GROUPS: Final = 50
_MOST_SPLITS: Final = 10
_BY_NAME: Final = "its name says so"
#: Ends of the scales on which scores are written: low, high, unit.
_SCALES: Final = ((0.0, 1.0, "probability"), (0.0, 100.0, "percent"), (300.0, 850.0, "points"))


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """Guessed roles, and why.

    Parameters
    ----------
    roles : Roles
        Fit the table; what could not be guessed is empty.
    reasons : dict of str to str
        Plain words for each role that was guessed, by its field name.
    """

    roles: Roles
    reasons: dict[str, str]


class _Column:
    """A column with what the guesses need to know of it, computed when first asked for."""

    def __init__(self, series: pd.Series) -> None:
        self.series = series
        self.name = str(series.name)
        self.is_number = is_number(series)

    @cached_property
    def distinct(self) -> int:
        """Number of different values, blanks not counted."""
        return int(self.series.nunique())

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Labels, in order of first appearance."""
        return label_codes(self.series)[1]


@dataclass(slots=True)
class _Guesses:
    """What has been guessed so far; a column gets one role."""

    columns: list[_Column]
    roles: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def take(self, role: str, value: Any, reason: str, *columns: str) -> None:
        """Note a role, its reason, and the columns that are now taken."""
        self.roles[role], self.reasons[role] = value, reason
        self.taken.update(columns)

    def first(self, fits: Callable[[_Column], bool]) -> _Column | None:
        """Return the first column without a role that fits."""
        return next((c for c in self.columns if c.name not in self.taken and fits(c)), None)


def guess_roles(frame: pd.DataFrame) -> RoleGuess:
    """Guess what each column of a table is for.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        A table as it was read.

    Returns
    -------
    RoleGuess
        Roles that fit the table. No target is guessed where it cannot be told which value is good.
    """
    guesses = _Guesses([_Column(frame[c]) for c in frame.columns])
    _guess_id(guesses, len(frame))
    _guess_row_numbers(guesses)
    _guess_target(guesses)
    _guess_split(guesses)
    _guess_score(guesses)
    _guess_sensitive(guesses)
    _guess_amount(guesses)
    _guess_leaks(guesses, frame)
    return RoleGuess(Roles(**guesses.roles), guesses.reasons)


def _guess_id(guesses: _Guesses, n: int) -> None:
    def fits(c: _Column) -> bool:
        return words.is_id(c.name) and c.distinct == n

    if n and (found := guesses.first(fits)) is not None:
        guesses.take("id", found.name, f"{_BY_NAME} and every value is different", found.name)


def _guess_row_numbers(guesses: _Guesses) -> None:
    names = [c.name for c in guesses.columns if c.name not in guesses.taken and is_row_number(c.series)]
    if names:
        guesses.take("ignored", tuple(names), f"{_listed(names)} only numbers the rows", *names)


def _guess_target(guesses: _Guesses) -> None:
    """Guess the outcome: by name, else the last column, if it has two values of which one is clearly good."""
    found, why = None, f"{_BY_NAME} and it has two values"
    for pattern in words.TARGETS:
        found = found or guesses.first(
            lambda c, p=pattern: _is_outcome(c) and p.fullmatch(words.joined(c.name)) is not None  # type: ignore[misc]
        )
    if found is None:
        last = guesses.columns[-1] if guesses.columns else None
        if (
            last is None
            or last.name in guesses.taken
            or words.is_sensitive(last.name)
            or not _is_outcome(last)
        ):
            return
        found, why = last, "it is the last column and has two values; check it"
    guesses.take("target", found.name, why, found.name)
    good, reason = words.good_value(found.name, found.values) or ("", "")
    guesses.take("favourable", (good,), reason)
    kind = words.kind_words(found.name, found.values)
    if kind is not None:
        guesses.take("target_kind", TargetKind(kind[0]), kind[1])


def _is_outcome(c: _Column) -> bool:
    return c.distinct == 2 and len(c.values) == 2 and words.good_value(c.name, c.values) is not None


def _guess_split(guesses: _Guesses) -> None:
    def fits(c: _Column) -> bool:
        return (
            words.is_split(c.name)
            and 1 <= c.distinct <= _MOST_SPLITS
            and bool(words.train_labels(c.name, c.values))
        )

    found = guesses.first(fits)
    if found is not None:
        train = words.train_labels(found.name, found.values)
        guesses.take(
            "split", found.name, f"{_BY_NAME} and its values are {_listed(found.values)}", found.name
        )
        guesses.take("split_train", train, f"{_listed(train)} reads as training")


def _scale(c: _Column) -> ScoreScale | None:
    """Find the scale that the values of a score lie on."""
    values = numbers(c.series)
    if np.isnan(values).all():
        return None
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    direction = Direction.LOWER if words.is_risk_score(c.name) else Direction.HIGHER
    for start, end, unit in _SCALES:
        if start <= low and high <= end:
            return ScoreScale(direction=direction, low=start, high=end, unit=unit)
    return None


def _guess_score(guesses: _Guesses) -> None:
    def fits(c: _Column) -> bool:
        return c.is_number and words.is_score(c.name) and c.distinct > 2 and _scale(c) is not None

    found = guesses.first(fits)
    if found is None:
        return
    scale = _scale(found) or ScoreScale()
    guesses.take(
        "score",
        found.name,
        f"{_BY_NAME} and its values lie in {scale.low:g} to {scale.high:g}; check that a model wrote it",
        found.name,
    )
    better = "low is good: its name speaks of risk" if scale.direction is Direction.LOWER else "high is good"
    guesses.take("scale", scale, better)


def _guess_sensitive(guesses: _Guesses) -> None:
    found = [c for c in guesses.columns if c.name not in guesses.taken and _is_sensitive(c)]
    if not found:
        return
    names = [c.name for c in found]
    who = "its name says who a person is" if len(names) == 1 else "their names say who a person is"
    guesses.take("sensitive", tuple(names), who, *names)
    bins = {c.name: edges for c in found if (edges := _age_edges(c))}
    if bins:
        guesses.take("bins", bins, f"{_listed(list(bins))} holds ages, cut at 25, 35, 50 and 65")


def _is_sensitive(c: _Column) -> bool:
    most = _MOST_GROUPS if not c.is_number else MAX_CODES
    return words.is_sensitive(c.name) and (2 <= c.distinct <= most or bool(_age_edges(c)))


def _age_edges(c: _Column) -> tuple[float, ...]:
    """Choose the edges for a column of ages; none where it holds few values or no ages."""
    if not (c.is_number and words.is_age(c.name) and c.distinct > 10):
        return ()
    values = numbers(c.series)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return tuple(e for e in AGE_EDGES if low < e <= high) if low >= 0 and high < _OLDEST else ()


def _guess_amount(guesses: _Guesses) -> None:
    found = guesses.first(lambda c: c.is_number and words.is_amount(c.name) and c.distinct > 2)
    if found is not None:
        guesses.take("amount", found.name, f"{_BY_NAME} and it holds numbers", found.name)


def _guess_leaks(guesses: _Guesses, frame: pd.DataFrame) -> None:
    """Set columns aside that alone tell the outcome; sensitive columns and the amount are kept in sight."""
    target = guesses.roles.get("target")
    if target is None:
        return
    outcome = outcome_codes(frame, Roles(target=target, favourable=guesses.roles["favourable"]))
    found = leaks(frame, outcome, skip=guesses.taken)
    if not found:
        return
    verb = "tells" if len(found) == 1 else "tell"
    text = f"{_listed(found)} alone {verb} the outcome almost perfectly (AUC above {LEAK_AUC})"
    before = guesses.reasons.get("ignored")
    names = (*guesses.roles.get("ignored", ()), *found)
    guesses.take("ignored", names, f"{before}; {text}" if before else text, *found)


def _listed(names: list[str] | tuple[str, ...]) -> str:
    quoted = [f"`{n}`" for n in names[:5]] + (["others"] if len(names) > 5 else [])
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
