"""What the views of the model's drivers ask the model, with the amounts that page and command line share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.case import Case, Judgement
from rai_dash.explain._asking import SILENT, FloatArray, IntArray, Watch, drawn_rows
from rai_dash.explain._base import LOG_ODDS
from rai_dash.explain._noise import Noise, noise_of
from rai_dash.explain.client import score_of
from rai_dash.explain.counterfactuals import linked_columns
from rai_dash.explain.drivers._bins import spread_rows
from rai_dash.explain.drivers.by_group import GroupMeans
from rai_dash.explain.drivers.curves import Lines, LocalEffects, lines, local_effects
from rai_dash.explain.drivers.importance import Importance, permutation_importance
from rai_dash.explain.drivers.interaction import Interactions, friedman_h2
from rai_dash.explain.noise import LEVELS, Flips, flips_from
from rai_dash.explain.stability import Stability, explanation_stability
from rai_dash.explain.table import AttributionTable
from rai_dash.metrics._base import Costs
from rai_dash.report.correlated import Blocks, mates
from rai_dash.report.everyone import Explain, asks_one_by_one, explainer_of
from rai_dash.report.reference import feature_rows, model_of, reference_rows
from rai_dash.report.shaken_scores import scores_kept

#: Rows that are shuffled.
SHUFFLED_ROWS = 4_000
#: Columns whose pairs are asked about: those that move the scores most.
PAIRED_COLUMNS = 7
#: Rows that are shaken; and that are explained again, where that is cheap and where it is not.
SHAKEN_ROWS, MOST_EXPLAINED, FEW_EXPLAINED = 2_000, 200, 20
#: Shaken copies of each explained row.
EXPLAINED_DRAWS = 10
#: The amount of noise that the figures in words are of.
SHOWN_NOISE = 0.05
#: Ranges of the score in which flips are counted.
SCORE_BINS = 20


def shuffled(
    judgement: Judgement, *, blocks: Blocks, threshold: float, costs: Costs, watch: Watch = SILENT
) -> dict[str, Importance]:
    """Shuffle each column of the judged rows and see what gets worse; see `permutation_importance`."""
    return permutation_importance(
        score_of(model_of(judgement).model, watch.cancelled),
        feature_rows(judgement),
        judgement.data.dataset.outcome[judgement.judged],
        blocks=blocks,
        threshold=threshold,
        costs=costs,
        most_rows=SHUFFLED_ROWS,
        watch=watch,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moved:
    """How scores move with one column."""

    lines: Lines
    local: LocalEffects


def moved(judgement: Judgement, column: str, linked: Sequence[str], watch: Watch = SILENT) -> Moved:
    """Ask the model about the judged rows with other values of a column; ``linked`` columns move along."""
    score, rows = score_of(model_of(judgement).model, watch.cancelled), feature_rows(judgement)
    return Moved(
        lines=lines(score, rows, column, linked=linked, watch=watch),
        local=local_effects(score, rows, column, linked=linked, watch=watch),
    )


def pairs_of(ranked: Sequence[str], blocks: Blocks) -> list[tuple[str, str]]:
    """Return the pairs of the columns that move the scores most; none within a block."""
    return [(a, b) for a, b in combinations(ranked[:PAIRED_COLUMNS], 2) if b not in mates(a, blocks)]


def together(
    judgement: Judgement, ranked: Sequence[str], pairs: Sequence[tuple[str, str]], watch: Watch = SILENT
) -> Interactions:
    """Ask the model how strongly pairs of columns act together; see `friedman_h2`."""
    return friedman_h2(
        score_of(model_of(judgement).model, watch.cancelled), feature_rows(judgement), ranked[:PAIRED_COLUMNS],
        pairs=pairs, watch=watch,
    )  # fmt: skip


def usual_linked(judgement: Judgement, background: pd.DataFrame) -> Blocks:
    """Return the columns of which one says the other, found once in the reference rows with the model's columns."""
    return judgement.memo.get("explanations_linked", lambda: linked_columns(background))


def usual_noise(judgement: Judgement, background: pd.DataFrame) -> Noise:
    """Learn once from the reference rows how to shake; columns of which one says the other move together."""
    return judgement.memo.get(
        "usual_noise", lambda: noise_of(background, linked=usual_linked(judgement, background))
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shaken:
    """Flips by amount of noise, in the order of ``LEVELS``, and how steady explanations are at ``SHOWN_NOISE``.

    ``space`` is that of the explanations, ``linked`` are the columns that were shaken together, since one says the
    other.
    """

    flips: tuple[Flips, ...]
    stability: Stability
    space: str
    linked: Blocks

    @property
    def shown(self) -> Flips:
        """Flips at ``SHOWN_NOISE``."""
        return self.flips[LEVELS.index(SHOWN_NOISE)]


def shaken(
    case: Case, judgement: Judgement, *, threshold: float, by: str, space: str, watch: Watch = SILENT
) -> Shaken:
    """Shake the judged rows at each of ``LEVELS``, and explain some of them again.

    Parameters
    ----------
    case, judgement : Case, Judgement
        The pair, and the case that has the model's training rows.
    threshold : float
        Favourable at or above.
    by : str
        Sensitive column to compare by; empty = none.
    space : str
        Of the explanations; log-odds where only those are cheap, see ``Shaken.space``.
    watch : Watch
        Progress and stop.
    """
    rows, background = feature_rows(judgement), reference_rows(case, judgement)
    noise = usual_noise(judgement, background)
    index = judgement.groups((by,)) if by else None
    some, found = drawn_rows(len(rows), SHAKEN_ROWS, seed=0), []
    for eps in LEVELS:
        scores = scores_kept(judgement, eps).of(judgement, noise, some, eps=eps, watch=watch)
        found.append(
            flips_from(
                scores, rows=some, of=len(rows), eps=eps, threshold=threshold,
                codes=None if index is None else index.codes, groups=() if index is None else index.groups,
            )
        )  # fmt: skip
    explain, first = _cheapest(case, judgement, rows.iloc[:1], space, watch)
    most = FEW_EXPLAINED if asks_one_by_one(first) else MOST_EXPLAINED
    spread = spread_rows(judgement.score[judgement.positions], most)
    steady = explanation_stability(
        lambda frame: explain(frame).values, rows.iloc[spread].reset_index(drop=True), noise, eps=SHOWN_NOISE,
        draws=EXPLAINED_DRAWS, watch=watch,
    )  # fmt: skip
    return Shaken(
        flips=tuple(found), stability=steady, space=first.space, linked=usual_linked(judgement, background)
    )


def _cheapest(
    case: Case, judgement: Judgement, one: pd.DataFrame, space: str, watch: Watch
) -> tuple[Explain, AttributionTable]:
    """Return what explains rows, and the first of them explained.

    In probability boosted trees are asked many times a row, while their log-odds are exact and take no time: then it
    is log-odds. The bend between the two may put columns in another order.
    """
    # The counts of rows explained would hide how far the shaking is.
    silent = Watch(cancelled=watch.cancelled)
    asked = explainer_of(case, judgement, space=space, watch=silent)
    first = asked(one)
    if space == LOG_ODDS or not asks_one_by_one(first):
        return asked, first
    other = explainer_of(case, judgement, space=LOG_ODDS, watch=silent)
    cheap = other(one)
    return (asked, first) if asks_one_by_one(cheap) else (other, cheap)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlipsByScore:
    """Share of shaken copies that flip, by range of the score.

    Parameters
    ----------
    edges : float64 (bins + 1,)
        Ends of the ranges; each holds its lower end, the last one both.
    share : float64 (bins,)
        NaN = no rows.
    rows : int64 (bins,)
        Rows in each.
    """

    edges: FloatArray
    share: FloatArray
    rows: IntArray


def flips_by_score(found: Flips) -> FlipsByScore:
    """Count flips in ``SCORE_BINS`` ranges of the score."""
    edges = np.linspace(0.0, 1.0, SCORE_BINS + 1)
    at = np.clip(np.digitize(found.score, edges) - 1, 0, SCORE_BINS - 1)
    n = np.bincount(at, minlength=SCORE_BINS)
    share = np.bincount(at, found.flip, minlength=SCORE_BINS) / np.where(n, n, np.nan)
    return FlipsByScore(edges=edges, share=share, rows=n)


def usual_pair(means: GroupMeans, output: FloatArray, codes: NDArray[np.integer]) -> tuple[int, int] | None:
    """Return the groups with the lowest and the highest mean output, of enough rows where two have them.

    Parameters
    ----------
    means : GroupMeans
        Of the groups.
    output : float64 (n,)
        The model's output.
    codes : int (n,)
        Position of each row's group.

    Returns
    -------
    (int, int) or None
        Positions; None where fewer than two groups have rows.
    """
    level = {g: float(output[codes == g].mean()) for g in range(len(means.groups)) if means.n[g] > 0}
    if len(level) < 2:
        return None
    large = [g for g in level if not means.small[g]]
    ordered = sorted(large if len(large) > 1 else level, key=level.__getitem__)
    return ordered[0], ordered[-1]
