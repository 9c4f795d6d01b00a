"""The rows that a review band is judged on: scores, outcomes, groups, amounts, recorded decisions, conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import CaseData, CaseModel, DataRole, Judgement, held_out_rows, judge
from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.core.review_cube import APPROVED_BY_HUMAN, NO_DECISION, REFUSED_BY_HUMAN, ReviewCube
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.data.columns import is_number, numbers, require_columns
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import GroupIndex
from rai_dash.data.labels import label_codes, label_text, value_counts_text
from rai_dash.data.portfolio.cubes import Decisions, check_decisions, review_cube_of
from rai_dash.data.portfolio.whole import Whole
from rai_dash.data.review_counting import review_cube
from rai_dash.models.client import Model
from rai_dash.review.conditions import (
    Condition,
    Held,
    TrainingFacts,
    check_condition,
    hold,
    parse_condition,
    training_facts,
)
from rai_dash.review.nested import BandCounts, count_bands, count_bands_of
from rai_dash.review.row_routes import RowRoutes, route_rows
from rai_dash.review.row_rules import whole_under

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChoices:
    """What is asked of the rows besides their roles.

    Parameters
    ----------
    human : str or None
        Column with the decision that a person took; a blank = none.
    human_approve : tuple of str
        Its labels that mean approved; every other one means refused.
    always : tuple of str
        Conditions that send a row to a person whatever its score, as sentences (`parse_condition`).
    """

    human: str | None = None
    human_approve: tuple[str, ...] = ()
    always: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BandRows:
    """Judged rows, ready to be counted.

    Parameters
    ----------
    judgement : Judgement
        The data set through its model or score column.
    score : float64 (n_judged,)
        NaN = no score, or held by a condition: either way the machine decides nothing.
    outcome : int8 (n_judged,)
        0 unfavourable, 1 favourable, 2 unknown.
    weight, amount : float64 (n_judged,) or None
        Where there are such columns.
    decision : int8 (n_judged,) or None
        What a person decided: 0 refused, 1 approved, 2 none.
    indices : mapping of str to GroupIndex
        Groups of the judged rows by sensitive column.
    held : Held
        What the conditions hold, of ALL rows of the table.
    whole : Whole or None
        All rows of the portfolio that these are a sample of, with the conditions applied: counts are made of them.
    decided : Decisions or None
        Where recorded decisions stand in it.
    """

    judgement: Judgement
    score: FloatArray
    outcome: NDArray[np.int8]
    weight: FloatArray | None
    amount: FloatArray | None
    decision: NDArray[np.int8] | None
    indices: Mapping[str, GroupIndex]
    held: Held
    whole: Whole | None = None
    decided: Decisions | None = None

    def cubes(self, edges: FloatArray) -> dict[str, ReviewCube]:
        """Count by every sensitive column; everyone under ``""`` where there is none."""
        parts: Mapping[str, GroupIndex | None] = self.indices or {"": None}
        if self.whole is not None:
            count = partial(review_cube_of, self.whole, decision=self.decided, edges=edges)
            return {c: count((c,) if c else (), amount=self.judgement.roles.amount) for c in parts}
        return {
            column: review_cube(
                self.outcome,
                self.score,
                index,
                weight=self.weight,
                amount=self.amount,
                decision=self.decision,
                edges=edges,
            )
            for column, index in parts.items()
        }

    @property
    def held_judged(self) -> Held:
        """What the conditions hold of the judged rows."""
        return replace(self.held, hits=self.held.hits[:, self.judgement.judged])

    def automatic(self, bands: Sequence[ReviewBand]) -> BandCounts:
        """Count what some bands decide automatically."""
        if self.whole is not None:
            return count_bands_of(self.whole.counts(), bands)
        return count_bands(self.score, self.outcome, bands)

    @property
    def is_sample(self) -> bool:
        """Whether counts are of a sample of a portfolio."""
        dataset = self.judgement.data.dataset
        return self.whole is None and dataset.n_rows < dataset.n_all

    def routes(self, band: ReviewBand) -> RowRoutes:
        """Route all rows in memory, judged or not."""
        return route_rows(self.judgement.score, band, held=self.held)


def band_rows(
    dataset: Dataset,
    model: Model | None = None,
    choices: RowChoices | None = None,
    *,
    training: Dataset | None = None,
) -> BandRows:
    """Score the rows of a data set and read what a band is judged by.

    Parameters
    ----------
    dataset : Dataset
        Its roles name target, sensitive columns, amount, weight, split; and the score column where there is no model.
    model : Model, optional
        Scores the rows.
    choices : RowChoices, optional
        Recorded decisions and conditions.
    training : Dataset, optional
        Rows that the model was trained on, for conditions that ask what they were like. Where it is omitted, those that
        the split column marks.

    Raises
    ------
    RaiError
        When columns, scores or conditions do not fit.
    """
    asked = choices or RowChoices()
    conditions = [parse_condition(text, columns=dataset.columns) for text in asked.always]
    for condition in conditions:
        check_condition(condition, dataset.frame)
    data = CaseData(key="data", title=dataset.name, role=DataRole.TRAINING, dataset=dataset)
    named = None if model is None else CaseModel(key="model", title=model.info.family, model=model)
    judgement = judge(data, named)
    if not judgement.has_scores:
        msg = tr("There is nothing to route: no judged row has a score. Give a model or a score column.")
        raise InvalidChoice(msg)
    held = hold(frozen_conditions(conditions, dataset, model, training), dataset.frame)
    return judged_rows(judgement, held, human=asked.human, human_approve=asked.human_approve)


def judged_rows(
    judgement: Judgement, held: Held, *, human: str | None, human_approve: Sequence[str]
) -> BandRows:
    """Put together the rows that a judgement judges.

    Parameters
    ----------
    judgement : Judgement
    held : Held
        Over all rows of its data: what always goes to a person has no score here.
    human : str or None
        Column with what a person decided.
    human_approve : sequence of str
        Its values that mean approved.
    """
    dataset, judged = judgement.data.dataset, judgement.judged
    roles = dataset.roles
    whole = None if judgement.whole is None else whole_under(held.conditions, judgement.whole)
    decided = None if human is None or whole is None else Decisions(human, tuple(human_approve))
    if decided is not None and whole is not None:
        check_decisions(whole, decided)
    decision = None
    if human is not None:
        decision = human_decisions(dataset, human, human_approve, is_checked=decided is not None)
    return BandRows(
        judgement=judgement,
        score=np.where(held.rows, np.nan, judgement.score)[judged],
        outcome=dataset.outcome[judged],
        weight=dataset.weight[judged] if roles.weight else None,
        amount=None if roles.amount is None else amounts_of(dataset)[judged],
        decision=None if decision is None else decision[judged],
        indices={column: judgement.groups([column]) for column in roles.sensitive},
        held=held,
        whole=whole,
        decided=decided,
    )


def human_decisions(
    dataset: Dataset, column: str, approve: Sequence[str], *, is_checked: bool = False
) -> NDArray[np.int8]:
    """Read what a person decided, int8 (n,): 0 refused, 1 approved, 2 none (a blank).

    Parameters
    ----------
    is_checked : bool
        Whether the labels for approved are known to occur, though perhaps not in the rows in memory.

    Raises
    ------
    MissingColumn
        When there is no such column.
    InvalidChoice
        When none of the labels for approved is in it.
    """
    require_columns(dataset.frame, [column])
    codes, names = label_codes(dataset.frame[column])
    good = {label_text(value) for value in approve}
    if not is_checked and good.isdisjoint(names):
        msg = tr(
            "Which value of `{column}` means that a person approved? Values there: {value_counts}. Name "
            "one of them.",
            column=column,
            value_counts=value_counts_text(codes, names),
        )
        raise InvalidChoice(msg)
    kinds = [APPROVED_BY_HUMAN if name in good else REFUSED_BY_HUMAN for name in names]
    return np.array([*kinds, NO_DECISION], dtype=np.int8)[codes]


def amounts_of(dataset: Dataset) -> FloatArray:
    """Return the loan amounts of a table whose roles name their column, float64 (n,); NaN = blank.

    Raises
    ------
    InvalidRoles
        The column holds no numbers.
    """
    column = dataset.roles.amount
    series = dataset.frame[column]
    if not is_number(series):
        msg = tr(
            "The amount column `{column}` does not hold numbers, so errors have no price in it. Choose "
            "another amount column, or fixed costs.",
            column=column,
        )
        raise InvalidRoles(msg)
    return numbers(series)


def frozen_conditions(
    conditions: Sequence[Condition], dataset: Dataset, model: Model | None, training: Dataset | None
) -> list[Condition]:
    """Freeze into conditions what they have to know of the training rows, where any asks.

    Raises
    ------
    InvalidChoice
        When one asks, and which rows those are is not known.
    """
    if all(condition.is_frozen for condition in conditions):
        return list(conditions)
    inputs = dataset.features if model is None else model.info.feature_names
    features = () if model is None else model.info.features
    held_out = held_out_rows(dataset)
    if training is not None:
        facts = training_facts(training.frame, inputs, features=features)
    elif held_out is not None:
        facts = training_facts(dataset.frame[~held_out], inputs, features=features)
    else:
        known = {f.name: f.categories for f in features if f.categories}
        facts = TrainingFacts(inputs=inputs, categories=known, ranges={})
        _refuse_unknown(conditions, facts)
    return [condition.frozen(facts) for condition in conditions]


def _refuse_unknown(conditions: Sequence[Condition], facts: TrainingFacts) -> None:
    """Refuse conditions on training rows that nobody has named."""
    for condition in conditions:
        wants = {"out_of_range": facts.ranges, "unseen": facts.categories}
        if condition.kind in wants and not wants[condition.kind]:
            msg = tr(
                "`{words}` asks what the training rows were like, and which they are is not known. Name "
                "the split column, or give a table of training rows.",
                words=condition.words(),
            )
            raise InvalidChoice(msg)
