"""A policy as it is read from a file: what it takes to route by it, and how far the file can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from rai_dash.core.types import Direction, ReviewBand, ScoreScale
from rai_dash.govern._policy_parts import PolicyScore
from rai_dash.govern._policy_standing import PolicyStanding
from rai_dash.govern.policy import Policy
from rai_dash.review.conditions import Condition, hold
from rai_dash.review.exported import (
    RowRoutes,
    Terms,
    policy_of,
    python_source,
    route_rows,
    routing_vectors,
    sql_case,
    under_terms,
)
from rai_dash.review.row_routes import probabilities

_PROBABILITY: Final = ScoreScale()


def scale_of(score: PolicyScore) -> ScoreScale:
    """Give the scale of a score as the rest of the app knows it."""
    return ScoreScale(direction=Direction(score.direction), low=score.low, high=score.high, unit=score.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """What a file says about routing.

    Parameters
    ----------
    band : ReviewBand
    conditions : tuple of Condition
        Frozen ones.
    scale : ScoreScale
        How the score reads.
    score_column : str or None
        Column that the score comes from, where the policy names one.
    policy : Policy or None
        None = the file holds a band and no more.
    standing : PolicyStanding or None
        How it stood when it was exported; None = nobody has signed what is in the file.
    has_ledger : bool
        Whether the signed records stand in the file, were checked, and say the same.
    """

    band: ReviewBand
    conditions: tuple[Condition, ...] = ()
    scale: ScoreScale = _PROBABILITY
    score_column: str | None = None
    policy: Policy | None = None
    standing: PolicyStanding | None = None
    has_ledger: bool = False

    @classmethod
    def of(
        cls, policy: Policy, standing: PolicyStanding | None = None, *, has_ledger: bool = False
    ) -> PolicyFile:
        """Take over a policy."""
        score = policy.score
        return cls(
            band=policy.review_band,
            conditions=policy.routed_conditions,
            scale=scale_of(policy.score),
            score_column=score.column,
            policy=policy,
            standing=standing,
            has_ledger=has_ledger,
        )

    @property
    def terms(self) -> Terms | None:
        """Under which terms it decides; None = the file does not say, as of a draft."""
        if self.policy is None or self.standing is None:
            return None
        return self.standing.terms(self.policy.policy_id)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the conditions ask for, in alphabetical order."""
        return tuple(sorted({test["column"] for test in policy_of(self.band, self.conditions)["tests"]}))

    def computed(self, score: ArrayLike, frame: pd.DataFrame) -> RowRoutes:
        """Route rows by the band and its conditions, whatever the terms.

        Parameters
        ----------
        score : float (n,)
            In the units of ``scale``.
        frame : DataFrame (n, ...)
            Holds the columns of the conditions.

        Raises
        ------
        MissingColumn, InvalidChoice
            When the table lacks a column, or one to be compared holds text.
        """
        values = probabilities(np.asarray(score, dtype=np.float64), self.scale)
        return route_rows(values, self.band, held=hold(self.conditions, frame))

    def routes(
        self, score: ArrayLike, frame: pd.DataFrame, *, at: datetime, keys: Sequence[object] | None = None
    ) -> RowRoutes:
        """Route rows as the policy is to be applied; see `computed` and `rai_dash.review.terms.under_terms`."""
        found, terms = self.computed(score, frame), self.terms
        return found if terms is None else under_terms(found, terms, at=at, keys=keys)

    def python(self) -> str:
        """Write the routing as a Python file that needs nothing of this app."""
        return python_source(self.band, self.conditions, terms=self.terms, scale=self.scale)

    def sql(self, *, dialect: str, score: str, what: str = "route", key: str | None = None) -> str:
        """Write the routing as a SQL ``CASE``; see `rai_dash.review.exported.sql_case`."""
        return sql_case(
            self.band,
            score=score,
            conditions=self.conditions,
            dialect=dialect,
            what=what,
            terms=self.terms,
            key=key,
            scale=self.scale,
        )

    def vectors(self) -> list[dict[str, Any]]:
        """List scores, rows and moments with their routes, to check a router by."""
        return routing_vectors(self.band, self.conditions, terms=self.terms, scale=self.scale)
