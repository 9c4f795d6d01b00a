"""Guessing what each column is for, every guess with its reason; the user confirms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from rai_dash.core.types import Direction, Roles, ScoreScale, TargetKind
from rai_dash.data import role_words as words
from rai_dash.data._column_guess import age_edges, is_sensitive, is_time, score_scale
from rai_dash.data._target_guess import guess_target
from rai_dash.data.column_facts import ColumnFacts, TableFacts
from rai_dash.data.columns import is_row_number
from rai_dash.data.labels import outcome_codes
from rai_dash.data.leaks import LEAK_AUC, find_leaks
from rai_dash.data.outcome_words import kind_words
from rai_dash.data.personal import find_personal
from rai_dash.data.sources import SOURCE, tells_source

_MOST_SPLITS: Final = 10
_BY_NAME: Final = "its name says so"


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """Guessed roles, and why.

    Parameters
    ----------
    roles : Roles
        Fit the table; what could not be guessed is empty.
    reasons : dict of str to str
        Plain words for each role that was guessed, by its field name.
    target_to_ask : str or None
        Column that looks like the outcome, where the user has to say which values are favourable; the
        roles then name no target.
    personal : dict of str to str
        What the columns hold that name a person; all but the id are ignored.
    """

    roles: Roles
    reasons: dict[str, str]
    target_to_ask: str | None = None
    personal: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Guesses:
    """What has been guessed so far; a column gets one role."""

    facts: TableFacts
    roles: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    target_to_ask: str | None = None
    personal: dict[str, str] = field(default_factory=dict)

    def take(self, role: str, value: Any, reason: str, *columns: str) -> None:
        """Note a role, its reason, and the columns that are now taken."""
        self.roles[role], self.reasons[role] = value, reason
        self.taken.update(columns)

    def ignore(self, names: list[str], reason: str) -> None:
        """Set more columns aside, with one more reason."""
        before = self.reasons.get("ignored")
        self.take(
            "ignored",
            (*self.roles.get("ignored", ()), *names),
            f"{before}; {reason}" if before else reason,
            *names,
        )

    def free(self) -> list[ColumnFacts]:
        """Return the columns without a role, in order."""
        return self.facts.without(self.taken)

    def first(self, fits: Callable[[ColumnFacts], bool]) -> ColumnFacts | None:
        """Return the first column without a role that fits."""
        return next((c for c in self.free() if fits(c)), None)


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
    guesses = _Guesses(TableFacts(frame))
    _guess_id(guesses)
    _guess_row_numbers(guesses)
    if tells_source(frame):
        guesses.ignore([SOURCE], f"`{SOURCE}` says where the outcome comes from")
    _guess_target(guesses)
    _guess_split(guesses)
    _guess_score(guesses)
    _guess_weight(guesses)
    _guess_personal(guesses)
    _guess_sensitive(guesses)
    _guess_time(guesses)
    _guess_amount(guesses)
    _guess_leaks(guesses, frame)
    return RoleGuess(
        Roles(**guesses.roles),
        guesses.reasons,
        target_to_ask=guesses.target_to_ask,
        personal=guesses.personal,
    )


def _guess_id(guesses: _Guesses) -> None:
    n = guesses.facts.n

    def fits(c: ColumnFacts) -> bool:
        return words.is_id(c.name) and c.known == n and c.is_unique

    if n and (found := guesses.first(fits)) is not None:
        guesses.take("id", found.name, f"{_BY_NAME} and every value is different", found.name)


def _guess_row_numbers(guesses: _Guesses) -> None:
    names = [c.name for c in guesses.free() if is_row_number(c.series)]
    if names:
        guesses.ignore(names, f"{_listed(names)} only numbers the rows")


def _guess_target(guesses: _Guesses) -> None:
    """Guess the outcome; where its good values are not clear, only the column is proposed."""
    columns = list(guesses.facts.values())
    found = guess_target(guesses.free(), columns[-1] if columns else None)
    if found is None:
        return
    name, known = found.column.name, found.sides
    if known is None:
        guesses.target_to_ask, guesses.reasons["target"] = name, found.reason
        guesses.taken.add(name)
        return
    guesses.take("target", name, found.reason, name)
    guesses.take("favourable", known.favourable, known.reason)
    if known.unfavourable:
        guesses.take("unfavourable", known.unfavourable, known.reason)
    kind = kind_words(name, found.column.values)
    if kind is not None:
        guesses.take("target_kind", TargetKind(kind[0]), kind[1])


def _guess_split(guesses: _Guesses) -> None:
    def fits(c: ColumnFacts) -> bool:
        return (
            words.is_split(c.name)
            and c.has_few(_MOST_SPLITS)
            and c.distinct > 0
            and bool(words.train_labels(c.name, c.values))
        )

    found = guesses.first(fits)
    if found is not None:
        train = words.train_labels(found.name, found.values)
        guesses.take(
            "split", found.name, f"{_BY_NAME} and its values are {_listed(found.values)}", found.name
        )
        guesses.take("split_train", train, f"{_listed(train)} reads as training")


def _guess_score(guesses: _Guesses) -> None:
    def fits(c: ColumnFacts) -> bool:
        return c.is_number and words.is_score(c.name) and c.distinct > 2 and score_scale(c) is not None

    found = guesses.first(fits)
    if found is None:
        return
    scale = score_scale(found) or ScoreScale()
    guesses.take(
        "score",
        found.name,
        f"{_BY_NAME} and its values lie in {scale.low:g} to {scale.high:g}; check that a model wrote it",
        found.name,
    )
    better = "low is good: its name speaks of risk" if scale.direction is Direction.LOWER else "high is good"
    guesses.take("scale", scale, better)


def _guess_weight(guesses: _Guesses) -> None:
    def fits(c: ColumnFacts) -> bool:
        return words.is_weight(c.name) and c.is_number and not c.has_few(1) and bool((c.numbers > 0).all())

    if (found := guesses.first(fits)) is not None:
        reason = (
            f"{_BY_NAME} and its numbers are above 0; every figure then counts a row so many times, check it"
        )
        guesses.take("weight", found.name, reason, found.name)


def _guess_personal(guesses: _Guesses) -> None:
    """Set columns aside that name a person; the id stays the id."""
    found = {p.name: p.what for p in find_personal(guesses.facts, Roles(**guesses.roles))}
    guesses.personal = found
    names = [name for name in found if name not in guesses.taken]
    if names:
        verb = "holds" if len(names) == 1 else "hold"
        what = list(dict.fromkeys(found[name] for name in names))
        guesses.ignore(names, f"{_listed(names)} {verb} {' and '.join(what[:2])}, which point to a person")


def _guess_sensitive(guesses: _Guesses) -> None:
    found = [c for c in guesses.free() if is_sensitive(c)]
    if not found:
        return
    names = [c.name for c in found]
    who = "its name says who a person is" if len(names) == 1 else "their names say who a person is"
    guesses.take("sensitive", tuple(names), who, *names)
    bins = {c.name: edges for c in found if (edges := age_edges(c))}
    if bins:
        guesses.take("bins", bins, f"{_listed(list(bins))} holds ages, cut at 25, 35, 50 and 65")


def _guess_time(guesses: _Guesses) -> None:
    """Guess the date of the decision: by the name of a decision, else the only column of dates."""
    found = [c for c in guesses.free() if not c.has_few(1) and is_time(c)]
    named = [c for c in found if words.is_decision_time(c.name)]
    if named:
        guesses.take("time", named[0].name, f"{_BY_NAME} and it holds dates", named[0].name)
    elif len(found) == 1:
        guesses.take("time", found[0].name, "it is the only column of dates; check it", found[0].name)


def _guess_amount(guesses: _Guesses) -> None:
    found = guesses.first(lambda c: c.is_number and words.is_amount(c.name) and c.distinct > 2)
    if found is not None:
        guesses.take("amount", found.name, f"{_BY_NAME} and it holds numbers", found.name)


def _guess_leaks(guesses: _Guesses, frame: pd.DataFrame) -> None:
    """Set columns aside that alone tell the outcome; sensitive columns and the amount are kept in sight."""
    target = guesses.roles.get("target")
    if target is None:
        return
    named = {role: guesses.roles.get(role, ()) for role in ("favourable", "unfavourable")}
    outcome = outcome_codes(frame, Roles(target=target, **named))
    found = find_leaks(guesses.facts, outcome, target=target, skip=guesses.taken)
    strong = [leak.column for leak in found if leak.is_strong]
    if strong:
        verb = "tells" if len(strong) == 1 else "tell"
        how = f"almost perfectly (AUC above {LEAK_AUC}, or filled on one side only)"
        guesses.ignore(strong, f"{_listed(strong)} alone {verb} the outcome {how}")


def _listed(names: list[str] | tuple[str, ...]) -> str:
    quoted = [f"`{n}`" for n in names[:5]] + (["others"] if len(names) > 5 else [])
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
