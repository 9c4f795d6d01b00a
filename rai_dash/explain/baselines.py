"""Who an applicant is compared with: the choice decides which reasons come out, so it is explicit and named."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.texts import tr
from rai_dash.core.words import percent
from rai_dash.explain._asking import FloatArray, IntArray

#: How far from the threshold a score may be to be near it, in probability.
NEAR = 0.1
#: Fewer comparison applicants than this make reasons of chance.
FEW_COMPARED = 30


class BaselineKind(StrEnum):
    """Which rows stand for "the others"."""

    POPULATION = "population"
    APPROVED = "approved"
    JUST_APPROVED = "just_approved"
    NEAR_THRESHOLD = "near_threshold"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """Reference rows with their name.

    Parameters
    ----------
    kind : BaselineKind
        How they were chosen.
    rows : int64 (m,)
        Their positions in the table, ascending.
    of : int
        Rows of the table.
    threshold, near : float
        What they were chosen by.
    fingerprint : str
        sha256 of the values of these rows.
    """

    kind: BaselineKind
    rows: IntArray
    of: int
    threshold: float
    near: float
    fingerprint: str

    @property
    def name(self) -> str:
        """``"1,204 of 32,561 applicants, just approved (score from 50 % to under 60 %)"``."""
        t, low, high = (
            percent(x) for x in (self.threshold, self.threshold - self.near, self.threshold + self.near)
        )
        which = {
            BaselineKind.POPULATION: "all",
            BaselineKind.APPROVED: tr("approved (score {t} or more)", t=t),
            BaselineKind.JUST_APPROVED: tr("just approved (score from {t} to under {high})", t=t, high=high),
            BaselineKind.NEAR_THRESHOLD: tr(
                "near the threshold on both sides (score over {low} and under {high})", low=low, high=high
            ),
        }[self.kind]
        return tr(
            "{rows} of {of} applicants, {which}", rows=f"{len(self.rows):,}", of=f"{self.of:,}", which=which
        )


def baseline_of(
    frame: pd.DataFrame, scores: FloatArray, *, kind: BaselineKind | str, threshold: float, near: float = NEAR
) -> Baseline:
    """Choose the reference rows of a baseline.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        Rows with the model's columns.
    scores : float64 (n,)
        The model's answers to them.
    kind : BaselineKind or str
        ``"population"``; ``"approved"``: score at or above the threshold; ``"just_approved"``: at or above it, by less
        than ``near``; ``"near_threshold"``: less than ``near`` away on either side, so that refused applicants are in.
    threshold, near : float
        In probability.

    Raises
    ------
    InvalidChoice
        An unknown kind, scores of other rows, or nobody is in it.
    """
    if kind not in set(BaselineKind):
        msg = tr(
            "There is no baseline {kind}. Choose {baselinekind}.",
            kind=f"{kind!r}",
            baselinekind=", ".join(BaselineKind),
        )
        raise InvalidChoice(msg)
    if scores.shape != (len(frame),):
        msg = tr(
            "A baseline needs one score a row, got {size} for {frame} rows. Score the table first.",
            size=f"{scores.size:,}",
            frame=f"{len(frame):,}",
        )
        raise InvalidChoice(msg)
    wanted = BaselineKind(kind)
    inside = {
        BaselineKind.POPULATION: np.ones(len(scores), dtype=bool),
        BaselineKind.APPROVED: scores >= threshold,
        BaselineKind.JUST_APPROVED: (scores >= threshold) & (scores < threshold + near),
        BaselineKind.NEAR_THRESHOLD: (scores > threshold - near) & (scores < threshold + near),
    }[wanted]
    rows = np.flatnonzero(inside)
    if not rows.size:
        msg = tr(
            "No applicant is in the baseline {wanted}. Choose another one, or another threshold.",
            wanted=f"{wanted.value!r}",
        )
        raise InvalidChoice(msg)
    values = pd.util.hash_pandas_object(frame.iloc[rows], index=False).to_numpy()
    names = "\0".join(str(c) for c in frame.columns).encode()
    return Baseline(
        kind=wanted, rows=rows, of=len(frame), threshold=threshold, near=near,
        fingerprint=fingerprint_bytes(names + values.tobytes()),
    )  # fmt: skip


def usual_kind(scores: FloatArray, threshold: float) -> BaselineKind:
    """Return whom a refused applicant is compared with unless somebody chose: a circle that is large enough.

    Those who were just approved; all approved ones where these are fewer than ``FEW_COMPARED``; everybody where nobody
    is approved.

    Parameters
    ----------
    scores : float64 (n,)
        The model's answers to the reference rows.
    threshold : float
        In probability.
    """
    approved = scores >= threshold
    just = approved & (scores < threshold + NEAR)
    if int(just.sum()) >= FEW_COMPARED:
        return BaselineKind.JUST_APPROVED
    return BaselineKind.APPROVED if approved.any() else BaselineKind.POPULATION
