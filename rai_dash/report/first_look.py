"""What to look at first in a table, before any model: findings in a stated order of severity, each in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.texts import KEPT, spoken, tr
from rai_dash.core.types import FAVOURABLE, MISSING_GROUP, UNFAVOURABLE, Notice
from rai_dash.core.words import count, percent, points
from rai_dash.data.blanks import Blanks, blanks_of
from rai_dash.data.column_facts import TableFacts, facts_of
from rai_dash.data.conflicts import conflicts
from rai_dash.data.dataset import Dataset
from rai_dash.data.findings import ORDER, findings
from rai_dash.data.outcome_rows import outcome_rows_of, outcome_weights_of
from rai_dash.metrics.base_rates import METRIC, BaseRates, base_rates
from rai_dash.report import first_look_columns
from rai_dash.stats.tests import Verdict

#: Findings that are shown first.
MOST: Final = 5
#: Codes of what is found here, most severe first; what else there is follows in the order of `findings`.
SEVERITY: Final = (
    "one_outcome", "leak_suspect", "rows_in_training_and_test", "base_rates", "group_without",
    first_look_columns.BLANK, "rare_outcome",
    "conflicting_rows", "blanks_by_group", "personal_data", first_look_columns.CODES, "duplicate_rows",
)  # fmt: skip
#: Code of what is said of columns that are left out already: last.
LEFT_OUT: Final = "left_out"
#: A difference in blanks below this is told by no finding, however sure it is.
_POINT: Final = 0.01
#: A gap in base rates within the tolerance still matters where one rate is below so much of the other (four fifths).
_RATIO: Final = 0.8
#: Shares of the rarer outcome below this make accuracy say little.
_RARE: Final = 0.1
_FEWEST: Final = 30
_VIEWS: Final = {
    "one_outcome": "imbalance", "rare_outcome": "imbalance", "base_rates": "imbalance", "group_without": "imbalance",
    "no_sensitive": "imbalance", "blanks_by_group": "blanks", "rows_in_training_and_test": "rows",
    "conflicting_rows": "rows", "duplicate_rows": "rows", "few_rows": "imbalance", "no_outcome": "blanks",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAt:
    """One finding and where it is seen.

    Parameters
    ----------
    code : str
        Stable; see ``SEVERITY``.
    message : str
        One or two sentences with the numbers; names from the file are between backticks.
    view : str
        View that shows it: ``imbalance``, ``columns``, ``rows`` or ``blanks``.
    column : str or None
        Column it is about; for blanks and base rates the one that people are grouped by.
    """

    code: str
    message: str
    view: str
    column: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return {"code": self.code, "message": self.message, "view": self.view, "column": self.column}


@spoken(KEPT)
def first_look(
    dataset: Dataset,
    others: Sequence[Dataset] = (),
    *,
    rates: Sequence[BaseRates] | None = None,
    told: Sequence[Notice] | None = None,
    facts: TableFacts | None = None,
) -> tuple[LookAt, ...]:
    """Find what matters in a table before any model exists.

    Parameters
    ----------
    dataset : Dataset
        All its rows are looked at.
    others : sequence of Dataset
        Other tables of the same story: rows that are in both are counted.
    rates : sequence of BaseRates, optional
        Of this table, where they are known already.
    told : sequence of Notice, optional
        What `findings` says about it, where that is known already.
    facts : TableFacts, optional
        Of the same table, where there are some already.

    Returns
    -------
    tuple of LookAt
        Most severe first, one of each kind (of base rates one a column): the first ``MOST`` are to be shown.
    """
    facts = facts or facts_of(dataset)
    told = findings(dataset, others, facts=facts) if told is None else told
    coded = [(LEFT_OUT if n.column in dataset.roles.ignored else n.code, n) for n in told]
    found = [_merged(code, [n for c, n in coded if c == code]) for code in dict.fromkeys(c for c, _ in coded)]
    found = [_with_bound(f, dataset, facts) if f.code == "conflicting_rows" else f for f in found]
    found += _about_rates(base_rates(dataset) if rates is None else rates)
    found += [
        *_about_groups(dataset, facts.whole),
        *_rare(dataset),
        *_blanks(dataset, facts.whole),
        *_outliers(dataset, facts.whole),
    ]
    return tuple(sorted(found, key=lambda f: _rank(f.code)))


def _rank(code: str) -> int:
    order = [*SEVERITY, "missing_code", *(c for c in ORDER if c not in SEVERITY), "outliers", LEFT_OUT]
    return order.index(code)


def _merged(code: str, alike: Sequence[Notice]) -> LookAt:
    """Tell the first of several notices of one kind, and how many more there are."""
    first, more = alike[0], len(alike) - 1
    text = first.message
    if more and first.column is not None:
        names = ", ".join(f"`{n.column}`" for n in alike[1:4])
        text += tr(" The same kind: {names}", names=names) + (
            tr(" and {more} more.", more=count(more - 3)) if more > 3 else "."
        )
    elif more:
        text += tr(" {more} more like this under Rows.", more=count(more)) if first.code in _VIEWS else ""
    view = _VIEWS.get(first.code, "columns")
    return LookAt(code=code, message=text, view=view, column=first.column)


def _with_bound(found: LookAt, dataset: Dataset, facts: TableFacts) -> LookAt:
    clash = conflicts(dataset, facts)
    if clash is None:
        return found
    most = tr(
        "{most_right} of {labelled}", most_right=count(clash.most_right), labelled=count(clash.labelled)
    )
    text = tr(
        "{found} No rule that reads only these features gets more than {most} right.",
        found=found.message,
        most=most,
    )
    return LookAt(code=found.code, message=text, view=found.view)


def _about_groups(dataset: Dataset, facts: TableFacts) -> Iterator[LookAt]:
    blank = first_look_columns.blank_groups(dataset, facts)
    if blank is not None:
        yield LookAt(code=first_look_columns.BLANK, message=blank, view="columns", column=blank.split("`")[1])
    for column, text in first_look_columns.rare_codes(dataset, facts):
        yield LookAt(code=first_look_columns.CODES, message=text, view="columns", column=column)


def _outliers(dataset: Dataset, facts: TableFacts) -> Iterator[LookAt]:
    found = first_look_columns.far_out(dataset, facts)
    if found is not None:
        yield LookAt(code="outliers", message=found[1], view="columns", column=found[0])


def _about_rates(rates: Sequence[BaseRates]) -> Iterator[LookAt]:
    shown = sorted((r for r in rates if _matters(r)), key=lambda r: min(r.verdict.adjusted.values()))
    # A column and its opposite part the same people: they are told once.
    shown = list({_parts(r): r for r in reversed(shown)}.values())[::-1]
    for i, one in enumerate(shown[:2]):
        also = [r.column for r in shown[2:]] if i else []
        yield LookAt(code="base_rates", message=_told(one, also), view="imbalance", column=one.column)
    yield from _without(rates)


def _parts(one: BaseRates) -> tuple[tuple[float, float], ...]:
    """Return what a column and its opposite share: favourable and labelled rows of the groups, in any order."""
    values = one.table.values[METRIC]
    return tuple(sorted(zip(values.numerator.tolist(), values.denominator.tolist(), strict=True)))


def _matters(one: BaseRates) -> bool:
    """Whether groups are shown to differ, by more than the tolerance or by a ratio that low rates hide in points."""
    if not one.verdict.starred:
        return False
    is_far = one.gap.ratio is not None and one.gap.ratio < _RATIO
    return one.verdict.verdict == Verdict.SHOWN or is_far


def _told(one: BaseRates, also: Sequence[str]) -> str:
    """Put the group that stands out most beside all others that are compared."""
    values, groups = one.table.values[METRIC], one.table.groups
    place = groups.index(min(one.verdict.starred, key=lambda g: (one.verdict.adjusted[g], g)))
    compared = [groups.index(g) for g in one.gap.eligible]
    rest = [i for i in compared if i != place]
    sides = [_share(one, [place]), _share(one, rest)]
    names = [
        tr("in `{groups}`", groups=groups[place]),
        tr("in `{groups}`", groups=groups[rest[0]]) if len(rest) == 1 else tr("in all other groups"),
    ]
    if values.value[place] > sides[1][0]:
        sides, names = sides[::-1], names[::-1]
    text = (
        tr(
            "`{column}`: {sides} have the favourable outcome {names}, {sides_2} {names_2}. The difference of "
            "{sides_sides} is more than chance; a model trained on it may carry it on.",
            column=one.column,
            sides=sides[0][1],
            names=names[0],
            sides_2=sides[1][1],
            names_2=names[1],
            sides_sides=points(sides[1][0] - sides[0][0]),
        )
        + tr(" Rows count by their weight; the tests are approximate.") * one.verdict.is_approximate
    )
    return text + (
        tr(" Groups of {also} differ too.", also=", ".join(f"`{c}`" for c in also)) if also else ""
    )


def _share(one: BaseRates, places: Sequence[int]) -> tuple[float, str]:
    values = one.table.values[METRIC]
    good, known = float(values.numerator[places].sum()), float(values.denominator[places].sum())
    return good / known, tr(
        "{good} of {known} ({good_known})",
        good=count(good),
        known=count(known),
        good_known=percent(good / known),
    )


def _without(rates: Sequence[BaseRates]) -> Iterator[LookAt]:
    """Name the groups in which nobody has the favourable outcome; whether that is chance is another question."""
    for one in rates:
        values = one.table.values[METRIC]
        empty = [
            i
            for i in range(len(one.table.groups))
            if values.denominator[i] >= _FEWEST and values.value[i] == 0
        ]
        if not empty or not values.numerator.sum():
            continue
        named = ", ".join(
            tr(
                "`{groups}` ({denominator} rows)",
                groups=one.table.groups[i],
                denominator=count(values.denominator[i]),
            )
            for i in empty[:3]
        )
        starred = any(one.table.groups[i] in one.verdict.starred for i in empty)
        chance = tr("That is more than chance.") if starred else tr("With so few rows that may be chance.")
        text = tr(
            "`{column}`: nobody has the favourable outcome in {named}. {chance} How often such "
            "applicants are wrongly refused cannot be measured here.",
            column=one.column,
            named=named,
            chance=chance,
        )
        yield LookAt(code="group_without", message=text, view="imbalance", column=one.column)
        return


def _rare(dataset: Dataset) -> Iterator[LookAt]:
    bad, good = (int(k) for k in outcome_rows_of(dataset)[[UNFAVOURABLE, FAVOURABLE]])
    rarer, total = min(good, bad), good + bad
    if not rarer:
        return
    rare_share, is_weighted = (
        _weighted_share(dataset, favourable=good < bad),
        dataset.roles.weight is not None,
    )
    if rare_share >= _RARE:
        return
    side, lazy = ("favourable", "refuses") if good < bad else ("unfavourable", "approves")
    text = tr(
        "{rarer} of {total} rows ({rare_share}{tr}) have the {side} outcome. A rule that {lazy} everyone "
        "is right in {rare_share_2}: accuracy says little here.",
        rarer=count(rarer),
        total=count(total),
        rare_share=percent(rare_share),
        tr=tr(" weighted") * is_weighted,
        side=side,
        lazy=lazy,
        rare_share_2=percent(1 - rare_share),
    )
    yield LookAt(code="rare_outcome", message=text, view="imbalance")


def _weighted_share(dataset: Dataset, *, favourable: bool) -> float:
    bad, good = (float(w) for w in outcome_weights_of(dataset)[[UNFAVOURABLE, FAVOURABLE]])
    return (good if favourable else bad) / (good + bad) if good + bad else 0.0


def _blanks(dataset: Dataset, facts: TableFacts) -> Iterator[LookAt]:
    """Tell the column whose blanks differ between groups with the strongest evidence.

    Sensitive columns are often blank together, so they are not told, nor is the group of those whose group is blank.
    """
    best: tuple[float, str, Blanks, int] | None = None
    for column in dataset.roles.sensitive:
        found = blanks_of(dataset, column, [c.name for c in facts.values() if c.known < facts.n])
        for place in np.flatnonzero(_telling(found).any(axis=1)):
            if found.columns[place] in dataset.roles.sensitive:
                continue
            if best is None or found.q_value[place] < best[0]:
                best = (float(found.q_value[place]), column, found, int(place))
    if best is not None:
        _, column, found, c = best
        starred = [int(i) for i in np.flatnonzero(_telling(found)[c])]
        g = max(starred, key=lambda i: (found.share[c, i], found.n[i]))
        rest = [int(i) for i in np.flatnonzero(found.compared) if i != g]
        blank, n = int(found.blank[c, rest].sum()), int(found.n[rest].sum())
        where = tr("in `{groups}`", groups=found.groups[rest[0]]) if len(rest) == 1 else tr("in all others")
        text = tr(
            "`{columns}` is blank for {blank} of {found} ({share}) in `{groups}` of `{column}` and for "
            "{blank_2} of {n} ({blank_n}) {where}: more than chance.",
            columns=found.columns[c],
            blank=count(found.blank[c, g]),
            found=count(found.n[g]),
            share=percent(found.share[c, g]),
            groups=found.groups[g],
            column=column,
            blank_2=count(blank),
            n=count(n),
            blank_n=percent(blank / n),
            where=where,
        )
        yield LookAt(code="blanks_by_group", message=text, view="blanks", column=column)


def _telling(found: Blanks) -> NDArray[np.bool_]:
    """Mark the named groups that are shown to differ from the rest, by a point or more, bool (columns, groups)."""
    n, blank = found.n * found.compared, found.blank * found.compared
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = (blank.sum(axis=1, keepdims=True) - blank) / (n.sum() - n)
        is_far = np.abs(found.share - rest) >= _POINT
    named = np.array([g != MISSING_GROUP for g in found.groups])
    return np.asarray(found.starred & named & is_far)
