"""Two data sets of a case beside each other: what moved, and the classifier that tells them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import Case, CaseData, DataRole, Exposure, Judgement
from rai_dash.charts._base import Chart
from rai_dash.charts.shift_bars import shift_bars
from rai_dash.charts.two_distributions import MAX_CELLS, two_distributions
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.data.column_drift import ColumnDrift
from rai_dash.data.drift import Drift, data_drift
from rai_dash.data.shared_rows import SharedRows, shared_rows
from rai_dash.metrics.score_shift import Scored, ScoreShift, score_shift, score_shift_of_counts
from rai_dash.trials.two_sample import MOST_ROWS, TwoSample, two_sample
from rai_dash.ui import controls, rests_on, score_shift_words, shared_words, shift_words, training, widgets
from rai_dash.ui.frames import optional
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, safe, sentence

IntArray = NDArray[np.int64]
DRAWN = 20
_MOST_VALUES = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """The two data sets."""

    then: CaseData
    now: CaseData


def pair(view: View) -> Pair:
    """Let the user pick the second data set; the training data are always the first."""
    here = view.judgement.data
    data = view.case.data
    place = [d.key for d in data].index(here.key)
    others = [*data[place + 1 :], *data[:place]]
    key = controls.pick(
        tr("Compared with"), "versus", [d.key for d in others], {d.key: plain(d.title) for d in others}
    )
    other = view.case.data_of(key)
    is_swapped = other.role is DataRole.TRAINING and here.role is not DataRole.TRAINING
    found = Pair(other, here) if is_swapped else Pair(here, other)
    widgets.note(
        tr(
            "Then: {then}, {n_all} rows. Now: {now}, {dataset_n_all} rows. All rows of both, each counted "
            "once{whatever}.",
            then=safe(found.then.title),
            n_all=count(found.then.dataset.n_all),
            now=safe(found.now.title),
            dataset_n_all=count(found.now.dataset.n_all),
            whatever=_whatever(found),
        )
    )
    return found


def _whatever(two: Pair) -> str:
    """Say which figures of the page are weighted, where rows carry weights."""
    if not any(d.dataset.roles.weight for d in (two.then, two.now)):
        return ""
    return tr(
        " whatever its weight; the share of favourable outcomes and the figures of the scores are weighted"
    )


def drift_of(case: Case, two: Pair) -> Drift:
    """Compare the two data sets, once."""
    sides = [(d.dataset.fingerprint, d.dataset.roles_fingerprint) for d in (two.then, two.now)]
    return case.memo.get(("drift", *sides), lambda: data_drift(two.then.dataset, two.now.dataset))


def shared_of(case: Case, two: Pair) -> SharedRows | None:
    """Find the rows that are in both data sets, once."""
    sides = [(d.dataset.fingerprint, d.dataset.roles_fingerprint) for d in (two.then, two.now)]
    return case.memo.get(("shared rows", *sides), lambda: shared_rows(two.then.dataset, two.now.dataset))


def shared(case: Case, two: Pair) -> None:
    """Say which rows of the second data set were in the first already."""
    if any(rests_on.is_sampled(d.dataset) for d in (two.then, two.now)):
        widgets.notice(
            tr(
                "Rows that are in both data sets are not looked for: of a portfolio only a sample of rows is "
                "in memory, and most rows of the other would be missed."
            )
        )
        return
    found = shared_of(case, two)
    if found is None:
        widgets.finding(
            tr("Fewer than three columns are in both and tell applications apart, so rows are not compared.")
        )
        return
    widgets.finding(shared_words.shared_finding(found), warn=shared_words.is_beyond_chance(found))
    for text in shared_words.shared_more(found):
        widgets.paragraph(text)
    widgets.note(shared_words.shared_note(found))
    if found.alike.by_column:
        widgets.numbers(
            lambda: shared_words.alike_frame(found.alike),
            name="alike_rows",
            key="alike",
            label=tr("In which column they are written another way"),
        )


def scores(view: View, two: Pair) -> None:
    """Say what the shift means for the scores, where both data sets have some."""
    try:
        sides = [view.case.judge(d.key, view.choices.model) for d in (two.then, two.now)]
    except RaiError as error:
        widgets.problem(sentence(error.message))
        return
    if not all(s.has_scores for s in sides):
        widgets.note(
            tr("Scores are compared once both data sets have some: add a model or name a score column.")
        )
        return
    threshold = view.choices.threshold
    found = sides[1].memo.get(
        ("score shift", two.then.key, two.then.dataset.roles_fingerprint, threshold),
        lambda: _score_shift(sides[0], sides[1], threshold),
    )
    first, *more = score_shift_words.score_sentences(found)
    widgets.finding(first, warn=score_shift_words.is_threshold_off(found))
    for text in more:
        widgets.paragraph(text)
    widgets.note(
        " ".join(_rows_behind(s, when) for s, when in zip(sides, (tr("Then"), tr("Now")), strict=True))
    )
    widgets.draw(cells(found.drift), key="scores")
    widgets.how_to_read(
        tr(
            "Each pair of bars is the share of rows with a score in a range: above then, below now. Ranges "
            "are tenths of the scores then."
        )
    )
    widgets.numbers(
        lambda: shift_words.cells_frame(found.drift), name="shift_scores", key="shift_scores", people="rows"
    )


def _score_shift(then: Judgement, now: Judgement, threshold: float) -> ScoreShift:
    if then.whole is not None or now.whole is not None:
        return score_shift_of_counts(then.counts(), now.counts(), threshold=threshold)
    sides = [
        Scored(score=j.score[j.judged], outcome=j.data.dataset.outcome[j.judged], counts=j.counts())
        for j in (then, now)
    ]
    return score_shift(sides[0], sides[1], threshold=threshold)


def _rows_behind(judgement: Judgement, when: str) -> str:
    """Say how many rows the scores of one side are of, and whether the model has seen them."""
    text = tr(
        "{when}: scores of {rows}, {exposure}.",
        when=when,
        rows=rests_on.rows_words(judgement),
        exposure=safe(tr(judgement.exposure.value)),
    )
    seen = judgement.exposure in {Exposure.IN_SAMPLE, Exposure.UNKNOWN}
    return text + tr(" Rows a model was trained on make it look better than it is.") * seen


def bars(found: Drift) -> Chart:
    """Draw the columns that moved most."""
    top = found.columns[:DRAWN]
    return shift_bars(
        [c.name for c in top],
        optional([c.psi for c in top]),
        chance=optional([c.psi_by_chance for c in top]),
        shown=[c.is_shown for c in top],
        finding=[c.shift.value for c in top],
    )


def cells(one: ColumnDrift) -> Chart:
    """Draw one column in both data sets; rare values are added up."""
    return drawn_cells(one.kind, one.cells, one.then, one.now)


def drawn_cells(kind: str, names: Sequence[str], then: IntArray, now: IntArray) -> Chart:
    """Draw the cells of one column on both sides; of a column that is no ``number`` rare values are added up."""
    if kind == "number" or len(names) <= _MOST_VALUES:
        return two_distributions(names[:MAX_CELLS], then[:MAX_CELLS], now[:MAX_CELLS])
    share = then / max(then.sum(), 1) + now / max(now.sum(), 1)
    order = np.argsort(-share, kind="stable")
    kept, rest = order[: _MOST_VALUES - 1], order[_MOST_VALUES - 1 :]
    shown = [*(names[i] for i in kept), tr("all others ({rest} values)", rest=len(rest))]
    sides = [np.append(side[kept], side[rest].sum()) for side in (then, now)]
    return two_distributions(shown, *sides)


def classifier(view: View, two: Pair) -> None:
    """Let the user train a classifier that tells the data sets apart, and say what it found."""
    why = tr("a classifier is trained on at most {most_rows} rows of each", most_rows=count(MOST_ROWS))
    rests_on.sample_notes([two.then.dataset, two.now.dataset], why)
    seed = controls.seed_input()
    sides = [(d.dataset.fingerprint, d.dataset.roles_fingerprint) for d in (two.then, two.now)]
    key = training.job_key(view, "two_sample", {"seed": seed, "sides": sides})
    if training.start_button(tr("Try to tell them apart"), icon=":material/model_training:", key="shift_go"):
        training.start(key, _work(two, seed))
    job = training.finished(key, idle=tr("Nothing is trained until you start."))
    if job is not None:
        _told(job.result)


def _work(two: Pair, seed: int) -> Callable[..., TwoSample]:
    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> TwoSample:
        return two_sample(
            two.then.dataset, two.now.dataset, seed=seed, progress=progress, cancelled=cancelled
        )

    return work


def _told(result: TwoSample) -> None:
    widgets.finding(shift_words.told_apart(result))
    widgets.note(
        tr(
            "Trained on one half of the rows and judged on the other: {rows_then} then and {rows_now} now "
            "(of at most {most_rows} of each); equal rows stay in one half. The outcome is not among its "
            "columns. Columns that go together share what they give away.",
            rows_then=count(result.rows_then),
            rows_now=count(result.rows_now),
            most_rows=count(MOST_ROWS),
        )
    )
    widgets.numbers(lambda: shift_words.two_sample_frame(result), name="two_sample", key="two_sample")
