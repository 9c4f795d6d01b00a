"""Two batches as the monitor judged them, line by line: which left their limits, and which numbers moved."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rai_dash.core.errors import InvalidRecord
from rai_dash.core.texts import ntr, tr
from rai_dash.core.words import count, many, percent, points
from rai_dash.report.changed._items import Change, ChangeItem, in_order
from rai_dash.report.changed._leaves import is_number
from rai_dash.report.changed.runs import changed_causes
from rai_dash.report.run_record import is_recorded, run_of
from rai_dash.stats.intervals import newcombe

SCHEMA: Final = "rai-dash/monitor/1"
#: From the least to the most that has to be done about a line; states not named here come before them.
_SEVERITY: Final = ("ok", "watch", "breach")
_SHOWN: Final = 1.0
#: What is said about a batch as a whole, from the best to the worst.
_WHOLE: Final = "the batch as a whole"
_HELD: Final = ("holds", "unsure", "watch", "breach")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """The number of a line: a share has the rows behind it."""

    value: float | None
    numerator: float | None = None
    denominator: float | None = None

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> _Value:
        found = line.get("batch", line.get("value"))
        if isinstance(found, Mapping):
            value, numerator, denominator = (
                _number(found.get(key)) for key in ("value", "numerator", "denominator")
            )
            return cls(value=value, numerator=numerator, denominator=denominator)
        return cls(value=_number(found))

    @property
    def is_share(self) -> bool:
        return self.numerator is not None and bool(self.denominator)

    @property
    def rows(self) -> tuple[float, float]:
        """Rows that count, of all; NaN where it is no share."""
        return (
            math.nan if self.numerator is None else self.numerator,
            math.nan if self.denominator is None else self.denominator,
        )

    @property
    def words(self) -> str:
        if self.value is None:
            return "undefined"
        if not self.is_share:
            return f"{self.value:.4g}"
        return tr(
            "{self_} ({numerator} of {denominator})",
            self_=percent(self.value),
            numerator=count(self.numerator),
            denominator=count(self.denominator),
        )


def _number(value: Any) -> float | None:
    return float(value) if is_number(value) else None


def is_batch(content: object) -> bool:
    """Whether a JSON value is what the monitor says about a batch."""
    return isinstance(content, Mapping) and content.get("schema") == SCHEMA


def changed_batches(
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    *,
    names: tuple[str, str] = ("the first batch", "the second batch"),
    called: Callable[[str, str, str], str] | None = None,
) -> Change:
    """Compare two batches.

    Parameters
    ----------
    first, second : mapping
        JSON of the monitor, then and now: ``lines`` with ``name``, ``column``, ``group``, ``batch`` (or ``value``) and
        ``state``.
    names : tuple of str
        To show.
    called : callable, optional
        Names a line by its name, column and group.

    Raises
    ------
    InvalidRecord
        When one of them has no lines.
    """
    key = called or _key
    was, now = (_lines(side, name, key) for side, name in zip((first, second), names, strict=True))
    items = [
        *_verdict(first, second),
        *(item for line in dict.fromkeys([*was, *now]) for item in _line(line, was.get(line), now.get(line))),
    ]
    causes: dict[str, list[ChangeItem]] = {}
    if is_recorded(first) and is_recorded(second):
        causes = changed_causes(
            *(run_of(side, name) for side, name in zip((first, second), names, strict=True))
        )
    states = [item for item in items if item.area == "states" and item.what != _WHOLE]
    worse = [item for item in states if item.size > 0]
    shown = [item for item in items if item.area == "numbers" and item.size > _SHOWN]
    return Change(
        kind="batch",
        first={"name": names[0], "fingerprint": None},
        second={"name": names[1], "fingerprint": None},
        headline=_headline(items, states, worse, shown),
        items=in_order([*items, *(item for some in causes.values() for item in some)]),
        notes=tuple(_notes(first, second, was, now)),
    )


def _headline(
    items: Sequence[ChangeItem],
    states: Sequence[ChangeItem],
    worse: Sequence[ChangeItem],
    shown: Sequence[ChangeItem],
) -> str:
    if not items:
        return tr("The two batches say the same, line by line.")
    if not states:
        said = tr("No line of the monitor changed its state")
    else:
        said = ntr(
            "{states} of the monitor changed its state",
            "{states} of the monitor changed their state",
            len(states),
            states=many(len(states), "line", "lines"),
        )
        first = in_order(worse)[0] if worse else None
        said += tr(", {worse} for the worse", worse=count(len(worse))) + (
            f" ({first.what}: {str(first.before).replace('_', ' ')} → {first.after})" if first else ""
        )
    whole = next(
        (
            tr("The batch as a whole: {before} before, {after} now. ", before=i.before, after=i.after)
            for i in items
            if i.what == _WHOLE
        ),
        "",
    )
    own = tr("its 95 % interval") if len(shown) == 1 else tr("their 95 % intervals")
    return tr(
        "{whole}{said}; {shown} moved by more than {own}.",
        whole=whole,
        said=said,
        shown=many(len(shown), "share", "shares"),
        own=own,
    )


def _verdict(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[ChangeItem]:
    """Yield that another thing is said about the batch as a whole."""
    was, now = (_parts(side.get("verdict")) for side in (first, second))
    if was["state"] != now["state"]:
        places = [_HELD.index(s) if s in _HELD else 0 for s in (was["state"], now["state"])]
        words = tr(
            "Said of the batch as a whole: {state} before, {now} now. {sentence}",
            state=was["state"],
            now=now["state"],
            sentence=now["sentence"],
        )
        yield ChangeItem(
            area="states", what=_WHOLE, words=words.strip(), before=was["state"], after=now["state"],
            size=10.0 * (places[1] - places[0]),
        )  # fmt: skip


def _parts(verdict: object) -> dict[str, str]:
    found = verdict if isinstance(verdict, Mapping) else {}
    return {key: str(found.get(key) or "") for key in ("state", "sentence")}


def _lines(
    content: Mapping[str, Any], name: str, key: Callable[[str, str, str], str]
) -> dict[str, Mapping[str, Any]]:
    found = content.get("lines")
    if not isinstance(found, list) or not all(isinstance(one, Mapping) and "name" in one for one in found):
        msg = tr(
            "{name} holds no lines of the monitor. Give a JSON that `rai-dash monitor` wrote.", name=name
        )
        raise InvalidRecord(msg)
    return {key(*(str(one.get(part) or "") for part in ("name", "column", "group"))): one for one in found}


def _key(name: str, column: str, group: str) -> str:
    where = f"{column} is {group}" if column and group else column or group
    return f"{name}{f' ({where})' if where else ''}"


def _line(key: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[ChangeItem]:
    if was is None or now is None:
        side, said = (now, tr("only in the second")) if was is None else (was, tr("only in the first"))
        state = str((side or {}).get("state") or "")
        words = f"{key}: {said} ({state or tr('no state')})."
        yield ChangeItem(
            area="texts", what=key, words=words, before=state if now is None else None,
            after=state if was is None else None,
        )  # fmt: skip
        return
    before, after = (str(side.get("state") or "") for side in (was, now))
    values = _Value.of(was), _Value.of(now)
    if before != after and before and after:
        told = [state.replace("_", " ") for state in (before, after)]
        words = tr(
            "{key}: {told} before ({values}), {told_2} now ({values_2}).",
            key=key,
            told=told[0],
            values=values[0].words,
            told_2=told[1],
            values_2=values[1].words,
        )
        size = _worse(before, after)
        yield ChangeItem(
            area="states", what=key, words=words, before=before, after=after, size=size, rows=_people(*values)
        )
    yield from _moved(key, *values)


def _worse(before: str, after: str) -> float:
    """By how many steps a state is worse; where one side has no data, only a limit that is left is worse."""
    places = [_SEVERITY.index(state) if state in _SEVERITY else None for state in (before, after)]
    steps = float((places[1] or 0) - (places[0] or 0))
    return max(0.0, steps) if None in places else steps


def _moved(key: str, was: _Value, now: _Value) -> Iterator[ChangeItem]:
    if was.value == now.value:
        return
    words, size = tr("{key}: {was} before, {now} now", key=key, was=was.words, now=now.words), 0.0
    if was.value is not None and now.value is not None:
        size = min(abs(now.value - was.value), _SHOWN)
        if was.is_share and now.is_share:
            ends = newcombe(*now.rows, *was.rows)
            moved, low, high = (points(float(x), signed=True) for x in (now.value - was.value, *ends))
            words += tr(
                ": {moved} ({low} to {high})", moved=moved, low=low.removesuffix(" points"), high=high
            )
            size += 2 * _SHOWN if ends[0] > 0 or ends[1] < 0 else 0.0
    yield ChangeItem(
        area="numbers", what=key, words=f"{words}.", before=was.value, after=now.value, size=size,
        rows=_people(was, now),
    )  # fmt: skip


def _people(was: _Value, now: _Value) -> int | None:
    """Return the rows of the smaller of the two; None where they are not known."""
    known = [int(side.denominator) for side in (was, now) if side.denominator]
    return min(known, default=None)


def _notes(
    first: Mapping[str, Any], second: Mapping[str, Any], was: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[str]:
    if first.get("policy") != second.get("policy"):
        yield tr(
            "The two batches were not judged by the same version of a policy, so that limits may differ."
        )
    both = [key for key in was if key in now]
    hidden = sum(not (was[key].get("state") and now[key].get("state")) for key in both)
    if hidden:
        verb = "is" if hidden == 1 else "are"
        yield tr(
            "{hidden} of few people {verb} hidden in one of the two files.",
            hidden=many(hidden, "line", "lines"),
            verb=verb,
        )
    yield (
        tr(
            "{both} stand side by side; intervals of single lines are not corrected for having looked at all "
            "of them.",
            both=many(len(both), "line", "lines"),
        )
    )
