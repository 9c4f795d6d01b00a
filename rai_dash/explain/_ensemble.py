"""A tree ensemble under the glass: what the exact tree routes share, against reference rows or by the cover."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.texts import tr
from rai_dash.explain._base import (
    ADDITIVITY_LIMIT,
    FORESTS,
    LOG_ODDS,
    PATH_DEPENDENT,
    PROBABILITY,
    Attribution,
    Attributor,
    Progress,
    RouteRefused,
    Subject,
)
from rai_dash.explain._columns import Composed, compose, last_step, owners_of
from rai_dash.explain.trees.readers import READERS, read_trees

if TYPE_CHECKING:
    import pandas as pd

    from rai_dash.explain.trees.forest import Trees
    from rai_dash.explain.trees.kernel import TreeKernel

#: Rows prepared, scored and explained at a time, so that memory stays flat.
CHUNK_ROWS = 50_000
#: Reference rows on which our walk through the trees is compared with the model.
CHECKED_ROWS = 5_000


def _has_trees(model: Any) -> bool:
    """Whether a model of a kind that is read is made of trees; XGBoost can boost lines as well."""
    if not hasattr(model, "get_booster") and type(model).__name__ != "Booster":
        return True
    booster = model.get_booster() if hasattr(model, "get_booster") else model
    kind = json.loads(booster.save_config())["learner"]["gradient_booster"]["name"]
    return kind in {"gbtree", "dart"}


def is_ensemble(subject: Subject, space: str) -> bool:
    """Whether this is a tree ensemble behind a preparation by columns, whose sum is in the wanted space."""
    model = last_step(subject)
    if space != (PROBABILITY if type(model).__name__ in FORESTS else LOG_ODDS):
        return False
    return type(model).__name__ in READERS and _has_trees(model) and owners_of(subject) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """A model as trees over prepared columns.

    Parameters
    ----------
    subject : Subject
        The model.
    trees : Trees
        Its neutral form.
    composed : Composed
        From table rows to what the trees take.
    """

    subject: Subject
    trees: Trees
    composed: Composed

    @classmethod
    def read(cls, subject: Subject, frame: pd.DataFrame) -> Self:
        """Read a model; the rows of a table check that its preparation acts column by column.

        Raises
        ------
        RouteRefused
            When its trees or its preparation are not of a kind that is read.
        """
        reading = read_trees(last_step(subject))
        composed = compose(subject, frame, matrix=reading.matrix, inputs=reading.inputs)
        if composed is None:
            msg = tr("its preparation does not act column by column")
            raise RouteRefused(msg)
        return cls(subject=subject, trees=reading.trees, composed=composed)

    def kernel(self, frame: pd.DataFrame, perturbation: str) -> TreeKernel:
        """Prepare the kernel, and compare its walk through the trees with the model's own answers.

        The additivity error of an applicant does not see a reference row that takes a wrong branch.

        Parameters
        ----------
        frame : DataFrame (m, columns)
            Reference rows; for path-dependent values they only serve the comparison.
        perturbation : str
            One of ``PERTURBATIONS``.

        Raises
        ------
        RouteRefused
            When a row differs, or the trees are too deep.
        """
        from rai_dash.explain.trees.kernel import TreeKernel

        try:
            if perturbation == PATH_DEPENDENT:
                made = TreeKernel.path_dependent(self.trees, players=self.players)
            else:
                made = TreeKernel.interventional(
                    self.trees, self.composed.prepare(frame), players=self.players
                )
        except ValueError:
            msg = tr("a path of its trees holds too many different columns")
            raise RouteRefused(msg) from None
        self._check(made, frame)
        return made

    def _check(self, kernel: TreeKernel, frame: pd.DataFrame) -> None:
        """Compare the walk with the model on rows spread over a table."""
        places = np.unique(np.linspace(0, len(frame) - 1, CHECKED_ROWS).astype(np.int64))
        rows = frame.iloc[places]
        own = self.subject.output(rows, self.trees.space)
        off = np.abs(kernel.margin(self.composed.prepare(rows)) - own)
        if not (off <= ADDITIVITY_LIMIT * np.maximum(1.0, np.abs(own))).all():
            msg = tr("its trees, as they are read here, do not give the model's own answers")
            raise RouteRefused(msg)

    @property
    def players(self) -> NDArray[np.int64]:
        """Player of each prepared column, counted among those that have one, int64 (n_columns,)."""
        return np.unique(self._all_players, return_inverse=True)[1].astype(np.int64)

    @property
    def _all_players(self) -> NDArray[np.int64]:
        return self.subject.players.of[self.composed.owners]

    def attributor(self, kernel: TreeKernel, method: str, background_rows: int | None) -> Attributor:
        """Return the attributor of a kernel that was made for ``players``; columns without a split get 0."""
        subject, space = self.subject, self.trees.space
        present, n_players = np.unique(self._all_players), len(subject.players.names)

        def attribute(rows: pd.DataFrame, progress: Progress) -> Attribution:
            n = len(rows)
            values, output = np.zeros((n, n_players)), np.empty(n)
            for at in range(0, n, CHUNK_ROWS):
                part = rows.iloc[at : at + CHUNK_ROWS]
                place = slice(at, at + len(part))
                values[place, present] = kernel.values(
                    self.composed.prepare(part),
                    progress=lambda done, _, at=at: progress(at + done, n, tr("rows explained")),  # type: ignore[misc]
                )
                output[place] = subject.output(part, space)
            return Attribution(
                space=space,
                base=np.full(n, kernel.base),
                values=values,
                output=output,
                methods=[method] * n,
                background_rows=background_rows,
                exact=np.ones(n, dtype=np.bool_),
            )

        return attribute
