"""What is said about the cells of a cross: who is approved, which cells are thin, and which lie below a share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rai_dash.core.target_words import wording
from rai_dash.core.texts import tr
from rai_dash.core.types import TargetKind
from rai_dash.data.groups import CROSS_SIGN
from rai_dash.data.imbalance import FEW, NO_LABEL, BelowShare, Cell, ImbalanceTable
from rai_dash.metrics.crossings import RankedCell, rank_cells
from rai_dash.metrics.disparity import Disparity, disparity, eligible_groups
from rai_dash.metrics.table import MetricTable
from rai_dash.metrics.verdict import GapVerdict, gap_verdict
from rai_dash.report.small_cells import GroupTable
from rai_dash.stats.shares import share_estimates
from rai_dash.ui.group_words import chance_note, gap_finding
from rai_dash.ui.text import count, estimate_text, percent, plain, points, safe

TINY = 10
#: Above it every test pays for so many others that hardly any could show anything, and a page would wait for it.
MOST_TESTED = 300
_NAMED = 3


def joined(cell: Cell) -> str:
    """Name a cell as it stands in the file: ``"Female × Black"``; a label with the sign of a cross is in brackets."""
    is_cross = len(cell.labels) > 1
    return CROSS_SIGN.join(
        f"({label})" if is_cross and CROSS_SIGN in label else label for label in cell.labels
    )


def base_rates(table: ImbalanceTable) -> MetricTable:
    """Bring the cells to the form that the tests between groups take: the share with the favourable outcome.

    A cell with few labelled rows counts as small, whatever its rows without an outcome.
    """
    labelled = np.array([c.labelled for c in table.cells], dtype=np.float64)
    favourable = np.array([c.favourable for c in table.cells], dtype=np.float64)
    values = share_estimates(favourable, labelled, squares=labelled, undefined=NO_LABEL)
    return MetricTable(
        column=CROSS_SIGN.join(table.columns),
        groups=tuple(joined(c) for c in table.cells),
        n=labelled.astype(np.int64),
        positives=favourable,
        predicted_positives=np.zeros(labelled.size),
        values={"base_rate": values},
        min_n=FEW,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What the tests say about the cells.

    Parameters
    ----------
    rates : MetricTable
        See `base_rates`.
    comparable : int
        Cells with enough labelled rows.
    ranked : tuple of RankedCell or None
        The cells in the order of evidence; None = too many to be tested.
    gap : Disparity
    verdict : GapVerdict or None
        Of a cross of one or two columns.
    tolerance : float
        A difference that does not matter.
    is_capped : bool
        Whether the user allowed more; see `tolerable`.
    """

    rates: MetricTable
    comparable: int
    ranked: tuple[RankedCell, ...] | None
    gap: Disparity
    verdict: GapVerdict | None
    tolerance: float
    is_capped: bool


def tested(table: ImbalanceTable, tolerance: float) -> Tested:
    """Test the base rates of the cells."""
    rates, within = base_rates(table), tolerable(table, tolerance)
    comparable = len(eligible_groups(rates, "base_rate")[0])
    is_tested = comparable <= MOST_TESTED
    return Tested(
        rates=rates,
        comparable=comparable,
        ranked=rank_cells([rates], "base_rate", tolerance=within) if is_tested else None,
        gap=disparity(rates, "base_rate"),
        verdict=gap_verdict(rates, "base_rate", tolerance=within) if is_tested else None,
        tolerance=within,
        is_capped=within < tolerance,
    )


def tested_words(found: Tested, columns: int, kind: TargetKind) -> str:
    """Say what the tests show: a verdict for one or two columns, a list of cells for more."""
    if found.ranked is None:
        return tr(
            "{comparable} cells are too many to be tested; they are listed by their rows.",
            comparable=count(found.comparable),
        )
    if columns > 2:
        return ranked_words(found.ranked)
    return gap_finding(found.rates, found.gap, found.verdict, "base_rate", wording(kind))


def tested_note(found: Tested, columns: int) -> str:
    """Put the gap that chance would give beside the gap, and say which differences are taken not to matter."""
    if columns > 2 or found.verdict is None or found.verdict.expected_by_chance is None:
        return ""
    why = tr(", a fifth of the rarer outcome's share") if found.is_capped else ""
    chance = chance_note(found.verdict, found.gap)
    return tr(
        "{chance} Differences up to {tolerance} are taken not to matter{why}.",
        chance=chance,
        tolerance=points(found.tolerance),
        why=why,
    )


def tolerable(table: ImbalanceTable, tolerance: float) -> float:
    """Return the tolerance, at most a fifth of the rarer outcome's share.

    Where one row in a hundred is approved, groups of 0 % and 2 % would be equivalent within five points. A fifth is
    what the four-fifths rule lets pass.
    """
    labelled = sum(c.labelled for c in table.cells)
    return tolerable_among(sum(c.favourable for c in table.cells), labelled, tolerance)


def tolerable_among(favourable: float, labelled: float, tolerance: float) -> float:
    """Return the tolerance where so many of the labelled rows are favourable; see `tolerable`."""
    rarer = min(favourable, labelled - favourable)
    return min(tolerance, rarer / labelled / 5) if rarer > 0 else tolerance


def totals(table: ImbalanceTable) -> str:
    """Say how many rows there are, and how many have the favourable outcome."""
    rows = sum(c.n for c in table.cells)
    labelled = sum(c.labelled for c in table.cells)
    good = sum(c.favourable for c in table.cells)
    if not labelled:
        return tr("{rows} rows; the outcome is known of none of them.", rows=count(rows))
    share = percent(good / labelled)
    return tr(
        "{good} of {labelled} rows with a known outcome are favourable ({share}).",
        good=count(good),
        labelled=count(labelled),
        share=share,
    )


def sizes(table: ImbalanceTable) -> str:
    """Name the largest and the smallest cell that has rows."""
    filled = [c for c in table.cells if c.n]
    if len(filled) < 2:
        return ""
    rows = sum(c.n for c in filled)
    big, small = max(filled, key=lambda c: c.n), min(filled, key=lambda c: c.n)
    return tr(
        "The largest cell is **{name}** with {big} rows ({big_rows}), the smallest with any row "
        "**{name_small}** with {small}.",
        name=_name(big),
        big=count(big.n),
        big_rows=percent(big.n / rows),
        name_small=_name(small),
        small=count(small.n),
    )


def thin_cells(table: ImbalanceTable) -> tuple[str, ...]:
    """Name the cells with no row and with few rows, one sentence a kind."""
    empty = [c for c in table.cells if c.n == 0]
    tiny = [c for c in table.cells if 0 < c.n < TINY]
    small = [c for c in table.cells if TINY <= c.n < FEW]
    unknown = [c for c in table.cells if 0 < c.labelled < FEW <= c.n]
    texts = (
        _thin(tr("No row at all"), empty),
        _thin(tr("Fewer than {tiny} rows", tiny=TINY), tiny),
        _thin(tr("{tiny} to {few} rows", tiny=TINY, few=FEW - 1), small),
        _thin(tr("Fewer than {few} rows with a known outcome", few=FEW), unknown),
    )
    return tuple(text for text in texts if text)


def _thin(title: str, cells: Sequence[Cell]) -> str:
    return f"{title}: {_listed(cells)}." if cells else ""


def lopsided(table: ImbalanceTable) -> tuple[Cell, ...]:
    """Return the cells with enough labelled rows of which fewer than ten are of one outcome."""
    known = [c for c in table.cells if c.labelled >= FEW]
    return tuple(c for c in known if min(c.favourable, c.labelled - c.favourable) < TINY)


def lopsided_words(cells: Sequence[Cell]) -> str:
    """Say in which cells hardly anybody has one of the outcomes: a model cannot learn it there."""
    if not cells:
        return ""
    parts = [
        tr(
            "**{name}** ({favourable} favourable of {labelled})",
            name=_name(c),
            favourable=count(c.favourable),
            labelled=count(c.labelled),
        )
        for c in cells[:_NAMED]
    ]
    more = tr(" and {cells} more", cells=count(len(cells) - _NAMED)) if len(cells) > _NAMED else ""
    return tr(
        "Fewer than {tiny} rows of one outcome in {parts}{more}: too few to learn it from or to judge.",
        tiny=TINY,
        parts=", ".join(parts),
        more=more,
    )


def below_words(found: BelowShare, share: float) -> str:
    """Say which cells lie below the share that is aimed at, and which only seem to."""
    aim = tr("the {share} aimed at", share=percent(share, digits=0))
    if not found.looked_at:
        return tr(
            "No cell has {few} rows with a known outcome, so none is compared with {aim}.", few=FEW, aim=aim
        )
    allowing = tr(
        "allowing for the {looked_at} cells that are large enough to compare",
        looked_at=count(found.looked_at),
    )
    if found.looked_at == 1:
        allowing = tr("in the one cell that is large enough to compare")
    if found.shown:
        text = tr(
            "**Shown to lie below {aim}**, {allowing}: {rates}.",
            aim=aim,
            allowing=allowing,
            rates=_rates(found.shown),
        )
    else:
        text = tr("No cell is shown to lie below {aim}, {allowing}.", aim=aim, allowing=allowing)
    if found.unsettled:
        text += tr(" Below it, but not settled by this sample: {rates}.", rates=_rates(found.unsettled))
    return text


def ranked_words(cells: Sequence[RankedCell]) -> str:
    """Say which cells of a cross are shown to differ from everybody else."""
    tested = sum(1 for c in cells if c.p_value is not None)
    if tested < 2:
        return tr("Fewer than two cells have {few} rows with a known outcome, so none is compared.", few=FEW)
    starred = [c for c in cells if c.starred]
    looked = tr("{tested} cells were tested, and the tests paid for each", tested=count(tested))
    if not starred:
        return tr(
            "No cell is shown to differ from everybody else. {looked}; the others have too few rows.",
            looked=looked,
        )
    below = [c for c in starred if (c.against.difference or 0.0) < 0]
    above = [c for c in starred if (c.against.difference or 0.0) >= 0]
    sides = [_side("below", below), _side("above", above)]
    return tr(
        "**Shown to lie {sides}.** {looked}.",
        sides="; ".join(said for said in sides if said),
        looked=looked,
    )


def _side(side: str, cells: Sequence[RankedCell]) -> str:
    return tr("{side} everybody else: {ranked}", side=side, ranked=_ranked(cells)) if cells else ""


def _ranked(cells: Sequence[RankedCell]) -> str:
    names = [
        f"{safe(c.group, limit=160)} ({percent(c.value)}, {points(abs(c.against.difference or 0.0))})"
        for c in cells[:_NAMED]
    ]
    more = tr(" and {cells} more", cells=count(len(cells) - _NAMED)) if len(cells) > _NAMED else ""
    return ", ".join(names) + more


def _name(cell: Cell) -> str:
    return CROSS_SIGN.join(safe(label) for label in cell.labels)


def _listed(cells: Sequence[Cell]) -> str:
    names = ", ".join(_name(c) for c in cells[:_NAMED])
    more = tr(" and {cells} more cells", cells=count(len(cells) - _NAMED)) if len(cells) > _NAMED else ""
    return names + more


def _rates(cells: Sequence[Cell]) -> str:
    names = ", ".join(f"**{_name(c)}** {estimate_text(c.rate)}" for c in cells[:_NAMED])
    more = tr(" and {cells} more", cells=count(len(cells) - _NAMED)) if len(cells) > _NAMED else ""
    return names + more


def imbalance_frame(table: ImbalanceTable, below: BelowShare | None = None) -> pd.DataFrame:
    """Return one row a cell; with a share aimed at, also whether the cell lies below it."""
    titles = tuple(plain(c) for c in table.columns)
    shown, unsettled = (
        frozenset(c.labels for c in cells)
        for cells in ((below.shown, below.unsettled) if below else ((), ()))
    )
    rows = []
    for cell in table.cells:
        row: dict[str, object] = dict(zip(titles, (plain(v) for v in cell.labels), strict=True))
        row |= {
            "rows": cell.n,
            "labelled": cell.labelled,
            "favourable": cell.favourable,
            "rate": cell.rate.value,
            "low": cell.rate.low,
            "high": cell.rate.high,
        }
        if below is not None:
            place = (
                "shown" if cell.labels in shown else tr("not settled") if cell.labels in unsettled else "no"
            )
            row["below the share aimed at"] = tr("too few rows") if cell.labelled < FEW else place
        rows.append(row)
    return pd.DataFrame(rows)


def imbalance_people(table: ImbalanceTable) -> GroupTable:
    """Say where the table of cells keeps its people, for downloads."""
    shares = (("labelled", "rows"), ("favourable", "labelled"))
    return GroupTable(by=tuple(plain(c) for c in table.columns), shares=shares)
