"""A model behind an address as explanations see one: something that answers rows with probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rai_dash.core.errors import UnsupportedModel
from rai_dash.core.texts import tr
from rai_dash.core.types import ModelInfo
from rai_dash.models._base import FloatArray, other_names


class Remote:
    """Stands where the loaded model stands in a model's own process (see `rai_dash.models._base.NativeModel`).

    Parameters
    ----------
    info : ModelInfo
        Of the model.
    whole : sequence of str
        Columns that it takes whole numbers in. What an explanation draws there is rounded.

    Attributes
    ----------
    ask : callable
        Table rows to the probability of class 1, float64 (n,).
    rounded : set of str
        Columns in which something was.
    """

    #: There is nothing to look into: no route that reads a model's trees or weights takes it.
    native: Any = None

    def __init__(self, info: ModelInfo, whole: Sequence[str]) -> None:
        self.info = info
        self.rounded: set[str] = set()
        self._whole = tuple(whole)
        self.ask: Callable[[pd.DataFrame], FloatArray] = _nobody

    def rename(self, names: Sequence[str]) -> None:
        """Refuse other names: the columns are the ones that are sent."""
        if tuple(names) != self.info.feature_names:
            raise other_names(self.info, names)

    def matrix(self, frame: pd.DataFrame) -> Any:
        """Refuse: what the model makes of rows is not known here."""
        del frame
        msg = tr("A model behind an address does not show what it makes of rows.")
        raise UnsupportedModel(msg, code="endpoint_scores_only")

    def probability(self, frame: pd.DataFrame) -> FloatArray:
        """Return the probability of class 1."""
        asked = frame[list(self.info.feature_names)]
        for name in self._whole:
            if asked[name].dtype.kind == "f" and (asked[name] != asked[name].round()).any():
                self.rounded.add(name)
                asked = asked.assign(**{name: asked[name].round()})
        return self.ask(asked)

    def margin(self, frame: pd.DataFrame) -> FloatArray | None:
        """Return the log-odds of class 1, worked out from the probability; infinite where that is 0 or 1."""
        p = self.probability(frame)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(p) - np.log1p(-p), dtype=np.float64)


def _nobody(frame: pd.DataFrame) -> FloatArray:
    del frame
    msg = "nobody asked"
    raise AssertionError(msg)
