"""Two runs: what was asked, what it was asked of, what counted, and every number that is another one."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from rai_dash.core.texts import ntr, tr
from rai_dash.core.words import capital, count, many, points
from rai_dash.report.changed._items import Change, ChangeItem, as_shown, differs, hash_words, in_order
from rai_dash.report.changed._leaves import BESIDE, JOINED, Leaf, is_number, leaves, places, same
from rai_dash.report.changed.programs import changed_program, changed_settings, unknown_code
from rai_dash.report.run_record import Run, RunInput

#: Lifts what moved by more than its interval above everything else.
_BEYOND: Final = 1e6
#: Parts of results that are about single applications.
OF_APPLICANTS: Final = frozenset({"agreement", "explanations", "lime", "lists", "scores"})
_LONGEST: Final = 120
_HASH: Final = re.compile(r"[0-9a-f]{64}")
#: Lists of at most so many members are told in full.
_FEW: Final = 6
_NOUNS: Final = {"parameters": "options", "inputs": "files", "program": "program", "settings": "settings"}


def changed_runs(
    first: Run,
    second: Run,
    *,
    names: tuple[str, str] = ("the first run", "the second run"),
    without: Collection[str] = frozenset(),
) -> Change:
    """Compare two runs: options, inputs, program, settings, and every number.

    Parameters
    ----------
    first, second : Run
    names : tuple of str
        To show.
    without : collection of str
        Parts of the results that are left out, such as `OF_APPLICANTS`; a note says so.
    """
    was, now = (
        {key: value for key, value in run.result.items() if key not in without} for run in (first, second)
    )
    found = list(leaves(was, now))
    causes = changed_causes(first, second)
    numbers = in_order(changed_numbers(found))
    moved = moved_numbers(found)
    total = max(places(was), places(now))
    return Change(
        kind="run",
        first={"name": names[0], "fingerprint": first.result_sha256},
        second={"name": names[1], "fingerprint": second.result_sha256},
        headline=f"{cause_words(causes)} {_result_words(found, moved, total)}{_furthest(numbers)}",
        items=in_order([*(item for items in causes.values() for item in items), *numbers]),
        notes=tuple(_notes(first, second, [k for k in without if k in first.result or k in second.result])),
        details={"numbers": total, "moved": len(moved), "beyond": sum(leaf.beyond for leaf in moved)},
    )


def changed_causes(first: Run, second: Run) -> dict[str, list[ChangeItem]]:
    """Return what was not the same when two runs counted: options, files, program, settings, by their area."""
    return {
        "parameters": [*differs("parameters", "Command", first.job, second.job), *_parameters(first, second)],
        "inputs": list(changed_inputs(first.inputs, second.inputs)),
        "program": list(changed_program(first.program, second.program)),
        "settings": list(changed_settings(first.settings, second.settings)),
    }


def changed_inputs(before: Mapping[str, RunInput], after: Mapping[str, RunInput]) -> Iterator[ChangeItem]:
    """Yield the files that are other ones; a file that is only called otherwise is none."""
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name), after.get(name)
        if was is None or now is None or was.sha256 != now.sha256 or was.sha256 is None:
            yield from differs("inputs", name, _file(was), _file(now))


def changed_numbers(found: Sequence[Leaf]) -> Iterator[ChangeItem]:
    """Yield an item for each place that differs; the ends of an interval are told by the number between them."""
    inside = _inside(found)
    for leaf in found:
        if not leaf.is_number:
            yield _other(leaf)
        elif leaf.path not in inside:
            yield _number(leaf)


def moved_numbers(found: Sequence[Leaf]) -> list[Leaf]:
    """Return the places with a number on both sides, without the ends and counts of estimates that moved."""
    inside = _inside(found)
    return [leaf for leaf in found if leaf.is_number and leaf.path not in inside]


def _inside(found: Sequence[Leaf]) -> set[str]:
    """Name the ends and counts of estimates whose value differs as well."""
    values = [leaf.path.removesuffix("value") for leaf in found if leaf.path.endswith(f"{JOINED}value")]
    return {f"{place}{name}" for place in values for name in BESIDE}


def _parameters(first: Run, second: Run) -> Iterator[ChangeItem]:
    files = {name.partition(".")[0] for run in (first, second) for name in run.inputs}
    for name in dict.fromkeys([*first.parameters, *second.parameters]):
        if name not in files:
            yield from differs("parameters", name, first.parameters.get(name), second.parameters.get(name))


def _file(one: RunInput | None) -> str | None:
    if one is None:
        return None
    return f"{one.file} ({hash_words(one.sha256) or tr('without a hash')})"


def _number(leaf: Leaf) -> ChangeItem:
    difference = leaf.after - leaf.before
    larger = max(abs(leaf.before), abs(leaf.after))
    # An estimate is called by its name: what it holds beside its value is no other number.
    is_estimate, what = leaf.path.endswith(f"{JOINED}value"), leaf.path.removesuffix(f"{JOINED}value")
    words = tr(
        "{what}: {text} before, {text_after} now",
        what=what,
        text=_text(leaf.before),
        text_after=_text(leaf.after),
    )
    size = abs(difference) / larger
    if is_estimate and larger <= 1:
        words += f" ({points(difference, signed=True)})"
        size = abs(difference)
    words += tr("; by more than its interval") if leaf.beyond else ""
    return ChangeItem(
        area="numbers", what=what, words=f"{words}.", before=leaf.before, after=leaf.after,
        size=size + (_BEYOND if leaf.beyond else 0.0),
    )  # fmt: skip


def _other(leaf: Leaf) -> ChangeItem:
    if _both_lists(leaf):
        return _lists(leaf)
    was, now = (_short(as_shown(side)) for side in (leaf.before, leaf.after))
    if leaf.is_new:
        words = tr("{path}: only in the second, {now}.", path=leaf.path, now=now)
    elif leaf.is_gone:
        words = tr("{path}: only in the first, {was}.", path=leaf.path, was=was)
    else:
        words = tr(
            "{path}: {undefined} before, {undefined_now} now.",
            path=leaf.path,
            undefined=_undefined(was),
            undefined_now=_undefined(now),
        )
    return ChangeItem(area="texts", what=leaf.path, words=words, before=was, after=now)


def _both_lists(leaf: Leaf) -> bool:
    return isinstance(leaf.before, list) and isinstance(leaf.after, list)


def _lists(leaf: Leaf) -> ChangeItem:
    """Tell two lists of plain values by how many of their members differ."""
    was, now = len(leaf.before), len(leaf.after)
    shown = (_short(as_shown(leaf.before)), _short(as_shown(leaf.after)))
    pairs = list(zip(leaf.before, leaf.after, strict=False))
    moved = [(a, b) for a, b in pairs if not same(a, b)]
    gaps = [abs(b - a) for a, b in moved if is_number(a) and is_number(b)]
    if was == now and gaps:
        far = tr(
            "by {text} on average and {text_gaps} at most",
            text=_text(sum(gaps) / len(gaps)),
            text_gaps=_text(max(gaps)),
        )
        words = tr(
            "{path}: {moved} of {pairs} differ, {far}.",
            path=leaf.path,
            moved=count(len(moved)),
            pairs=many(len(pairs), "value", "values"),
            far=far,
        )
    elif max(was, now) <= _FEW:
        words = tr("{path}: {shown} before, {shown_2} now.", path=leaf.path, shown=shown[0], shown_2=shown[1])
    elif was == now:
        words = tr(
            "{path}: {moved} of {pairs} differ.",
            path=leaf.path,
            moved=count(len(moved)),
            pairs=many(len(pairs), "value", "values"),
        )
    else:
        words = tr(
            "{path}: {was} before, {now} now.",
            path=leaf.path,
            was=many(was, "value", "values"),
            now=count(now),
        )
    return ChangeItem(
        area="numbers" if was == now and gaps else "texts", what=leaf.path, words=words, before=shown[0],
        after=shown[1], size=len(moved) / len(pairs) if pairs else 1.0,
    )  # fmt: skip


def _undefined(value: str | float | None) -> str:
    return "undefined" if value is None else str(value)


def _short(value: str | float | None) -> str | float | None:
    """Cut what is long; of a hash the beginning is enough to tell two apart."""
    if isinstance(value, str) and _HASH.fullmatch(value):
        return hash_words(value)
    return f"{value[:_LONGEST]}…" if isinstance(value, str) and len(value) > _LONGEST else value


def _text(value: float) -> str:
    """Write a number so that small moves can be seen."""
    if isinstance(value, int) or (math.isfinite(value) and float(value).is_integer() and abs(value) < 1e15):
        return count(value)
    return f"{value:.4g}"


def cause_words(causes: Mapping[str, Sequence[ChangeItem]]) -> str:
    """Say in one sentence which causes there are."""
    equal = [_NOUNS[key] for key, items in causes.items() if not items]
    other = [_cause(_NOUNS[key], items) for key, items in causes.items() if items]
    said = "; ".join([*([tr("same {and_}", and_=_and(equal))] if equal else []), *other])
    return f"{capital(said)}."


def _cause(noun: str, items: Sequence[ChangeItem]) -> str:
    named = ", ".join(f"{item.what}: {' → '.join(_ends(item))}" for item in items[:2])
    more = tr(" and {items} more", items=len(items) - 2) if len(items) > 2 else ""
    return tr("other {noun} ({named}{more})", noun=noun, named=named, more=more)


def _ends(item: ChangeItem) -> tuple[str, str]:
    """Return the two values; files by their names alone where these tell them apart."""
    was, now = _side(item.before), _side(item.after)
    names = was.partition(" (")[0], now.partition(" (")[0]
    return names if item.area == "inputs" and names[0] != names[1] else (was, now)


def _side(value: str | float | None) -> str:
    shown = _short(value)
    return "none" if shown is None else str(shown)


def _and(names: Sequence[str]) -> str:
    return (
        names[0]
        if len(names) == 1
        else tr("{names} and {names_2}", names=", ".join(names[:-1]), names_2=names[-1])
    )


def _result_words(found: Sequence[Leaf], moved: Sequence[Leaf], total: int) -> str:
    if not found:
        return tr(
            "The results are identical: {total}, and every text.", total=many(total, "number", "numbers")
        )
    others = sum(not leaf.is_number for leaf in found)
    if not moved:
        return ntr(
            "No number moved; {others} differs.",
            "No number moved; {others} differ.",
            others,
            others=many(others, "other entry", "other entries"),
        )
    beyond = sum(leaf.beyond for leaf in moved)
    told = tr("{moved} of {total} moved", moved=count(len(moved)), total=many(total, "number", "numbers"))
    return ntr(
        "{told}, {beyond} of them by more than its interval.",
        "{told}, {beyond} of them by more than their interval.",
        beyond,
        told=told,
        beyond=count(beyond),
    )


def _furthest(numbers: Sequence[ChangeItem]) -> str:
    """Name the number that moved the furthest."""
    first = next((item for item in numbers if is_number(item.before) and is_number(item.after)), None)
    return "" if first is None else tr(" The furthest: {first}", first=first.words)


def _notes(first: Run, second: Run, without: Sequence[str]) -> Iterator[str]:
    if without:
        yield tr(
            "Left out is what is about single applications: {without}.", without=", ".join(sorted(without))
        )
    for run, which in ((first, "first"), (second, "second")):
        if not run.is_untouched:
            yield tr(
                "The {which} file was altered after it was written: its result does not have the hash in its "
                "record.",
                which=which,
            )
        for name, one in run.inputs.items():
            if one.sha256 is None:
                yield tr(
                    "Nothing vouches for the file `{name}` of the {which} run: its hash was not taken.",
                    name=name,
                    which=which,
                )
    told = unknown_code(first.program, second.program)
    if told is not None:
        yield told
