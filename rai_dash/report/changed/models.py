"""Two models: what their files say of them, and on the same rows the scores and decisions that differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import held_out_rows
from rai_dash.core.estimates import plain
from rai_dash.core.texts import ntr, tr
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
    yield from differs("model", tr("Favourable class"), first.model_class, second.model_class)
    yield from _features(was.features, now.features)
    before, after = parameters_of(first), parameters_of(second)
    for name in dict.fromkeys([*before, *after]):
        yield from differs("parameters", name, before.get(name), after.get(name))


def _features(before: tuple[Feature, ...], after: tuple[Feature, ...]) -> Iterator[ChangeItem]:
    was, now = ({f.name: f for f in side} for side in (before, after))
    for name in [n for n in was if n not in now]:
        yield ChangeItem(
            area="columns",
            what=name,
            words=tr("The input `{name}` is gone.", name=name),
            before=name,
            size=2.0,
        )
    for name in [n for n in now if n not in was]:
        yield ChangeItem(
            area="columns", what=name, words=tr("The input `{name}` is new.", name=name), after=name, size=2.0
        )
    for name in [n for n in was if n in now]:
        yield from differs("columns", tr("Input `{name}`", name=name), was[name].kind, now[name].kind)
        yield from _known(name, was[name].categories, now[name].categories)
    if set(was) == set(now) and list(was) != list(now):
        yield ChangeItem(
            area="columns", what="order", words=tr("The inputs stand in another order."), size=0.5
        )


def _known(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[ChangeItem]:
    for these, those, said in ((before, after, tr("no longer knows")), (after, before, tr("now knows"))):
        own = [c for c in these if c not in set(those)]
        if own:
            more = tr(" and {own} more", own=count(len(own) - _NAMED)) if len(own) > _NAMED else ""
            words = tr(
                "The input `{name}` {said} {own}{more}.",
                name=name,
                said=said,
                own=", ".join(own[:_NAMED]),
                more=more,
            )
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
        rank = "" if self.rank is None else tr("; rank correlation {rank}", rank=number(self.rank, digits=3))
        words = tr(
            "On {self_} the scores differ by {mean} on average and by {max} at most; on balance they "
            "moved by {mean_2}{rank}.",
            self_=many(self.n, "row", "rows"),
            mean=points(float(size.mean())),
            max=points(float(size.max())),
            mean_2=points(float(self.differences.mean()), signed=True),
            rank=rank,
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
    words = tr(
        "{flips} Favourable: {a} before, {b} now, {difference} ({ends}).",
        flips=_flips_words(one, threshold),
        a=percent(share.a.value),
        b=percent(share.b.value),
        difference=points(share.difference, signed=True),
        ends=ends,
    )
    return ChangeItem(
        area="decisions", what=f"{one.column}: {one.group}" if one.column else "everybody", words=words,
        before=share.a.value, after=share.b.value, size=2.0 if not one.column else one.share.value or 0.0,
        rows=one.rows,
    )  # fmt: skip


def _ends(low: float | None, high: float | None) -> str:
    """Write an interval with its unit once."""
    return tr(
        "{low} to {high}",
        low=points(low, signed=True).removesuffix(" points").removesuffix(" point"),
        high=points(high, signed=True),
    )


def _flips_words(one: Flipped, threshold: float) -> str:
    found = one.found
    k, n, rate = count(one.flips), count(one.rows), estimate_words(one.share).rpartition(", ")[0]
    if not one.column:
        known = tr(
            " {right} of the flips put a decision right, {wrong} put one wrong.",
            right=count(found.right),
            wrong=count(found.wrong),
        )
        ways = tr(
            "{rows} become favourable, {declined_rows} unfavourable.",
            rows=count(found.approved.rows),
            declined_rows=count(found.declined.rows),
        )
        said = tr(
            "{k} of {n} decisions flip at {threshold}, {rate}: {ways}",
            k=k,
            n=n,
            threshold=percent(threshold),
            rate=rate,
            ways=ways,
        )
        return f"{said}{known}" if found.right or found.wrong else said
    more = ""
    if one.more is not None:
        ends = _ends(one.low, one.high)
        more = tr(
            ", {more} from the share of everybody else ({ends})",
            more=points(one.more, signed=True),
            ends=ends,
        )
    return tr(
        "{column} is {group}: {k} of {n} flip, {rate}{more}.",
        column=one.column,
        group=one.group,
        k=k,
        n=n,
        rate=rate,
        more=more,
    )


def _headline(first: Model, second: Model, told: list[ChangeItem], behaviour: _Behaviour | None) -> str:
    is_same = first.info.fingerprint == second.info.fingerprint
    if is_same and not told:
        said = tr("The model is the same file, read the same way")
    elif is_same:
        said = tr("The model is the same file, read another way")
    elif told and all(item.area == "file" for item in told):
        said = tr("The model is another file, and all that it says of itself is the same")
    else:
        said = tr("The model is another one")
    if behaviour is None:
        return f"{said}."
    if not behaviour.n:
        return tr("{said}; no row has a score of both, so nothing is said about decisions.", said=said)
    if not behaviour.everyone.flips:
        moved = (
            tr("no score differs")
            if not behaviour.differences.any()
            else tr("scores differ and no decision flips")
        )
        return tr(
            "{said}. On the same {behaviour} {moved}.",
            said=said,
            behaviour=many(behaviour.n, "row", "rows"),
            moved=moved,
        )
    whom = behaviour.largest
    group = (
        ""
        if whom is None
        else (
            tr(
                "; the group {column} {group} stands out with {flips} of {rows}",
                column=whom.column,
                group=whom.group,
                flips=count(whom.flips),
                rows=count(whom.rows),
            )
        )
    )
    flips = behaviour.everyone.flips
    verb = tr("decision flips") if behaviour.n == 1 else tr("decisions flip")
    return tr(
        "{said}. {flips} of {behaviour} {verb}{group}.",
        said=said,
        flips=count(flips),
        behaviour=count(behaviour.n),
        verb=verb,
        group=group,
    )


def _notes(
    first: Model, second: Model, scored: ScoredBoth | None, behaviour: _Behaviour | None
) -> Iterator[str]:
    for model, which in ((first, "first"), (second, "second")):
        if model.info.format == "onnx":
            yield tr(
                "The {which} model is ONNX, and such a file does not say how it was trained.", which=which
            )
    if scored is None or behaviour is None:
        yield tr("No rows were given to score, so nothing is said about scores and decisions.")
        return
    yield from _row_notes(scored, behaviour)
    yield from _group_notes(scored, behaviour)


def _row_notes(scored: ScoredBoth, behaviour: _Behaviour) -> Iterator[str]:
    without = behaviour.rows - behaviour.n
    if without:
        yield ntr(
            "{without} without a score of both is left out.",
            "{without} without a score of both are left out.",
            without,
            without=many(without, "row", "rows"),
        )
    if scored.left_out:
        verb = "is" if scored.left_out == 1 else "are"
        yield tr(
            "{left_out} that a model was trained on {verb} left out.",
            left_out=many(scored.left_out, "row", "rows"),
            verb=verb,
        )
    elif scored.dataset.roles.split is not None:
        yield tr("Every row is compared, those that a model was trained on as well.")
    if scored.dataset.roles.weight is not None:
        yield tr("Every row counts once here, whatever its weight.")


def _group_notes(scored: ScoredBoth, behaviour: _Behaviour) -> Iterator[str]:
    if not scored.dataset.roles.sensitive:
        yield tr("No sensitive column is named, so flips are not told by group.")
    few = [g for g in behaviour.groups if g.rows < FEWEST]
    if few:
        named = ", ".join(
            tr(
                "{column} is {group} ({rows})",
                column=g.column,
                group=g.group,
                rows=many(g.rows, "row", "rows"),
            )
            for g in few[:_NAMED]
        )
        yield tr("Few rows, so little is known: {named}.", named=named)
    if behaviour.largest is not None and len(behaviour.groups) > 2:
        yield (
            tr(
                "{groups} groups were looked at; the one that is named flips the most above everybody else, "
                "which holds after allowing for all of them. Single intervals below do not.",
                groups=count(len(behaviour.groups)),
            )
        )
