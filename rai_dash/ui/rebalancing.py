"""The rebalancing job of a case: what is wanted, its key, its start, and its figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from rai_dash.case import CaseModel, held_out_rows
from rai_dash.core.texts import tr
from rai_dash.data.cell_plan import CellTarget
from rai_dash.trials.rebalancing.comparing import compare_strategies
from rai_dash.trials.rebalancing.figures import Line, lines
from rai_dash.trials.rebalancing.recipe import Recipe
from rai_dash.trials.rebalancing.results import Compared, Variant
from rai_dash.trials.rebalancing.strategies import JOINT, STRATEGIES
from rai_dash.ui import controls, state, training, widgets
from rai_dash.ui.state import View
from rai_dash.ui.text import plain, safe

OWN = "own"
OTHER = "other"
#: Keys of models kept here: this, a number, a dot, and the key of the model whose kind was trained again.
KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be compared.

    ``test`` is the key of other data to judge on too, empty = held-out rows alone; the rest is as in `Recipe` and
    `compare_strategies`.
    """

    by: str | None
    up: float
    down: float
    seed: int
    test: str
    seeds: int
    strategies: tuple[str, ...]
    cells: tuple[CellTarget, ...]
    column: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The comparison on the test rows of the data themselves, and the one on other data where they were chosen."""

    own: Compared
    other: Compared | None

    def arena(self, which: str) -> Compared:
        """Return one of the two."""
        return self.other if which == OTHER and self.other is not None else self.own


def recipe_of(wanted: Wanted) -> Recipe:
    """Return the recipe of what is wanted."""
    return Recipe(
        by=wanted.by,
        up=wanted.up,
        down=wanted.down,
        seed=wanted.seed,
        cells=wanted.cells,
        column=wanted.column,
    )


def source_model(view: View) -> CaseModel | None:
    """Return the model whose kind is trained again: of a model kept here, the one that it was made from.

    So a comparison stays the same one when a model of it is kept and looked at.
    """
    model = view.judgement.model
    if model is None or not model.key.startswith(KEPT):
        return model
    source = model.key.partition(".")[2]
    return next((m for m in view.case.models if m.key == source), None)


def key(view: View, wanted: Wanted) -> str:
    """Name the job of what is wanted."""
    other = view.case.data_of(wanted.test).dataset if wanted.test else None
    seen = [] if other is None else [other.fingerprint, other.roles_fingerprint]
    asked = {**asdict(wanted), "judged": seen}
    return training.job_key_of(view, "rebalance", asked, source_model(view))


def start(view: View, wanted: Wanted) -> None:
    """Start the job."""
    dataset, source = view.judgement.data.dataset, source_model(view)
    model = source.model if source else None
    test = view.case.data_of(wanted.test).dataset if wanted.test else None
    recipe = recipe_of(wanted)

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Study:
        halves = 1 if test is None else 2

        def part(first: int) -> Callable[[int, int, str], None]:
            return lambda done, total, note: progress(first * total + done, halves * total, note)

        common: dict[str, Any] = {
            "recipe": recipe, "strategies": wanted.strategies, "seeds": wanted.seeds, "cancelled": cancelled,
            "held_out": held_out_rows(dataset),
        }  # fmt: skip
        own = compare_strategies(dataset, model, progress=part(0), **common)
        other = None
        if test is not None:
            other = compare_strategies(dataset, model, test=test, progress=part(1), **common)
        return Study(own=own, other=other)

    training.start(key(view, wanted), work)


def lines_of(view: View, wanted: Wanted, study: Study, which: str) -> tuple[Line, ...]:
    """Read off all strategies at the threshold of the choices, once."""
    threshold = state.choices().threshold
    memo_key = ("rebalance", key(view, wanted), which, threshold)
    return view.judgement.memo.get(memo_key, lambda: lines(study.arena(which), threshold))


def arena_title(view: View, wanted: Wanted, which: str) -> str:
    """Name the rows that are judged on; the title of a data set is as it was given."""
    return view.case.data_of(wanted.test).title if which == OTHER else tr("its own test rows")


def pick_arena(view: View, wanted: Wanted) -> str:
    """Let the user choose which of the two comparisons is shown in full; the other data come first."""
    titles = {OTHER: safe(arena_title(view, wanted, OTHER)), OWN: safe(arena_title(view, wanted, OWN))}
    return controls.view(tr("Shown below"), "arena", titles)


def pick_variant(compared: Compared) -> Variant:
    """Let the user choose the strategy that is shown beside the model as it is."""
    options = [v.strategy.key for v in compared.variants if v.runs and v.strategy.key != "none"]
    stored = state.choices().variant
    chosen = controls.pick(
        tr("Show beside the model as it is"),
        "variant",
        options,
        {k: plain(tr(STRATEGIES[k].title)) for k in options},
        current=stored if stored in options else JOINT.key,
    )
    variant = compared.variant(chosen)
    widgets.note(safe(variant.strategy.what, limit=300))
    return variant
