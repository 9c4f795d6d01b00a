"""What goes into a queue: whom the policy sends to a person, a random share of the others, and who is read twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.data.dataset import Dataset
from rai_dash.data.labels import label_codes
from rai_dash.govern._bodies import Stage
from rai_dash.govern._policy_standing import PolicyStanding
from rai_dash.govern.policy import Policy
from rai_dash.govern.queue.bodies import MARK, ROUTE_LETTERS
from rai_dash.govern.standing import Standing
from rai_dash.govern.workflow import VersionStatus
from rai_dash.review.audit_sample import draw, lots
from rai_dash.review.conditions import hold
from rai_dash.review.row_routes import RowRoutes, route_rows
from rai_dash.review.terms import Terms, no_key, under_terms

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
#: What the key of the store is turned into for each use, so that none foretells another.
_SECOND: Final = b"second read"
_ORDER: Final = b"order"
_MARK: Final = b"mark"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """The cases of a batch, in the order of their numbers.

    Parameters
    ----------
    positions : int (cases,)
        Rows of the batch, in an order drawn by lot: a number tells nothing about a case.
    second : bool (cases,)
        Who is read twice.
    marks : tuple of str
        Keyed hash of the id of each.
    """

    positions: NDArray[np.intp]
    second: NDArray[np.bool_]
    marks: tuple[str, ...]


def routes_now(
    policy: Policy, status: VersionStatus, dataset: Dataset, score: FloatArray, *, at: datetime
) -> RowRoutes:
    """Route a batch as a version decides now.

    Parameters
    ----------
    policy : Policy
    status : VersionStatus
        How its version stands.
    dataset : Dataset
        The batch; its id column tells who takes part while a share is rolled out.
    score : float64 (n,)
        Probability of the favourable outcome; NaN = no score.
    at : datetime

    Raises
    ------
    InvalidChoice, MissingColumn
        When the batch lacks what the conditions or the roll-out ask for.
    """
    if score.shape != (dataset.n_rows,):
        msg = tr(
            "There are {size} scores for {n_rows} rows. Give one for each row of the batch.",
            size=f"{score.size:,}",
            n_rows=f"{dataset.n_rows:,}",
        )
        raise InvalidChoice(msg)
    found = route_rows(score, policy.review_band, held=hold(policy.routed_conditions, dataset.frame))
    terms = PolicyStanding.of(status, now=at).terms(policy.policy_id)
    named = dataset.roles.id
    keys = None if named is None else dataset.frame[named].tolist()
    return under_terms(found, terms, at=at, keys=keys)


def part_of(standing: Standing, status: VersionStatus, dataset: Dataset) -> BoolArray:
    """Mark the rows that a version answers for, bool (n,): all, unless one is rolled out on a share beside another.

    Raises
    ------
    InvalidChoice
        When it takes an id column to tell, and there is none.
    """
    rolling, in_force = standing.rolling_out, standing.history.in_force
    if rolling is None or in_force is None or rolling.stage is not Stage.SHARE:
        return np.ones(dataset.n_rows, dtype=bool)
    terms = Terms(policy_id=standing.policy_id, stage="share", share=rolling.share)
    if dataset.roles.id is None:
        raise no_key(terms)
    takes = np.array([terms.takes_part(key) for key in dataset.frame[dataset.roles.id]], dtype=bool)
    return takes if status.version == rolling.version else ~takes


def drawn(
    dataset: Dataset,
    routes: RowRoutes,
    part: BoolArray,
    *,
    key: bytes,
    audit_share: float,
    second_share: float,
) -> Drawn:
    """Draw the cases of a queue.

    Parameters
    ----------
    dataset : Dataset
    routes : RowRoutes
        Of the same rows.
    part : bool (n,)
        Rows that may be drawn, see `part_of`.
    key : bytes
        The secret of the store.
    audit_share, second_share : float
        Shares of the automatic decisions and of the cases, in [0, 1].

    Raises
    ------
    InvalidChoice
        When the id column is no id, or nobody goes to a person.
    """
    ids = ids_of(dataset)
    seen = ~routes.is_automatic if audit_share == 0 else draw(ids, routes, audit_share, key=key).seen
    found = np.flatnonzero(seen & part)
    if not found.size:
        msg = tr(
            "The policy sends nobody of this batch to a person, and no automatic decision was drawn. "
            "There is nothing to review: bring another batch, or raise RAI_DASH_AUDIT_SAMPLE_RATE."
        )
        raise InvalidChoice(msg)
    own = ids.iloc[found]
    order = np.argsort(lots(own, derived(key, _ORDER)), kind="stable")
    own = own.iloc[order]
    second = lots(own, derived(key, _SECOND)) < second_share
    return Drawn(positions=found[order], second=second, marks=marks_of(own, key))


def ids_of(dataset: Dataset) -> pd.Series:
    """Return what names each row: its id, else its position and the fingerprint of the batch."""
    named = dataset.roles.id
    if named is not None:
        return dataset.frame[named]
    begin = dataset.fingerprint[:16]
    return pd.Series([f"{begin}:{i}" for i in range(dataset.n_rows)], name="row")


def marks_of(ids: pd.Series, key: bytes) -> tuple[str, ...]:
    """Hash ids with the key of the store: without it nobody can try out who is meant."""
    codes, names = label_codes(ids)
    secret = derived(key, _MARK)
    hashed = [
        hashlib.blake2b(name.encode("utf-8", "surrogatepass"), key=secret, digest_size=MARK // 2).hexdigest()
        for name in names
    ]
    return tuple(hashed[code] for code in codes)


def derived(key: bytes, use: bytes) -> bytes:
    """Turn the key into one for a single use."""
    return hashlib.blake2b(use, key=key, digest_size=32).digest()


def codes_of(
    routes: RowRoutes, part: BoolArray, score: FloatArray, band: ReviewBand, found: Drawn
) -> dict[str, Any]:
    """Write the cases as the entry holds them: letters and numbers."""
    own = found.positions
    with np.errstate(invalid="ignore"):
        is_scored = (score[own] >= 0.0) & (score[own] <= 1.0)
        side = np.where(is_scored, (score[own] >= band.threshold).astype(int), 2)
    used = np.unique(routes.reason[own])
    return {
        "batch_routes": [int(n) for n in np.bincount(routes.route[part], minlength=3)],
        "routes": "".join(ROUTE_LETTERS[code] for code in routes.route[own]),
        "sides": "".join("01-"[code] for code in side),
        "second": "".join("1" if is_second else "0" for is_second in found.second),
        "reason_names": [routes.reasons[i] for i in used],
        "reasons": [int(i) for i in np.searchsorted(used, routes.reason[own])],
        "marks": "".join(found.marks),
    }
