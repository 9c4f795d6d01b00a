"""Any model: exact by the columns that differ from a reference row, sampled where those are too many.

Against one reference row only the columns in which it differs from the applicant are players (a block of
columns: when it differs in any of them); columns that agree are dummies and get 0, and leaving dummies out
changes no Shapley value. With k players there are ``2**k`` mixed rows. The mixed rows of all reference rows
go through one predict call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rai_dash.core.texts import tr
from rai_dash.explain._base import (
    EXPLAINERS,
    Attribution,
    Attributor,
    ExplainRoute,
    Progress,
    Reference,
    Subject,
    rows_text,
    take_mixed,
)
from rai_dash.explain._shapley import all_coalitions, draw_coalitions, kernel_estimate, shapley_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int32] | NDArray[np.int64]

BACKGROUND_ROWS = 100
#: More reference rows than this are never used: with ten differing columns they fill ``MAX_EXACT_ROWS``.
MAX_BACKGROUND_ROWS = 1_000
#: With more differing columns than this, or more mixed rows in all, coalitions are drawn.
MAX_EXACT_COLUMNS = 15
MAX_EXACT_ROWS = 2**20
#: Mixed rows of one predict call, so that memory stays flat.
CALL_ROWS = 100_000
EXACT = "Exact over the columns that differ"
ESTIMATE = "Estimated from drawn coalitions (paired kernel)"
KERNEL_PAIRS = 512
KERNEL_BATCHES = 8


def codes_of(frame: pd.DataFrame) -> IntArray:
    """Give each distinct value of a column a number, int64 (n, columns); blanks are -1 and equal."""
    return np.column_stack([pd.factorize(frame.iloc[:, j])[0] for j in range(frame.shape[1])])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Game:
    """One applicant (row 0 of the pool) against all reference rows (rows 1 … m), bool (m, players)."""

    subject: Subject
    space: str
    pool: pd.DataFrame
    differs: NDArray[np.bool_]

    @property
    def mixed_rows(self) -> int:
        """Rows the exact way needs."""
        return int((2.0 ** self.differs.sum(axis=1)).sum())

    @property
    def is_exact(self) -> bool:
        """Whether the exact way is within its limits."""
        most = min(MAX_EXACT_ROWS, self.subject.most_rows or MAX_EXACT_ROWS)
        return bool(self.differs.sum(axis=1).max() <= MAX_EXACT_COLUMNS) and self.mixed_rows <= most

    def worth(self, source: IntArray) -> FloatArray:
        """Ask the model about mixed rows, given by the row each player is taken from, in calls of bounded size."""
        of = self.subject.players.of
        parts = [
            self.subject.output(take_mixed(self.pool, source[at : at + CALL_ROWS][:, of]), self.space)
            for at in range(0, len(source), CALL_ROWS)
        ]
        return np.concatenate(parts)

    def exact(self) -> tuple[float, FloatArray]:
        """Return base and contributions, averaged over the reference rows."""
        counts = self.differs.sum(axis=1)
        sources, blocks = [], []
        for k in np.unique(counts):
            rows = np.flatnonzero(counts == k)
            players = np.nonzero(self.differs[rows])[1].reshape(rows.size, k)
            inside = all_coalitions(int(k))
            source = np.zeros((rows.size, len(inside), self.differs.shape[1]), dtype=np.int32)
            where = np.broadcast_to(players[:, None, :], (rows.size, *inside.shape))
            np.put_along_axis(source, where, np.where(inside[None], 0, rows[:, None, None] + 1), axis=2)
            sources.append(source.reshape(-1, source.shape[2]))
            blocks.append((players, len(inside)))
        worth = self.worth(np.concatenate(sources))
        total, base, at = np.zeros(self.differs.shape[1]), 0.0, 0
        for players, size in blocks:
            games = worth[at : at + len(players) * size].reshape(len(players), size)
            at += games.size
            base += float(games[:, 0].sum())
            np.add.at(total, players, shapley_values(games))
        return base / len(self.differs), total / len(self.differs)

    def estimate(self, rng: np.random.Generator) -> tuple[float, FloatArray, FloatArray]:
        """Return base, contributions and their standard errors from drawn coalitions."""
        n_rows, n_columns = self.differs.shape
        players = np.flatnonzero(self.differs.any(axis=0))
        draw = draw_coalitions(players.size, pairs=KERNEL_PAIRS, batches=KERNEL_BATCHES, rng=rng)
        everyone = np.ones((1, players.size), dtype=bool)
        members = np.concatenate([~everyone, everyone, draw.members])
        reference = np.arange(1, n_rows + 1)
        means = np.empty(len(members))
        step = max(1, CALL_ROWS // n_rows)
        for at in range(0, len(members), step):
            part = members[at : at + step]
            source = np.zeros((len(part), n_rows, n_columns), dtype=np.int32)
            source[:, :, players] = np.where(part[:, None, :], 0, reference[None, :, None])
            worth = self.worth(source.reshape(-1, n_columns))
            means[at : at + step] = worth.reshape(len(part), n_rows).mean(axis=1)
        base, total = float(means[0]), float(means[1] - means[0])
        found, spread = kernel_estimate(draw, means[2:] - base, total=total)
        values, errors = np.zeros(n_columns), np.zeros(n_columns)
        values[players], errors[players] = found, spread
        return base, values, errors


def build(subject: Subject, reference: Reference, space: str) -> Attributor:
    """Draw the reference rows and return the attributor (see ``ExplainRoute``)."""
    names = list(subject.names)
    background = reference.sample(subject, space, BACKGROUND_ROWS, most=MAX_BACKGROUND_ROWS)[names]
    m = len(background)

    def attribute(rows: pd.DataFrame, progress: Progress) -> Attribution:
        n, players = len(rows), subject.players
        d = len(players.names)
        both = pd.concat([rows[names], background], ignore_index=True)
        codes = codes_of(both)
        base, values, errors = np.zeros(n), np.zeros((n, d)), np.zeros((n, d))
        exact = np.ones(n, dtype=bool)
        for i in range(n):
            pool = both.iloc[np.append(i, np.arange(n, n + m))]
            differs = np.zeros((d, m), dtype=np.bool_)
            np.logical_or.at(differs, players.of, (codes[n:] != codes[i]).T)
            game = _Game(subject=subject, space=space, pool=pool, differs=differs.T)
            exact[i] = game.is_exact
            if exact[i]:
                base[i], values[i] = game.exact()
            else:
                rng = np.random.default_rng(reference.seed)
                base[i], values[i], errors[i] = game.estimate(rng)
            progress(i + 1, n, tr("rows explained"))
        return Attribution(
            space=space,
            base=base,
            values=values,
            output=subject.output(rows, space),
            methods=[
                tr("{exact}, any model, against {rows}", exact=EXACT if held else ESTIMATE, rows=rows_text(m))
                for held in exact
            ],
            background_rows=m,
            exact=exact,
            errors=errors,
        )

    return attribute


EXPLAINERS.add(
    "coalitions",
    ExplainRoute(
        name="coalitions",
        label="Any model, exact by the columns that differ",
        rank=90,
        supports=lambda _subject, _space: True,
        build=build,
    ),
    home=__name__,
)
