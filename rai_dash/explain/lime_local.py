"""LIME with lime's own sampler and discretiser, all seeds in one predict call, closed-form ridge.

lime 0.2 understands one thing only: a float matrix with integer-coded categories. Everything around
its sampler is done here: coding and decoding, one call of the model, the weighted ridge in closed form,
averages and spread over seeds, and the centred weights that alone compare with Shapley values.

A number that is missing has no quartile. For drawing neighbours it takes the median of the training
rows, and a notice says so. A missing category is a category of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Feature, Notice
from rai_dash.data.columns import is_number, numbers
from rai_dash.explain._base import PROBABILITY, Subject
from rai_dash.explain._lime import LimeResult, average

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

RIDGE_ALPHA = 1.0
#: Variance of answers that differ by rounding only.
CONSTANT = 1e-24
#: lime's default kernel width is this times the root of the number of columns.
KERNEL_WIDTH = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """How one column is coded.

    ``values`` are the training categories in fixed order, ``None`` for a number; code ``len(values)`` is
    missing, the next one a category that training does not have. ``median`` fills missing numbers.
    """

    name: str
    values: tuple[Any, ...] | None
    has_blanks: bool = False
    median: float = 0.0

    def encode(self, series: pd.Series) -> FloatArray:
        """Code a column as float64 (n,)."""
        if self.values is None:
            return numbers(series)
        codes: FloatArray = pd.Index(self.values).get_indexer(pd.Index(series)).astype(np.float64)
        codes[codes < 0] = len(self.values) + 1
        codes[series.isna().to_numpy()] = len(self.values)
        return codes

    def decode(self, codes: FloatArray, instance: Any) -> Any:
        """Turn codes back into values; a category that is in neither table is never asked for."""
        if self.values is None:
            return codes
        known = [*self.values, *([] if pd.isna(instance) else [instance])]
        blank = None if self.has_blanks or pd.isna(instance) else known[0]
        pool = pd.Series([*self.values, blank, instance])
        return pool.array.take(codes.astype(np.int64))


def _column(feature: Feature, series: pd.Series) -> _Column:
    """Decide how a column is coded: categories unless the model and the data both say number."""
    known = series.dropna()
    if feature.kind == "number" and is_number(series) and len(known):
        median = float(np.nanmedian(numbers(series)))
        return _Column(name=feature.name, values=None, median=median)
    distinct = known.unique().tolist()
    try:
        ordered = sorted(distinct)
    except TypeError:
        ordered = sorted(distinct, key=str)
    return _Column(name=feature.name, values=tuple(ordered), has_blanks=len(known) < len(series))


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """lime's explainer for one data set, with the coding of its columns."""

    columns: tuple[_Column, ...]
    explainer: Any
    notices: tuple[Notice, ...]

    @property
    def names(self) -> list[str]:
        """Original columns in the model's order."""
        return [column.name for column in self.columns]

    def encode(self, row: pd.DataFrame) -> FloatArray:
        """Code one row, float64 (columns,); missing numbers become the median."""
        coded = np.array([c.encode(row[c.name])[0] for c in self.columns])
        return np.where(np.isnan(coded), [c.median for c in self.columns], coded)

    def decode(self, matrix: FloatArray, row: pd.DataFrame) -> pd.DataFrame:
        """Turn a coded matrix (n, columns) into table rows; ``row`` holds the instance's own values."""
        return pd.DataFrame(
            {c.name: c.decode(matrix[:, j], row[c.name].iloc[0]) for j, c in enumerate(self.columns)}
        )

    def draw(self, coded: FloatArray, *, seed: int, samples: int) -> tuple[FloatArray, FloatArray]:
        """Draw neighbours of a row with lime's own sampler.

        Returns
        -------
        same : float64 (samples, columns)
            lime's interpretable matrix: 1 where the neighbour is in the row's bin or category.
        matrix : float64 (samples, columns)
            The neighbours, coded; the first is the row itself.
        """
        state = np.random.RandomState(seed)  # the generator that lime draws from
        lime = self.explainer
        lime.random_state = lime.discretizer.random_state = state
        # The sampler is a private method of lime's class; explain_instance would ask the model again.
        same, matrix = lime._LimeTabularExplainer__data_inverse(coded, samples)  # noqa: SLF001
        return same, matrix

    def bin_shares(self, coded: FloatArray) -> FloatArray:
        """Share of training rows in the row's bin or category, float64 (columns,); 0 where none is."""
        lime = self.explainer
        bins = lime.discretizer.discretize(coded)
        shares = np.zeros(len(coded))
        for j, value in enumerate(bins):
            at = np.flatnonzero(np.asarray(lime.feature_values[j]) == value)
            shares[j] = lime.feature_frequencies[j][at[0]] if at.size else 0.0
        return shares

    def rules(self, coded: FloatArray, row: pd.DataFrame) -> dict[str, str]:
        """Write the row's bin or category of each column, for example ``"age > 48"``."""
        return {c.name: self._rule(j, coded[j], row[c.name].iloc[0]) for j, c in enumerate(self.columns)}

    def _rule(self, j: int, code: float, value: Any) -> str:
        column = self.columns[j]
        if pd.isna(value):
            used = (
                ""
                if column.values is not None
                else tr(" (median {median} used)", median=f"{column.median:g}")
            )
            return tr("{column} is missing{used}", column=column.name, used=used)
        if column.values is not None:
            return f"{column.name} = {value}"
        edges = self.explainer.discretizer.maxs[j][:-1]
        place = int(np.searchsorted(edges, code))
        if place == 0:
            return f"{column.name} ≤ {edges[0]:g}"
        if place == len(edges):
            return f"{column.name} > {edges[-1]:g}"
        return f"{edges[place - 1]:g} < {column.name} ≤ {edges[place]:g}"


def prepare_lime(training: pd.DataFrame, features: Sequence[Feature]) -> Neighbourhood:
    """Set lime up for one data set; quartiles for numbers, fixed sorted categories for the rest.

    Parameters
    ----------
    training : DataFrame (n, columns)
        Rows that say what is usual; n >= 1.
    features : sequence of Feature
        The model's inputs.
    """
    from lime.lime_tabular import LimeTabularExplainer

    columns = tuple(_column(feature, training[feature.name]) for feature in features)
    matrix = np.column_stack([c.encode(training[c.name]) for c in columns])
    notices = []
    for j, column in enumerate(columns):
        gone = int(np.isnan(matrix[:, j]).sum())
        if gone:
            text = tr(
                "LIME fills {gone} missing values of {column} with the median {median}.",
                gone=f"{gone:,}",
                column=column.name,
                median=f"{column.median:g}",
            )
            notices.append(Notice("lime_filled", text, column=column.name, rows=gone))
            matrix[np.isnan(matrix[:, j]), j] = column.median
    explainer = LimeTabularExplainer(
        matrix,
        feature_names=[c.name for c in columns],
        categorical_features=[j for j, c in enumerate(columns) if c.values is not None],
        discretize_continuous=True,
        feature_selection="none",
    )
    return Neighbourhood(columns=columns, explainer=explainer, notices=tuple(notices))


@dataclass(frozen=True, slots=True)
class LocalFit:
    """One seed's weighted ridge: ``weights`` float64 (columns,), ``intercept``, weighted ``r2``."""

    weights: FloatArray
    intercept: float
    r2: float


def fit_ridge(same: FloatArray, answers: FloatArray) -> LocalFit:
    """Fit lime's local line in closed form.

    Neighbour i has weight ``sqrt(exp(-d_i**2 / width**2))``, d_i its distance to the row in lime's 0/1
    columns, width = 0.75 sqrt(columns). With weighted means taken out of Z and y, the weights solve
    ``(Z' S Z + alpha I) w = Z' S y``.

    Parameters
    ----------
    same : float64 (samples, columns)
        lime's interpretable matrix; the first row is all ones.
    answers : float64 (samples,)
        The model's probability for each neighbour.

    References
    ----------
    Ribeiro, M. T., Singh, S. and Guestrin, C. (2016). "Why should I trust you?" Explaining the
    predictions of any classifier. KDD.
    """
    n_columns = same.shape[1]
    width_sq = KERNEL_WIDTH**2 * n_columns
    weight = np.sqrt(np.exp(-((same - same[0]) ** 2).sum(axis=1) / width_sq))
    mean_same = weight @ same / weight.sum()
    mean_answer = float(weight @ answers / weight.sum())
    centred, target = same - mean_same, answers - mean_answer
    gram = (centred * weight[:, None]).T @ centred + RIDGE_ALPHA * np.eye(n_columns)
    coefficients = np.linalg.solve(gram, centred.T @ (weight * target))
    left = float(weight @ (target - centred @ coefficients) ** 2)
    spread = float(weight @ target**2)
    # A model that does not vary here leaves nothing to explain; its spread is rounding.
    r2 = 1.0 - left / spread if spread > CONSTANT * weight.sum() else 1.0
    return LocalFit(coefficients, mean_answer - float(mean_same @ coefficients), r2)


def explain_lime(
    subject: Subject,
    near: Neighbourhood,
    row: pd.DataFrame,
    *,
    favourable_index: int,
    seeds: int = 5,
    samples: int = 5_000,
    seed: int = 0,
) -> LimeResult:
    """Explain one row with LIME, averaged over seeds; the space is probability of the favourable class.

    Parameters
    ----------
    subject : Subject
        The model.
    near : Neighbourhood
        From ``prepare_lime``.
    row : DataFrame (1, columns)
        The applicant.
    favourable_index : int
        0 or 1.
    seeds : int
        Independent draws, at least 2: the spread between them says how far LIME can be trusted.
    samples : int
        Neighbours a draw, at least 100; the first one is the row itself.
    seed : int
        The draws use the random states ``seed, seed + 1, …`` as lime's ``random_state``.

    Raises
    ------
    InvalidChoice
        For too few seeds or samples.
    """
    if seeds < 2 or samples < 100:
        msg = tr(
            "LIME needs at least 2 seeds of 100 samples, got {seeds} of {samples}. Ask for more.",
            seeds=seeds,
            samples=samples,
        )
        raise InvalidChoice(msg)
    row = row[near.names]
    coded = near.encode(row)
    draws = [near.draw(coded, seed=seed + i, samples=samples) for i in range(seeds)]
    asked = pd.concat([near.decode(np.concatenate([m for _, m in draws]), row), row], ignore_index=True)
    answers = subject.output(asked, PROBABILITY)
    answers = answers if favourable_index == 1 else 1.0 - answers
    fits = [fit_ridge(same, answers[i * samples : (i + 1) * samples]) for i, (same, _) in enumerate(draws)]
    return average(
        near.names,
        weights=np.array([fit.weights for fit in fits]),
        intercepts=np.array([fit.intercept for fit in fits]),
        r2=np.array([fit.r2 for fit in fits]),
        shares=near.bin_shares(coded),
        rules=near.rules(coded, row),
        model_prediction=float(answers[-1]),
        samples=samples,
        notices=(*near.notices, *_row_notices(near, coded, row)),
    )


def _row_notices(near: Neighbourhood, coded: FloatArray, row: pd.DataFrame) -> list[Notice]:
    """Say what LIME cannot see of this row."""
    notices = []
    for j, column in enumerate(near.columns):
        name = column.name
        if column.values is None and pd.isna(row[name].iloc[0]):
            text = tr(
                "{name} is missing here: LIME looks around the median {median} instead.",
                name=name,
                median=f"{column.median:g}",
            )
            notices.append(Notice("lime_row_filled", text, column=name, rows=1))
        elif column.values is not None and coded[j] > len(column.values):
            text = tr("No reference row has this applicant's {name}, so LIME cannot weigh it.", name=name)
            notices.append(Notice("lime_unseen", text, column=name, rows=1))
    return notices
