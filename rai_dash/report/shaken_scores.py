"""Scores of shaken copies, kept with the judgement: a row is asked about once, for both pages and any threshold."""

from __future__ import annotations

import threading

import numpy as np

from rai_dash.case import Judgement
from rai_dash.explain._asking import SILENT, FloatArray, IntArray, Watch
from rai_dash.explain._noise import Noise
from rai_dash.explain.client import score_of
from rai_dash.explain.noise import DRAWS, shaken_scores
from rai_dash.report.reference import feature_rows, model_of

#: Rows whose copies are kept, 20 MB; with more than that those asked about before are let go.
MOST_KEPT = 50_000


class ShakenScores:
    """Scores of judged rows and of their copies at one amount of noise; a row's noise hangs on its content alone."""

    def __init__(self) -> None:
        self._at: IntArray = np.empty(0, dtype=np.int64)
        self._scores: FloatArray = np.empty((1 + DRAWS, 0))
        self._one = threading.Lock()

    @property
    def known(self) -> tuple[IntArray, FloatArray]:
        """Rows that were asked about, int64 (m,), and their scores, float64 (1 + DRAWS, m)."""
        with self._one:
            return self._at, self._scores

    def of(
        self, judgement: Judgement, noise: Noise, at: IntArray, *, eps: float, watch: Watch = SILENT
    ) -> FloatArray:
        """Return the scores of some judged rows, asking about those that are not known.

        Parameters
        ----------
        judgement, noise : Judgement, Noise
            The pair, and how to shake; the same ones each time.
        at : int64 (m,)
            Which of the judged rows.
        eps : float
            How much noise; the same each time.
        watch : Watch
            Progress and stop.

        Returns
        -------
        float64 (1 + DRAWS, m)
            See `shaken_scores`.
        """
        known, scores = self.known
        missing = at[~np.isin(at, known)]
        if missing.size:
            more = shaken_scores(
                score_of(model_of(judgement).model, watch.cancelled),
                feature_rows(judgement).iloc[missing].reset_index(drop=True),
                noise,
                eps=eps,
                watch=watch,
            )
            known, scores = np.concatenate([known, missing]), np.concatenate([scores, more], axis=1)
            self._keep(missing, more)
        order = np.argsort(known, kind="stable")
        return scores[:, order[np.searchsorted(known, at, sorter=order)]]

    def _keep(self, at: IntArray, scores: FloatArray) -> None:
        with self._one:
            # Another thread may have asked about some of them meanwhile.
            new = ~np.isin(at, self._at)
            if self._at.size + new.sum() > MOST_KEPT:
                self._at, self._scores = at, scores
                return
            self._at = np.concatenate([self._at, at[new]])
            self._scores = np.concatenate([self._scores, scores[:, new]], axis=1)


def scores_kept(judgement: Judgement, eps: float) -> ShakenScores:
    """Return what is kept of a judgement at one amount of noise; at first nothing."""
    return judgement.memo.get(("shaken scores", eps), ShakenScores)
