"""Limits on a band, read from what people type: "wrongly declined gap between women and men under 5 points"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.review._constraint import LIMITED, Constraint
from rai_dash.review._constraint_words import (
    ALSO_CALLED,
    AT_LEAST,
    AT_MOST,
    COST,
    GAP,
    GAP_NAMES,
    PHRASES,
    RATIO,
    SAID,
    plain,
)
from rai_dash.review.gaps import GAPS

Columns = Mapping[str, Sequence[str]]

__all__ = ["LIMITED", "Columns", "Constraint", "parse_constraint"]

_QUOTE = "[\"'`\u201c\u201d\u2018\u2019]?"
_LIMIT = re.compile(
    rf"(?:(?P<most><=|≤|<|(?<!\w)(?:{AT_MOST})(?!\w))|>=|≥|>|(?<!\w)(?:{AT_LEAST})(?!\w))\s*[$€£]?\s*"
    r"(?P<number>[-+−]?\d[\d.,]*|[-+−]?\.\d+)\s*"
    r"(?P<unit>%|per ?cent(?:age points?)?\b|points?\b|pp\b)?(?!\w)",
    re.IGNORECASE,
)
_GAP_WORD = re.compile(r"\b(gap|difference|ratio)s?\b", re.IGNORECASE)
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_EXAMPLES = 'For example "review at most 8 %" or "wrongly declined gap by gender at most 3 points".'
_MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class _Whom:
    """Whom a sentence is about, and what is left of it."""

    rest: str
    column: str | None = None
    groups: tuple[str, ...] = ()


def parse_constraint(text: str, *, columns: Columns | None = None) -> Constraint:
    """Read one limit.

    Parameters
    ----------
    text : str
        What is limited, "at most" or "at least" (or a word or sign for it), and the number with its unit, also in
        another order: "at most 15 % review". Names of metrics (``review_rate <= 0.08``) are read too.
    columns : mapping of str to sequence of str, optional
        Sensitive columns and their groups. "women" also finds a group "Female" where it is the only one that fits.

    Returns
    -------
    Constraint
        With the data's own names of columns and groups. A gap without a column gets the only one there is.

    Raises
    ------
    InvalidChoice
        When the sentence cannot be read; it says what can be said.

    Examples
    --------
    >>> parse_constraint("gap in wrongly declined by sex under 5 points", columns={"sex": ("f", "m")})
    Constraint(metric='good_auto_rejected_gap', operator='<=', value=0.05, column='sex', groups=())
    """
    whom = _find_groups(_find_column(text, columns or {}), text, columns or {})
    limit = _LIMIT.search(whom.rest)
    if limit is None:
        msg = tr(
            '"{text}" has no limit in it: say "at most" or "at least" and a number. {examples}',
            text=text,
            examples=_EXAMPLES,
        )
        raise InvalidChoice(msg)
    said = f"{plain(whom.rest[: limit.start()])} {plain(whom.rest[limit.end() :])}"
    metric = _metric(said, whom, text)
    column = whom.column
    if metric in GAPS and column is None:
        column = _only(columns or {}, text)
    sign = "<=" if limit["most"] else ">="
    return Constraint(metric, sign, _value(limit, metric, text), column, whom.groups)


def _find_column(text: str, columns: Columns) -> _Whom:
    """Take "by gender" or "(gender)" out of a sentence."""
    names = _any_of(columns)
    found = names and re.search(
        rf"\s*(?:\bby\s+(?:the\s+)?{_QUOTE}({names}){_QUOTE}(?!\w)|\(({names})\))", text, re.IGNORECASE
    )
    if not found:
        return _Whom(text)
    said = (found[1] or found[2]).lower()
    column = next(name for name in columns if name.lower() == said)
    return _Whom(f"{text[: found.start()]} {text[found.end() :]}", column)


def _find_groups(whom: _Whom, text: str, columns: Columns) -> _Whom:
    """Take "between women and men" or "of women" out of a sentence."""
    known = columns if whom.column is None else {whom.column: columns[whom.column]}
    spoken = _spoken(known)
    name = f"{_QUOTE}({_any_of(spoken) or '(?!)'}){_QUOTE}"
    found = re.search(rf"\bbetween\s+{name}\s+and\s+{name}(?!\w)", whom.rest, re.IGNORECASE)
    if found is None and re.search(r"\bbetween\b", whom.rest, re.IGNORECASE):
        msg = tr(
            '"{text}" compares groups that are not there. {groups_there}',
            text=text,
            groups_there=_groups_there(known),
        )
        raise InvalidChoice(msg)
    if found is None:
        found = re.search(rf"\b(?:of|for|among)\s+{name}(?!\w)", whom.rest, re.IGNORECASE)
    if found is None:
        return whom
    said = [part.lower() for part in found.groups()]
    fitting = [column for column in known if all(column in spoken[part] for part in said)]
    if len(fitting) != 1:
        raise InvalidChoice(_which_column(" and ".join(said), fitting, text))
    groups = tuple(spoken[part][fitting[0]] for part in said)
    return _Whom(f"{whom.rest[: found.start()]} {whom.rest[found.end() :]}", fitting[0], groups)


def _spoken(columns: Columns) -> dict[str, dict[str, str]]:
    """Return what a group may be called, in lower case, with the group of each column that it means."""
    spoken: dict[str, dict[str, str]] = {}
    for column, groups in columns.items():
        for group in groups:
            spoken.setdefault(group.lower(), {})[column] = group
        for called, names in ALSO_CALLED.items():
            fitting = [group for group in groups if group.lower() in names]
            if len(fitting) == 1:
                spoken.setdefault(called, {}).setdefault(column, fitting[0])
    return spoken


def _any_of(names: Iterable[str]) -> str:
    """Return a pattern for any of some names, the longest first."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)


def _metric(said: str, whom: _Whom, text: str) -> str:
    """Find the name of what is limited."""
    gap_word = _GAP_WORD.search(said)
    share_said = plain(_GAP_WORD.sub(" ", said))
    share = SAID.get(share_said)
    if share is None:
        raise InvalidChoice(_not_known(share_said, text))
    if gap_word is None and len(whom.groups) < 2 and (whom.column is None or whom.groups):
        return share
    kind = RATIO if gap_word and gap_word[1] == RATIO else GAP
    if (share, kind) not in GAP_NAMES:
        there = ", ".join(PHRASES[name][0] for name, of in GAP_NAMES if of == kind)
        msg = tr(
            '"{text}" limits a {kind} that is not computed. A {kind} there is of: {there}.',
            text=text,
            kind=kind,
            there=there,
        )
        raise InvalidChoice(msg)
    return GAP_NAMES[share, kind]


def _value(limit: re.Match[str], metric: str, text: str) -> float:
    """Read the number in the unit of the metric."""
    number = limit["number"].replace("−", "-").rstrip(".,")
    unit = (limit["unit"] or "").lower()
    if "," in number:
        if not _THOUSANDS.fullmatch(number):
            msg = tr(
                '"{number}" in "{text}" cannot be read as a number. Write the decimals behind a point: 7.5.',
                number=number,
                text=text,
            )
            raise InvalidChoice(msg)
        number = number.replace(",", "")
    if number.count(".") > 1:
        msg = tr('"{number}" in "{text}" is not a number. Write it like 7.5.', number=number, text=text)
        raise InvalidChoice(msg)
    if wrong := _wrong_unit(number, unit, metric):
        msg = tr('"{text}" cannot be read: {wrong}', text=text, wrong=wrong)
        raise InvalidChoice(msg)
    return float(Decimal(number) / 100) if unit else float(Decimal(number))


def _wrong_unit(number: str, unit: str, metric: str) -> str | None:
    """Say what is wrong with a unit, if anything."""
    is_gap = metric in GAPS
    if metric == COST:
        return unit and f'a cost has no "{unit}". Give the cost of one application, such as 120.'
    if "point" in unit or unit == "pp":
        fits = is_gap and GAPS[metric][1] == GAP
        return None if fits else "points measure a gap. Write a percentage, such as 8 %."
    if not unit and (Decimal(number) > 1 or number == "1") and not metric.endswith(RATIO):
        name = "points" if is_gap else "%"
        return f"is {number} a percentage? Write {number} {name} or {Decimal(number) / 100}."
    return None


def _only(columns: Columns, text: str) -> str:
    """Return the only column."""
    if len(columns) != 1:
        raise InvalidChoice(_which_column("groups", list(columns), text))
    return next(iter(columns))


def _which_column(groups: str, fitting: Sequence[str], text: str) -> str:
    """Say that a sentence fits several columns, or none."""
    if not fitting:
        return f'"{text}" compares {groups}, and no sensitive column has them. Name groups of one column.'
    ways = " or ".join(f'"by {column}"' for column in fitting)
    return f'"{text}" fits more than one sensitive column. Add {ways}.'


def _groups_there(columns: Columns) -> str:
    """List the groups that can be named."""
    if not columns:
        return "These data have no sensitive column."
    listed = "; ".join(
        f"{column}: {', '.join(groups[:_MOST_LISTED])}{' …' if len(groups) > _MOST_LISTED else ''}"
        for column, groups in columns.items()
    )
    return f"There are: {listed}."


def _not_known(said: str, text: str) -> str:
    """List what can be limited, the nearest first."""
    near = get_close_matches(said, SAID, n=1, cutoff=0.75)
    hint = f' Did you mean "{near[0]}"?' if near else ""
    listed = ", ".join(phrases[0] for phrases in PHRASES.values())
    what = f'"{said}" in "{text}" is not' if said else f'"{text}" names no'
    ending = "a number that can be limited" if said else "number that can be limited"
    return (
        f"{what} {ending}.{hint} There are: {listed}; behind most of them "
        f'"gap" or "ratio" with "by" a column or "between" two groups. {_EXAMPLES}'
    )
