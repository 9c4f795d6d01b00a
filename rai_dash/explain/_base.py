"""What every attribution route shares: the model under the glass, the result, the registry.

Routes answer for **class 1** of the model; the sign is turned in one place, ``to_explanations``, when
class 0 is the favourable one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rai_dash.core.registry import Registry
from rai_dash.core.texts import ntr, tr
from rai_dash.core.types import Explanation, Notice
from rai_dash.explain._players import Players, players_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rai_dash.models._base import NativeModel

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int32] | NDArray[np.int64]

LOG_ODDS = "log-odds"
PROBABILITY = "probability"
SPACES = (LOG_ODDS, PROBABILITY)
#: What stands for a column that is not yet known: its values in reference rows, or the branches of the trees
#: weighted by how many training rows took them.
INTERVENTIONAL, PATH_DEPENDENT = "interventional", "path-dependent"
PERTURBATIONS = (INTERVENTIONAL, PATH_DEPENDENT)
#: Ensembles that average probabilities: their log-odds are no sum of anything, and may be infinite.
FORESTS = frozenset(
    {"DecisionTreeClassifier", "ExtraTreeClassifier", "ExtraTreesClassifier", "RandomForestClassifier"}
)
#: A route whose values miss the model's own output by more than this (relative to their size, at least
#: absolute) is refused. Float32 margins of XGBoost are off by about 1e-6 times their size.
ADDITIVITY_LIMIT = 1e-5

#: Called with rows done, rows in all, and what is being done.
Progress = Callable[[int, int, str], None]


class RouteRefused(Exception):
    """A route that does not hold for this model; the next one is taken and the reason is shown."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The model to be explained, seen through table rows.

    Parameters
    ----------
    native : NativeModel
        The loaded model, in its own process.
    blocks : tuple of tuples of str
        Columns that count as one player.
    most_rows : int or None
        Mixed rows that explaining one applicant may ask; None = as many as the route likes.
    """

    native: NativeModel
    blocks: tuple[tuple[str, ...], ...] = ()
    most_rows: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Original columns in the model's order."""
        return self.native.info.feature_names

    @property
    def players(self) -> Players:
        """Who gets a value: the columns, or the blocks they are in."""
        return players_of(self.names, self.blocks)

    def output(self, frame: pd.DataFrame, space: str) -> FloatArray:
        """Return the model's own output for class 1, float64 (n,), in one space.

        Raises
        ------
        RouteRefused
            When the model has no log-odds, or an infinite one (a probability of exactly 0 or 1).
        """
        if space == PROBABILITY:
            return np.asarray(self.native.probability(frame), dtype=np.float64)
        margin = self.native.margin(frame)
        if margin is None or not np.isfinite(margin).all():
            msg = tr("the model has no finite log-odds for every row")
            raise RouteRefused(msg)
        return np.asarray(margin, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Contributions to the output of class 1 for some rows, in one space.

    Parameters
    ----------
    space : str
        ``"log-odds"`` or ``"probability"``.
    base : float64 (n,)
        Value before any column is known.
    values : float64 (n, players)
        In the order of ``Subject.players``.
    output : float64 (n,)
        The model's own output, from its predict and not from the route.
    methods : sequence of str, n
        Plain name of the route with the number of reference rows, row by row.
    background_rows : int or None
        Reference rows used; None where the route uses none.
    exact : bool (n,)
        Whether nothing was sampled or approximated but the reference rows.
    errors : float64 (n, players) or None
        Standard errors of the rows that are estimates.
    """

    space: str
    base: FloatArray
    values: FloatArray
    output: FloatArray
    methods: Sequence[str]
    background_rows: int | None
    exact: NDArray[np.bool_]
    errors: FloatArray | None = None

    @property
    def additivity_error(self) -> FloatArray:
        """``|base + sum(values) - output|``, float64 (n,)."""
        error: FloatArray = np.abs(self.base + self.values.sum(axis=1) - self.output)
        return error

    @property
    def adds_up(self) -> bool:
        """Whether every row's additivity error is within ``ADDITIVITY_LIMIT`` of the values' size."""
        size = np.maximum(1.0, np.abs(self.base) + np.abs(self.values).sum(axis=1))
        return bool((self.additivity_error <= ADDITIVITY_LIMIT * size).all())

    def turned(self, favourable_index: int) -> Attribution:
        """Return the contributions to the favourable outcome.

        With class 0 favourable, log-odds change their sign and a probability p becomes 1 - p.
        """
        if favourable_index == 1:
            return self
        shift = 1.0 if self.space == PROBABILITY else 0.0
        return replace(self, base=shift - self.base, values=0.0 - self.values, output=shift - self.output)


#: Explains rows (a table with the model's columns) once the reference rows have been prepared.
Attributor = Callable[[pd.DataFrame, Progress], Attribution]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The reference rows a route may draw from.

    Parameters
    ----------
    frame : DataFrame (m, columns)
        All of them.
    limit : int or None
        Use at most this many; None = as many as the route's own default.
    seed : int
        For the draw.
    """

    frame: pd.DataFrame
    limit: int | None = None
    seed: int = 0

    def sample(self, subject: Subject, space: str, default: int, *, most: int | None = None) -> pd.DataFrame:
        """Draw rows spread evenly over the model's own outputs.

        The rows are ranked by output and cut into as many strata of equal size as rows are wanted; one
        is drawn from each. The mean output of so few rows is then close to that of all of them.

        Parameters
        ----------
        subject : Subject
            The model, asked once for all reference rows.
        space : str
            In which the outputs are ranked.
        default : int
            Rows wanted where ``limit`` says nothing.
        most : int or None
            The route's own upper bound.
        """
        n, wanted = len(self.frame), self.limit or default
        wanted = wanted if most is None else min(wanted, most)
        if n <= wanted:
            return self.frame.reset_index(drop=True)
        rng = np.random.default_rng(self.seed)
        shuffled = rng.permutation(n)  # so that ties of the ranking are not in file order
        order = shuffled[np.argsort(subject.output(self.frame, space)[shuffled], kind="stable")]
        places = ((np.arange(wanted) + rng.random(wanted)) * n / wanted).astype(np.int64)
        return self.frame.iloc[np.sort(order[places])].reset_index(drop=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainRoute:
    """One way to explain.

    Parameters
    ----------
    name : str
        Stable machine-readable name.
    label : str
        Plain name for menus; results carry the longer ``method``.
    rank : int
        Routes are tried from the lowest: cheapest exact first.
    supports : callable
        ``(subject, space) -> bool``: whether the route can answer for this model in this space.
    build : callable
        ``(subject, reference, space) -> Attributor``. May raise ``RouteRefused``.
    perturbation : str
        What stands for a column that is not yet known; one of ``PERTURBATIONS``.
    """

    name: str
    label: str
    rank: int
    supports: Callable[[Subject, str], bool]
    build: Callable[[Subject, Reference, str], Attributor]
    perturbation: str = INTERVENTIONAL


EXPLAINERS: Registry[ExplainRoute] = Registry(
    "explanation route", package="rai_dash.explain", group="rai_dash.explainers"
)


def rows_text(n: int) -> str:
    """Write a number of reference rows: ``"1 reference row"``, ``"1,000 reference rows"``."""
    return ntr("{n} reference row", "{n} reference rows", n, n=f"{n:,}")


def take_mixed(pool: pd.DataFrame, source: IntArray) -> pd.DataFrame:
    """Build rows whose column j comes from row ``source[:, j]`` of the pool."""
    columns = {name: pool.iloc[:, j].array.take(source[:, j]) for j, name in enumerate(pool.columns)}
    return pd.DataFrame(columns)


def to_explanations(
    attribution: Attribution,
    names: Sequence[str],
    *,
    row_ids: Sequence[int],
    favourable_index: int,
    notices: tuple[Notice, ...] = (),
) -> list[Explanation]:
    """Turn arrays for class 1 into explanations of the favourable outcome.

    Parameters
    ----------
    attribution : Attribution
        Of n rows.
    names : sequence of str
        Original columns, or the blocks they are in.
    row_ids : sequence of int
        Position of each row in the user's table.
    favourable_index : int
        0 or 1, the class that is good for the applicant.
    notices : tuple of Notice
        Given to every explanation.
    """
    turned = attribution.turned(favourable_index)
    base, output = turned.base, turned.output
    values, off = turned.values, attribution.additivity_error
    errors = np.zeros_like(values) if attribution.errors is None else attribution.errors
    is_drawn = np.zeros(len(values), bool) if attribution.errors is None else ~attribution.exact
    return [
        Explanation(
            row=int(row),
            space=attribution.space,
            base=float(base[i]),
            values=dict(zip(names, values[i].tolist(), strict=True)),
            output=float(output[i]),
            method=attribution.methods[i],
            background_rows=attribution.background_rows,
            additivity_error=float(off[i]),
            exact=bool(attribution.exact[i]),
            errors=dict(zip(names, errors[i].tolist(), strict=True)) if is_drawn[i] else {},
            notices=notices,
        )
        for i, row in enumerate(row_ids)
    ]
