"""The trials themselves: one base, one fold, one bench, and every method on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import Cancelled, RaiError, WorkerFailed
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE
from rai_dash.core.words import percent, points
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import GroupIndex, group_index
from rai_dash.metrics._base import DEFAULT_MIN_N
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.trials.mitigating import methods
from rai_dash.trials.mitigating.changes import change
from rai_dash.trials.mitigating.choosing import Scored, cuts_by_group, decide, optimised_draws
from rai_dash.trials.mitigating.decorrelate import decorrelated
from rai_dash.trials.mitigating.judging import Bench, halves
from rai_dash.trials.mitigating.results import Goal, Judged, Matched, Method, Mitigated, Trial
from rai_dash.trials.mitigating.weights import reweighing
from rai_dash.trials.rebalance import Fold
from rai_dash.trials.training import Progress, Trainer

FloatArray = NDArray[np.float64]
#: Seeds of the predictions; odd, so that one of them has the gap in the middle.
SEEDS: Final = 11
#: Slack of the constraint, and most rounds, of ExponentiatedGradient.
SLACK, MAX_ITER = 0.02, 50
_TRAIN_OP: Final = "rai_dash.trials.ops:exponentiated_gradient"
_RATE_WORDS: Final = {"recall": "recall", "fpr": "false positive rate", "selection_rate": "share approved"}


class Steps:
    """Turns the steps of a trial into one progress from 0 to 100."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._at = progress, 0

    def begin(self, at: int, note: str) -> None:
        """Say what is done now."""
        self._at = at
        self._say(at, note)

    def inside(self, done: int, total: int, note: str) -> None:
        """Report from inside the last and longest step."""
        self._say(self._at + int((99 - self._at) * done / max(total, 1)), note)

    def _say(self, at: int, note: str) -> None:
        if self._progress is not None:
            self._progress(at, 100, note)


class Laboratory:
    """One data set, one trainer, one fold: everything the methods share."""

    def __init__(
        self,
        dataset: Dataset,
        trainer: Trainer,
        fold: Fold,
        *,
        by: str,
        goal: Goal,
        threshold: float,
        seed: int,
    ) -> None:
        self._dataset, self._trainer, self._fold = dataset, trainer, fold
        self._goal, self._threshold, self._seed = goal, threshold, seed
        self._index = group_index(dataset.frame, by, bins=dataset.roles.bins.get(by))
        self._weight = dataset.weight if dataset.roles.weight else None
        self._favourable = dataset.outcome[fold.train] == FAVOURABLE
        at = fold.test
        first, second = halves(dataset.outcome[at], _part(self._index, at), seed=seed)
        self._chosen, self._reported = at[first], at[second]
        self.bench = Bench(
            outcome=dataset.outcome[self._reported],
            index=_part(self._index, self._reported),
            goal=goal,
            weight=None if self._weight is None else self._weight[self._reported],
            seed=seed,
        )
        self._base = np.empty(0)
        self._before = np.empty(0)
        self._judged: Judged

    def run(self, steps: Steps) -> Mitigated:
        """Try all methods."""
        steps.begin(0, tr("training the model as it is"))
        both = np.concatenate((self._chosen, self._reported))
        score = self._scores(self._train_weight(), both)
        self._base, self._report_score = score[: self._chosen.size], score[self._chosen.size :]
        self._before = decide(self._report_score, self._threshold)
        self._judged = self.bench.judge(self._before)
        trials = []
        for at, method, attempt in (
            (10, methods.REWEIGHING, self._reweighing),
            (20, methods.CORRELATION, self._correlation),
            (30, methods.CUTS, self._cuts),
            (32, methods.OPTIMISER, self._optimiser),
            (36, methods.GRADIENT, lambda: self._gradient(steps)),
        ):
            steps.begin(at, method.title)
            trials.append(_tried(method, attempt))
        steps.begin(100, "done")
        trainer = self._trainer
        return Mitigated(
            column=self._index.column, goal=self._goal, threshold=self._threshold, seed=self._seed,
            base=self._judged, trials=tuple(trials), kind=trainer.kind, recipe=trainer.recipe,
            is_stand_in=trainer.is_stand_in,
            group_is_feature=self._index.column in trainer.features,
            fold=self._fold.words, train_rows=int(self._fold.train.size),
            chosen_on=int(self._chosen.size), reported_on=int(self._reported.size), notes=self._notes(),
        )  # fmt: skip

    def _notes(self) -> tuple[str, ...]:
        weighted = tr(
            "Rows carry weights: they count in training and in every figure, but ThresholdOptimizer and "
            "ExponentiatedGradient take none, and the change of a gap has no interval."
        )
        return () if self._weight is None else (weighted,)

    def _train_weight(self) -> FloatArray | None:
        return None if self._weight is None else self._weight[self._fold.train]

    def _scores(self, weight: FloatArray | None, rows: NDArray[np.int64]) -> FloatArray:
        frame = self._dataset.frame
        judged = frame.iloc[rows].reset_index(drop=True)
        return self._trainer.fit(frame.iloc[self._fold.train], self._favourable, weight, judged).score

    def _with_score(self, method: Method, score: FloatArray, details: tuple[str, ...]) -> Trial:
        """Judge a method that gives a score: at the threshold, and at the share approved before."""
        after = decide(score, self._threshold)
        level = decide(score, self.bench.matching_cut(score, self._before))
        matched = Matched(moved="after", before=self._judged, after=self.bench.judge(level))
        return self._finish(method, after, self.bench.judge(after), matched, details)

    def _without_score(
        self, method: Method, after: FloatArray, judged: Judged, details: tuple[str, ...]
    ) -> Trial:
        """Judge decisions without a score: as they are, and beside the base at the share they approve."""
        level = decide(self._report_score, self.bench.matching_cut(self._report_score, after))
        matched = Matched(moved="before", before=self.bench.judge(level), after=judged)
        return self._finish(method, after, judged, matched, details)

    def _finish(
        self, method: Method, after: FloatArray, judged: Judged, matched: Matched, details: tuple[str, ...]
    ) -> Trial:
        return Trial(
            method=method,
            judged=judged,
            change=change(self.bench, self._before, after, (self._judged, judged)),
            moves=self.bench.moves(self._before, after),
            matched=matched,
            details=details,
        )

    def _reweighing(self) -> Trial:
        train = self._fold.train
        codes = self._index.codes[train]
        weight = reweighing(self._favourable, codes, weight=self._train_weight())
        score = self._scores(weight, self._reported)
        words = tr("Weights from {min} to {max}.", min=f"{weight.min():.2f}", max=f"{weight.max():.2f}")
        return self._with_score(methods.REWEIGHING, score, (words,))

    def _correlation(self) -> Trial:
        frame, train = self._dataset.frame[list(self._trainer.features)], self._fold.train
        numeric = self._trainer.numeric(frame)
        changed = decorrelated(frame, numeric, self._index, train)
        score = self._trainer.fit(
            changed.iloc[train], self._favourable, self._train_weight(),
            changed.iloc[self._reported].reset_index(drop=True),
        ).score  # fmt: skip
        moved = [c for c in numeric if c != self._index.column]
        words = [
            tr(
                "{moved} of {features} columns are numbers and were transformed.",
                moved=len(moved),
                features=len(self._trainer.features),
            )
        ]
        if self._index.column in self._trainer.features:
            words.append(
                tr("The compared column itself holds one value for everyone, so that it tells nothing.")
            )
        return self._with_score(methods.CORRELATION, score, tuple(words))

    def _halves(self) -> tuple[Scored, Scored]:
        def one(rows: NDArray[np.int64], score: FloatArray) -> Scored:
            weight = None if self._weight is None else self._weight[rows]
            outcome = self._dataset.outcome[rows]
            return Scored(outcome=outcome, score=score, index=_part(self._index, rows), weight=weight)

        return one(self._chosen, self._base), one(self._reported, self._report_score)

    def _cuts(self) -> Trial:
        chosen, reported = self._halves()
        found = cuts_by_group(chosen, self._goal, self._threshold)
        after = decide(reported.score, found.cuts[reported.index.codes])
        rate = _RATE_WORDS[found.metric]
        words = [
            tr(
                "Every group is brought to the {rate} of everyone, {target}.",
                rate=rate,
                target=percent(found.target),
            )
        ]
        words += [
            tr("{group} keeps the common threshold: {reason}.", group=group, reason=reason)
            for group, reason in found.kept
        ]
        cuts = dict(zip(found.groups, map(float, found.cuts), strict=True))
        trial = self._without_score(methods.CUTS, after, self.bench.judge(after), tuple(words))
        return replace(trial, cuts=cuts)

    def _optimiser(self) -> Trial:
        chosen, reported = self._halves()
        draws, kept = optimised_draws(chosen, reported, self._goal, self._threshold, seeds=range(SEEDS))
        words = tuple(
            tr("{group} keeps the common threshold: too few rows, or one outcome.", group=group)
            for group in kept
        )
        return self._random(methods.OPTIMISER, draws, words)

    def _gradient(self, steps: Steps) -> Trial:
        train, names = self._fold.train, list(self._trainer.features)
        rows = self._dataset.frame.iloc[np.concatenate((train, self._reported))][names]
        codes, small = _large_groups(self._index, train)
        args = {"goal": self._goal.value, "slack": SLACK, "max_iter": MAX_ITER, "seeds": list(range(SEEDS))}
        label = self._favourable.astype(np.int8).tobytes()
        blobs = [frame_to_ipc(rows), label, codes.astype("<i4").tobytes()]
        reply = self._trainer.call(_TRAIN_OP, args, blobs, steps.inside)
        draws = _decisions(reply.blobs, SEEDS, self._reported.size)
        fits, mixed = int(reply.data["fits"]), int(reply.data["mixed"])
        words = [
            tr(
                "{fits} models trained, {mixed} of them mixed; slack of the constraint {slack}.",
                fits=fits,
                mixed=mixed,
                slack=points(SLACK),
            )
        ]
        words += [tr("{g} carries no constraint of its own: too few training rows.", g=g) for g in small]
        return self._random(methods.GRADIENT, draws, tuple(words))

    def _random(self, method: Method, draws: FloatArray, details: tuple[str, ...]) -> Trial:
        """Judge decisions under several seeds by the one whose gap lies in the middle."""
        judged = [self.bench.judge(d) for d in draws]
        gaps = [j.gap.value for j in judged]
        order = sorted(range(len(draws)), key=lambda i: (gaps[i] is None, gaps[i] or 0.0))
        middle = order[len(order) // 2]
        scored = np.isfinite(draws).all(axis=0)
        flips = self.bench.flips(np.where(scored, draws, 0.0), gaps)
        return replace(self._without_score(method, draws[middle], judged[middle], details), flips=flips)


def _part(index: GroupIndex, rows: NDArray[np.int64]) -> GroupIndex:
    return GroupIndex(index.column, index.groups, index.codes[rows])


def _tried(method: Method, attempt: Callable[[], Trial]) -> Trial:
    """Try a method; what goes wrong with it is said beside the others."""
    try:
        return attempt()
    except Cancelled:
        raise
    except RaiError as error:
        return Trial(method=method, failed=error.message)


def _large_groups(index: GroupIndex, train: NDArray[np.int64]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Count small groups with the largest one: a constraint on a few rows would rule everything."""
    codes = index.codes[train].copy()
    sizes = np.bincount(codes, minlength=index.n_groups)
    small = np.flatnonzero((sizes > 0) & (sizes < DEFAULT_MIN_N))
    codes[np.isin(codes, small)] = sizes.argmax()
    return codes, tuple(index.groups[i] for i in small)


def _decisions(blobs: list[bytes], seeds: int, n: int) -> FloatArray:
    """Check what the process sent."""
    found = np.frombuffer(blobs[0] if blobs else b"", dtype=np.int8)
    if found.size != seeds * n or not np.isin(found, (0, 1)).all():
        msg = tr("The process that trains sent another number of decisions than rows. Try again.")
        raise WorkerFailed(msg)
    return found.reshape(seeds, n).astype(np.float64)
