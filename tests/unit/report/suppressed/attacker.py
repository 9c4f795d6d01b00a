"""An outsider who has nothing but a suppressed document: all that it tells as linear equations, then least and most.

Nothing of ``rai_dash.report.suppressed`` is used: shares are turned back into counts here (by numerator and
denominator, or by a value and its Wilson interval), and the axis of scores is cut here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import lil_array

Json = Mapping[str, Any]
#: A cell: outcomes it takes, and the range of scores, or None for those without a score.
Cell = tuple[frozenset[str], tuple[float, float] | None]
#: A count: a group of a view, and the cells that it adds up.
Count = tuple[tuple[str, str], tuple[Cell, ...]]
ANY, LABELLED = frozenset("fux"), frozenset("fu")
GOOD, BAD = frozenset("f"), frozenset("u")
NONE, ALL_SCORES = None, (-np.inf, np.inf)


def shares(threshold: float) -> dict[str, tuple[tuple[Cell, ...], tuple[Cell, ...]]]:
    """Say which cells are numerator and denominator of a share of the threshold."""
    up, down = (threshold, np.inf), (-np.inf, threshold)
    both = ALL_SCORES
    return {
        "selection_rate": (((ANY, up),), ((ANY, both),)),
        "base_rate": (((GOOD, both), (GOOD, NONE)), ((LABELLED, both), (LABELLED, NONE))),
        "precision": (((GOOD, up),), ((LABELLED, up),)),
        "fdr": (((BAD, up),), ((LABELLED, up),)),
        "recall": (((GOOD, up),), ((GOOD, both),)),
        "fnr": (((GOOD, down),), ((GOOD, both),)),
        "fpr": (((BAD, up),), ((BAD, both),)),
        "tnr": (((BAD, down),), ((BAD, both),)),
        "for_rate": (((GOOD, down),), ((LABELLED, down),)),
        "npv": (((BAD, down),), ((LABELLED, down),)),
        "accuracy": (((GOOD, up), (BAD, down)), ((LABELLED, both),)),
        "f1": (((GOOD, up), (GOOD, up)), ((GOOD, both), (LABELLED, up))),
        "mean_score": ((), ((ANY, both),)),
        "brier": ((), ((LABELLED, both),)),
        "expected_cost": ((), ((LABELLED, both),)),
    }


def counts_of_band(lo: float | None, hi: float | None) -> dict[str, tuple[Cell, ...]]:
    """Say which cells are counts of a band."""
    low, high = -np.inf if lo is None else lo, np.inf if hi is None else hi
    up, down, middle = (high, np.inf), (-np.inf, low), (low, high)
    return {
        "n": ((ANY, ALL_SCORES), (ANY, NONE)),
        "everyone": ((ANY, ALL_SCORES), (ANY, NONE)),
        "approve": ((ANY, up),),
        "reject": ((ANY, down),),
        "review": ((ANY, middle), (ANY, NONE)),
        "no_score": ((ANY, NONE),),
        "labelled": ((LABELLED, ALL_SCORES), (LABELLED, NONE)),
        "tp": ((GOOD, up),),
        "fp": ((BAD, up),),
        "tn": ((BAD, down),),
        "fn": ((GOOD, down),),
        "favourable_in_review": ((GOOD, middle), (GOOD, NONE)),
        "unfavourable_in_review": ((BAD, middle), (BAD, NONE)),
    }


def count_back(share: Json) -> tuple[float | None, float | None]:
    """Return numerator and denominator of a share, from its interval where they are not told."""
    k, n = share.get("numerator"), share.get("denominator")
    if n is None and None not in (share.get("value"), share.get("low"), share.get("high")):
        n, k = people_behind(share["value"], share["low"], share["high"])
    return k, n


def people_behind(value: float, low: float, high: float) -> tuple[float, float]:
    """Solve Wilson's interval for the number of people: its ends are roots of (v - p)² n = z² p (1 - p)."""
    z2 = 1.959963984540054**2
    end = low if abs(value - low) > abs(high - value) else high
    n = z2 * end * (1.0 - end) / (value - end) ** 2
    return float(np.rint(n)), float(np.rint(value * n))


def _bins(told: Json) -> list[tuple[float, float]]:
    """Return the ranges of bins: the last one has no end, the first no beginning."""
    ends = [-np.inf, *(told.get("left") or [])[1:], np.inf]
    return list(pairwise(ends)) if told.get("left") else []


@dataclass
class Attacker:
    """Knows the equations of a document.

    Parameters
    ----------
    document : mapping
        An audit, suppressed or not.
    """

    document: Json
    facts: list[tuple[Count, float]] = field(default_factory=list)
    sums: list[tuple[tuple[str, str] | None, list[tuple[str, str]]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read everything."""
        audit = self.document
        self.tables = {**audit["groups"], **audit["crosses"]}
        band = audit.get("band") or {}
        self.band_cells = counts_of_band(band.get("lo"), band.get("hi"))
        self.shares = shares(audit["threshold"])
        self._read(("", ""), audit["overall"], band.get("overall"))
        for view, groups in self.tables.items():
            for group, metrics in groups.items():
                routes = ((band.get("groups") or {}).get(view) or {}).get(group)
                self._read((view, group), metrics, routes)
            self._read_impact(view)
            for group, told in (audit.get("curves") or {}).get(view, {}).items():
                self._read_curves((view, group), told)
        self._read_curves(("", ""), audit.get("overall_curves") or {})
        for view, controls in (audit.get("conditional") or {}).items():
            for control, metrics in controls.items():
                self._read_within(view, control, metrics)
        self._read_sums()
        self._index()

    def _read(self, of: tuple[str, str], metrics: Json, band: Json | None) -> None:
        heads = {
            "n": ((ANY, ALL_SCORES), (ANY, NONE)),
            "positives": self.shares["base_rate"][0],
            "predicted_positives": self.shares["selection_rate"][0],
        }
        for name, cells in heads.items():
            self._tell(of, cells, metrics.get(name))
        self._read_shares(of, metrics)
        if (
            metrics.get("auc")
            and metrics["auc"].get("denominator") is not None
            and "balanced_accuracy" in metrics
        ):
            # Pairs of a good and a bad applicant: with either number the other follows.
            good = metrics["recall"].get("denominator")
            assert good is not None, "pairs of outcomes are told of a group whose outcomes are not"
        for name, cells in self.band_cells.items():
            self._tell(of, cells, (band or {}).get(name))
        for name, (top, bottom) in self._band_shares().items():
            k, n = count_back((band or {}).get(name) or {})
            self._tell(of, top, k)
            self._tell(of, bottom, n)

    def _band_shares(self) -> dict[str, tuple[tuple[Cell, ...], tuple[Cell, ...]]]:
        c = self.band_cells
        everyone = c["everyone"]
        decided = (*c["approve"], *c["reject"])
        return {
            "coverage": (decided, everyone),
            "review_rate": (c["review"], everyone),
            "auto_approve_rate": (c["approve"], everyone),
            "auto_reject_rate": (c["reject"], everyone),
            "precision_auto": (c["tp"], (*c["tp"], *c["fp"])),
            "npv_auto": (c["tn"], (*c["tn"], *c["fn"])),
            "recall_auto": (c["tp"], (*c["tp"], *c["fn"])),
            "fnr_auto": (c["fn"], (*c["tp"], *c["fn"])),
            "fpr_auto": (c["fp"], (*c["fp"], *c["tn"])),
            "good_auto_rejected": (c["fn"], self.shares["base_rate"][0]),
        }

    def _read_shares(self, of: tuple[str, str], metrics: Json) -> None:
        for name, (top, bottom) in self.shares.items():
            k, n = count_back(metrics.get(name) or {})
            if top:
                self._tell(of, top, k)
            self._tell(of, bottom, n)

    def _read_impact(self, view: str) -> None:
        impact = (self.document.get("impact_ratios") or {}).get(view)
        if not impact or impact.get("median_score") is None:
            return
        above = (float(np.nextafter(impact["median_score"], 2.0)), np.inf)
        for group, told in impact["groups"].items():
            self._tell((view, group), self.shares["selection_rate"][1], told.get("n"))
            if told.get("n") is not None and told.get("scoring_rate") is not None:
                self._tell((view, group), ((ANY, above),), round(told["n"] * told["scoring_rate"]))

    def _read_curves(self, of: tuple[str, str], told: Json) -> None:
        """Read bins, and points of curves where the people of the outcome are known."""
        scores, calibration = told.get("scores") or {}, told.get("calibration") or {}
        for i, at in enumerate(_bins(scores)):
            for outcomes, name in ((GOOD, "favourable"), (BAD, "unfavourable"), (frozenset("x"), "unknown")):
                self._tell(of, ((outcomes, at),), scores[name][i])
        for i, at in enumerate(_bins(calibration)):
            rows, observed = calibration["rows"][i], calibration["observed"][i]
            self._tell(of, ((LABELLED, at),), rows)
            if observed is not None:
                self._tell(of, ((GOOD, at),), round(rows * observed))
        points = told.get("thresholds") or {}
        for outcomes, name in ((GOOD, "recall"), (BAD, "fpr")):
            whole = [v for (who, cells), v in self.facts if who == of and cells == ((outcomes, ALL_SCORES),)]
            for t, rate in zip(points.get("threshold", ()), points.get(name, ()), strict=True):
                if whole and rate is not None:
                    self._tell(of, ((outcomes, (t, np.inf)),), round(whole[0] * rate))

    def _read_within(self, view: str, control: str, metrics: Json) -> None:
        name = f"{view} within {control}"
        self.tables[name] = {}
        for metric, found in metrics.items():
            for level, gap in found["levels"].items():
                if gap["n"] is not None:
                    self._tell((f"levels of {control}", level), ((ANY, ALL_SCORES), (ANY, NONE)), gap["n"])
                for group, counts in gap["groups"].items():
                    of = (name, f"{group} × {level}")
                    self.tables[name][f"{group} × {level}"] = {}
                    self.tables.setdefault(f"levels of {control}", {})[level] = {}
                    self._tell(of, ((ANY, ALL_SCORES), (ANY, NONE)), counts["n"])
                    self._read_shares(of, {metric: counts})

    def read_profile(self, profile: Json) -> None:
        """Read outcomes by group from a profile of the same rows."""
        for view, told in profile["base_rates"].items():
            for group, one in told["groups"].items():
                self._tell((view, group), ((ANY, ALL_SCORES), (ANY, NONE)), one["rows"])
                self._read_shares((view, group), {"base_rate": one})

    def _tell(self, of: tuple[str, str], cells: tuple[Cell, ...], value: float | None) -> None:
        if value is not None:
            self.facts.append(((of, cells), float(value)))

    def _columns(self, view: str) -> tuple[str, ...]:
        if view.startswith("levels of "):
            return (view.removeprefix("levels of "),)
        return tuple(view.replace(" within ", " × ").split(" × "))

    def _parts(self, of: tuple[str, str]) -> dict[str, str]:
        columns = self._columns(of[0])
        return dict(zip(columns, of[1].split(" × ") if len(columns) > 1 else [of[1]], strict=True))

    def _read_sums(self) -> None:
        keys = {view: [(view, group) for group in groups] for view, groups in self.tables.items()}
        for view, members in keys.items():
            self.sums.append((None, members))
            for other, totals in keys.items():
                if view != other and set(self._columns(other)) <= set(self._columns(view)):
                    self.sums += [(total, list(self._under(total, members))) for total in totals]

    def _under(self, total: tuple[str, str], members: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        parts = self._parts(total)
        return (m for m in members if all(self._parts(m)[c] == g for c, g in parts.items()))

    def people_of(self, rows: pd.DataFrame, of: tuple[str, str]) -> pd.DataFrame:
        """Return the rows of one group of one view."""
        for column, group in self._parts(of).items():
            rows = rows[rows[column] == group]
        return rows

    def _index(self) -> None:
        ends = {e for (_, cells), _ in self.facts for _, at in cells if at for e in at} | {-np.inf, np.inf}
        edges = sorted(ends)
        self.pieces: list[tuple[float, float] | None] = [*pairwise(edges), None]
        nodes = [("", ""), *((view, group) for view, groups in self.tables.items() for group in groups)]
        self.at = {node: i for i, node in enumerate(nodes)}
        self.width = 3 * len(self.pieces)

    def row(self, count: Count) -> np.ndarray:
        """Return the coefficients of a count."""
        of, cells = count
        out = np.zeros(len(self.at) * self.width)
        start = self.at[of] * self.width
        for outcomes, at in cells:
            for p, piece in enumerate(self.pieces):
                inside = (
                    piece is None
                    if at is None
                    else piece is not None and at[0] <= piece[0] and piece[1] <= at[1]
                )
                for label, letter in enumerate("fux"):
                    out[start + label * len(self.pieces) + p] += inside and letter in outcomes
        return out

    def solve(self) -> None:
        """Write all equations as one matrix."""
        rows = {}
        for count, value in self.facts:
            rows[count] = (self.row(count), value)
        lines = list(rows.values())
        for total, members in self.sums:
            for a in range(self.width):
                line = np.zeros(len(self.at) * self.width)
                line[self.at[total or ("", "")] * self.width + a] = -1.0
                for member in members:
                    line[self.at[member] * self.width + a] = 1.0
                lines.append((line, 0.0))
        self.matrix = lil_array(np.array([line for line, _ in lines])).tocsr()
        self.right = np.array([value for _, value in lines])

    def range_of(self, count: Count, *, whole: bool = True) -> tuple[float, float]:
        """Return the least and the most that a count can be.

        Parameters
        ----------
        count : Count
            What is asked for.
        whole : bool
            Whether people are whole numbers: sharper, and slower.
        """
        aim = self.row(count)
        ends = []
        for sign in (1.0, -1.0):
            if whole:
                found = milp(
                    sign * aim,
                    constraints=LinearConstraint(self.matrix, self.right, self.right),
                    integrality=np.ones(aim.size),
                    bounds=Bounds(0, np.inf),
                )
            else:
                found = linprog(sign * aim, A_eq=self.matrix, b_eq=self.right, bounds=(0, None))
            assert found.success, f"the document contradicts itself: {found.message}"
            ends.append(sign * float(found.fun))
        return ends[0], ends[1]


@dataclass(frozen=True)
class Found:
    """A count of few people, and how closely an outsider can tell it."""

    count: Count
    truth: int
    least: float
    most: float
    needed: float

    @property
    def is_leak(self) -> bool:
        """Whether it is told too closely."""
        return self.most - self.least < self.needed - 1e-6


def attack(
    document: Json,
    rows: pd.DataFrame,
    *,
    fewest: int,
    whole: bool,
    at_most: int = 10_000,
    beside: Callable[[Attacker], None] | None = None,
) -> list[Found]:
    """Go for every count of few people that the cuts of a document tell apart.

    Parameters
    ----------
    document : mapping
        A suppressed audit.
    rows : DataFrame
        Its rows: outcome (f, u, x), score and the columns as text. Only what is true is taken from it.
    fewest : int
        Counts of 1 to ``fewest`` - 1 people are gone for.
    whole : bool
        As of `Attacker.range_of`.
    at_most : int
        So many counts are gone for, to save time.
    beside : callable, optional
        Tells the outsider what else is known, before anything is solved.
    """
    attacker = Attacker(document)
    if beside is not None:
        beside(attacker)
    attacker.solve()
    found: list[Found] = []
    asked: set[bytes] = set()
    for of, cells in cells_of(document, attacker):
        truth = true_count(attacker.people_of(rows, of), cells)
        row = attacker.row((of, cells)).tobytes()
        if 0 < truth < fewest and row not in asked and len(found) < at_most:
            asked.add(row)
            least, most = attacker.range_of((of, cells), whole=whole)
            assert least - 1e-6 <= truth <= most + 1e-6, "the attack is wrong"
            found.append(Found((of, cells), truth, least, most, min(fewest / 2, true_count(rows, cells))))
    return found


def true_count(rows: pd.DataFrame, cells: Iterable[Cell]) -> int:
    """Count rows."""
    total = 0
    for outcomes, at in cells:
        inside = rows.score.isna() if at is None else (rows.score >= at[0]) & (rows.score < at[1])
        total += int((inside & rows.outcome.isin(list(outcomes))).sum())
    return total


def cells_of(document: Json, attacker: Attacker) -> Iterator[Count]:
    """List every count of every group that the cuts of a document tell apart, alone and as totals."""
    threshold, band = document["threshold"], document.get("band") or {}
    cuts = sorted({c for c in (threshold, band.get("lo"), band.get("hi")) if c is not None})
    edges = [-np.inf, *cuts, np.inf]
    ranges = [(a, b) for i, a in enumerate(edges) for b in edges[i + 1 :]]
    # Of the ends of bins, those next to each other: what a curve or the median gives away lies between them.
    fine = sorted({e for (of, cells), _ in attacker.facts if of[0] for _, at in cells if at for e in at})
    ranges += [pair for pair in pairwise(fine) if pair not in ranges]
    for of in attacker.at:
        if of == ("", ""):
            continue
        yield of, ((ANY, ALL_SCORES), (ANY, NONE))
        for outcomes in (ANY, GOOD, BAD, frozenset("x")):
            yield of, ((outcomes, ALL_SCORES), (outcomes, NONE))
            yield of, ((outcomes, NONE),)
            for at in ranges:
                yield of, ((outcomes, at),)
