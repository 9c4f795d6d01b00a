"""What changed from one sign-off to a later one, in plain sentences.

The sentences hold names as they were signed; a page passes them through ``rai_dash.ui.text.safe``.
"""

from __future__ import annotations

from collections.abc import Iterator

from rai_dash.core.words import count, percent
from rai_dash.govern.certificate import cut_words
from rai_dash.govern.signoff import Figures, SignedBand, SignOff

#: The shares that are told in words, by their names in the review room.
_TOLD = {
    "auto_approve_rate": "Approved automatically",
    "auto_reject_rate": "Declined automatically",
    "review_rate": "Sent to a person",
    "auto_error_rate": "Error of the automated part",
}


def compare(old: SignOff, new: SignOff) -> list[str]:
    """Say in plain sentences what changed from one sign-off to a later one.

    Returns
    -------
    list of str
        Empty when the same band, figures, files and warnings were signed.
    """
    return [*_inputs_changed(old, new), *_band_changed(old.band, new.band), *_figures_changed(old, new)]


def _inputs_changed(old: SignOff, new: SignOff) -> Iterator[str]:
    if old.case != new.case:
        yield f"Another case: {new.case} instead of {old.case}."
    if old.data.fingerprint != new.data.fingerprint:
        yield (
            f"Other data: {new.data.name} with {count(new.data.rows)} rows instead of "
            f"{old.data.name} with {count(old.data.rows)}."
        )
    if (old.model.fingerprint, old.model.name) != (new.model.fingerprint, new.model.name):
        yield f"Another model: {new.model.name} instead of {old.model.name}."
    if old.model.favourable_class != new.model.favourable_class:
        was, now = (s.model.favourable_class or "not stated" for s in (old, new))
        yield f"Another favourable class: {now} instead of {was}."
    if old.code != new.code:
        yield f"Another version of the app: {new.code.version} instead of {old.code.version}."
    before, after = ({w.message for w in s.warnings_shown} for s in (old, new))
    for message in sorted(after - before):
        yield f"New warning: {message}"
    for message in sorted(before - after):
        yield f"No longer warned: {message}"


def _band_changed(old: SignedBand, new: SignedBand) -> Iterator[str]:
    ends = (
        ("The lower end of the band", old.lo, new.lo),
        ("The threshold", old.threshold, new.threshold),
        ("The upper end of the band", old.hi, new.hi),
    )
    for name, before, after in ends:
        if before != after:
            yield f"{name} moved from {cut_words(before)} to {cut_words(after)}."


def _figures_changed(old: SignOff, new: SignOff) -> Iterator[str]:
    before, after = (_parts(s) for s in (old, new))
    for place, figures in after.items():
        if place not in before:
            yield f"{_place_words(place)} is new, with {count(figures.n)} rows."
            continue
        for name, label in _TOLD.items():
            was, now = (f.rates.get(name) for f in (before[place], figures))
            if was is not None and now is not None and was.value != now.value:
                who = f", {_place_words(place)}" if place else ""
                yield f"{label}{who}: {percent(was.value)} before, {percent(now.value)} now."
    for place in before:
        if place not in after:
            yield f"{_place_words(place)} is gone."


def _parts(signed: SignOff) -> dict[tuple[str, str] | None, Figures]:
    """Figures by sensitive column and group; None = everyone."""
    parts: dict[tuple[str, str] | None, Figures] = {None: signed.figures.overall}
    return parts | {(g.column, g.group): g for g in signed.figures.groups}


def _place_words(place: tuple[str, str] | None) -> str:
    return "Everyone" if place is None else f"{place[0]} = {place[1]}"
