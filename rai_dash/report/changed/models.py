"""Two models: what their files say of them, and on the same rows the scores and decisions that differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import held_out_rows
from rai_dash.core.estimates import plain
from rai_dash.core.types import Feature
from rai_dash.core.words import count, estimate_words, many, number, percent, points
from rai_dash.data.dataset import Dataset
from rai_dash.models.client import Model
from rai_dash.models.parameters import parameters_of
from rai_dash.report.changed._flips import FEWEST, Flipped, flips_by_group
from rai_dash.report.changed._items import Change, ChangeItem, differs, hash_words, in_order
from rai_dash.report.shared_json import check_threshold

FloatArray = NDArray[np.float64]
_NAMED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoredBoth:
    """The same rows, scored by both models.

    Parameters
    ----------
    dataset : Dataset
    first, second : float64 (n,)
        Probability of the favourable outcome; NaN = no score.
    threshold : float
        Favourable from here on, for both.
    left_out : int
        Rows of the table that are not among these, since a model was trained on them.
    """

    dataset: Dataset
    first: FloatArray
    second: FloatArray
    threshold: float = 0.5
    left_out: int = 0

    def held_out(self) -> ScoredBoth:
        """Return the rows that the table does not mark as trained on; all of them where it marks none, or every one."""
        kept = held_out_rows(self.dataset)
        if kept is None or kept.all():
            return self
        frame = self.dataset.frame[kept].reset_index(drop=True)
        rows = Dataset(
            frame=frame,
            roles=self.dataset.roles,
            fingerprint=self.dataset.fingerprint,
            name=self.dataset.name,
        )
        return replace(
            self, dataset=rows, first=self.first[kept], second=self.second[kept], left_out=int((~kept).sum())
        )


def score_both(first: Model, second: Model, dataset: Dataset, *, threshold: float = 0.5) -> ScoredBoth:
    """Score the same rows by two models.

    Raises
    ------
    RaiError
        When one of them cannot score the table, or the threshold leaves 0 to 1.
    """
    check_threshold(threshold)
    scores = []
    for model in (first, second):
        model.match(dataset)
        scores.append(model.score(dataset.frame).scores)
    return ScoredBoth(dataset=dataset, first=scores[0], second=scores[1], threshold=threshold)


def changed_models(
    first: Model,
    second: Model,
    scored: ScoredBoth | None = None,
    *,
    names: tuple[str, str] = ("the first model", "the second model"),
) -> Change:
    """Compare two models.

    Parameters
    ----------
    first, second : Model
        Then and now.
    scored : ScoredBoth, optional
        Rows that both scored; without them only what the files say is compared. Where a split column marks what was
        trained on, only the others are compared.
    names : tuple of str
        To show.
    """
    told = list(changed_files(first, second))
    scored = None if scored is None else scored.held_out()
    behaviour = None if scored is None else _Behaviour.of(scored)
    items = [*told, *(() if behaviour is None else behaviour.items())]
    return Change(
        kind="model",
        first={"name": names[0], "fingerprint": first.info.fingerprint},
        second={"name": names[1], "fingerprint": second.info.fingerprint},
        headline=_headline(first, second, told, behaviour),
        items=in_order(items),
        notes=tuple(_notes(first, second, scored, behaviour)),
        details={} if behaviour is None else behaviour.details(),
    )


def changed_files(first: Model, second: Model) -> Iterator[ChangeItem]:
    """Yield what differs in what the files say: format, kind, inputs, categories, classes, settings of training."""
    was, now = first.info, second.info
    yield from differs("file", "Fingerprint", hash_words(was.fingerprint), hash_words(now.fingerprint))
    yield from differs("model", "Format", was.format, now.format)
    yield from differs("model", "Kind", was.family, now.family)
    yield from differs("model", "Classes", list(was.classes), list(now.classes))
    yield from differs("model", "Favourable class", first.model_class, second.model_class)
    yield from _features(was.features, now.features)
    before, after = parameters_of(first), parameters_of(second)
    for name in dict.fromkeys([*before, *after]):
        yield from differs("parameters", name, before.get(name), after.get(name))


def _features(before: tuple[Feature, ...], after: tuple[Feature, ...]) -> Iterator[ChangeItem]:
    was, now = ({f.name: f for f in side} for side in (before, after))
    for name in [n for n in was if n not in now]:
        yield ChangeItem(
            area="columns", what=name, words=f"The input `{name}` is gone.", before=name, size=2.0
        )
    for name in [n for n in now if n not in was]:
        yield ChangeItem(area="columns", what=name, words=f"The input `{name}` is new.", after=name, size=2.0)
    for name in [n for n in was if n in now]:
        yield from differs("columns", f"Input `{name}`", was[name].kind, now[name].kind)
        yield from _known(name, was[name].categories, now[name].categories)
    if set(was) == set(now) and list(was) != list(now):
        yield ChangeItem(area="columns", what="order", words="The inputs stand in another order.", size=0.5)


def _known(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[ChangeItem]:
    for these, those, said in ((before, after, "no longer knows"), (after, before, "now knows")):
        own = [c for c in these if c not in set(those)]
        if own:
            more = f" and {count(len(own) - _NAMED)} more" if len(own) > _NAMED else ""
            words = f"The input `{name}` {said} {', '.join(own[:_NAMED])}{more}."
            listed = ", ".join(own[:20])
            is_gone = these is before
            yield ChangeItem(
                area="categories", what=name, words=words, size=float(len(own)),
                before=listed if is_gone else None, after=None if is_gone else listed,
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Behaviour:
    """What both do on the same rows."""

    rows: int
    n: int
    threshold: float
    differences: FloatArray
    rank: float | None
    everyone: Flipped
    groups: tuple[Flipped, ...]

    @classmethod
    def of(cls, scored: ScoredBoth) -> _Behaviour:
        both = np.isfinite(scored.first) & np.isfinite(scored.second)
        first, second = scored.first[both], scored.second[both]
        everyone, groups = flips_by_group(scored.dataset, scored.first, scored.second, scored.threshold)
        return cls(
            rows=scored.dataset.n_rows,
            n=int(both.sum()),
            threshold=scored.threshold,
            differences=second - first,
            rank=_rank_correlation(first, second),
            everyone=everyone,
            groups=groups,
        )

    @property
    def largest(self) -> Flipped | None:
        """The group that flips more than the others by the most, where that holds after allowing for all groups."""
        found = [g for g in self.groups if g.is_above(len(self.groups))]
        return max(found, key=lambda g: g.more or 0.0, default=None)

    def items(self) -> Iterator[ChangeItem]:
        """Yield what differs, where anything does."""
        if self.n and self.differences.any():
            yield self._scores()
        if self.everyone.flips:
            yield _flipped(self.everyone, self.threshold)
            yield from (_flipped(g, self.threshold) for g in self.groups if g.flips)

    def _scores(self) -> ChangeItem:
        size = np.abs(self.differences)
        rank = "" if self.rank is None else f"; rank correlation {number(self.rank, digits=3)}"
        words = (
            f"On {many(self.n, 'row')} the scores differ by {points(float(size.mean()))} on average and by "
            f"{points(float(size.max()))} at most; on balance they moved by "
            f"{points(float(self.differences.mean()), signed=True)}{rank}."
        )
        return ChangeItem(
            area="scores", what="scores", words=words, after=float(size.mean()), size=float(size.mean())
        )

    def details(self) -> dict[str, Any]:
        """Return the numbers as plain values."""
        size = np.abs(self.differences)
        some = bool(self.n)
        return {
            "rows": self.rows,
            "rows_with_both_scores": self.n,
            "threshold": self.threshold,
            "mean_absolute_difference": float(size.mean()) if some else None,
            "largest_difference": float(size.max()) if some else None,
            "mean_difference": float(self.differences.mean()) if some else None,
            "rank_correlation": self.rank,
            "overall": self.everyone.to_json(),
            "groups": [g.to_json() for g in self.groups],
        }


def _rank_correlation(first: FloatArray, second: FloatArray) -> float | None:
    """Spearman's; None where one of them ranks nobody."""
    from scipy.stats import rankdata

    if first.size < 2:
        return None
    a, b = rankdata(first), rankdata(second)
    if a.std() == 0 or b.std() == 0:
        return None
    return plain(float(np.corrcoef(a, b)[0, 1]))


def _flipped(one: Flipped, threshold: float) -> ChangeItem:
    share = one.favourable
    ends = _ends(share.low, share.high)
    words = (
        f"{_flips_words(one, threshold)} Favourable: {percent(share.a.value)} before, {percent(share.b.value)} now, "
        f"{points(share.difference, signed=True)} ({ends})."
    )
    return ChangeItem(
        area="decisions", what=f"{one.column}: {one.group}" if one.column else "everybody", words=words,
        before=share.a.value, after=share.b.value, size=2.0 if not one.column else one.share.value or 0.0,
        rows=one.rows,
    )  # fmt: skip


def _ends(low: float | None, high: float | None) -> str:
    """Write an interval with its unit once."""
    return f"{points(low, signed=True).removesuffix(' points').removesuffix(' point')} to {points(high, signed=True)}"


def _flips_words(one: Flipped, threshold: float) -> str:
    found = one.found
    k, n, rate = count(one.flips), count(one.rows), estimate_words(one.share).rpartition(", ")[0]
    if not one.column:
        known = (
            f" {count(found.right)} of the flips put a decision right, {count(found.wrong)} put one wrong."
        )
        ways = f"{count(found.approved.rows)} become favourable, {count(found.declined.rows)} unfavourable."
        said = f"{k} of {n} decisions flip at {percent(threshold)}, {rate}: {ways}"
        return f"{said}{known}" if found.right or found.wrong else said
    more = ""
    if one.more is not None:
        ends = _ends(one.low, one.high)
        more = f", {points(one.more, signed=True)} from the share of everybody else ({ends})"
    return f"{one.column} is {one.group}: {k} of {n} flip, {rate}{more}."


def _headline(first: Model, second: Model, told: list[ChangeItem], behaviour: _Behaviour | None) -> str:
    is_same = first.info.fingerprint == second.info.fingerprint
    if is_same and not told:
        said = "The model is the same file, read the same way"
    elif is_same:
        said = "The model is the same file, read another way"
    elif told and all(item.area == "file" for item in told):
        said = "The model is another file, and all that it says of itself is the same"
    else:
        said = "The model is another one"
    if behaviour is None:
        return f"{said}."
    if not behaviour.n:
        return f"{said}; no row has a score of both, so nothing is said about decisions."
    if not behaviour.everyone.flips:
        moved = (
            "no score differs" if not behaviour.differences.any() else "scores differ and no decision flips"
        )
        return f"{said}. On the same {many(behaviour.n, 'row')} {moved}."
    whom = behaviour.largest
    group = (
        ""
        if whom is None
        else (
            f", more than elsewhere where {whom.column} is {whom.group}: {count(whom.flips)} of {count(whom.rows)}"
        )
    )
    flips = behaviour.everyone.flips
    verb = "decision flips" if behaviour.n == 1 else "decisions flip"
    return f"{said}. {count(flips)} of {count(behaviour.n)} {verb}{group}."


def _notes(
    first: Model, second: Model, scored: ScoredBoth | None, behaviour: _Behaviour | None
) -> Iterator[str]:
    for model, which in ((first, "first"), (second, "second")):
        if model.info.format == "onnx":
            yield f"The {which} model is ONNX, and such a file does not say how it was trained."
    if scored is None or behaviour is None:
        yield "No rows were given to score, so nothing is said about scores and decisions."
        return
    yield from _row_notes(scored, behaviour)
    yield from _group_notes(scored, behaviour)


def _row_notes(scored: ScoredBoth, behaviour: _Behaviour) -> Iterator[str]:
    without = behaviour.rows - behaviour.n
    if without:
        yield f"{many(without, 'row')} without a score of both {'is' if without == 1 else 'are'} left out."
    if scored.left_out:
        verb = "is" if scored.left_out == 1 else "are"
        yield f"{many(scored.left_out, 'row')} that a model was trained on {verb} left out."
    elif scored.dataset.roles.split is not None:
        yield "Every row is compared, those that a model was trained on as well."
    if scored.dataset.roles.weight is not None:
        yield "Every row counts once here, whatever its weight."


def _group_notes(scored: ScoredBoth, behaviour: _Behaviour) -> Iterator[str]:
    if not scored.dataset.roles.sensitive:
        yield "No sensitive column is named, so flips are not told by group."
    few = [g for g in behaviour.groups if g.rows < FEWEST]
    if few:
        named = ", ".join(f"{g.column} is {g.group} ({many(g.rows, 'row')})" for g in few[:_NAMED])
        yield f"Few rows, so little is known: {named}."
    if behaviour.largest is not None and len(behaviour.groups) > 2:
        yield (
            f"{count(len(behaviour.groups))} groups were looked at; the one that is named flips the most above "
            "everybody else, which holds after allowing for all of them. Single intervals below do not."
        )
