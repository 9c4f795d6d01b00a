"""Which stops a case has, which chapters are left out and why, and the choices of each stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rai_dash.case import Case
from rai_dash.core.texts import mark
from rai_dash.samples import bundled_cases
from rai_dash.ui.choices import Choices
from rai_dash.ui.state import View
from rai_dash.ui.tour.cast import Cast, cast_of
from rai_dash.ui.tour.stops import CHAPTERS, STOPS, Chapter, Stop

#: The bundled case that is told as a story.
STORY: Final = "story"
#: Why a chapter is left out, by what it lacks.
REASONS: Final = {
    "outcome": mark("no column is named as the outcome"),
    "scores": mark("there is no model and no score column"),
    "groups": mark("no sensitive column is named"),
    "fresh": mark("there is no second data set, such as newer applications"),
    "model": mark("there is no model that could be asked"),
    "second": mark("there is no second model"),
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A chapter without a stop: its number, and what it lacks."""

    chapter: int
    lacks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way through one case."""

    stops: tuple[Stop, ...]
    left_out: tuple[LeftOut, ...]

    def at(self, key: str) -> int:
        """Return the place of a stop; one that is not on the way is the beginning."""
        return next((i for i, stop in enumerate(self.stops) if stop.key == key), 0)

    def left_out_before(self, place: int) -> tuple[LeftOut, ...]:
        """Return the chapters that are left out between a stop and the one before it; after the last, those too."""
        start = self.stops[place - 1].chapter if place else 0
        end = self.stops[place].chapter if place < len(self.stops) - 1 else len(CHAPTERS) + 1
        return tuple(one for one in self.left_out if start < one.chapter < end)


def bundled_name(case: Case) -> str:
    """Return which bundled case a case is a copy of; empty = somebody's own."""
    name, dot, _ = case.id.partition(".")
    return name if dot and name in bundled_cases() else ""


def route_of(case: Case) -> Route:
    """Find the way through a case that has data."""
    cast = cast_of(case)
    lacking = [(stop, _lacks(stop, cast)) for stop in STOPS]
    stops = tuple(stop for stop, lacks in lacking if not lacks)
    seen = {stop.chapter for stop in stops}
    left_out = {stop.chapter: lacks for stop, lacks in reversed(lacking) if stop.chapter not in seen}
    return Route(stops=stops, left_out=tuple(LeftOut(n, left_out[n]) for n in sorted(left_out)))


def _lacks(stop: Stop, cast: Cast) -> str:
    """Return the first thing that a stop needs and a case does not have; empty = nothing."""
    data, model = cast.data(stop.data), cast.model(stop.model)
    has = {"fresh": cast.fresh is not None, "model": model is not None, "second": cast.second is not None}
    if data is not None:
        roles = data.dataset.roles
        has |= {
            "outcome": roles.target is not None,
            "scores": model is not None or roles.score is not None,
            "groups": bool(roles.sensitive),
        }
    return next((need for need in stop.needs if not has.get(need)), "")


def chapter_of(stop: Stop) -> Chapter:
    """Return the chapter of a stop."""
    return CHAPTERS[stop.chapter - 1]


def opened(now: Choices) -> Choices:
    """Return what says which case is open, and nothing else that is chosen."""
    return Choices(case=now.case, link=now.link)


def choices_of(case: Case, stop: Stop, now: Choices) -> Choices:
    """Return what a stop looks at; only the tour itself is taken over from what is chosen now."""
    # Imported on use: the shell needs the way, and not what a page draws.
    from rai_dash.ui.imbalance import write_names

    cast = cast_of(case)
    data, model = cast.data(stop.data) or cast.past, cast.model(stop.model)
    changes: dict[str, object] = {
        "data": data.key,
        "model": "" if model is None else model.key,
        "by": cast.by,
        "cells": write_names([cast.by]) if cast.by else "",
        "versus": "" if cast.fresh is None else cast.fresh.key,
        "batch": "" if cast.fresh is None else cast.fresh.key,
        "balance_by": cast.by,
        "balance_on": cast.judged.key if cast.judged.key != cast.past.key else "",
    }
    kept = opened(now).with_(tour=stop.key, tour_from=now.tour_from, large=now.large)
    return kept.with_(**(changes | dict(stop.controls)))


def view_of(case: Case, stop: Stop, now: Choices) -> View:
    """Return the view of a stop."""
    return View(case, choices_of(case, stop, now))
