"""A rule that keeps the decision: with these of the applicant's values, the others hardly matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.core.words import percent, percent_range
from rai_dash.explain._anchor_draws import FIRST, FRESH, SECOND, Draws, Panel, Units
from rai_dash.explain._asking import SILENT, FloatArray, IntArray, Score, Watch
from rai_dash.explain._base import take_mixed
from rai_dash.explain._conditions import Condition
from rai_dash.explain.counterfactuals.candidates import applicant_like
from rai_dash.stats.clusters import share_of
from rai_dash.stats.intervals import wilson

TARGET, MOST_CONDITIONS = 0.95, 4
#: Rules that grow by another condition, that get more draws, and that get fresh ones, each round.
BEAM, PROMISING, FINALISTS = 5, 10, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Conditions that the applicant meets.

    Parameters
    ----------
    conditions : tuple of Condition
        All hold for the applicant; empty = nothing is asked.
    precision : Estimate
        Share of fresh draws with the applicant's decision, with Wilson's interval.
    coverage : Estimate
        Share of the reference rows that meet the rule.
    seen : Estimate
        Of the real rows that meet the rule (at most 1,000 drawn), the share with the applicant's decision. No row is
        changed here, so that what usually goes together with the rule counts too.
    """

    conditions: tuple[Condition, ...]
    precision: Estimate
    coverage: Estimate
    seen: Estimate

    @property
    def text(self) -> str:
        """The conditions, joined by "and"."""
        return " and ".join(one.text for one in self.conditions) or tr("no condition")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The rule found for one applicant, or the nearest one.

    Parameters
    ----------
    rule : Rule or None
        Fewest conditions that reach the target, of these the one that covers most; None where none does.
    nearest : Rule or None
        Where none does: the most precise rule looked at.
    reason : str or None
        Where none does: that, as a sentence.
    target : float
        Precision asked for.
    score, threshold : float
        The applicant's score, and the threshold.
    is_favourable : bool
        The decision that is kept.
    calls, rows : int
        How often the model was asked, and about how many rows.
    """

    rule: Rule | None
    nearest: Rule | None
    reason: str | None
    target: float
    score: float
    threshold: float
    is_favourable: bool
    calls: int
    rows: int


def anchor(
    score: Score,
    row: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    threshold: float,
    linked: Sequence[Sequence[str]] = (),
    target: float = TARGET,
    most_conditions: int = MOST_CONDITIONS,
    seed: int = 0,
    watch: Watch = SILENT,
) -> Anchor:
    """Search a short rule under which the model keeps its decision.

    The conditions are the applicant's own categories and quarters of numbers. To try a rule, reference rows are drawn
    whole, so that what goes together in them stays together; then the columns of the rule are overwritten, each (or
    each linked set) with the values of another row drawn among those that meet its condition. Between the rule and the
    rest nothing is kept together: some draws are people who cannot exist. `Rule.seen` counts real rows beside it.

    Parameters
    ----------
    score : callable
        Table rows to the probability of the favourable outcome; all draws of a step in one call.
    row : DataFrame (1, columns)
        The applicant.
    reference : DataFrame (n, columns)
        Rows with the model's columns, which say what is usual.
    threshold : float
        Favourable at or above.
    linked : sequence of sequences of str
        Columns that make one condition together.
    target : float
        Share of draws that must keep the decision.
    most_conditions : int
        Longest rule, linked columns counted once.
    seed : int
        The draws hang on it and on the applicant's values, and not on where the applicant stands.
    watch : Watch
        Progress and stop.

    Raises
    ------
    InvalidChoice, MissingColumn, Cancelled
        With what to do.

    Notes
    -----
    Beam search with shared draws. A rule is accepted when Wilson's lower limit on draws that the search has not used
    is at least the target, at a level of 5 % for all rules tested together (Bonferroni).

    References
    ----------
    Ribeiro, M. T., Singh, S., Guestrin, C. (2018). Anchors: high-precision model-agnostic explanations. AAAI.
    """
    if not 0.0 < target < 1.0 or most_conditions < 1:
        msg = tr(
            "The target lies between 0 and 1 and a rule has a condition, got {target} and {most_conditions}.",
            target=f"{target:g}",
            most_conditions=most_conditions,
        )
        raise InvalidChoice(msg)
    if reference.empty:
        msg = tr("There are no reference rows to draw from. Choose a data set that has rows.")
        raise InvalidChoice(msg)
    own = applicant_like(row, reference)
    draws = Draws(score, own, reference, linked, seed)
    value = float(draws.ask(own)[0])
    climb = _Climb(draws, threshold, target, favourable=value >= threshold)
    rule, is_reached = climb.run(most_conditions, watch)
    reason = None
    if not is_reached:
        number = (
            tr("1 condition")
            if most_conditions == 1
            else tr("up to {most_conditions} conditions", most_conditions=most_conditions)
        )
        wanted, kept = percent(target, digits=0), rule.precision
        reason = tr(
            "No rule of {number} was shown to keep the decision in {wanted} of draws; the nearest keeps "
            "it in {kept} ({low}).",
            number=number,
            wanted=wanted,
            kept=percent(kept.value),
            low=percent_range(kept.low, kept.high),
        )
    return Anchor(
        rule=rule if is_reached else None, nearest=None if is_reached else rule, reason=reason, target=target,
        score=value, threshold=threshold, is_favourable=value >= threshold, calls=draws.calls, rows=draws.rows,
    )  # fmt: skip


class _Climb:
    """Rules of one condition, then of two, and so on."""

    def __init__(self, draws: Draws, threshold: float, target: float, *, favourable: bool) -> None:
        self.draws, self.threshold, self.target, self.favourable = draws, threshold, target, favourable

    def run(self, most_conditions: int, watch: Watch) -> tuple[Rule, bool]:
        """Return the rule found and whether it reaches the target; else the most precise one."""
        self.level = 1.0 - 0.05 / (FINALISTS * (most_conditions + 1))
        beam: list[Units] = []
        best: tuple[float, Units] = (-1.0, ())
        longest = min(most_conditions, len(self.draws.columns))
        for size in range(longest + 1):
            watch.step(size, longest + 1, tr("Trying rules"))
            rules = self._longer(beam) if size else [()]
            ranked = self._ranked(rules)
            good = [rule for rule, share in ranked if share >= self.target]
            winner = self._winner(good)
            if winner is not None:
                return self._told(winner), True
            # A longer rule has to be more precise, not merely as precise.
            if ranked[0][1] > best[0]:
                best = (ranked[0][1], ranked[0][0])
            beam = [rule for rule, _ in ranked[:BEAM]]
        return self._told(best[1]), False

    def _longer(self, beam: Iterable[Units]) -> list[Units]:
        n = len(self.draws.columns)
        return sorted({tuple(sorted((*rule, u))) for rule in beam for u in range(n) if u not in rule})

    def _kept(self, rules: Sequence[Units], panel: Panel, part: slice) -> IntArray:
        return self.draws.kept(rules, panel, part, self.threshold, favourable=self.favourable)

    def _ranked(self, rules: Sequence[Units]) -> list[tuple[Units, float]]:
        """Return the promising rules with their share of kept draws, the most precise first."""
        first = self._kept(rules, self.draws.search, slice(0, FIRST))
        order = np.lexsort((-self._coverage(rules), -first))[:PROMISING]
        held = [rules[i] for i in order]
        more = self._kept(held, self.draws.search, slice(FIRST, SECOND))
        share = (first[order] + more) / SECOND
        again = np.lexsort((-self._coverage(held), -share))
        return [(held[i], float(share[i])) for i in again]

    def _coverage(self, rules: Sequence[Units]) -> FloatArray:
        return np.array([self.draws.meets(rule).mean() for rule in rules])

    def _winner(self, rules: Sequence[Units]) -> Units | None:
        """Test the rules that cover most on fresh draws; return the first that holds."""
        order = np.argsort(-self._coverage(rules), kind="stable")[:FINALISTS]
        finalists = [rules[i] for i in order]
        kept = self._kept(finalists, self.draws.fresh, slice(None))
        low, _ = wilson(kept, FRESH, level=self.level)
        return next((rule for rule, limit in zip(finalists, low, strict=True) if limit >= self.target), None)

    def _told(self, rule: Units) -> Rule:
        draws = self.draws
        met = np.flatnonzero(draws.meets(rule))
        rng = np.random.default_rng([draws.key, draws.seed, 2])
        drawn = met if len(met) <= FRESH else np.sort(rng.choice(met, FRESH, replace=False))
        fresh = take_mixed(draws.pool, draws.sources(rule, draws.fresh, slice(None)))
        both = draws.ask(pd.concat([fresh, draws.reference.iloc[drawn]], ignore_index=True))
        same = (both >= self.threshold) == self.favourable
        return Rule(
            conditions=tuple(one for unit in rule for one in draws.conditions[unit]),
            precision=_share(int(same[:FRESH].sum()), FRESH),
            coverage=_share(len(met), len(draws.reference)),
            seen=_share(int(same[FRESH:].sum()), len(drawn)),
        )


def _share(k: int, n: int) -> Estimate:
    return share_of(k / n if n else np.nan, *wilson(k, n), k, n)
