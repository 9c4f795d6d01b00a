"""A ``Case``: every data set and model of one story, and what follows from looking at a pair of them.

Rows are touched here once per pair (scored and counted); pages work on the counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.memo import Memo
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Notice, ReviewBand, Roles
from rai_dash.data.columns import closest_names
from rai_dash.data.counting import count
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import GroupIndex, cross, group_index
from rai_dash.data.labels import labels
from rai_dash.data.levels import split_levels
from rai_dash.data.options import ReadOptions
from rai_dash.data.portfolio.places import SCORED
from rai_dash.data.portfolio.questions import Scale
from rai_dash.data.portfolio.whole import ScoreColumn, Whole
from rai_dash.data.scores import scores_of_column
from rai_dash.models.client import Model
from rai_dash.models.fidelity import Fidelity, compare
from rai_dash.models.portfolio_scores import scored_of, scorings_of
from rai_dash.review.conditions import Condition

#: Levels of a control that groups can be compared within; more would leave too few people in each.
MAX_LEVELS: Final = 50
#: Review bands to choose from; more would not be a choice.
MAX_BANDS_KEPT: Final = 12
BoolArray = NDArray[np.bool_]
#: Told rows done, rows in all, and what is being done.
Progress = Callable[[int, int, str], None]


class DataRole(StrEnum):
    """What a data set is in its story."""

    TRAINING = "training"
    PRODUCTION = "production"
    LIVING = "living"
    COLLECTED = "collected"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseData:
    """One data set of a case: a short key for the URL, a title, its role and the table.

    ``content`` is the uploaded file, or the place of one on the server, to read it another way; ``options`` is how it
    was read, and ``parts`` are the sheets or files that could be chosen from it. ``grown_from`` is the key of data
    whose rows are all in it, empty = none: a model that was trained on those has seen them.
    """

    key: str
    title: str
    role: DataRole
    dataset: Dataset
    source: str = ""
    content: bytes | Path | None = field(default=None, repr=False, compare=False)
    options: ReadOptions = field(default_factory=ReadOptions)
    parts: tuple[str, ...] = ()
    grown_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseModel:
    """One model of a case. ``trained_on`` is the key of its training data, None = not known."""

    key: str
    title: str
    model: Model
    trained_on: str | None = None
    note: str = ""


class Exposure(StrEnum):
    """Whether the judged rows were seen in training."""

    HELD_OUT = mark("held out")
    OTHER_DATA = mark("other data than the model was trained on")
    IN_SAMPLE = mark("in-sample")
    UNKNOWN = mark("in-sample?")


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One data set seen through one model or score column.

    Parameters
    ----------
    data : CaseData
        The rows.
    model : CaseModel or None
        None = the score column of the data.
    score : float64 (n,)
        Probability of the favourable outcome; NaN = no score. All NaN when there is nothing to score with.
    judged : bool (n,)
        Rows that figures are reported on: where the data say which rows the model was trained on, the others.
    exposure : Exposure
        Whether those rows were seen in training.
    unseen : bool (n,)
        Rows with a category that the model has never seen.
    notices : tuple of Notice
        Found while scoring.
    fidelity : Fidelity or None
        The model's scores beside the score column of the data, where there are both.
    whole : Whole or None
        All rows of the portfolio that the rows in memory are a sample of: counts are made of them. None where the
        data are in memory, and where a model has not scored all rows yet.
    """

    data: CaseData
    model: CaseModel | None
    score: NDArray[np.float64]
    judged: BoolArray
    exposure: Exposure
    unseen: BoolArray
    notices: tuple[Notice, ...] = ()
    fidelity: Fidelity | None = None
    whole: Whole | None = None
    memo: Memo = field(default_factory=Memo, repr=False, compare=False)

    @property
    def roles(self) -> Roles:
        """Roles of the data."""
        return self.data.dataset.roles

    @property
    def n_judged(self) -> int:
        """Rows in memory that figures are reported on: all of them, or those of the sample."""
        return int(self.judged.sum())

    @property
    def n_counted(self) -> int:
        """Rows that counts are made of: all rows of a portfolio, else those in memory."""
        return self.n_judged if self.whole is None else self.whole.n_judged

    @property
    def of_sample(self) -> Judgement:
        """The same pair on the rows in memory alone, counts too: for what compares rows one by one."""
        if self.whole is None:
            return self
        return self.memo.get("of the sample", lambda: replace(self, whole=None, memo=Memo()))

    @property
    def has_scores(self) -> bool:
        """Whether any judged row has a score."""
        return bool(np.isfinite(self.score[self.judged]).any())

    @property
    def positions(self) -> NDArray[np.intp]:
        """Positions of the judged rows in the table, int (n_judged,)."""
        return np.flatnonzero(self.judged)

    def groups(self, columns: Sequence[str]) -> GroupIndex:
        """Group index of the judged rows by one column or a cross of several."""
        frame = self.data.dataset.frame
        if self.whole is not None:
            found = self.whole.cross(columns)
            return GroupIndex(found.column, found.groups, found.codes_of(frame)[self.judged])
        parts = [group_index(frame, c, bins=self.roles.bins.get(c)) for c in columns]
        whole = parts[0] if len(parts) == 1 else cross(*parts)
        return replace(whole, codes=whole.codes[self.judged])

    def counts(self, columns: Sequence[str] = ()) -> GroupCounts:
        """Count the judged rows by the groups of ``columns``; no column = everyone."""
        if self.whole is not None:
            return self.whole.counts(columns)

        def make() -> GroupCounts:
            return self._count(self.groups(columns) if columns else None)

        return self.memo.get(("counts", tuple(columns)), make)

    def _count(self, index: GroupIndex | None) -> GroupCounts:
        """Count the judged rows by a group index of them."""
        dataset = self.data.dataset
        weight = dataset.weight[self.judged] if self.roles.weight else None
        return count(dataset.outcome[self.judged], self.score[self.judged], index, weight=weight)

    def within(self, columns: Sequence[str], control: str) -> tuple[tuple[str, GroupCounts], ...]:
        """Count the judged rows by the groups of ``columns`` in each level of a control column.

        Parameters
        ----------
        columns : sequence of str
            One column, or several to be crossed.
        control : str
            Any other column of the data; numbers are binned as groups are, blanks are the level ``(missing)``.

        Returns
        -------
        tuple of (str, GroupCounts)
            Each level with the same groups in the same order; a level or group may be empty. Counted once.

        Raises
        ------
        InvalidChoice
            When the control is unknown, is one of the columns, or has more than ``MAX_LEVELS`` levels, or the cross
            has too many cells.
        """
        _check_control(self.data.dataset, columns, control)

        def make() -> tuple[tuple[str, GroupCounts], ...]:
            levels = self.groups([control])
            if levels.n_groups > MAX_LEVELS:
                msg = tr(
                    "`{control}` has {n_groups} levels, at most {max_levels} can be held fixed. Choose "
                    "another control, or a column of numbers, which is cut into bins.",
                    control=control,
                    n_groups=f"{levels.n_groups:,}",
                    max_levels=MAX_LEVELS,
                )
                raise InvalidChoice(msg)
            groups = self.groups(columns)
            if self.whole is not None:
                return split_levels(self.whole.counts((control, *columns)), levels, groups)
            return split_levels(self._count(cross(levels, groups)), levels, groups)

        return self.memo.get(("within", tuple(columns), control), make)


@dataclass(frozen=True, slots=True, kw_only=True)
class BandCandidate:
    """A review band that somebody named to choose from."""

    name: str
    band: ReviewBand


@dataclass(frozen=True, kw_only=True)
class Case:
    """Data sets and models of one story: what a user opens, keeps and signs.

    Parameters
    ----------
    id : str
        Unguessable; the key to the case.
    title, story : str
        Name and a paragraph of background.
    data : tuple of CaseData
    models : tuple of CaseModel
    default_data, default_model : str
        Keys of the pair that is looked at first; an empty model key = the score column.
    bands : tuple of BandCandidate
        Review bands to choose from, the newest last.
    always : tuple of Condition
        What always sends an application to a person.
    """

    id: str
    title: str
    story: str = ""
    data: tuple[CaseData, ...] = ()
    models: tuple[CaseModel, ...] = ()
    default_data: str = ""
    default_model: str = ""
    bands: tuple[BandCandidate, ...] = ()
    always: tuple[Condition, ...] = ()
    opened: float = field(default_factory=time.monotonic, compare=False)
    memo: Memo = field(default_factory=Memo, repr=False, compare=False)

    def data_of(self, key: str) -> CaseData:
        """Find a data set by key; an unknown key gives the default."""
        by_key = {d.key: d for d in self.data}
        if not by_key:
            msg = tr("This case has no data yet. Open a bundled case or upload a file on the Start page.")
            raise InvalidChoice(msg)
        return by_key.get(key) or by_key.get(self.default_data) or self.data[0]

    def model_of(self, key: str) -> CaseModel | None:
        """Find a model by key; an unknown key gives the default, None = there is no model."""
        by_key = {m.key: m for m in self.models}
        return by_key.get(key) or by_key.get(self.default_model) or (self.models[0] if self.models else None)

    def judge(
        self, data_key: str = "", model_key: str = "", *, on_progress: Progress | None = None
    ) -> Judgement:
        """Score one data set with one model, once, and return what is known about the pair."""
        data, model = self.data_of(data_key), self.model_of(model_key)
        content = (data.key, data.dataset.fingerprint, data.dataset.roles_fingerprint)
        seen_by = (model.key, model.model.info.fingerprint, model.model.model_class) if model else None
        # Once a model has scored all rows of a portfolio, the pair is another one: it is counted on all of them.
        whole = data.dataset.portfolio
        scored = None if model is None or whole is None else scorings_of(whole, model.model)
        key = ("judge", content, seen_by, scored)
        return self.memo.get(key, lambda: judge(data, model, on_progress=on_progress))

    def with_model(self, model: CaseModel) -> Case:
        """Add a model, or replace the one of the same key."""
        others = tuple(m for m in self.models if m.key != model.key)
        # A bundled case shares its memo with other users' copies: what a user adds must not go there.
        return replace(self, models=(*others, model), memo=Memo())

    def with_data(self, data: CaseData) -> Case:
        """Add a data set, or replace the one of the same key."""
        known = [d.key for d in self.data]
        changed = (*self.data, data)
        if data.key in known:
            changed = tuple(data if d.key == data.key else d for d in self.data)
        return replace(self, data=changed, memo=Memo())

    def with_band(self, candidate: BandCandidate) -> Case:
        """Add a band to choose from, or replace the one of the same name.

        Raises
        ------
        InvalidChoice
            When there are too many.
        """
        others = tuple(c for c in self.bands if c.name != candidate.name)
        if len(others) >= MAX_BANDS_KEPT:
            msg = tr(
                "{max_bands_kept} bands are kept with this case. Drop one that is out of question first.",
                max_bands_kept=MAX_BANDS_KEPT,
            )
            raise InvalidChoice(msg)
        return replace(self, bands=(*others, candidate))


def _check_control(dataset: Dataset, columns: Sequence[str], control: str) -> None:
    """Refuse a control that is not there, or is compared by itself."""
    if not columns:
        msg = tr("There is no column to compare groups by. Choose a sensitive column.")
        raise InvalidChoice(msg)
    if control in columns:
        msg = tr(
            "`{control}` is a column that groups are compared by, so it cannot be held fixed. Choose another.",
            control=control,
        )
        raise InvalidChoice(msg)
    if control not in dataset.columns:
        close = closest_names(control, dataset.columns)
        hint = f"Did you mean `{close[0]}`?" if close else "Choose a column of the data."
        msg = tr("There is no column `{control}` to hold fixed. {hint}", control=control, hint=hint)
        raise InvalidChoice(msg)


def held_out_rows(dataset: Dataset) -> BoolArray | None:
    """Mark the rows that the model was not trained on, bool (n,); None = the data do not say."""
    roles = dataset.roles
    if roles.split is None:
        return None
    trained = labels(dataset.frame[roles.split]).isin(list(roles.split_train)).to_numpy(dtype=bool)
    if dataset.portfolio is not None:
        is_all = Whole(portfolio=dataset.portfolio, roles=roles).is_all_trained
    else:
        is_all = bool(trained.all())
    return None if is_all else ~trained


def _exposure(data: CaseData, model: CaseModel | None, held_out: BoolArray | None) -> Exposure:
    if held_out is not None:
        return Exposure.HELD_OUT
    if model is None or model.trained_on is None:
        return Exposure.UNKNOWN
    return Exposure.IN_SAMPLE if model.trained_on in {data.key, data.grown_from} else Exposure.OTHER_DATA


def _fidelity(dataset: Dataset, score: NDArray[np.float64]) -> Fidelity | None:
    """Compare a model with the score column of the data, where there is one."""
    return None if dataset.roles.score is None else compare(score, scores_of_column(dataset))


def _fidelity_notice(dataset: Dataset, found: Fidelity | None) -> tuple[Notice, ...]:
    if found is None or found.holds:
        return ()
    text = (
        f"The model does not give the scores of the column `{dataset.roles.score}`: they differ by up to "
        f"{found.largest:.3g} on {found.rows:,} compared rows. It may be another model, another class, or other data."
    )
    return (Notice("fidelity", text, dataset.roles.score),)


def judge(data: CaseData, model: CaseModel | None, *, on_progress: Progress | None = None) -> Judgement:
    """Score every row of a data set and choose the rows that figures are reported on."""
    dataset, whole = data.dataset, _whole(data.dataset, model)
    notices: tuple[Notice, ...] = ()
    unseen, fidelity = np.zeros(dataset.n_rows, dtype=bool), None
    if model is not None:
        matched = model.model.match(dataset)
        scored = model.model.score(dataset.frame, on_progress=on_progress)
        score, unseen, fidelity = scored.scores, scored.unseen, _fidelity(dataset, scored.scores)
        notices = (*matched, *scored.notices, *_fidelity_notice(dataset, fidelity))
    elif dataset.roles.score is not None:
        if whole is not None:
            whole.check_scale()  # it tells of all rows, where the sample would tell of its own
        score = scores_of_column(dataset)
    else:
        score = np.full(dataset.n_rows, np.nan)
    held_out = held_out_rows(dataset)
    judged = np.ones(dataset.n_rows, dtype=bool) if held_out is None else held_out
    return Judgement(
        data=data,
        model=model,
        score=score,
        judged=judged,
        exposure=_exposure(data, model, held_out),
        notices=notices,
        unseen=unseen,
        fidelity=fidelity,
        whole=whole,
    )


def _whole(dataset: Dataset, model: CaseModel | None) -> Whole | None:
    """Count all rows of a portfolio where their scores are known: a model has to score them first."""
    if dataset.portfolio is None:
        return None
    roles = dataset.roles
    if model is not None:
        scored = scored_of(dataset.portfolio, model.model)
        return None if scored is None else Whole(portfolio=scored, roles=roles, score=ScoreColumn(SCORED))
    column = None if roles.score is None else ScoreColumn(roles.score, Scale.of(roles.scale))
    return Whole(portfolio=dataset.portfolio, roles=roles, score=column)
